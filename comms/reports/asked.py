"""What is asked for when the log is taken as a file: filters, order, columns and format; and the same in words."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from comms.log import chips
from comms.log.columns import COLUMNS as OF_PAGE
from comms.log.columns import NEWEST, order_by
from comms.log.filters import NOT_A_FILTER, LogFilter
from comms.log.keyset import Order
from comms.reports.columns import ALL, COLUMNS, chosen, of_page
from comms.reports.export import Taking, sql
from portfolio.models import Organisation, User

CSV, XLSX = "csv", "xlsx"
FORMATS = {CSV: "CSV", XLSX: "Excel (XLSX)"}
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BESIDE = ("columns", "format", "sort")  # stands beside the filters in the record of an export
OF_PAGE_BY_NAME = {column.name: column.heading for column in OF_PAGE}


@dataclass(frozen=True)
class Asked:
    """A file of the log that is asked for. `filters` are the page's, as in its address."""

    filters: dict[str, list[str]]
    sort: str = NEWEST.param
    columns: tuple[str, ...] = ALL
    format: str = CSV

    @classmethod
    def of_form(cls, data: QueryDict) -> "Asked":
        """Read it from a form of the page; what it does not know is left out."""
        filters = {
            name: values
            for name, values in data.lists()
            if name not in NOT_A_FILTER and name not in BESIDE and any(values)
        }
        format = XLSX if data.get("format") == XLSX else CSV
        order = order_by(data.get("sort", "")) or NEWEST
        return cls(filters, order.param, chosen(data.getlist("columns")), format)

    @classmethod
    def of_params(cls, params: Mapping[str, Any]) -> "Asked":
        """Read it from a row: of a job, or of the record of an export."""
        filters = {name: list(values) for name, values in params.items() if name not in BESIDE}
        said: dict[str, list[str]] = {name: list(params.get(name) or []) for name in BESIDE}
        format = said["format"][0] if said["format"] else CSV
        return cls(filters, (said["sort"] or [NEWEST.param])[0], chosen(said["columns"]), format)

    @classmethod
    def of_view(cls, query: Mapping[str, list[str]], format: str = CSV) -> "Asked":
        """Read it from a saved view: the file has what its columns show."""
        filters = {name: list(values) for name, values in query.items() if name in LogFilter.base_filters}
        sort = (query.get("sort") or [NEWEST.param])[0]
        columns = of_page(query["show"]) if query.get("show") else ALL
        return cls(filters, sort, columns, format)

    @property
    def params(self) -> dict[str, list[str]]:
        """Give it as a row keeps it; what is as usual is left out."""
        beside = {"sort": [self.sort]} if self.sort != NEWEST.param else {}
        beside |= {"columns": list(self.columns)} if self.columns != ALL else {}
        return self.filters | beside | ({"format": [self.format]} if self.format != CSV else {})

    @property
    def order(self) -> Order:
        return order_by(self.sort) or NEWEST

    def filter(self, organisation: Organisation, now: datetime.datetime) -> LogFilter:
        """Give the page's own filters, as they were at a time."""
        data = QueryDict(mutable=True)
        for name, values in self.filters.items():
            data.setlist(name, values)
        return LogFilter(data, organisation, now=now)

    def taking(
        self, organisation: Organisation, user: User, now: datetime.datetime, id: uuid.UUID | None = None
    ) -> Taking:
        """Compile it for one taking. Needs the scope."""
        found = self.filter(organisation, now)
        query = sql(found.qs, self.order, self.columns, as_text=self.format == XLSX)
        return Taking(organisation, user, self.params, query, id or uuid.uuid4())

    def words(self, organisation: Organisation, at: datetime.datetime) -> list[str]:
        """Say it in words, with the names that things have today."""
        found = self.filter(organisation, at)
        said = [f"Sent: {window_words(found)}"]
        said += [f"{found.filters[name].label}: {value}" for name, value in chips.words(found).items()]
        if self.sort != NEWEST.param:
            said.append(f"In the order of: {_order_words(self.order)}")
        if self.columns != ALL:
            said.append(f"Columns: {', '.join(COLUMNS[name].heading for name in self.columns)}")
        if self.format != CSV:
            said.append(f"Format: {FORMATS.get(self.format, self.format)}")
        return said

    def name(self, organisation: Organisation, at: datetime.datetime) -> str:
        """Give the file's name."""
        day = at.astimezone(organisation.zone).date()
        return f"blockpost-log-{organisation.slug}-{day:%Y-%m-%d}.{self.format}"


def window_words(found: LogFilter) -> str:
    """Say which dates: those that "Last 7 days" meant on that day, too."""
    words = chips.window_words(found)
    if found.window in ("dates", "all") or not found.start:
        return words
    since = found.start.astimezone(found.zone).date()
    return f"{words} (from {chips.day(since)} until {chips.day(found.today)})"


def view_words(
    query: Mapping[str, list[str]], organisation: Organisation, now: datetime.datetime
) -> list[str]:
    """Say in words what a saved view shows, whatever the day on which it is opened."""
    asked = Asked.of_view({**query, "show": []})
    found = asked.filter(organisation, now)
    said = [f"Sent: {chips.window_words(found)}", *asked.words(organisation, now)[1:]]
    if shown := query.get("show"):
        headings = [column.heading for column in OF_PAGE if column.name in {*shown, "sent", "title"}]
        said.append(f"Columns: {', '.join(headings)}")
    return said


def _order_words(order: Order) -> str:
    if order.dated:
        return "Sent at, newest first" if order.descending else "Sent at, oldest first"
    heading = OF_PAGE_BY_NAME.get(order.name, order.name.capitalize())
    return f"{heading}, {'Z to A' if order.descending else 'A to Z'}"
