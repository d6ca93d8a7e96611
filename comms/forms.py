"""What people type in, checked; each mistake is a sentence at its field."""

import datetime
import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django_prose_editor.fields import ProseEditorFormField

from comms.drafting import files, html, merge
from comms.models import Communication
from contacts.models import Occupancy
from portfolio.models import Block, Unit

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {"protocols": ["http", "https", "mailto", "tel"], "enableTarget": False},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "History": True,
}
LINE_BREAK = re.compile(r"[\r\n\v\f\x00-\x1f\x7f\x85\u2028\u2029]")


class StyledForm(forms.Form):
    """Give widgets the classes of the style sheet, and say to screen readers which field is wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            if isinstance(
                field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect
            ):
                kind = "form-check-input"
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} {kind}".strip()

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}


class SubjectField(forms.CharField):
    """One line of at most 500 characters. It becomes a header of the mail."""

    default_error_messages = {
        "required": "Give it a subject. It is what people see first.",
        "max_length": "The subject is %(show_value)d characters long; 500 is the most. Shorten it.",
        "line_break": "The subject must be on one line. Take the line break out.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, strip=True, **kwargs)

    def clean(self, value: str) -> str:
        if LINE_BREAK.search(str(value or "").strip()):
            raise forms.ValidationError(self.error_messages["line_break"])
        subject = super().clean(value)
        _check_fields(subject)
        return subject


def _check_fields(text: str) -> None:
    """Refuse merge fields that do not exist or are not closed."""
    if unknown := merge.unknown_fields(text):
        names = ", ".join(f"{{{{{name}}}}}" for name in unknown)
        raise forms.ValidationError(f"There is no field {names}. Insert one from the row of fields instead.")
    if stray := merge.unclosed(text):
        raise forms.ValidationError(
            f"Double braces open or close no field: “{stray[0]}”. Close them or take them out."
        )


class WriteForm(StyledForm):
    """The beginning: what kind it is and whom it is for. Both stay as they are."""

    type = forms.ChoiceField(
        label="Type", choices=[c for c in Communication.Type.choices if c[0] != Communication.Type.SYSTEM]
    )
    block: forms.ModelChoiceField = forms.ModelChoiceField(
        Block.objects.none(), label="Block", required=False, to_field_name="public_id", empty_label="No block"
    )
    unit: forms.ModelChoiceField = forms.ModelChoiceField(
        Unit.objects.none(),
        label="Flat",
        required=False,
        to_field_name="public_id",
        empty_label="The whole block",
        help_text="Only where it is for one flat.",
    )
    subject = SubjectField(label="Subject")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blocks = self.fields["block"]
        units = self.fields["unit"]
        blocks.queryset = Block.objects.filter(archived_at__isnull=True)  # type: ignore[attr-defined]
        units.queryset = Unit.objects.filter(archived_at__isnull=True).select_related("block")  # type: ignore[attr-defined]
        units.label_from_instance = lambda unit: f"{unit.block.name}, {unit.name}"  # type: ignore[attr-defined]
        for field, word in ((blocks, "block"), (units, "flat")):
            field.error_messages["invalid_choice"] = (
                f"There is no such {word} in this organisation. Choose one from the list."
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        unit, block = found.get("unit"), found.get("block")
        if unit and block and unit.block_id != block.pk:
            self.add_error("unit", f"{unit.name} is not in {block.name}. Choose the flat or the block anew.")
        if unit:
            found["block"] = unit.block
        return found


class MultipleFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, each within the limits and of a type that is sent."""

    widget = MultipleFiles

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, str, bytes]]:
        return [self._read(file) for file in data or []]

    def _read(self, file: UploadedFile) -> tuple[str, str, bytes]:
        name = file.name or "file"
        if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
            most = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(f"“{name}” is larger than {most} MB. Make it smaller, or link to it.")
        data = file.read()
        try:
            return name[-200:], files.media_type(name, data), data
        except ValueError as refused:
            raise forms.ValidationError(str(refused)) from refused


class EditorForm(StyledForm):
    """The words. What is removed from the body is in `removed`."""

    subject = SubjectField(label="Subject")
    body = ProseEditorFormField(label="Text", required=False, extensions=EXTENSIONS)
    notes = forms.CharField(
        label="Notes",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the office only. Never sent.",
    )
    attachments = FilesField(
        label="Attach files", required=False, help_text=f"{files.ALLOWED}; up to 10 MB each, 20 MB together."
    )

    def __init__(self, *args: Any, communication: Communication, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {n: getattr(communication, n) for n in ("subject", "body", "notes")})
        super().__init__(*args, **kwargs)
        self.communication = communication
        self.removed: list[str] = []
        self.fields["body"].widget.attrs["form"] = "editor"
        self.fields["subject"].widget.attrs |= {"data-merge": "", "maxlength": 500}
        for field in self.fields.values():
            field.widget.attrs["form"] = "editor"  # the page has forms of its own between the steps

    def clean_body(self) -> str:
        cleaned = html.clean(self.cleaned_data["body"] or "")
        self.removed = cleaned.removed
        _check_fields(cleaned.html)
        return cleaned.html

    def clean_attachments(self) -> list[tuple[str, str, bytes]]:
        added = self.cleaned_data["attachments"]
        there = sum(a.content.size for a in self.communication.attachments.select_related("content"))
        if there + sum(len(data) for _, _, data in added) > settings.ATTACHMENTS_MAX_BYTES:
            most = settings.ATTACHMENTS_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(
                f"Together the attachments are larger than {most} MB. Leave one out, or link to it."
            )
        return added


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
        choices=[("0", "The first, before the clock goes back"), ("1", "The second, after it went back")],
        widget=forms.RadioSelect,
    )
    past: bool | None = None  # whether it must be past (True) or to come (False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moment: datetime.datetime | None = None
        self.ambiguous = False

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("date") and found.get("time"):
            self._resolve(datetime.datetime.combine(found["date"], found["time"]), found.get("which") or "")
        return found

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
            self.ambiguous = True
            if which not in ("0", "1"):
                self.add_error(
                    "which", f"{local:%H:%M} comes twice on that night: the clock goes back. Say which."
                )
                return
        self.moment = second if which == "1" and self.ambiguous else first
        if self.past is False and self.moment <= timezone.now():
            self.add_error(
                "time" if self.moment.date() >= timezone.localdate() else "date",
                "That is past. Choose a time to come.",
            )
        if self.past is True and self.moment > timezone.now():
            self.add_error("date", "That is still to come. Choose a time that is past.")


class ScheduleForm(MomentForm):
    past = False


class MarkSentForm(MomentForm):
    past = True


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
    field_order = ["status", "reason", "date", "time", "which"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.get("status") in ("bounced", "failed") and not found.get("reason", "").strip():
            self.add_error("reason", "Say why it did not arrive.")
        return found


class AudienceForm(StyledForm):
    """Whose: people with a role in some flats."""

    role = forms.ChoiceField(label="Who", choices=Occupancy.Role.choices, initial=Occupancy.Role.LEASEHOLDER)
    block: forms.ModelChoiceField = forms.ModelChoiceField(
        Block.objects.none(),
        label="Block",
        required=False,
        to_field_name="public_id",
        empty_label="Choose a block",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["block"].queryset = Block.objects.filter(archived_at__isnull=True)  # type: ignore[attr-defined]
        self.fields["block"].error_messages["invalid_choice"] = "There is no such block in this organisation."
        roles: Any = self.fields["role"]
        roles.choices = [(value, f"Current {label.lower()}s") for value, label in Occupancy.Role.choices]
