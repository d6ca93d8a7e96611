"""Who was meant to get a communication, whom it reached, whom not and why, and whether in time.

A person is counted once, by the best that became of any of their messages. Only what the other side said
counts as arrived: what was handed over and never heard of again is a group of its own.
"""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Min
from django.utils import timezone

from comms.models import Communication, DeliveryEvent, LogEntry, Recipient
from portfolio.models import Unit

ARRIVED, HANDED_OVER, DOUBT, NOT_REACHED, NOT_REACHABLE, WAITING = (
    "arrived",
    "handed_over",
    "doubt",
    "not_reached",
    "not_reachable",
    "waiting",
)
GROUPS = {
    ARRIVED: "It arrived",
    HANDED_OVER: "Handed over, nothing heard since",
    DOUBT: "In doubt",
    WAITING: "Still to be handed over",
    NOT_REACHED: "Not reached",
    NOT_REACHABLE: "Not reachable: nothing could be tried",
}
GROUP_OF = {
    "delivered": ARRIVED,
    "opened": ARRIVED,
    "clicked": ARRIVED,
    "spam": ARRIVED,
    "sent": HANDED_OVER,
    "unconfirmed": DOUBT,
    "deferred": DOUBT,
    "queued": WAITING,
    "bounced": NOT_REACHED,
    "failed": NOT_REACHED,
    "dropped": NOT_REACHED,
}
ARRIVALS = ("delivered", "opened", "clicked")
MET, OPEN, AT_RISK, MISSED = "met", "open", "at_risk", "missed"


class Message(NamedTuple):
    """One message to a person: how, to where, and what became of it."""

    channel: str
    address: str
    status: str
    reason: str
    entry: LogEntry | None
    arrived_at: datetime.datetime | None
    tried: bool = True  # false where it failed before anybody was dialled: no address, no word of theirs

    @property
    def group(self) -> str:
        return GROUP_OF.get(self.status, WAITING) if self.tried else NOT_REACHABLE


@dataclass
class Person:
    """One person (in one flat) with all messages to them."""

    name: str
    unit: str
    messages: list[Message] = field(default_factory=list)
    in_time: str = ""  # met, open, at_risk or missed, where there is a day by which it must arrive
    margin: datetime.timedelta | None = None  # how early it arrived; negative where it came late

    @property
    def group(self) -> str:
        return min((message.group for message in self.messages), key=list(GROUPS).index)

    @property
    def arrived_at(self) -> datetime.datetime | None:
        return min((m.arrived_at for m in self.messages if m.arrived_at), default=None)

    @property
    def margin_words(self) -> str:
        """Say by how much it was early or late: 5 days early."""
        if self.margin is None:
            return ""
        seconds = abs(self.margin.total_seconds())
        many, unit = (int(seconds // 86400), "day") if seconds >= 86400 else (int(seconds // 3600), "hour")
        return f"{many} {unit}{'' if many == 1 else 's'} {'early' if self.margin >= datetime.timedelta() else 'late'}"


@dataclass
class Coverage:
    """Everybody whom a communication was meant for."""

    people: list[Person]
    empty_flats: list[Unit]  # flats of its block to which nothing was addressed

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        counted = Counter(person.group for person in self.people)
        return [(group, words, counted.get(group, 0)) for group, words in GROUPS.items()]

    @property
    def in_time(self) -> list[tuple[str, int]]:
        counted = Counter(person.in_time for person in self.people if person.in_time)
        return [(word, counted[word]) for word in (MET, OPEN, AT_RISK, MISSED) if counted[word]]

    @property
    def everybody_reached(self) -> bool:
        return bool(self.people) and not self.empty_flats and all(p.group == ARRIVED for p in self.people)


def cover(communication: Communication, now: datetime.datetime) -> Coverage:
    """Gather what became of a communication for each person; four queries, whatever their number."""
    recipients = list(
        communication.recipients.select_related("unit", "entry__delivery", "regarding").order_by(
            "unit__position", "pk"
        )
    )
    arrived = dict(
        DeliveryEvent.objects.filter(entry__communication=communication, kind__in=ARRIVALS)
        .order_by()
        .values("entry")
        .annotate(first=Min("happened_at"))
        .values_list("entry", "first")
    )
    people: dict[object, Person] = {}
    for one in recipients:
        key = (one.contact_id, one.unit_id, one.regarding_id) if one.contact_id else one.pk
        about = f" (about {one.regarding.name})" if one.regarding else ""
        person = people.setdefault(key, Person(one.name + about, one.unit.name if one.unit else ""))
        person.messages.append(_message(communication, one, arrived))
    for person in people.values():
        _judge(person, communication.must_arrive_by, now)
    return Coverage(list(people.values()), _empty_flats(communication, recipients))


def _message(communication: Communication, one: Recipient, arrived: dict[int, datetime.datetime]) -> Message:
    entry: LogEntry | None = getattr(one, "entry", None)
    if entry is None:
        return Message(one.channel or communication.channel, one.email, "queued", "", None, None)
    delivery = entry.delivery
    tried = delivery.status != "failed" or one.attempts > 0 or delivery.sent_at is not None
    return Message(
        entry.channel, entry.to_address, delivery.status, delivery.reason, entry, arrived.get(entry.pk), tried
    )


def _judge(person: Person, by: datetime.datetime | None, now: datetime.datetime) -> None:
    if by is None:
        return
    if person.arrived_at:
        person.margin = by - person.arrived_at
        person.in_time = MET if person.arrived_at <= by else MISSED
    elif now > by:
        person.in_time = MISSED
    else:
        person.in_time = AT_RISK if person.group in (NOT_REACHED, NOT_REACHABLE) else OPEN


def _empty_flats(communication: Communication, recipients: list[Recipient]) -> list[Unit]:
    if communication.block_id is None or communication.unit_id is not None:
        return []
    addressed = {one.unit_id for one in recipients}
    flats = Unit.objects.filter(block=communication.block_id, archived_at__isnull=True)
    return [unit for unit in flats if unit.pk not in addressed]


HEADS = ["Name", "Flat", "Result", "Channel", "Address used", "Status", "Reason", "Arrived (UTC)", "Arrived (local)", "In time", "Entry"]  # fmt: skip


def lines(coverage: Coverage) -> Iterator[list[str]]:
    """Give the same as rows of a spreadsheet, a row a message; flats without anybody come last."""
    yield HEADS
    for person in coverage.people:
        for message in person.messages:
            at = message.arrived_at
            yield [
                person.name,
                person.unit,
                GROUPS[person.group],
                message.channel,
                message.address,
                message.status,
                message.reason,
                at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else "",
                timezone.localtime(at).isoformat(" ", "seconds") if at else "",
                " ".join(filter(None, (person.in_time.replace("_", " "), person.margin_words))),
                str(message.entry.public_id) if message.entry else "",
            ]
    for unit in coverage.empty_flats:
        yield ["", unit.name, "Nobody was written to", *[""] * (len(HEADS) - 3)]
