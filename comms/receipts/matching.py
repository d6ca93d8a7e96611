"""Find the entry that a receipt is about, inside the organisation that it came to."""

import re
import uuid
from typing import NamedTuple

from django.db.models import QuerySet

from comms.models import DeliveryEvent, LogEntry
from comms.receipts.heard import Heard

# The Message-ID that compose.py gives: <public id@domain>.
OURS = re.compile(r"<?\s*([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@", re.IGNORECASE)


class Match(NamedTuple):
    """An entry, and the attempt that is meant where another one was made since."""

    entry: LogEntry
    attempt: int | None = None


def find(heard: Heard) -> Match | None:
    """Give the entry by the first of its names that finds one."""
    if heard.token and (entry := LogEntry.objects.filter(token=heard.token).first()):
        return Match(entry)
    if entry := _by_id(heard.entry) or _by_message_id(heard.message_id):
        sent = _sent(heard).filter(entry=entry).first()
        return Match(entry, _superseded(sent))
    return _by_provider(heard)


def _by_id(said: str) -> LogEntry | None:
    try:
        public_id = uuid.UUID(said) if said else None
    except ValueError:
        return None
    found: LogEntry | None = LogEntry.objects.filter(public_id=public_id).first() if public_id else None
    return found


def _by_message_id(said: str) -> LogEntry | None:
    found = OURS.match(said)
    return _by_id(found[1]) if found else None


def _by_provider(heard: Heard) -> Match | None:
    """Find it by the provider's name for the message; where several went under one, by the address."""
    found = list(_sent(heard).select_related("entry")[:100])
    if len({event.entry_id for event in found}) > 1:
        found = [event for event in found if event.entry.to_address.lower() == heard.address.lower()]
    return Match(found[0].entry, _superseded(found[0])) if found else None


def _superseded(sent: DeliveryEvent | None) -> int | None:
    """Give the attempt of what was sent if it is not the last: what comes in late must not be taken for the last's."""
    if sent is None or sent.attempt is None:
        return None
    later = DeliveryEvent.objects.filter(entry=sent.entry_id, kind="attempted", attempt__gt=sent.attempt)
    return sent.attempt if later.exists() else None


def _sent(heard: Heard) -> QuerySet[DeliveryEvent]:
    if not heard.provider_message_id:
        return DeliveryEvent.objects.none()
    named: QuerySet[DeliveryEvent] = DeliveryEvent.objects.filter(
        kind="sent", provider_message_id=heard.provider_message_id[:200]
    )
    return named.order_by("id")
