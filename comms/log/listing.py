"""One page of the log, as an address asks for it."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, IntegerField, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.http import QueryDict

from comms.log import keyset, search
from comms.log.columns import COLUMNS, NEWEST, links, order_by, reason, short, since
from comms.log.filters import CHANNELS, NOT_A_FILTER, LogFilter
from comms.log.tables import LogTable
from comms.models import Delivery, LogEntry
from portfolio.models import Organisation
from portfolio.templatetags import look

PAGE_SIZES = (25, 50, 100, 200)
COUNTED = 1_000  # beyond that, "1,000+"
SORTED = 20_000  # entries that are sorted by anything but time
BY_NAME = {column.name: column for column in COLUMNS}
ALWAYS = ("sent", "title")
UNSHOWN = ("personal", "layout", "words", "attachments", "sha256", "message_id")


class Listing:
    """The filters, the order and the place in it that an address asks for, and the entries there.

    What makes no sense in the address is left out and named in `problems`; it is never an error.
    """

    def __init__(
        self,
        data: QueryDict,
        organisation: Organisation,
        *,
        now: datetime.datetime,
        fixed: dict[str, str] | None = None,
        window: str = "7d",
    ) -> None:
        self.asked, self.organisation, self.fixed = data, organisation, fixed or {}
        whole = data.copy()
        for name, value in self.fixed.items():
            whole[name] = value
        self.filter = LogFilter(whole, organisation, now=now, window=window)
        self.problems = list(self.filter.problems)
        self.older = 0
        self.size = self._size()
        self.order = self._order()
        self.shown = self._shown()
        self.cursor, self.forward = self._cursor()
        self._load()

    def _size(self) -> int:
        text = self.asked.get("per_page", "50")
        if not text.isascii() or not text.isdigit() or len(text) > 6:
            self.problems.append("“Rows a page” was left out: it is 25, 50, 100 or 200.")
            return 50
        return min(PAGE_SIZES, key=lambda size: abs(size - int(text)))

    def _shown(self) -> list[str]:
        """Give the columns that are asked for. When and what are always shown: they lead to the entry."""
        asked = self.asked.getlist("show")
        if unknown := [name for name in asked if name not in BY_NAME]:
            self.problems.append(f"There is no column “{unknown[0][:40]}” to show.")
        known = set(asked) & BY_NAME.keys()
        return [name for name in BY_NAME if not known or name in known or name in ALWAYS]

    def _order(self) -> keyset.Order:
        asked = self.asked.get("sort", "")
        order = order_by(asked) if asked else NEWEST
        if order is None:
            self.problems.append("There is no such column to sort by: newest first.")
            return NEWEST
        if not order.dated and not self._sortable():
            self.problems.append(
                f"More than {SORTED:,} entries match, too many to sort by that column: "
                "add a filter or shorten the dates first. They are shown newest first."
            )
            return NEWEST
        return order

    def _sortable(self) -> bool:
        """Say whether few enough match; a search that has listed them knows already."""
        if self.filter.found and self.filter.found.few:
            return True
        return self.filter.qs.order_by().values("pk")[: SORTED + 1].count() <= SORTED

    def _cursor(self) -> tuple[keyset.Cursor | None, bool]:
        for name, forward in (("after", True), ("before", False)):
            if text := self.asked.get(name):
                cursor = keyset.decode(self.order, text)
                if cursor is None:
                    self.problems.append("That place in the log is not there: this is the first page.")
                return cursor, forward if cursor else True
        return None, True

    def _load(self) -> None:
        """Fetch the page, how many match, and how many the dates hide, in one query."""
        keys = keyset.keyed(self.filter.qs, self.order)
        if self.cursor:
            keys = keys.filter(keyset.beyond(self.order, self.cursor, self.forward))
        keys = keyset.arrange(keys, self.order, self.forward)
        # An array rather than a join, so that it is fetched first: from the index that fits the filters.
        chosen = search.one_of(ArraySubquery(keys.values("pk")[: self.size + 1]))
        page = keyset.keyed(Delivery.objects.filter(chosen), self.order)
        page = page.select_related(
            *("entry", "block", "unit", "contact", "regarding", "ticket", "communication")
        ).defer(*(f"entry__{name}" for name in UNSHOWN), "communication__body", "communication__notes")
        corrected = Exists(LogEntry.objects.filter(corrects=OuterRef("pk")))
        page = page.annotate(matching=_capped(self.filter.qs), corrected=corrected)
        if self.filter.older is not None:
            page = page.annotate(hidden=_capped(self.filter.older))
        rows = list(keyset.arrange(page, self.order, self.forward))
        more = len(rows) > self.size
        rows = rows[: self.size] if self.forward else rows[: self.size][::-1]
        for row in rows:
            row.organisation = row.entry.organisation = self.organisation
            row.links = links(row, self.organisation.slug)
            row.why = reason(row) or since(row)
            row.channel_icon = look.CHANNELS[row.channel].icon if row.channel in look.CHANNELS else "person"
            row.short = short(row.at, self.filter.today)
        self.rows: list[Any] = rows
        if rows:
            self.total, self.older = rows[0].matching, getattr(rows[0], "hidden", 0)
        else:
            self.total = self.filter.qs.order_by().values("pk")[: COUNTED + 1].count() if self.cursor else 0
            if self.filter.older is not None:
                self.older = self.filter.older.order_by().values("pk")[: COUNTED + 1].count()
        dated = self.order.dated
        self.newer_word, self.older_word = ("Newer", "Older") if dated else ("Back", "Next")
        self.has_newer = bool(self.cursor) if self.forward else more
        self.has_older = more if self.forward else True

    def address(self, **changes: str | None) -> str:
        """Give this page's query with some parameters changed or left out (None); back to the first page."""
        query = QueryDict(mutable=True)
        for name, value in self._params({"after", "before", "entry", *changes}):
            query.appendlist(name, value)
        for name, changed in changes.items():
            if changed is not None:
                query[name] = changed
        return "?" + query.urlencode()

    def _params(self, without: set[str]) -> list[tuple[str, str]]:
        lists = self.asked.lists()
        return [(name, value) for name, values in lists if name not in without for value in values if value]

    @property
    def newer_url(self) -> str:
        return self.address(before=self._place(self.rows[0])) if self.rows and self.has_newer else ""

    @property
    def older_url(self) -> str:
        return self.address(after=self._place(self.rows[-1])) if self.rows and self.has_older else ""

    def _place(self, row: Any) -> str:
        return keyset.encode(self.order, keyset.value_of(self.order, row), row.pk)

    @property
    def first_url(self) -> str:
        return self.address()

    @property
    def clear_url(self) -> str:
        return self.address(**{name: None for name, _ in self._params({"reading"})})

    @property
    def table(self) -> LogTable:
        return LogTable(self.rows, self.order, self.address, self.shown)

    @property
    def total_text(self) -> str:
        return _count_words(self.total)

    @property
    def older_text(self) -> str:
        return _count_words(self.older)

    @property
    def export_words(self) -> str:
        if self.total == 1:
            return "Export 1 row"
        return f"Export {'all ' if self.total > COUNTED else ''}{self.total_text} rows"

    @property
    def only_stop_words(self) -> bool:
        return bool(self.filter.found and self.filter.found.empty_words)

    # What the forms of the page carry along.

    @property
    def other_params(self) -> list[tuple[str, str]]:
        return self._params({"q", "after", "before", "entry"})

    @property
    def undated_params(self) -> list[tuple[str, str]]:
        return self._params({"sent", "since", "until", "after", "before", "entry"})

    @property
    def kept_params(self) -> list[tuple[str, str]]:
        kept = (
            "q",
            "sort",
            "per_page",
            "view",
            "reading",
            "reference_type",
            "contact",
            "about",
            "communication",
        )
        return [(name, value) for name, value in self._params(set()) if name in kept]

    @property
    def other_channels(self) -> str:
        known = dict(CHANNELS)
        return next((word for word in self.filter.values.get("channel", []) if word not in known), "")

    @property
    def linked(self) -> list[tuple[str, str, list[tuple[str, str]], list[str]]]:
        """The filters by what an entry is linked to: name, label, choices, chosen."""
        return [
            (name, str(found.label), self.filter.names.choices(name), self.filter.values.get(name, []))
            for name in ("block", "unit", "template", "ticket")
            if name not in self.fixed and (found := self.filter.filters[name])
        ]

    @property
    def column_choices(self) -> list[tuple[str, str, bool]]:
        """Give the columns that one can leave out: name, heading, whether it is shown."""
        return [(name, c.heading, name in self.shown) for name, c in BY_NAME.items() if name not in ALWAYS]

    @property
    def query(self) -> dict[str, list[str]]:
        """Give what a saved view keeps of the address: filters, columns and order."""
        known = {*LogFilter.base_filters, "sort", "per_page", "show"}
        kept: dict[str, list[str]] = {}
        for name, value in self._params(set()):
            if name in known:
                kept.setdefault(name, []).append(value)
        return kept | ({} if "sent" in kept else {"sent": [self.filter.window]})

    @property
    def saved_query(self) -> str:
        return "?" + urlencode(self.query, doseq=True)

    @property
    def filter_params(self) -> list[tuple[str, str]]:
        """The filters as name and value, with those that the page itself sets: what an export repeats."""
        given = self._params({*NOT_A_FILTER, *self.fixed}) + list(self.fixed.items())
        if not any(name == "sent" for name, _ in given):
            given.append(("sent", self.filter.window))
        return given

    @property
    def export_query(self) -> str:
        """Write the same for an address, with the order and the columns that are shown."""
        show = [("show", name) for name in self.asked.getlist("show")]
        return "?" + urlencode([*self.filter_params, ("sort", self.order.param), *show])


def _count_words(count: int) -> str:
    return f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"


def _capped(queryset: QuerySet) -> RawSQL:
    sql, params = queryset.order_by().values("pk")[: COUNTED + 1].query.sql_with_params()
    counted = f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608
    return RawSQL(counted, params, output_field=IntegerField())  # noqa: S611
