"""What an office does between the mailings: corrects, adds, notes; so that Activity has something to tell."""

from collections.abc import Iterable
from typing import Any

import pghistory

from comms.demo.estate import Estate
from comms.models import DeliveryEvent
from comms.portal import links
from comms.record import consequences
from contacts.models import AddressFlag, Contact, ContactRelation, Occupancy, OtherAddress

WISHES: dict[str, dict[str, Any]] = {
    "Margaret Okafor": {"large_print": True, "reference": "C-0112"},
    "Joan Braithwaite": {"preferred_channel": "post", "large_print": True},
    "Katarzyna Nowak": {"language": "pl", "reference": "C-0113"},
    "Tariq Mahmood": {"language": "ur", "preferred_channel": "sms"},
    "Farah Siddiqui": {"preferred_channel": "email", "reference": "C-0109"},
}
DIRECTORS = ("Katarzyna Nowak", "Farah Siddiqui")
COPIES = ("Chinwe Okafor", "Pennine Agents Ltd")


def tend(estate: Estate) -> None:
    """Do what the manager did by hand, under her name."""
    with pghistory.context(user=estate.people["manager"].pk):
        for name, wishes in WISHES.items():
            Contact.objects.filter(name=name).update(**wishes)
        _direct(estate)
        ContactRelation.objects.filter(contact__name__in=COPIES).update(copies=True)
        margaret = estate.contacts["Margaret Okafor"]
        OtherAddress.objects.create(
            organisation=estate.organisation,
            contact=margaret,
            kind=OtherAddress.Kind.PHONE,
            value="+441134960112",
            label="Home",
        )
        Contact.objects.filter(pk=margaret.pk).update(labels={"phone": "Mobile"})
        _enter_twice(estate)
        _open_page(estate)


def _open_page(estate: Estate) -> None:
    """Give a resident the link to her page, on which the portal posts of two years stand."""
    margaret = estate.contacts["Margaret Okafor"]
    home = Occupancy.objects.filter(contact=margaret).select_related("unit").order_by("pk").first()
    links.of(margaret, home.unit if home else None, estate.people["manager"])


def _direct(estate: Estate) -> None:
    """Make two residents directors of the company that holds the freehold of the first block."""
    for name in DIRECTORS:
        home = Occupancy.objects.filter(contact=estate.contacts[name]).order_by("pk").first()
        if home:
            Occupancy.objects.create(
                organisation=estate.organisation,
                unit=home.unit,
                contact=home.contact,
                role=Occupancy.Role.DIRECTOR,
                since=home.since,
            )


def _enter_twice(estate: Estate) -> None:
    """Enter somebody a second time, as happens on busy days; the list of duplicates finds it."""
    first = estate.contacts["Katarzyna Nowak"]
    Contact.objects.create(
        organisation=estate.organisation,
        title=first.title,
        first_name="K.",
        last_name=first.last_name,
        name=f"K. {first.last_name}",
        email=first.email,
    )


def flag(estate: Estate) -> None:
    """Flag the addresses from which something came back for good, as `record.consequences` does of today's."""
    bounced: Iterable[DeliveryEvent] = (
        DeliveryEvent.objects.filter(
            kind=DeliveryEvent.Kind.BOUNCED, bounce="hard", entry__channel__in=consequences.FLAGGED
        )
        .exclude(entry__to_address="")
        .select_related("entry")
        .order_by("happened_at")
    )
    seen: dict[str, DeliveryEvent] = {}
    for event in bounced:
        seen.setdefault(event.entry.to_address.lower(), event)
    AddressFlag.objects.bulk_create(
        AddressFlag(
            organisation=estate.organisation,
            kind=consequences.FLAGGED[event.entry.channel],
            address=address,
            reason=event.reason,
            flagged_at=event.happened_at,
        )
        for address, event in seen.items()
    )
