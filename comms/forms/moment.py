"""Dates and times that people type: when to send, when it was sent, when something became of it."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from comms.drafting import files
from comms.forms.files import FilesField
from portfolio.styled import StyledForm


class MomentForm(StyledForm):
    """A date and a time in the organisation's zone; `moment` is the instant.

    On the nights that the clock changes, a time that does not exist is refused, and one that comes twice is
    asked about.
    """

    date = forms.DateField(
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give the date as day, month and year.", "required": "Give the date."},
    )
    time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "invalid": "Give the time as hours and minutes, such as 09:00.",
            "required": "Give the time.",
        },
    )
    which = forms.ChoiceField(
        label="Which of the two?",
        required=False,
        choices=[("0", "The first"), ("1", "The second")],
        widget=forms.RadioSelect,
    )
    past: bool | None = None  # whether it must be past (True) or to come (False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.local: datetime.datetime | None = None  # as it was typed
        self.moment: datetime.datetime | None = None
        self.ambiguous = False

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("date") and found.get("time"):
            self.local = datetime.datetime.combine(found["date"], found["time"])
            self._resolve(self.local, found.get("which") or "")
        return found

    def clean_date(self) -> datetime.date:
        date: datetime.date = self.cleaned_data["date"]
        if not 2000 <= date.year <= 2100:
            raise forms.ValidationError("Give a year between 2000 and 2100.")
        return date

    def _resolve(self, local: datetime.datetime, which: str) -> None:
        zone = timezone.get_current_timezone()
        first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) != local:
            self.add_error(
                "time",
                f"There is no {local:%H:%M} on that night: the clock goes forward. Choose a time an hour later.",
            )
            return
        if first.utcoffset() != second.utcoffset():
            self.ambiguous = self.fields["which"].required = True
            which_of_the_two: Any = self.fields["which"]
            which_of_the_two.choices = [
                ("0", f"The first, {first:%H:%M %Z}, before the clock goes back"),
                ("1", f"The second, {second:%H:%M %Z}, after it went back"),
            ]
            if which not in ("0", "1"):
                self.add_error(
                    "which", f"{local:%H:%M} comes twice on that night: the clock goes back. Say which."
                )
                return
        chosen = second if which == "1" and self.ambiguous else first
        self.moment = chosen.astimezone(datetime.UTC)
        if self.past is False and self.moment <= timezone.now():
            self.add_error(
                "time" if local.date() >= timezone.localdate() else "date",
                "That is past. Choose a time to come.",
            )
        if self.past is True and self.moment > timezone.now():
            self.add_error("date", "That is still to come. Choose a time that is past.")


class ScheduleForm(MomentForm):
    past = False


class MarkSentForm(MomentForm):
    past = True


class HandedOverForm(MomentForm):
    """That a person handed messages over: which, when and how."""

    past = True
    KINDS = {"sent": "Sent on its way", "delivered": "Delivered into their hands or their home"}
    HOWS = {
        "Handed to them": "Handed to them",
        "Left at the address": "Left at the address",
        "Affixed to the door": "Affixed to the door",
        "Put up in the block": "Put up in the block",
        "Posted": "Posted",
        "Read out to them": "Read out to them",
        "": "Otherwise, as noted",
    }
    kind = forms.ChoiceField(label="What is done", choices=list(KINDS.items()), initial="sent")
    how = forms.ChoiceField(label="How", required=False, choices=list(HOWS.items()))
    note = forms.CharField(
        label="Note", required=False, max_length=300, help_text="Who did it, where exactly, who was there."
    )
    proof = FilesField(
        label="Photo or certificate", required=False, help_text=f"{files.ALLOWED}; up to 10 MB each."
    )
    field_order = ["kind", "how", "note", "date", "time", "which", "proof"]

    @property
    def words(self) -> str:
        """How it was done, as the log says it."""
        how, note = self.cleaned_data.get("how", ""), self.cleaned_data.get("note", "").strip()
        return ": ".join(filter(None, (how, note)))

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if not self.words:
            self.add_error("note", "Say how it was done.")
        return found


class StatusForm(MomentForm):
    """What became of one message, as a person knows it."""

    past = True
    STATUSES = {
        "delivered": "Delivered",
        "opened": "Opened",
        "bounced": "Bounced",
        "failed": "Failed",
        "pending": "Queued, nothing known",
    }
    status = forms.ChoiceField(label="Status", choices=list(STATUSES.items()))
    reason = forms.CharField(
        label="Reason", required=False, max_length=500, help_text="How you know, or why it failed."
    )
    once = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ["status", "reason", "date", "time", "which"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.get("status") in ("bounced", "failed") and not found.get("reason", "").strip():
            self.add_error("reason", "Say why it did not arrive.")
        return found
