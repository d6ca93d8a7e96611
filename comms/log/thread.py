"""All that belongs to a ticket, oldest first: what was sent, what became of it, what was said and done."""

import datetime
from typing import Any, NamedTuple

from comms.models import DeliveryEvent, LogEntry, Ticket, TicketChange, TicketMessage

MOST = 500  # of each kind


class Item(NamedTuple):
    """One line of the thread; `kind` names the template part that shows it."""

    at: datetime.datetime
    place: int  # at the same moment what was sent stands before what became of it
    key: int
    kind: str
    row: Any


def thread(ticket: Ticket) -> list[Item]:
    """Gather the entries of a ticket with their events, the messages that came in, and what was done to it."""
    entries = {entry.pk: entry for entry in _entries(ticket)}
    events = DeliveryEvent.objects.filter(entry__in=entries).exclude(kind=DeliveryEvent.Kind.ATTEMPTED)
    events = events.select_related("actor").prefetch_related("proofs").order_by("id")
    items = [Item(row.happened_at or row.recorded_at, 0, row.pk, "entry", row) for row in entries.values()]
    for event in events[:MOST]:
        event.about = entries[event.entry_id]  # type: ignore[attr-defined]
        items.append(Item(event.happened_at, 1, event.pk, "event", event))
    messages = TicketMessage.objects.filter(ticket=ticket).select_related("contact", "organisation")
    items += [Item(row.received_at, 2, row.pk, "message", row) for row in messages[:MOST]]
    changes = TicketChange.objects.filter(ticket=ticket)
    changes = changes.select_related("actor", "communication", "entry__organisation")
    items += [Item(row.recorded_at, 3, row.pk, "change", row) for row in changes[:MOST]]
    return sorted(items, key=lambda item: item[:3])


def _entries(ticket: Ticket) -> list[LogEntry]:
    """List the entry that it is about, its copies, and what was written on the ticket."""
    related = ("delivery", "organisation", "recipient")
    found = list(LogEntry.objects.filter(ticket=ticket).select_related(*related).order_by("id")[:MOST])
    there = {entry.pk for entry in found}
    first = ticket.entry_id or 0
    own = LogEntry.objects.filter(pk=first) | LogEntry.objects.filter(copy_of=first)
    return [*(one for one in own.select_related(*related) if one.pk not in there), *found]
