"""A sale or a move of a flat: who leaves and who comes, in one step or not at all."""

import datetime
from dataclasses import dataclass

from django.db import transaction

from contacts.mistake import Mistake
from contacts.models import Contact, Occupancy
from portfolio.models import Unit


@dataclass
class Arrival:
    """Somebody who comes; `contact` is found by `recognise`, or made."""

    name: str
    title: str = ""
    email: str = ""
    phone: str = ""


def recognise(arrival: Arrival) -> Contact | None:
    """Find the contact that somebody is already: the same name, and no other email on record. Raises Mistake."""
    named = Contact.objects.current().filter(name__iexact=arrival.name)
    same = [
        one
        for one in named
        if not (one.email and arrival.email and one.email.lower() != arrival.email.lower())
    ]
    if len(same) > 1:
        raise Mistake(
            f"{len(same)} contacts are called {arrival.name}. Add the part of the right one on their own page."
        )
    return same[0] if same else None


def move(
    unit: Unit, on: datetime.date, leaving: list[Occupancy], arriving: list[Arrival], role: str
) -> list[Contact]:
    """End the parts of those who leave on the day before, and begin those of who comes. Raises Mistake.

    Gives the contacts who came. Several owners who come together are joint owners, one alone is the sole one
    where nobody else stays.
    """
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=unit.pk)
        for part in leaving:
            part.until, part.is_primary = on - datetime.timedelta(days=1), False
            part.save(update_fields=["until", "is_primary"])
        came = [recognise(arrival) or _new(unit, arrival) for arrival in arriving]
        for number, contact in enumerate(came):
            part = Occupancy(
                organisation_id=unit.organisation_id,
                unit=unit,
                contact=contact,
                role=role,
                since=on,
                ownership=Occupancy.Ownership.JOINT if len(came) > 1 and role in Occupancy.OWNERS else "",
                is_primary=number == 0,
            )
            _, why = part.mistake()
            if why:
                raise Mistake(why)
            part.keep()
    return came


def _new(unit: Unit, arrival: Arrival) -> Contact:
    first, _, last = arrival.name.rpartition(" ")
    return Contact.objects.create(
        organisation_id=unit.organisation_id,
        title=arrival.title,
        first_name=first,
        last_name=last,
        name=arrival.name,
        email=arrival.email,
        phone=arrival.phone,
    )
