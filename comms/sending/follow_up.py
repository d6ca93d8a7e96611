"""Raise tickets for statutory messages that hang: nobody says that they failed, and they have not arrived."""

import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_scopes import scope

from comms.channels import registry
from comms.models import Communication, Delivery, Ticket
from comms.record import tickets
from portfolio.models import Organisation

Status, Reason = Delivery.Status, Ticket.Reason
MOST = 500  # tickets that one ring of the bell raises for a reason
HANGS = "It has not been handed over for {hours} hours. {why}"


def raise_overdue(now: datetime.datetime) -> int:
    """Raise what is overdue in every organisation; give how many tickets."""
    raised = 0
    for organisation in Organisation.objects.all():
        with scope(organisation=organisation):
            raised += _raise(Reason.UNCONFIRMED, unconfirmed(now)) + _raise(Reason.DEFERRED, hanging(now))
    return raised


def unconfirmed(now: datetime.datetime) -> QuerySet[Delivery]:
    """Find what is unconfirmed for longer than a receipt usually takes to settle it."""
    since = now - datetime.timedelta(minutes=settings.TICKET_UNCONFIRMED_MINUTES)
    return _statutory().filter(status=Status.UNCONFIRMED, status_at__lt=since)


def hanging(now: datetime.datetime) -> QuerySet[Delivery]:
    """Find what was put off, or could not even be tried, for a day; not what waits for a person to hand it over."""
    since = now - datetime.timedelta(hours=settings.TICKET_DEFERRED_HOURS)
    put_off = Q(status=Status.DEFERRED) | Q(status=Status.BOUNCED, bounce="soft")
    untried = Q(status=Status.QUEUED, manual=False, channel__in=registry.dialled())
    return _statutory().filter(put_off | untried, entry__recorded_at__lt=since, entry__happened_at=None)


def _statutory() -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        Q(type__in=Communication.STATUTORY_TYPES) | Q(communication__statutory=True)
    )


def _raise(reason: str, found: QuerySet[Delivery]) -> int:
    there = Ticket.objects.filter(entry=OuterRef("entry"), reason=reason)
    rows = found.exclude(Exists(there)).select_related("entry__organisation", "entry__communication")
    return sum(tickets.raise_for(row.entry, reason, _words(row, reason))[1] for row in rows[:MOST])


def _words(row: Delivery, reason: str) -> str:
    if reason == Reason.UNCONFIRMED:
        return row.reason
    return HANGS.format(hours=settings.TICKET_DEFERRED_HOURS, why=row.reason).strip()
