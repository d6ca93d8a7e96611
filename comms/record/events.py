"""Append what happened to an entry, and move what is derived from it, in one transaction."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from comms.ledger import leaf
from comms.models import Delivery, DeliveryEvent, LogEntry
from comms.record import consequences, status

PERSON = "person"


def append(
    entry: LogEntry,
    kind: str,
    *,
    happened_at: datetime.datetime,
    source: str,
    provider_event_id: str | None = None,
    **facts: Any,
) -> DeliveryEvent | None:
    """Add one event to an entry and derive its status anew; a repeat is done already and gives None.

    `facts` are the other columns of DeliveryEvent: attempt, bounce, machine, reason, reply, actor, receipt.
    """
    event = DeliveryEvent(
        organisation_id=entry.organisation_id,
        entry=entry,
        kind=kind,
        happened_at=happened_at,
        source=source,
        provider_event_id=provider_event_id,
        **facts,
    )
    with transaction.atomic():
        # One at a time for each entry, so that no event is left out of the sum.
        delivery = Delivery.objects.select_for_update().get(pk=entry.pk)
        if provider_event_id and _known(event):
            return None
        event.save()
        leaf.write([event])
        if not (kind == DeliveryEvent.Kind.ATTEMPTED and event.attempt == 1):  # alone it says nothing yet
            apply(delivery, entry, entry.events.all())
        consequences.of(event, entry, delivery)
    return event


def bring(happened: Sequence[DeliveryEvent]) -> None:
    """Add events that others saw, all at once; what is derived from them is for `rebuild` to make."""
    with transaction.atomic():
        leaf.write(DeliveryEvent.objects.bulk_create(happened))


def apply(delivery: Delivery, entry: LogEntry, events: Iterable[DeliveryEvent]) -> None:
    """Bring a Delivery in line with all the events of its entry."""
    changed = {
        name: value for name, value in derived(entry, events).items() if getattr(delivery, name) != value
    }
    for name, value in changed.items():
        setattr(delivery, name, value)
    if changed:
        delivery.save(update_fields=list(changed))


def derived(entry: LogEntry, events: Iterable[DeliveryEvent]) -> dict[str, Any]:
    """Give the columns of Delivery that follow from the events."""
    found = status.derive(map(_plain, events), entry.happened_at or entry.recorded_at)
    return {
        "status": str(found.status),
        "bounce": found.bounce,
        "reason": found.reason,
        "status_at": found.status_at,
        "sent_at": found.sent_at,
        "at": found.sent_at or entry.happened_at or entry.recorded_at,
    }


def _plain(event: DeliveryEvent) -> status.Event:
    return status.Event(
        id=event.pk,
        kind=event.kind,
        happened_at=event.happened_at,
        recorded_at=event.recorded_at,
        by_person=event.source == PERSON,
        attempt=event.attempt,
        bounce=event.bounce,
        reason=event.reason,
        machine=event.machine,
    )


def _known(event: DeliveryEvent) -> bool:
    return DeliveryEvent.objects.filter(
        organisation=event.organisation_id, source=event.source, provider_event_id=event.provider_event_id
    ).exists()
