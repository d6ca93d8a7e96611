"""What a resident sends from their page: a reply to a post, or a device that is to be told of new ones."""

import uuid
from typing import Any

from django import forms
from django.conf import settings

from comms.channels.subscription import Subscription
from comms.forms.files import FilesField
from comms.portal import subscriptions
from comms.portal.replies import MOST_FILES, MOST_WORDS, Chosen
from portfolio.styled import StyledForm


class WordsField(forms.CharField):
    """Plain text, whose line breaks count as one character each, as they do while typing."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return str(text or "").replace("\r\n", "\n").replace("\r", "\n")


class FewFilesField(FilesField):
    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, str, bytes]]:
        """Look at how many and how large they are together before any of them is read."""
        chosen = data or []
        if len(chosen) > MOST_FILES:
            raise forms.ValidationError(
                f"{len(chosen)} files are chosen; {MOST_FILES} is the most. Send the others with a second reply."
            )
        if sum(file.size or 0 for file in chosen) > settings.ATTACHMENTS_MAX_BYTES:
            most = settings.ATTACHMENTS_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(
                f"Together they are larger than {most} MB. Send some with a second reply."
            )
        return super().clean(data, initial)


class ReplyForm(StyledForm):
    words = WordsField(
        label="Your reply",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": "Write your reply first.",
            "max_length": "Your reply is %(show_value)d characters long; %(limit_value)d is the most. Shorten it.",
        },
    )
    attached = FewFilesField(
        label="Photos or files",
        required=False,
        help_text=f"Up to {MOST_FILES}: pictures, PDF, Word, Excel or text.",
    )
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_attached(self) -> list[Chosen]:
        return [Chosen(*file) for file in self.cleaned_data["attached"]]


class SubscriptionForm(forms.Form):
    """The PushSubscription of a browser, as static/js/push.js sends it."""

    given: Subscription
    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors:
            try:
                self.given = subscriptions.read(*(found[name] for name in ("endpoint", "p256dh", "auth")))
            except ValueError as refused:
                raise forms.ValidationError(str(refused)) from refused
        return found


class DeviceForm(forms.Form):
    """A phone with the firm's own app, by the token that Firebase registered it under."""

    token = forms.RegexField(
        r"^[\w:-]{20,1000}\Z",
        error_messages={
            "required": "The app gave no token. Register it with Firebase first.",
            "invalid": "This is no registration token of Firebase Cloud Messaging.",
        },
    )
