"""The figures of the log: each report is a table whose rows lead to what was counted, drawn beside it, and a file.

They count what lies behind them at the moment they are asked for, over at most a year.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Lower, TruncMonth

from comms.models import Communication, Delivery, Template, Ticket
from comms.reports.charts import Chart, Column, columns
from comms.reports.tally import BAD, GOOD
from contacts.models import AddressFlag, Contact, OtherAddress
from portfolio.models import Block, Organisation
from portfolio.templatetags.look import channel_word

MONTHS = (3, 6, 12)
MOST = 1_000  # rows of a report; what is left out is said
NO_WORD = ("queued", "deferred", "sent")
TONES = {"arrived": "f-good", "no_word": "f-soft", "doubt": "f-wait", "failed": "f-bad"}
GROUP = (
    {status: "arrived" for status in GOOD}
    | {status: "failed" for status in BAD}
    | {status: "no_word" for status in NO_WORD}
    | {"unconfirmed": "doubt"}
)
COUNTED = {
    group: Count("pk", filter=Q(status__in=[status for status, of in GROUP.items() if of == group]))
    for group in TONES
}


class Cell(NamedTuple):
    """What stands in one place of a table; `query` narrows the log, or the page at `page`, to what was counted."""

    words: str | int
    query: str = ""
    page: str = "log"
    key: str = ""  # the public id in the page's address


class Row(NamedTuple):
    cells: list[Cell]
    parts: list[tuple[str, int]] = []  # noqa: RUF012 (never changed) tone and how many: the bar


@dataclass
class Table:
    """A report as it was counted."""

    head: list[str]
    rows: list[Row] = field(default_factory=list)
    numbers: int = 1  # from which column on there are numbers
    chart: Chart | None = None

    @property
    def is_cut(self) -> bool:
        return len(self.rows) >= MOST

    @property
    def bars(self) -> Iterator[tuple[Row, list[tuple[str, float, float]]]]:
        """Give each row with its bar: tone, where it begins, how wide it is, on a scale of 1,000."""
        most = max((sum(many for _, many in row.parts) for row in self.rows), default=0) or 1
        for row in self.rows:
            at, bar = 0.0, []
            for tone, many in row.parts:
                if many:
                    bar.append((tone, at, 1000 * many / most))
                    at += 1000 * many / most
            yield row, bar

    def lines(self) -> Iterator[list[Any]]:
        """Give the lines of the file."""
        yield self.head
        yield from ([cell.words for cell in row.cells] for row in self.rows)


class Span(NamedTuple):
    """The months that a report covers, in the organisation's zone, this one included."""

    organisation: Organisation
    today: datetime.date
    months: int

    @property
    def first(self) -> datetime.date:
        month = self.today.year * 12 + self.today.month - self.months
        return datetime.date(month // 12, month % 12 + 1, 1)

    @property
    def begin(self) -> datetime.datetime:
        return datetime.datetime.combine(self.first, datetime.time.min, self.organisation.zone)

    @property
    def query(self) -> dict[str, str]:
        """Narrow the log to these months."""
        return _between(self.first, self.today)

    def counted(self) -> Any:
        """Find what Blockpost sent in these months."""
        return Delivery.objects.filter(at__gte=self.begin, manual=False).order_by()


def by_channel(span: Span) -> Table:
    """Count what became of messages by month and channel, the newest month above."""
    rows = span.counted().values("channel", month=TruncMonth("at", tzinfo=span.organisation.zone))
    table = Table(
        [
            "Month",
            "Channel",
            "Messages",
            "Arrived",
            "No word yet",
            "In doubt",
            "Did not arrive",
            "Arrived, of all",
        ],
        numbers=2,
    )
    months: dict[datetime.date, Counter[str]] = defaultdict(Counter)
    found = list(rows.annotate(all=Count("pk"), **COUNTED))
    for row in sorted(found, key=lambda row: (-row["month"].toordinal(), -row["all"], row["channel"])):
        first = row["month"].date()
        months[first].update({group: row[group] for group in TONES})
        query = {**_month(first), "channel": row["channel"]}
        month = Cell(f"{first:%B %Y}", urlencode(_month(first)))
        channel = Cell(channel_word(row["channel"]), urlencode(query))
        share = Cell(f"{100 * row['arrived'] / row['all']:.0f} %")
        table.rows.append(Row([month, channel, *_counts(row, query), share], _parts(row)))
    table.chart = _by_month(span, months)
    return table


def by_block(span: Span) -> Table:
    """Count by block what did not arrive and what is open, the one with the most open tickets above."""
    found = {row["block"]: row for row in span.counted().values("block").annotate(all=Count("pk"), **COUNTED)}
    late = Count("pk", filter=Q(due_on__lt=span.today))
    waiting = Ticket.objects.unsettled().order_by().values("block").annotate(many=Count("pk"), late=late)
    tickets = {row["block"]: row for row in waiting}
    table = Table(
        [
            "Block",
            "Messages",
            "Arrived",
            "No word yet",
            "In doubt",
            "Did not arrive",
            "Open tickets",
            "Overdue",
        ]
    )
    nothing = dict.fromkeys(("all", *TONES), 0)
    for block in Block.objects.filter(pk__in=[*found, *tickets]).order_by("name"):
        row, open_ones = found.get(block.pk, nothing), tickets.get(block.pk, {"many": 0, "late": 0})
        query = {**span.query, "block": str(block.public_id)}
        name = Cell(block.name, page="block", key=str(block.public_id))
        about = urlencode({"block": str(block.public_id)})
        counts = [
            Cell(open_ones["many"], about, "tickets"),
            Cell(open_ones["late"], f"{about}&overdue=yes", "tickets"),
        ]
        table.rows.append(Row([name, *_counts(row, query), *counts], _parts(row)))
    table.rows.sort(key=lambda row: -int(row.cells[-2].words))
    return table


def never_opened(span: Span) -> Table:
    """List who opened none of the watched emails that reached them."""
    watched = span.counted().filter(
        Q(communication__track=True, communication__statutory=False),
        contact__isnull=False,
        status__in=["sent", "delivered", "opened", "clicked"],
    )
    watched = watched.exclude(type__in=Communication.STATUTORY_TYPES)
    seen = Count("pk", filter=Q(status__in=["opened", "clicked"]))
    found = watched.values("contact").annotate(many=Count("pk"), seen=seen, last=Max("at")).filter(seen=0)
    rows = list(found.order_by("-many", "contact")[:MOST])
    people = Contact.objects.in_bulk([row["contact"] for row in rows])
    table = Table(["Contact", "Email", "Watched emails", "The last one"], numbers=2)
    for row in rows:
        who = people[row["contact"]]
        last = row["last"].astimezone(span.organisation.zone)
        query = urlencode({**span.query, "contact": str(who.public_id)})
        cells = [
            Cell(who.name, page="contact", key=str(who.public_id)),
            Cell(who.email),
            Cell(row["many"], query),
        ]
        table.rows.append(Row([*cells, Cell(f"{last.day} {last:%b %Y}")], [("f-soft", row["many"])]))
    return table


def flagged(span: Span) -> Table:
    """List the contacts with an address that something came back from, the newest above, whenever that was."""
    flags = list(AddressFlag.objects.standing().order_by("-flagged_at")[:MOST])
    owners = _owners({flag.address for flag in flags})
    table = Table(["Contact", "Address", "What happened", "Since"], numbers=4)
    months: dict[datetime.date, Counter[str]] = defaultdict(Counter)
    for flag in flags:
        since = flag.flagged_at.astimezone(span.organisation.zone)
        for who in owners.get(flag.address, []):
            months[since.date().replace(day=1)]["failed"] += 1
            name = Cell(who.name, page="contact", key=str(who.public_id))
            words = [Cell(flag.address), Cell(flag.reason), Cell(f"{since.day} {since:%b %Y}")]
            table.rows.append(Row([name, *words]))
    table.chart = _by_month(span, months)
    return table


def by_template(span: Span) -> Table:
    """Count by template, the one used most above; what was written without one is counted together."""
    used = span.counted().values("template").annotate(all=Count("pk"), last=Max("at"), **COUNTED)
    rows = list(used.order_by(F("all").desc())[:MOST])
    named = Template.objects.in_bulk([row["template"] for row in rows if row["template"]])
    table = Table(
        ["Template", "Messages", "Arrived", "No word yet", "In doubt", "Did not arrive", "Used last"],
        numbers=1,
    )
    for row in rows:
        template = named.get(row["template"])
        query = {**span.query, "template": str(template.public_id)} if template else {}
        last = row["last"].astimezone(span.organisation.zone)
        name = Cell(template.name, urlencode(query)) if template else Cell("Without a template")
        cells = [name, *_counts(row, query), Cell(f"{last.day} {last:%b %Y}")]
        table.rows.append(Row(cells, _parts(row)))
    return table


def _counts(row: dict[str, Any], query: dict[str, str]) -> list[Cell]:
    """Give how many there were, and how many of each group; each leads to them."""
    cells = [Cell(row["all"], urlencode(query))]
    for group in TONES:
        only = [("status", status) for status, of in GROUP.items() if of == group]
        cells.append(Cell(row[group], urlencode([*query.items(), *only]) if query else ""))
    return cells


def _parts(row: dict[str, Any]) -> list[tuple[str, int]]:
    return [(tone, row[group]) for group, tone in TONES.items()]


def _month(first: datetime.date) -> dict[str, str]:
    """Narrow the log to one month."""
    last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    return _between(first, last)


def _between(first: datetime.date, last: datetime.date) -> dict[str, str]:
    """Narrow the log to what Blockpost sent on some days: of what people did elsewhere nothing is heard."""
    return {"sent": "dates", "since": first.isoformat(), "until": last.isoformat(), "manual": "no"}


def _by_month(span: Span, months: dict[datetime.date, Counter[str]]) -> Chart:
    """Draw the months of the report, the oldest on the left."""
    drawn, first = [], span.first
    for _ in range(span.months):
        parts = [(tone, months[first][group]) for group, tone in TONES.items()]
        drawn.append(Column(f"{first:%b}", parts))
        first = (first + datetime.timedelta(days=31)).replace(day=1)
    total = sum(column.height for column in drawn)
    return columns(
        drawn, f"{total:,} by month, {drawn[0].label} to {drawn[-1].label}; the table has the figures."
    )


def _owners(addresses: Iterable[str]) -> dict[str, list[Contact]]:
    """Find who has which of some addresses, in two queries; addresses are in lower case."""
    found: dict[str, list[Contact]] = defaultdict(list)
    wanted = set(addresses)
    first = (
        Contact.objects.current().annotate(low=Lower("email")).filter(Q(low__in=wanted) | Q(phone__in=wanted))
    )
    for who in first.order_by("name", "pk"):
        for address in {who.email.lower(), who.phone} & wanted:
            found[address].append(who)
    others = OtherAddress.objects.annotate(low=Lower("value")).filter(low__in=wanted)
    for other in others.filter(contact__archived_at__isnull=True).select_related("contact"):
        if other.contact not in found[other.value.lower()]:
            found[other.value.lower()].append(other.contact)
    return found


class Report(NamedTuple):
    """One report: what it is called, what it says and what it does not."""

    title: str
    line: str
    build: Callable[[Span], Table]
    spanned: bool = True  # whether it is about the months that are chosen


REPORTS = {
    "delivery": Report(
        "Delivery by channel",
        "Arrived is what the other side says it took. Where there is no word it may have arrived: not everybody tells.",
        by_channel,
    ),
    "blocks": Report(
        "Bounces and tickets by block", "What did not arrive, and what is still to be seen to.", by_block
    ),
    "never-opened": Report(
        "Who never opens",
        "Only watched emails tell of it, never notices and demands. Many people read with pictures off: it is a hint, "
        "no proof, that somebody reads nothing.",
        never_opened,
    ),
    "flagged": Report(
        "Addresses to review",
        "Something came back from them, or was marked as spam, and nobody has corrected or kept them since.",
        flagged,
        spanned=False,
    ),
    "templates": Report(
        "Use of templates", "How much went out with each template, and what became of it.", by_template
    ),
}
