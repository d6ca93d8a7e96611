"""Writing a communication: how it begins, and its words."""

from typing import Any

from django import forms
from django.conf import settings
from django_prose_editor.fields import ProseEditorFormField

from comms.drafting import files, html
from comms.forms.files import FilesField
from comms.forms.parts import SubjectField, check_fields
from comms.models import Communication
from contacts.models import Occupancy
from portfolio.models import Block, Unit
from portfolio.styled import StyledForm

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
    people = forms.ChoiceField(
        label="To",
        required=False,
        choices=[("", "Nobody yet")]
        + [
            (value, f"Its current {label.lower()}s")
            for value, label in Occupancy.Role.choices
            if value != "other"
        ],
        help_text="More can be added before it goes out.",
    )
    subject = SubjectField(label="Subject")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blocks = self.fields["block"]
        units = self.fields["unit"]
        blocks.queryset = Block.objects.in_use()  # type: ignore[attr-defined]
        units.queryset = Unit.objects.in_use().select_related("block")  # type: ignore[attr-defined]
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
        check_fields(cleaned.html)
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
