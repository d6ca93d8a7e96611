"""Following up: why something is treated as sent, sent again or lifted."""

from typing import Any

from django import forms

from portfolio.models import CHANNELS
from portfolio.styled import StyledForm


class WhyForm(StyledForm):
    """A reason that stays on record."""

    why = forms.CharField(
        label="How do you know?", max_length=300, error_messages={"required": "Say how you know."}
    )


class LiftForm(StyledForm):
    why = forms.CharField(
        label="Why may it be sent to again?",
        max_length=500,
        help_text="What has changed: they rang, the mailbox is back, it was a mistake.",
        error_messages={"required": "Say why it may be sent to again."},
    )


class AgainForm(StyledForm):
    """By which channel a copy goes."""

    channel = forms.ChoiceField(label="By", widget=forms.RadioSelect)

    def __init__(self, *args: Any, words: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel: Any = self.fields["channel"]
        channel.choices = [(word, CHANNELS.get(word, word)) for word in words]


class ResendForm(StyledForm):
    """By which channel copies of several messages go."""

    channel = forms.ChoiceField(label="Send again by", required=False)

    def __init__(self, *args: Any, words: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel: Any = self.fields["channel"]
        channel.choices = [("", "The channel of each"), *((word, CHANNELS.get(word, word)) for word in words)]
