"""The statement as it grows: messages are printed some at a time, and what was sent once for all who got it."""

import datetime
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from django.template.loader import render_to_string

from comms.channels.letter import printing
from comms.channels.letter.typeface import FACES, printable
from comms.models import LogEntry
from comms.pack.rows import Message
from comms.pack.statement.shown import Outside, Shown, channel, moment, shown
from portfolio.models import Organisation
from portfolio.templatetags import look

AT_ONCE = 25  # messages, or documents, that are set together
ROWS = 400  # of the schedule that are set together
BAD = ("bounced", "failed", "spam", "unconfirmed", "deferred", "dropped", "queued")


@dataclass
class Worded:
    """What was sent to one or to many: the words as the first of them got them, to whom it was handed over."""

    number: int
    title: str
    channel: str
    to: str
    sent: str
    paragraphs: list[list[str]]
    files: list[dict[str, Any]]
    first: int
    handed_over: bool  # whether to anybody: else it was only written for them
    copies: int = 0


@dataclass
class Facts:
    """What is counted for the summary."""

    statuses: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    first: datetime.datetime | None = None
    last: datetime.datetime | None = None


class Printed:
    """PDFs of a part, one after the other, on disk."""

    def __init__(self) -> None:
        self.files: list[IO[bytes]] = []

    def add(self, data: bytes) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the statement
        file.write(data)
        self.files.append(file)


class Statement:
    """Collects what the statement says; only lines of its schedule are held."""

    def __init__(
        self,
        organisation: Organisation,
        outside: Outside,
        now: datetime.datetime,
        each: bool = True,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin one; `each` says whether every message gets its own part, `heard` is told that work goes on."""
        self.organisation, self.outside, self.now = organisation, outside, now
        self.each, self.heard = each, heard
        self.lines: list[Shown] = []
        self.documents: dict[tuple[Any, ...], Worded] = {}
        self.facts = Facts()
        self.messages = Printed()
        self._waiting: list[Shown] = []

    def add(self, message: Message, file: str) -> None:
        """Take a message in; `file` is what its exact bytes are called in the pack."""
        one = shown(message, self.outside)
        one.file = file
        one.document = self._document(message.entry.row, one).number
        self._count(message, one)
        self._waiting.append(one)
        if len(self._waiting) >= AT_ONCE:
            self.print_messages()

    def print_messages(self) -> None:
        """Set the messages that wait, and let go of all but their lines in the schedule."""
        if self._waiting and self.each:
            self.messages.add(self.set("pack_messages.html", {"messages": self._waiting}))
        for one in self._waiting:
            one.timeline, one.tickets = [], []
        self.lines += self._waiting
        self._waiting = []

    def set(self, template: str, context: dict[str, Any]) -> bytes:
        """Have a part set as A4 pages."""
        self.heard()
        html = render_to_string(f"outbound/{template}", {"faces": FACES, "now": self.now, **context})
        title = f"Evidence pack of {printable(self.organisation.name)}"
        date = printing.midnight(self.now.date())
        return printing.made(html, title=title, author=self.organisation.name, date=date)

    def _document(self, entry: LogEntry, one: Shown) -> Worded:
        """Give the document that a message is a copy of; without a communication it is one of its own."""
        key = (entry.communication_id or -entry.pk, entry.channel, entry.title)
        there = self.documents.get(key)
        if there is None or (one.handed_over and not there.handed_over):
            self.documents[key] = Worded(
                number=there.number if there else len(self.documents) + 1,
                title=one.title,
                channel=channel(entry),
                to=one.to,
                sent=one.at,
                paragraphs=paragraphs(entry.words),
                files=[{**file, "name": printable(str(file.get("name", "")))} for file in entry.attachments],
                first=one.number,
                handed_over=bool(one.handed_over),
                copies=there.copies if there else 0,
            )
        found = self.documents[key]
        found.copies += 1
        return found

    def _count(self, message: Message, one: Shown) -> None:
        entry, facts = message.entry.row, self.facts
        facts.statuses[one.status] += 1
        facts.channels[one.channel] += 1
        at = entry.delivery.at
        facts.first, facts.last = min(facts.first or at, at), max(facts.last or at, at)
        facts.notes["manual"] += entry.manual
        facts.notes["late"] += bool(one.recorded_late)
        facts.notes["corrections"] += bool(entry.corrects_id)
        facts.notes["copies"] += bool(entry.copy_of_id)
        facts.notes["tickets"] += len({change.row.ticket_id for change in message.tickets})
        facts.notes["unsealed"] += one.place == ""
        facts.notes["outside"] += not one.outside

    def summary(self) -> dict[str, Any]:
        """Say in counts what became of the messages."""
        word = {name: look.STATUSES[name].word for name in self.facts.statuses}
        help_ = {name: look.STATUSES[name].help for name in self.facts.statuses}
        order = [name for name in look.STATUSES if name in self.facts.statuses]
        return {
            "statuses": [(word[name], self.facts.statuses[name], help_[name], name in BAD) for name in order],
            "channels": self.facts.channels.most_common(),
            "notes": self.facts.notes,
            "first": moment(self.facts.first),
            "last": moment(self.facts.last),
        }


def paragraphs(text: str) -> list[list[str]]:
    """Take a text apart into paragraphs, each of lines."""
    return [
        block.split("\n") for block in printable(text).replace("\r\n", "\n").split("\n\n") if block.strip()
    ]
