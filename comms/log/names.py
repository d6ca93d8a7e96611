"""What the log can be narrowed to by name: blocks, templates and people, and whatever else the address names."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import CharField, F, QuerySet, TextField, UUIDField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from comms.models import Communication, Template, Ticket
from contacts.models import Contact
from portfolio.models import Block, Membership, Organisation, Unit

ASKED = ("unit", "contact", "about", "ticket", "communication")
MOST = 100  # of one kind in one address


class Named(NamedTuple):
    pk: int
    name: str


class Names:
    """The names behind the public ids of an address, fetched in one query."""

    def __init__(self, organisation: Organisation, asked: dict[str, list[str]]) -> None:
        self.people: list[str] = []
        self._found: dict[str, dict[str, Named]] = defaultdict(dict)
        self._merged: dict[str, list[int]] = defaultdict(list)
        ids = {kind: list(_uuids(asked.get(kind, []))) for kind in (*ASKED, "block")}
        contacts = [*ids["contact"], *ids["about"]]
        parts = [
            _part("block", Block.objects.all(), F("name")),
            _part("template", Template.objects.all(), F("name")),
            _people(organisation),
        ]
        if ids["unit"] or ids["block"]:
            name = Concat("block__name", Value(", "), "name")
            units = Unit.objects.filter(block__public_id__in=ids["block"]) | Unit.objects.filter(
                public_id__in=ids["unit"]
            )
            parts.append(_part("unit", units, name))
        if contacts:
            parts.append(_part("contact", Contact.objects.filter(public_id__in=contacts), F("name")))
            merged = Contact.objects.filter(merged_into__public_id__in=contacts)
            parts.append(_part("merged", merged, Cast("merged_into__public_id", TextField())))
        if ids["ticket"]:
            parts.append(_part("ticket", Ticket.objects.filter(public_id__in=ids["ticket"]), F("title")))
        if ids["communication"]:
            named = Communication.objects.filter(public_id__in=ids["communication"])
            parts.append(_part("communication", named, F("subject")))
        for kind, pk, public_id, name in parts[0].union(*parts[1:], all=True):
            if kind == "person":
                self.people.append(name)
            elif kind == "merged":  # the same person, found twice: their log goes with the one that stayed
                self._merged[name].append(pk)
            else:
                self._found[kind][str(public_id)] = Named(pk, name)
        self._found["about"] = self._found["contact"]
        self.people.sort()

    def choices(self, kind: str) -> list[tuple[str, str]]:
        named = self._found[kind].items()
        return sorted(((public_id, found.name) for public_id, found in named), key=lambda pair: pair[1])

    def keys(self, kind: str, public_ids: Iterable[str]) -> list[int]:
        """Give the keys of what the public ids name, and of the contacts that were made one with them."""
        wanted = list(public_ids)
        keys = [self._found[kind][public_id].pk for public_id in wanted]
        if kind in ("contact", "about"):
            keys += [key for public_id in wanted for key in self._merged[public_id]]
        return keys


def _uuids(texts: list[str]) -> Iterable[uuid.UUID]:
    for text in texts[:MOST]:
        try:
            yield uuid.UUID(text)
        except ValueError:
            continue  # the form says so


def _part(kind: str, queryset: QuerySet, name: Combinable) -> QuerySet:
    return queryset.order_by().values_list(
        Value(kind, output_field=CharField()), "pk", "public_id", Cast(name, TextField())
    )


def _people(organisation: Organisation) -> QuerySet:
    nobody = Cast(Value(None), UUIDField())
    return Membership.objects.filter(organisation=organisation).values_list(
        Value("person", output_field=CharField()), "pk", nobody, Cast("user__name", TextField())
    )
