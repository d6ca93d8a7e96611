"""What a sale or a move changes for the communications that are still to go out."""

import datetime
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from comms.drafting import audience
from comms.models import Communication, Recipient
from contacts.models import Contact, Occupancy
from portfolio.models import Unit


@dataclass
class Affected:
    """A communication to a flat whose people are others by the day that it goes out."""

    communication: Communication
    on: datetime.date
    recipients: list[Recipient]
    leaving: list[Recipient] = field(default_factory=list)
    coming: list[Contact] = field(default_factory=list)


def affected(unit: Unit, today: datetime.date) -> list[Affected]:
    """Find the drafts and scheduled ones that go to people of a flat who will have left by then."""
    return [one for one in _open(unit, today) if one.leaving]


def to_come(unit: Unit, today: datetime.date) -> list[Affected]:
    """Find all the drafts and scheduled ones that go to people of a flat, whether they stay or not."""
    return _open(unit, today)


def _open(unit: Unit, today: datetime.date) -> list[Affected]:
    open_states = (Communication.Status.DRAFT, Communication.Status.SCHEDULED)
    recipients = (
        Recipient.objects.filter(unit=unit, communication__status__in=open_states, contact__isnull=False)
        .select_related("communication__organisation", "contact", "regarding")
        .order_by("communication__scheduled_at", "pk")
    )
    parts = list(Occupancy.objects.filter(unit=unit).select_related("contact").order_by("pk"))
    by_communication: dict[int, list[Recipient]] = {}
    for recipient in recipients:
        by_communication.setdefault(recipient.communication_id, []).append(recipient)
    return [_compare(group, parts, today) for group in by_communication.values()]


def _compare(group: list[Recipient], parts: list[Occupancy], today: datetime.date) -> Affected:
    communication = group[0].communication
    at = communication.scheduled_at
    on = max(today, timezone.localtime(at).date()) if at else today
    there = {part.contact_id for part in parts if not part.is_over(on) and not part.is_to_come(on)}
    had = {part.contact_id for part in parts}
    leaving = [
        one
        for one in group
        if (about := one.regarding_id or one.contact_id) not in there and about in had  # never a passer-by
    ]
    gone = {one.regarding_id or one.contact_id for one in leaving}
    roles = {part.role for part in parts if part.contact_id in gone}
    listed = {one.contact_id for one in group}
    coming = [
        part.contact
        for part in parts
        if part.role in roles and part.contact_id in there and part.contact_id not in listed
    ]
    return Affected(communication, on, group, leaving, list(dict.fromkeys(coming)))


def put_right(one: Affected, unit: Unit) -> None:
    """Take those who will have left from the recipients, and add who comes."""
    with transaction.atomic():
        one.communication.recipients.filter(pk__in=[r.pk for r in one.leaving]).delete()
        audience.add(audience.plan_people(one.communication, one.coming, unit))
