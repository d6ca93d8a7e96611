"""What a report is made of: a table whose cells lead to what was counted, the months it covers, and its drawing."""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q

from comms.models import Delivery
from comms.reports.charts import Chart, Column, columns
from comms.reports.tally import BAD, GOOD, Segment, segments
from portfolio.models import Organisation

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
    def bars(self) -> Iterator[tuple[Row, list[Segment]]]:
        """Give each row with its bar; the longest of them is as wide as it may be."""
        most = max((sum(many for _, many in row.parts) for row in self.rows), default=0)
        for row in self.rows:
            yield row, segments(row.parts, most)

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
        return between(self.first, self.today)

    def counted(self) -> Any:
        """Find what Blockpost sent in these months."""
        return Delivery.objects.filter(at__gte=self.begin, manual=False).order_by()


def count_cells(row: dict[str, Any], query: dict[str, str]) -> list[Cell]:
    """Give how many there were, and how many of each group; each leads to them."""
    cells = [Cell(row["all"], urlencode(query))]
    for group in TONES:
        only = [("status", status) for status, of in GROUP.items() if of == group]
        cells.append(Cell(row[group], urlencode([*query.items(), *only]) if query else ""))
    return cells


def parts_of(row: dict[str, Any]) -> list[tuple[str, int]]:
    return [(tone, row[group]) for group, tone in TONES.items()]


def month_query(first: datetime.date) -> dict[str, str]:
    """Narrow the log to one month."""
    last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    return between(first, last)


def between(first: datetime.date, last: datetime.date) -> dict[str, str]:
    """Narrow the log to what Blockpost sent on some days: of what people did elsewhere nothing is heard."""
    return {"sent": "dates", "since": first.isoformat(), "until": last.isoformat(), "manual": "no"}


def drawn_by_month(span: Span, months: dict[datetime.date, Counter[str]]) -> Chart:
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
