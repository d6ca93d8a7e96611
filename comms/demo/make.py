"""Put the demo together."""

import datetime

import pghistory
from django.db import transaction
from django_scopes import scope

from comms.demo import browsers, estate, follow_up, history, live, office, present, single, wording
from comms.demo.estate import Estate, user
from comms.demo.history import Past
from comms.models import LogEntry
from comms.record import rebuild
from contacts.models import Contact, Occupancy
from portfolio.models import Membership, Organisation

FIRST, SECOND = "larchfield", "harbour-vale"
ROLES = Membership.Role


def make(now: datetime.datetime) -> int:
    """Make both organisations, unless the first is there; give how many entries their logs have got."""
    if Organisation.objects.filter(slug=FIRST).exists():
        return 0
    with transaction.atomic():
        first = estate.organisation(
            "Larchfield Management",
            FIRST,
            "Leeds",
            "0113 496 0100",
            "Larchfield Management Ltd\n4 Mill Lane\nLeeds\nLS1 4AB",
        )
        with scope(organisation=first):
            count = _fill(first, now)
        second = estate.organisation(
            "Harbour & Vale",
            SECOND,
            "Whitby",
            "01632 960100",
            "Harbour & Vale\n2 Pier Road\nWhitby\nYO21 3PU",
        )
        with scope(organisation=second):
            _fill_small(second)
    return count


def _fill(organisation: Organisation, now: datetime.datetime) -> int:
    chance = history.seed(organisation.slug)
    made = Estate(organisation)
    for role, (email, name) in {
        ROLES.ADMIN: ("admin@demo.example", "Adam Frost"),
        ROLES.MANAGER: ("manager@demo.example", "Helen Marsh"),
        ROLES.STAFF: ("staff@demo.example", "Sam Ellery"),
        ROLES.AUDITOR: ("auditor@demo.example", "Audrey Quinn"),
    }.items():
        made.people[str(role)] = user(organisation, email, name, role)
    with pghistory.context(user=made.people[str(ROLES.ADMIN)].pk):
        estate.build(made, now.astimezone(organisation.zone).date(), chance)
    past = Past(made, now, organisation.zone, chance)
    browsers.give(made, past.at(700, 12, 0))
    history.templates(past)
    for mailing in wording.MAILINGS:
        history.mail(past, mailing)
    single.write(past)
    present.write(past)
    follow_up.notice(past)
    office.tend(made)
    office.flag(made)
    for _ in rebuild.differences(mend=True):
        pass
    follow_up.write(past)
    live.write(past)
    return LogEntry.objects.count()


def _fill_small(organisation: Organisation) -> None:
    user(organisation, "manager@other.example", "Mallory Pike", ROLES.MANAGER)
    _, units = estate.block(organisation, "Quay House", "QH", "2 Pier Road", "Whitby", "YO21 3PU", 4)
    names = (
        ("Mr", "Alan", "Harker"),
        ("Ms", "Wendy", "Storr"),
        ("Mrs", "Ruth", "Pickering"),
        ("Mr", "Seth", "Cook"),
    )
    contacts = Contact.objects.bulk_create(
        estate.person(organisation, *name, f"+44770090090{place}") for place, name in enumerate(names)
    )
    Occupancy.objects.bulk_create(
        Occupancy(organisation=organisation, unit=unit, contact=contact, is_primary=True)
        for unit, contact in zip(units, contacts, strict=True)
    )
