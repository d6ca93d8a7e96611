"""Where references lead: rows of a type and the address of whatever else keeps the thing that it names."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms.formsets import DELETION_FIELD_NAME

from portfolio.models import Organisation
from portfolio.styled import StyledForm

PLACE = "{reference}"
EXAMPLE = "INV-2041"
TYPE = re.compile(r"[\w -]{1,40}")
SCHEMES = ("https", "http")
MOST = 50


class ReferenceForm(StyledForm):
    kind = forms.CharField(
        label="Type",
        max_length=40,
        error_messages={
            "required": "Give the type, such as invoice.",
            "max_length": "The type is %(show_value)d characters long; 40 is the most. Shorten it.",
        },
    )
    pattern = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": f"https://accounts.example/invoices/{PLACE}"}),
        error_messages={"required": f"Give the address, with {PLACE} where the reference goes."},
    )

    def clean_kind(self) -> str:
        kind = re.sub(" +", " ", self.cleaned_data["kind"])
        if not TYPE.fullmatch(kind):
            raise ValidationError("Use letters, digits, spaces, _ and - only.")
        return kind

    def clean_pattern(self) -> str:
        pattern: str = self.cleaned_data["pattern"]
        check_pattern(pattern)
        return pattern

    @property
    def example(self) -> str:
        """Show where a reference leads by what is saved."""
        return str(self.initial.get("pattern", "")).replace(PLACE, EXAMPLE)


def check_pattern(pattern: str) -> None:
    """Refuse what would lead nowhere, or wherever the one who types a reference likes."""
    if not pattern.lower().startswith(("https://", "http://")):
        raise ValidationError("Begin the address with https:// or http://.")
    if pattern.count(PLACE) != 1:
        raise ValidationError(f"Put {PLACE} into the address once, where the reference goes.")
    try:
        into_the_name = PLACE in urlsplit(pattern).netloc
        if not into_the_name:
            URLValidator(schemes=SCHEMES)(pattern.replace(PLACE, EXAMPLE))
    except (ValidationError, ValueError):
        raise ValidationError("This does not lead anywhere. Copy the address from your browser.") from None
    if into_the_name:
        raise ValidationError(f"Put {PLACE} after the name of the site, not into it.")


class Rows(forms.BaseFormSet):
    """All types of an organisation at once, with a few empty rows; a row is taken out by ticking Remove."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].label = "Remove"
            form.fields[DELETION_FIELD_NAME].widget.attrs["class"] = "form-check-input"

    def clean(self) -> None:
        """Refuse a type that another row has, whichever its case."""
        taken: set[str] = set()
        for form in self.forms:
            row = getattr(form, "cleaned_data", {})
            kind = row.get("kind", "").casefold()
            if not kind or row.get(DELETION_FIELD_NAME):
                continue
            if kind in taken:
                form.add_error("kind", "Another row has this type. Give each type one address.")
            taken.add(kind)

    @property
    def addresses(self) -> dict[str, str]:
        """Give what the rows say, as an organisation keeps it."""
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data.get("kind")]
        return {row["kind"]: row["pattern"] for row in kept if not row.get(DELETION_FIELD_NAME)}


ReferenceRows: Any = forms.formset_factory(
    ReferenceForm,
    formset=Rows,
    extra=3,
    can_delete=True,
    can_delete_extra=False,
    max_num=MOST,
    validate_max=True,
)


def reference_rows(organisation: Organisation, posted: Any) -> Any:
    """Make the rows of an organisation, as they are or as they were sent."""
    kept = sorted(organisation.reference_urls.items())
    return ReferenceRows(
        posted,
        initial=[{"kind": kind, "pattern": pattern} for kind, pattern in kept],
        error_messages={
            "missing_management_form": "The page was sent without its rows. Open it again.",
            "too_many_forms": f"{MOST} types are the most. Remove some.",
        },
    )
