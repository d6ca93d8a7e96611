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
    """Find the contact that somebody is already: the same name with the same email or phone. Raises Mistake.

    A name alone is not enough where something else is given: it may be a namesake, who would get another's mail.
    """
    named = list(Contact.objects.current().filter(name__iexact=arrival.name))
    same = [one for one in named if _known(one, arrival)]
    if not arrival.email and not arrival.phone:
        same = named
    if len(same) > 1:
        raise Mistake(
            f"{len(same)} contacts are called {arrival.name}. Add the part of the right one on their own page."
        )
    if not same and arrival.email:
        _ask_who_shares(arrival)
    return same[0] if same else None


def _known(one: Contact, arrival: Arrival) -> bool:
    return bool(arrival.email and one.email.lower() == arrival.email.lower()) or bool(
        arrival.phone and one.phone == arrival.phone
    )


def _ask_who_shares(arrival: Arrival) -> None:
    other = Contact.objects.current().filter(email__iexact=arrival.email).first()
    if other:
        raise Mistake(
            f"{other} has the email {arrival.email} too. Leave it out here, and add it on the contact's page if they share it."
        )


def move(
    unit: Unit, on: datetime.date, leaving: list[Occupancy], arriving: list[Arrival], role: str
) -> list[Contact]:
    """End the parts of those who leave on the day before, and begin those of who comes. Raises Mistake.

    Gives the contacts who came. Several owners who come together are joint owners. The first contact of the flat
    is the first who comes, unless the former one stays.
    """
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=unit.pk)
        last = on - datetime.timedelta(days=1)
        for part in leaving:
            part.until = min(part.until, last) if part.until else last
            part.is_primary = False
            part.save(update_fields=["until", "is_primary"])
        first_stays = Occupancy.objects.filter(unit=unit, is_primary=True).exists()
        came = [recognise(arrival) or _new(unit, arrival) for arrival in arriving]
        for number, contact in enumerate(came):
            part = Occupancy(
                organisation_id=unit.organisation_id,
                unit=unit,
                contact=contact,
                role=role,
                since=on,
                ownership=Occupancy.Ownership.JOINT if len(came) > 1 and role in Occupancy.OWNERS else "",
                is_primary=number == 0 and not first_stays,
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
        first_name=first[:100],
        last_name=last[:100],
        name=arrival.name,
        email=arrival.email,
        phone=arrival.phone,
    )
