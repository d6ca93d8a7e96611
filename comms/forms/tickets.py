"""Tickets: opening one by hand, and what is done to it."""

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet

from comms.models import LogEntry, Ticket
from portfolio.models import CHANNELS, User
from portfolio.styled import StyledForm

MOST = 20_000  # characters of a comment or an answer


def words(label: str, required: str, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required},
    )


def day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day.", "invalid": "Give the day as day, month and year."},
    )


class PeopleForm(StyledForm):
    """A form in which a ticket is given to somebody by a day."""

    assignee: forms.ModelChoiceField = forms.ModelChoiceField(
        User.objects.none(), label="Who sees to it", required=False, empty_label="Nobody yet"
    )
    due_on = day("By when")

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee: Any = self.fields["assignee"]
        assignee.queryset = people

    def clean_due_on(self) -> Any:
        found = self.cleaned_data["due_on"]
        if not 2000 <= found.year <= 2100:
            raise forms.ValidationError("Give a year between 2000 and 2100.")
        return found


class OpenForm(PeopleForm):
    title = forms.CharField(
        label="What is to be seen to",
        max_length=500,
        error_messages={"required": "Say what is to be seen to."},
    )
    words = forms.CharField(
        label="What is known", required=False, max_length=MOST, widget=forms.Textarea(attrs={"rows": 4})
    )
    once = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ["title", "words", "assignee", "due_on"]


class ChangeForm(PeopleForm):
    waiting = forms.BooleanField(
        label="It waits for somebody else",
        required=False,
        help_text="It is not counted at the top meanwhile.",
    )


class CommentForm(StyledForm):
    words = words("Comment", "Write the comment first.", rows=3)
    once = forms.UUIDField(widget=forms.HiddenInput)


class AnswerForm(StyledForm):
    words = words("Answer", "Write the answer first.", rows=6)
    channel = forms.ChoiceField(label="By")
    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, channels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel: Any = self.fields["channel"]
        channel.choices = [(word, CHANNELS.get(word, word)) for word in channels]


class CloseForm(StyledForm):
    """What was done. Each way of closing asks for what shows it."""

    REQUIRED = {
        "posted": "Say how it was posted or handed over, by whom and when.",
        "waived": "Say why nothing needs doing.",
        "other": "Say what was done.",
    }
    outcome = forms.ChoiceField(
        label="What was done",
        choices=Ticket.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what was done."},
    )
    entry: forms.ModelChoiceField = forms.ModelChoiceField(
        LogEntry.objects.none(), label="Sent again as", required=False, to_field_name="public_id"
    )
    words = forms.CharField(
        label="In words", required=False, max_length=MOST, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, sent: QuerySet[LogEntry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entry: Any = self.fields["entry"]
        entry.queryset, self.any_sent = sent, sent.exists()
        entry.label_from_instance = lambda one: f"{one.title}, {CHANNELS.get(one.channel, one.channel)}"
        if not self.any_sent:
            del self.fields["entry"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        outcome = found.get("outcome", "")
        if outcome == Ticket.Outcome.RESENT and not found.get("entry"):
            if self.any_sent:
                self.add_error("entry", "Choose the message that it was sent again as.")
            else:
                self.add_error(
                    "outcome", "It has not been sent again yet. Send it again first, then close this."
                )
        if outcome != Ticket.Outcome.RESENT:
            found["entry"] = None
        if outcome in self.REQUIRED and not found.get("words", "").strip():
            self.add_error("words", self.REQUIRED[outcome])
        return found


def once() -> uuid.UUID:
    """Give a form the mark by which it is known when it is sent twice."""
    return uuid.uuid4()
