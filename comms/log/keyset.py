"""Pages that hold still while entries arrive: a page starts after an entry, not after so many rows."""

import base64
import binascii
import datetime
import json
from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression, Expression

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
BIGINT = 2**63


class Order(NamedTuple):
    """What a page is sorted by. Entries with the same value follow each other newest first, empties last."""

    name: str
    key: Expression | F
    descending: bool
    dated: bool = False  # by the log's own time, which an index serves

    @property
    def param(self) -> str:
        return f"-{self.name}" if self.descending else self.name


class Cursor(NamedTuple):
    """The place of one entry in an order."""

    value: Any
    entry: int


def encode(order: Order, value: Any, entry: int) -> str:
    """Write the place of an entry as a word for the address."""
    if isinstance(value, datetime.datetime):
        value = (value - EPOCH) // MICROSECOND
    text = json.dumps([order.param, value, entry], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(order: Order, text: str) -> Cursor | None:
    """Read a place again; None if it is not one of this order."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        param, value, entry = json.loads(raw)
        if param != order.param or type(entry) is not int or not 0 <= entry < BIGINT:
            return None
        if order.dated:
            return Cursor(EPOCH + value * MICROSECOND, entry) if type(value) is int else None
        if value is None or (isinstance(value, str) and "\x00" not in value and value.encode()):
            return Cursor(value, entry)
        if value == "":
            return Cursor(value, entry)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        pass
    return None


def beyond(order: Order, cursor: Cursor, forward: bool) -> Q | Expression:
    """Make the condition for what comes after an entry in the order (before it, if not forward)."""
    if order.dated:
        down = order.descending is forward
        return CombinedExpression(
            _row(F("at"), F("pk")),
            "<" if down else ">",
            _row(Value(cursor.value), Value(cursor.entry)),
            output_field=BooleanField(),
        )
    older, newer = Q(pk__lt=cursor.entry), Q(pk__gt=cursor.entry)
    empty = Q(sort_key__isnull=True)
    if cursor.value is None:
        return empty & older if forward else ~empty | newer
    side = Q(sort_key__lt=cursor.value) if order.descending is forward else Q(sort_key__gt=cursor.value)
    same = Q(sort_key=cursor.value) & (older if forward else newer)
    return side | same | empty if forward else side | same


def arrange(queryset: QuerySet, order: Order, forward: bool = True) -> QuerySet:
    """Sort by the order, or against it. The key is `sort_key`, except for the log's own time."""
    if order.dated:
        down = order.descending is forward
        return queryset.order_by("-at", "-pk") if down else queryset.order_by("at", "pk")
    key = F("sort_key")
    if not forward:
        return queryset.order_by(
            key.asc(nulls_first=True) if order.descending else key.desc(nulls_first=True), "pk"
        )
    return queryset.order_by(
        key.desc(nulls_last=True) if order.descending else key.asc(nulls_last=True), "-pk"
    )


def keyed(queryset: QuerySet, order: Order) -> QuerySet:
    """Add the value that is sorted by."""
    return queryset if order.dated else queryset.annotate(sort_key=order.key)


def value_of(order: Order, row: Any) -> Any:
    return row.at if order.dated else row.sort_key


def _row(*parts: Any) -> Func:
    return Func(*parts, function="ROW", output_field=BooleanField())
