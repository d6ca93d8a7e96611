"""Pages that hold still while rows are added: a page starts after a row, not after so many. No OFFSET, no COUNT."""

import uuid
from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.http import QueryDict

SIZE = 50


class Page(NamedTuple):
    rows: list[Any]
    before: str = ""  # the row to go back from, where there is something before
    after: str = ""


def page(queryset: QuerySet[Any], asked: QueryDict, by: str = "name", size: int = SIZE) -> Page:
    """Give the rows beside the one named in `after` or `before`, in the order of a column and the key.

    With a minus before the column's name the order is from last to first. The first page is given where
    that row is not there, so that a mistyped address shows something.
    """
    column, descending = by.lstrip("-"), by.startswith("-")
    before = asked.get("before", "")
    place = _find(queryset.model, before or asked.get("after", ""))
    if place is not None:
        queryset = queryset.filter(_beyond(place, column, "<" if bool(before) != descending else ">"))
    backwards = bool(before) and place is not None
    sign = "-" if backwards != descending else ""
    found = list(queryset.order_by(f"{sign}{column}", f"{sign}pk")[: size + 1])
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    if not shown:
        return Page([])
    return Page(
        shown,
        before=str(shown[0].public_id) if (more if backwards else place is not None) else "",
        after=str(shown[-1].public_id) if (backwards or more) else "",
    )


def _find(model: type[Model], public_id: str) -> Any:
    try:
        return model._default_manager.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


def _beyond(place: Any, column: str, sign: str) -> CombinedExpression:
    # One comparison of rows, which an index on (organisation, column) serves; an OR of two would not be.
    return CombinedExpression(
        _row(F(column), F("pk")),
        sign,
        _row(Value(getattr(place, column)), Value(place.pk)),
        output_field=BooleanField(),
    )


def _row(*parts: Any) -> Func:
    return Func(*parts, function="ROW", output_field=BooleanField())
