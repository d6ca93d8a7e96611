"""Blocks and units as people type them, and what the list of blocks is narrowed by."""

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from localflavor.gb.forms import GBPostcodeField

from portfolio.models import Block, Organisation, Unit
from portfolio.styled import OwnedForm, StyledForm

ARCHIVED = (("no", "In use"), ("yes", "Archived"), ("all", "All"))
MOST_UNITS = 500


class BlockForm(OwnedForm):
    postcode = GBPostcodeField(
        label="Postcode",
        error_messages={
            "required": "Give the postcode.",
            "invalid": "This is not a UK postcode. One looks like SE1 4XX.",
        },
    )
    address_style = forms.ChoiceField(
        label="How its flats are addressed",
        choices=[
            (Block.AddressStyle.NAMED, "Flat and building: Flat 4, Acacia Court, 12 Otley Road"),
            (Block.AddressStyle.HOUSE, "Flats in a house: Flat 4, 12 Otley Road"),
            (Block.AddressStyle.NUMBERED, "Numbered units: 1204 Skyline Tower, Granary Wharf"),
        ],
        widget=forms.RadioSelect,
        initial=Block.AddressStyle.NAMED,
    )

    class Meta:
        model = Block
        fields = ["name", "reference", "address", "town", "postcode", "address_style"]
        widgets = {"address": forms.Textarea(attrs={"rows": 2})}
        labels = {"address": "Street"}
        error_messages = {
            "name": {"required": "Give the block a name."},
            "address": {"required": "Give the street, with its number."},
            "town": {"required": "Give the town."},
        }

    def clean_address(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip()]
        if len(lines) > 3:
            raise forms.ValidationError("Use three lines at most, so that it fits the window of an envelope.")
        if long := next((line for line in lines if len(line) > 60), ""):
            raise forms.ValidationError(f"“{long[:30]}…” is longer than 60 characters. Break the line.")
        return "\n".join(lines)


class UnitForm(OwnedForm):
    class Meta:
        model = Unit
        fields = ["name", "reference", "position"]
        labels = {"position": "Place in the list"}
        error_messages = {"name": {"required": "Give the flat a name, such as Flat 4."}}

    def __init__(self, *args: Any, block: Block, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.block = block
        self.fields["position"].required = False

    def clean_position(self) -> int:
        if (position := self.cleaned_data["position"]) is not None:
            return int(position)
        return next_position(self.instance.block)


class UnitsForm(StyledForm):
    """Several flats at once: those of a staircase, with their numbers."""

    word = forms.CharField(
        label="Word before the number",
        max_length=60,
        required=False,
        initial="Flat",
        help_text="Flat, Apartment, Garage. Leave it empty for numbers alone.",
    )
    first = forms.IntegerField(label="From number", min_value=1, max_value=99_999, initial=1)
    last = forms.IntegerField(label="To number", min_value=1, max_value=99_999)
    without_13 = forms.BooleanField(label="There is no number 13", required=False)

    def __init__(self, *args: Any, block: Block, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.block = block
        for name in ("first", "last"):
            self.fields[name].error_messages["required"] = "Give a number."
            self.fields[name].error_messages["invalid"] = "Give a whole number."
        self.names: list[str] = []

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first is None or last is None:
            return found
        if last < first:
            self.add_error("last", f"This comes before {first}. Give the last number.")
        elif last - first >= MOST_UNITS:
            self.add_error(
                "last", f"{last - first + 1} flats at once are too many. Add {MOST_UNITS} at most."
            )
        else:
            self._name(first, last)
        return found

    def _name(self, first: int, last: int) -> None:
        word = " ".join(self.cleaned_data.get("word", "").split())
        numbers = [n for n in range(first, last + 1) if not (n == 13 and self.cleaned_data["without_13"])]
        self.names = [f"{word} {n}".strip() for n in numbers]
        there = {name.lower() for name in self.block.units.values_list("name", flat=True)}
        if taken := [name for name in self.names if name.lower() in there]:
            more = f" and {len(taken) - 3} more" if len(taken) > 3 else ""
            self.add_error("first", f"There already: {', '.join(taken[:3])}{more}. Choose other numbers.")

    def save(self, organisation: Organisation) -> int:
        place = next_position(self.block)
        made = [
            Unit(organisation=organisation, block=self.block, name=name, position=place + n)
            for n, name in enumerate(self.names)
        ]
        Unit.objects.bulk_create(made)
        return len(made)


def next_position(block: Block) -> int:
    last = block.units.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1


class BlockFilter(FilterSet):
    """What the list of blocks is narrowed by: words, town, whether archived, whether tickets are open."""

    q = CharFilter(method="by_words", max_length=200)
    town = ChoiceFilter(field_name="town", empty_label="Any town")
    archived = ChoiceFilter(choices=ARCHIVED, empty_label=None, method="by_state")
    tickets = ChoiceFilter(
        choices=[("open", "With open tickets")], empty_label="With or without", method="by_tickets"
    )

    class Meta:
        model = Block
        fields: list[str] = []
        form = StyledForm

    def __init__(self, data: Any, **kwargs: Any) -> None:
        data = data.copy()
        data.setdefault("archived", "no")
        super().__init__(data, **kwargs)
        towns = Block.objects.order_by("town").values_list("town", flat=True).distinct()
        self.filters["town"].extra["choices"] = [(town, town) for town in towns]
        for name, words in (
            ("town", "Town"),
            ("archived", "Archived or in use"),
            ("tickets", "Open tickets"),
        ):
            self.form.fields[name].widget.attrs["aria-label"] = words

    def by_words(self, blocks: Any, name: str, words: str) -> QuerySet:
        return blocks.matching(re.sub(r"\s+", " ", words))

    def by_state(self, blocks: QuerySet, name: str, state: str) -> QuerySet:
        return blocks if state == "all" else blocks.filter(archived_at__isnull=state == "no")

    def by_tickets(self, blocks: Any, name: str, state: str) -> QuerySet:
        return blocks.with_open_tickets()

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in ("q", "town", "tickets")) or self.data["archived"] != "no"
