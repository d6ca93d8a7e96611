"""The rows of messages, some at a time: the messages, what happened to them, what was done about them, and their leaves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from comms.ledger.canonical import SALT_BYTES
from comms.ledger.forms import BY_KIND, BY_MODEL
from comms.models import DeliveryEvent, Leaf, Log, LogEntry, LogKey, Proof, Seal, TicketChange
from comms.pack.scope import Scope

BATCH = 200  # messages that are held at once


@dataclass
class Sealed:
    """One row of the record with its leaf and the place of that; no place where it is not sealed yet."""

    row: Any
    leaf: Leaf
    log: int | None = None
    place: int | None = None

    @property
    def kind(self) -> str:
        return str(self.leaf.kind)

    @property
    def version(self) -> int:
        """Which form of its kind the leaf is of."""
        found: int = json.loads(bytes(self.leaf.data))["v"]
        return found

    def opened(self) -> dict[str, tuple[str, Any]]:
        """Give what its leaf commits to: for each field the salt, in hexadecimal, and the value."""
        form = BY_KIND[self.kind]
        salts = bytes(self.leaf.salts)
        hidden = form.versions[self.version - 1](self.row)[1]
        return {
            name: (salts[SALT_BYTES * at : SALT_BYTES * (at + 1)].hex(), hidden[name])
            for at, name in enumerate(sorted(hidden))
        }


@dataclass
class Message:
    """One message of a pack with everything that belongs to it."""

    number: int
    entry: Sealed
    brought: bool
    events: list[Sealed] = field(default_factory=list)
    tickets: list[Sealed] = field(default_factory=list)
    exhibits: list[Proof] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.number:05}"

    def rows(self) -> list[Sealed]:
        return [self.entry, *self.events, *self.tickets]


def messages(scope: Scope) -> Iterator[Message]:
    """Give the messages of a scope in the order of their times, those that were brought in last. A change to a ticket comes once."""
    given: set[int] = set()
    keys = scope.keys
    for at in range(0, len(keys), BATCH):
        yield from _batch(keys[at : at + BATCH], at, scope.brought, given)


def _batch(keys: list[int], before: int, brought: set[int], given: set[int]) -> Iterator[Message]:
    found = LogEntry.objects.select_related(
        "html", "delivery", "corrects", "copy_of", "communication", "template_version"
    ).defer("html__data", "communication__body")
    entries = found.in_bulk(keys)
    made = {
        key: Message(before + place, one, key in brought)
        for place, (key, one) in enumerate(zip(keys, _sealed([entries[key] for key in keys]), strict=True), 1)
    }
    events = (
        DeliveryEvent.objects.filter(entry__in=keys)
        .select_related("entry", "receipt", "actor")
        .order_by("pk")
    )
    for event in _sealed(list(events)):
        made[event.row.entry_id].events.append(event)
    for change in _sealed(_changes(keys, given)):
        ticket = change.row.ticket
        about = next((one for one in (ticket.entry_id, change.row.entry_id) if one in made), None)
        about = about or next(key for key in keys if entries[key].ticket_id == ticket.pk)
        made[about].tickets.append(change)
    for proof in (
        Proof.objects.filter(event__entry__in=keys).select_related("content", "event").order_by("pk")
    ):
        made[proof.event.entry_id].exhibits.append(proof)
    yield from made.values()


def _changes(keys: list[int], given: set[int]) -> list[TicketChange]:
    """List what was done to tickets about the messages, and to those that the messages were written on."""
    ours = Q(ticket__entry__in=keys) | Q(ticket__entries__in=keys)
    rows = TicketChange.objects.filter(ours).select_related("ticket", "actor").distinct().order_by("pk")
    fresh = [change for change in rows if change.pk not in given]
    given.update(change.pk for change in fresh)
    return fresh


def of_logs(numbers: set[int]) -> list[Sealed]:
    """Give the rows that say that a log was opened, and which keys sign it."""
    logs = list(Log.objects.filter(pk__in=numbers).order_by("pk"))
    return _sealed(logs) + _sealed(
        list(LogKey.objects.filter(log__in=numbers).select_related("log").order_by("pk"))
    )


def _sealed(rows: list[Any]) -> list[Sealed]:
    """Give rows of one table with their leaves and places: two queries, whatever their number."""
    if not rows:
        return []
    kind = BY_MODEL[type(rows[0])].kind
    leaves = {
        leaf.row_id: leaf
        for leaf in Leaf.objects.filter(kind=kind, row_id__in=[row.pk for row in rows]).order_by()
    }
    places = {
        leaf: (log, seq)
        for leaf, log, seq in Seal.objects.filter(leaf__in=leaves.values()).values_list("leaf", "log", "seq")
    }
    return [Sealed(row, leaves[row.pk], *places.get(leaves[row.pk].pk, (None, None))) for row in rows]
