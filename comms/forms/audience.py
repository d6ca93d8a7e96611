"""Whom to add."""

from typing import Any

from django import forms

from contacts.models import Occupancy
from portfolio.models import Block
from portfolio.styled import StyledForm


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
        self.fields["block"].queryset = Block.objects.in_use()  # type: ignore[attr-defined]
        self.fields["block"].error_messages["invalid_choice"] = "There is no such block in this organisation."
        roles: Any = self.fields["role"]
        roles.choices = [(value, f"Current {label.lower()}s") for value, label in Occupancy.Role.choices]
