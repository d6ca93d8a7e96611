"""What the printed statement says of a message: plain words, made from its rows, the bad news with the good."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils import timezone

from comms.channels.letter.typeface import printable
from comms.ledger.canonical import sha256
from comms.models import DeliveryEvent, LogEntry, TicketChange
from comms.pack.rows import Message, Sealed
from portfolio.templatetags import look

LATE = datetime.timedelta(hours=1)  # between what happened and its record: then both times are shown
SAME = datetime.timedelta(minutes=1)  # what is recorded with its message needs no time of its own
LONGEST = 1_200  # characters of a reply that are printed
SOURCES = {
    "blockpost": "Blockpost",
    "person": "A person",
    "smtp": "The mail server",
    "simulator": "The simulator",
}
# What a message came to, as a certificate can and cannot claim it.
HANDED_OVER = ("sent", "delivered", "opened", "clicked", "spam")


class First(NamedTuple):
    """The first copy of a head outside that covers a row: when, and what it is."""

    at: datetime.datetime
    words: str


Outside = Callable[[Sealed], First | None]


@dataclass
class Line:
    """One line of a timeline."""

    at: str
    what: str
    who: str
    words: list[str] = field(default_factory=list)


@dataclass
class Shown:
    """A message as it is printed."""

    number: int
    title: str
    to: str
    address: str
    unit: str
    channel: str
    sender: str
    status: str
    status_word: str
    why: str
    handed_over: str
    at: str
    recorded: str
    recorded_late: str
    outside: str
    gap: str
    heard: str
    manual: bool
    place: str
    file: str
    sha256: str
    size: int
    withheld: bool
    leaf: str
    document: int = 0
    links: list[str] = field(default_factory=list)
    timeline: list[Line] = field(default_factory=list)
    tickets: list[Line] = field(default_factory=list)
    exhibits: list[str] = field(default_factory=list)
    page: int = 0

    @property
    def certified(self) -> bool:
        """Say whether a document was handed over and not heard to have failed."""
        return self.status in HANDED_OVER and bool(self.handed_over) and not self.only_said

    @property
    def only_said(self) -> bool:
        """Say whether there is but a person's word that something was said or done: a call, a visit."""
        return self.manual and not self.file

    @property
    def why_not(self) -> str:
        """Say why it is not certified."""
        return "Recorded by hand, and no document was kept" if self.only_said else self.status_word

    @property
    def handed_over_words(self) -> str:
        """Say when it was handed over, that it was not, or that nobody can know."""
        unknown = "Not known" if self.status == "unconfirmed" else "Not handed over"
        return self.handed_over or unknown


def moment(at: datetime.datetime | None) -> str:
    """Write a time to the second, in the zone of the organisation: 20 December 2024, 10:04:17 GMT."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y}, {local:%H:%M:%S} {local.tzname()}"


def brief(at: datetime.datetime | None) -> str:
    """Write a time for a column: 20 Dec 2024, 10:04:17 GMT."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %Y}, {local:%H:%M:%S} {local.tzname()}"


def shown(message: Message, outside: Outside) -> Shown:
    """Put a message into words."""
    entry, delivery = message.entry.row, message.entry.row.delivery
    first = outside(message.entry)
    begun = entry.happened_at or delivery.sent_at
    return Shown(
        number=message.number,
        title=printable(entry.title),
        to=printable(entry.to_name or entry.to_address),
        address=printable(entry.to_address),
        unit=printable(", ".join(filter(None, (entry.block_label, entry.unit_label)))),
        channel=channel(entry),
        sender=printable(entry.sender_label),
        status=delivery.status,
        status_word=look.STATUSES[delivery.status].word,
        why=printable(_why(delivery)),
        handed_over=brief(_handed_over(entry, delivery, message)),
        at=moment(delivery.at),
        recorded=moment(entry.recorded_at),
        recorded_late=span(entry.recorded_at - begun) if begun and entry.recorded_at - begun > LATE else "",
        outside=f"{moment(first.at)} ({first.words})" if first else "",
        gap=span(first.at - entry.recorded_at) if first else "",
        heard=_heard(delivery),
        manual=entry.manual,
        place="" if message.entry.place is None else f"{message.entry.place:,}",
        file="",
        sha256=entry.sha256,
        size=entry.size,
        withheld=entry.withheld,
        leaf=sha256(b"\0" + bytes(message.entry.leaf.data)),
        links=_links(message),
        timeline=[_event(one.row, entry) for one in message.events],
        tickets=[_ticket(one.row) for one in message.tickets],
        exhibits=[printable(one.name) for one in message.exhibits],
    )


def channel(entry: LogEntry) -> str:
    known = look.CHANNELS.get(entry.channel)
    return known.word if known else printable(entry.channel.replace("_", " ").capitalize())


def _handed_over(entry: LogEntry, delivery: Any, message: Message) -> datetime.datetime | None:
    """Give when it was handed over: the first event that says so, else, by hand, when a person says that it happened."""
    sent = [one.row.happened_at for one in message.events if one.row.kind == "sent"]
    if sent:
        return min(sent)
    return delivery.sent_at or (entry.happened_at if entry.manual else None)


def _why(delivery: Any) -> str:
    kind = {"hard": "for good", "soft": "for now", "spam": "refused as spam"}.get(delivery.bounce, "")
    return ": ".join(filter(None, (kind, delivery.reason)))


def _heard(delivery: Any) -> str:
    if delivery.status == "sent":
        return "Nothing has been heard since."
    word = look.STATUSES[delivery.status].word
    return f"{word}, {brief(delivery.status_at)}" if delivery.status in HANDED_OVER else word


def span(gap: datetime.timedelta) -> str:
    """Write how long something took."""
    seconds = int(abs(gap.total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _links(message: Message) -> list[str]:
    """Say what it corrects or repeats, and why it is here."""
    entry, found = message.entry.row, []
    if entry.corrects:
        found.append(
            f"It corrects the entry “{printable(entry.corrects.title)}” of {moment(entry.corrects.recorded_at)}."
        )
    if entry.copy_of:
        found.append(f"It repeats the message recorded on {moment(entry.copy_of.recorded_at)}.")
    corrections = list(entry.corrections.order_by("pk").values_list("recorded_at", flat=True))
    found += [f"It was corrected by an entry of {moment(at)}." for at in corrections]
    copies = list(entry.copies.order_by("pk").values_list("recorded_at", flat=True))
    found += [f"It was sent again on {moment(at)}." for at in copies]
    if message.brought:
        found.append("It was not asked for itself; it is here because it belongs to another one.")
    return found


def _event(event: DeliveryEvent, entry: LogEntry) -> Line:
    """Put an event into words: who says what, and what they said."""
    word = look.STATUSES.get(event.kind)
    kind = {"hard": " (hard)", "soft": " (soft)", "spam": " (as spam)"}.get(event.bounce, "")
    machine = " by a machine" if event.machine else ""
    who = str(event.actor) if event.actor else SOURCES.get(event.source, event.source.capitalize())
    words = [printable(event.reason)] if event.reason else []
    if event.reply:
        words.append(f"In their words: {shortened(event.reply)}")
    if event.receipt_id:
        words.append("Their own notice of it is in the pack.")
    if abs(event.recorded_at - event.happened_at) > LATE and event.recorded_at - entry.recorded_at > SAME:
        words.append(f"Recorded {moment(event.recorded_at)}.")
    return Line(
        brief(event.happened_at),
        f"{word.word if word else event.kind}{kind}{machine}",
        printable(who),
        words,
    )


def _ticket(change: TicketChange) -> Line:
    outcome = f": {change.get_outcome_display()}" if change.outcome else ""
    return Line(
        brief(change.recorded_at),
        f"{change.get_kind_display()}{outcome}",
        printable(str(change.actor)) if change.actor else "Blockpost",
        [shortened(change.words)] if change.words else [],
    )


def shortened(text: str) -> str:
    """Give a text as it is printed; of a very long one the beginning, and where the rest is."""
    text = printable(" ".join(text.split()))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … (the rest is in disclosed.json)"
