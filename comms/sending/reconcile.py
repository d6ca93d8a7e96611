"""Say plainly which handovers nobody can know the end of."""

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django_scopes import scope, scopes_disabled

from comms.models import Delivery, DeliveryEvent, LogEntry, Recipient
from comms.record import events
from portfolio.models import User

UNKNOWN = "The handover broke off on our side. It may have arrived. Nothing was sent again. Ask the recipient, or wait."


def give_up_lapsed(now: datetime.datetime) -> int:
    """Call every handover whose lease has lapsed unconfirmed; give how many. It is never sent again by itself."""
    with scopes_disabled():
        lapsed = list(
            Recipient.objects.filter(state=Recipient.State.HANDING_OVER, leased_until__lt=now).select_related(
                "organisation", "entry"
            )[:1000]
        )
    return sum(_give_up(recipient, now) for recipient in lapsed) + _give_up_single(now)


def _give_up_single(now: datetime.datetime) -> int:
    """Say the same of messages that belong to no recipient (system mail, tests) and were broken off in the dial."""
    lease = datetime.timedelta(seconds=settings.SENDING_LEASE_SECONDS)
    with scopes_disabled():
        broken_off = list(
            Delivery.objects.filter(
                status=Delivery.Status.QUEUED,
                entry__recipient__isnull=True,
                manual=False,
                at__lt=now - lease,
                at__gt=now - datetime.timedelta(days=7),
            )
            .filter(Exists(DeliveryEvent.objects.filter(entry=OuterRef("entry"), kind="attempted")))
            .select_related("entry__organisation")[:1000]
        )
    for delivery in broken_off:
        with scope(organisation=delivery.entry.organisation):
            events.append(
                delivery.entry,
                "unconfirmed",
                happened_at=now,
                source="blockpost",
                provider_event_id=f"{delivery.entry.public_id}:1:unconfirmed",
                attempt=1,
                reason=UNKNOWN,
            )
    return len(broken_off)


def _give_up(recipient: Recipient, now: datetime.datetime) -> bool:
    with scope(organisation=recipient.organisation), transaction.atomic():
        moved = Recipient.objects.filter(
            pk=recipient.pk,
            state=Recipient.State.HANDING_OVER,
            lease_token=recipient.lease_token,
            leased_until__lt=now,
        ).update(state=Recipient.State.UNCONFIRMED, leased_until=None)
        if moved:
            events.append(
                recipient.entry,
                "unconfirmed",
                happened_at=now,
                source="blockpost",
                provider_event_id=f"{recipient.entry.public_id}:{recipient.attempts}:unconfirmed",
                attempt=recipient.attempts,
                reason=UNKNOWN,
            )
    return bool(moved)


@transaction.atomic
def treat_as_sent(entry: LogEntry, by: User, why: str, now: datetime.datetime) -> bool:
    """Take a person's word that an unconfirmed message left; false where it is not unconfirmed any more.

    Nothing is sent. What is heard of it later still counts.
    """
    delivery = Delivery.objects.select_for_update().get(pk=entry.pk)
    if delivery.status != Delivery.Status.UNCONFIRMED:
        return False
    events.append(
        entry,
        "sent",
        happened_at=delivery.status_at,
        source=events.PERSON,
        actor=by,
        reason=f"Treated as sent. {why}"[:500],
    )
    return True
