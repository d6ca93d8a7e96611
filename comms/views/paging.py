"""Pages of a list that is in the order of its keys: no OFFSET, no COUNT."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

SIZE = 50


@dataclass
class Page:
    rows: list[Any]
    newer: str = ""  # query strings that lead there
    older: str = ""


def newest_first(queryset: QuerySet, asked: QueryDict, size: int = SIZE) -> Page:
    """Give one page by the time of creation, beside the row named in `after` or `before`.

    The newest page is given where that row is not there, so that a mistyped address shows something.
    """
    model: type[Model] = queryset.model
    before = _key(model, asked.get("before", ""))
    after = None if before else _key(model, asked.get("after", ""))
    if before:
        rows = list(_beyond(queryset, "gt", before).order_by("created_at", "pk")[: size + 1])
        more_newer, more_older = len(rows) > size, True
        rows = rows[:size][::-1]
    else:
        narrowed = _beyond(queryset, "lt", after) if after else queryset
        rows = list(narrowed.order_by("-created_at", "-pk")[: size + 1])
        more_newer, more_older = bool(after), len(rows) > size
        rows = rows[:size]
    page = Page(rows)
    if rows and more_newer:
        page.newer = _with(asked, "before", rows[0])
    if rows and more_older:
        page.older = _with(asked, "after", rows[-1])
    return page


Key = tuple[datetime.datetime, int]


def _beyond(queryset: QuerySet, side: str, key: Key) -> QuerySet:
    at, pk = key
    return queryset.filter(Q(**{f"created_at__{side}": at}) | Q(created_at=at, **{f"pk__{side}": pk}))


def _key(model: type[Model], name: str) -> Key | None:
    try:
        wanted = uuid.UUID(name)
    except ValueError:
        return None
    return model._default_manager.filter(public_id=wanted).values_list("created_at", "pk").first()


def _with(asked: QueryDict, name: str, row: Any) -> str:
    kept = asked.copy()
    for old in ("before", "after"):
        kept.pop(old, None)
    kept[name] = str(row.public_id)
    return "?" + kept.urlencode()
