"""Who has a part in a flat: one part, and a sale or a move as one step."""

import datetime
from typing import Any

from django import forms
from django.forms import formset_factory

from contacts.forms.fields import EmailText, PhoneText
from contacts.models import Occupancy
from portfolio.models import Unit
from portfolio.styled import OwnedForm, StyledForm, one_line


class Day(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {
        "invalid": "Give the date as day, month and year.",
        "required": "Give the date.",
    }

    def clean(self, value: Any) -> datetime.date | None:
        day = super().clean(value)
        if day and not 1800 <= day.year <= 2200:
            raise forms.ValidationError("Look at the year.")
        return day


class OccupancyForm(OwnedForm):
    since = Day(label="Since", required=False, help_text="The first day. Empty where nobody knows it.")
    until = Day(label="Until", required=False, help_text="The last day. Empty while it goes on.")

    class Meta:
        model = Occupancy
        fields = ["role", "ownership", "since", "until", "is_primary"]
        labels = {"is_primary": "First contact of the flat"}
        help_texts = {"ownership": "Of a leaseholder or freeholder, where it is known."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ownership"].choices = [("", "Not known"), *Occupancy.Ownership.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        part: Occupancy = self.instance
        for name in self.Meta.fields:
            if name in found:
                setattr(part, name, found[name])
        if not self.errors:
            field, why = part.mistake()
            if why:
                self.add_error(field, why)
        return found

    def save(self, commit: bool = True) -> Occupancy:
        self.instance.keep()
        return self.instance


class ArrivalForm(StyledForm):
    """Somebody who comes to a flat: known already, or new."""

    title = forms.CharField(label="Title", required=False, max_length=20)
    name = forms.CharField(label="Name", required=False, max_length=200, validators=[one_line])
    email = EmailText(label="Email", required=False, max_length=254)
    phone = PhoneText(label="Phone", required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if any(found.get(name) for name in ("title", "email", "phone")) and not found.get("name"):
            self.add_error("name", "Give the name.")
        return found


Arrivals = formset_factory(ArrivalForm, extra=2, max_num=4, validate_max=True)


class MoveForm(StyledForm):
    """A sale or a move: from which day on, who leaves, and as what the newcomers come."""

    on = Day(
        label="First day of the new ones",
        help_text="Of a sale: the day of completion. Who leaves has the day before as last day.",
    )
    role = forms.ChoiceField(label="The new ones are", choices=Occupancy.Role.choices)

    def __init__(self, *args: Any, unit: Unit, leaving: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        people = unit.people
        self.there: list[Occupancy] = [*people.now, *people.to_come]
        self.ticked = leaving

    @property
    def leaving(self) -> list[Occupancy]:
        return [part for part in self.there if str(part.public_id) in self.ticked]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if on := found.get("on"):
            for part in self.leaving:
                if part.since and part.since >= on:
                    self.add_error("on", f"{part.contact} came after that day. Choose a later one.")
        return found
