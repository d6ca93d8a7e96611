"""Say what became of a message from everything that was heard about it. Pure: events in, status out."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from comms.record.heard import Event, gives_way, number, numbered, order

__all__ = ["Derived", "Event", "Status", "derive"]

RETRYING = "It is being tried again."


class Status(StrEnum):
    QUEUED = "queued"
    DEFERRED = "deferred"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    SPAM = "spam"
    FAILED = "failed"
    DROPPED = "dropped"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Derived:
    status: Status
    reason: str
    sent_at: datetime.datetime | None
    status_at: datetime.datetime
    bounce: str


# From the weakest to the strongest. Dropped is last: what was never sent cannot have had another fate.
LADDER = (
    Status.QUEUED,
    Status.DEFERRED,
    Status.UNCONFIRMED,
    Status.SENT,
    Status.DELIVERED,
    Status.OPENED,
    Status.CLICKED,
    Status.FAILED,
    Status.BOUNCED,
    Status.SPAM,
    Status.DROPPED,
)
RANK = {status: place for place, status in enumerate(LADDER)}
READS_AS: dict[str, Status] = {status.value: status for status in Status} | {"pending": Status.QUEUED}
SILENT = frozenset({"unsubscribed"})  # a wish of the recipient, not a fate of the message
# Of these the first counts (since when); of the others the last (how it stands now).
ARRIVALS = frozenset({Status.SENT, Status.DELIVERED, Status.OPENED, Status.CLICKED, Status.SPAM})
BOUNCES = ("", "soft", "spam", "hard")


def derive(events: Iterable[Event], recorded_at: datetime.datetime) -> Derived:
    """Derive the status from the set of events: in any order, with any repeats, the answer is the same.

    1. An event that does not name its attempt belongs to the last attempt made before we heard of it.
    2. Machine events that give way (heard.EXCEPTIONS) are left out.
    3. The status that a person set last takes the place of all machine events heard before it.
    4. Of what is left the highest on the LADDER counts. With nothing left it is queued.
    """
    heard = sorted(set(events), key=order)
    told = [event for event in numbered(heard) if event.kind not in SILENT]
    machines = [event for event in told if not event.by_person]
    standing = [event for event in machines if not gives_way(event, machines)]
    persons = [event for event in told if event.by_person]
    if persons:
        said = persons[-1]
        standing = [said, *(event for event in standing if order(event) > order(said))]
    top = max(standing, key=_weight, default=None)
    sent_at = _sent_at(heard)
    if top is None or _status(top) is Status.QUEUED and not top.by_person:
        return Derived(Status.QUEUED, "", sent_at, recorded_at, "")
    reason = top.reason or (RETRYING if top.kind == "attempted" else "")
    return Derived(_status(top), reason, sent_at, top.happened_at, top.bounce)


def _status(event: Event) -> Status:
    if event.kind == "attempted":  # the first attempt says nothing yet
        return Status.DEFERRED if number(event) > 1 else Status.QUEUED
    return READS_AS[event.kind]


def _weight(event: Event) -> tuple:
    status = _status(event)
    when = event.happened_at.timestamp()
    arrival = status in ARRIVALS
    return (
        RANK[status],
        BOUNCES.index(event.bounce),
        event.by_person,
        not event.machine,  # an open by a person says more than one by a machine
        *((0, -when) if arrival else (number(event), when)),
        event.kind != "attempted",
        event.reason,
        event.id,
    )


def _sent_at(heard: list[Event]) -> datetime.datetime | None:
    """Find when it left: the first `sent`, else when the attempt was made of which a later sign says that it arrived.

    Not the time of that sign: a picture fetched on Friday does not move a notice of Monday to Friday.
    """
    if sent := [event.happened_at for event in heard if event.kind == "sent"]:
        return min(sent)
    tried = {number(event): event.happened_at for event in reversed(heard) if event.kind == "attempted"}
    signs = [about for event, about in zip(heard, numbered(heard), strict=True) if _left_before(event)]
    return min((tried.get(number(sign), sign.happened_at) for sign in signs), default=None)


def _left_before(event: Event) -> bool:
    if event.kind == "bounced":
        # A refusal while handing over names its attempt; a bounce that came in later does not.
        return event.attempt is None and not event.by_person
    return event.kind in ("delivered", "opened", "clicked", "spam")
