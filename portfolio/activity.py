"""What changed about a row and those that point at it, by whom, from what to what, in words."""

import datetime
from collections import defaultdict
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import BooleanField, Field, ForeignKey, Model, Q
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from pghistory.models import Events

from portfolio.models import User
from portfolio.templatetags.look import at, on

SIZE = 50
# They say nothing to a reader, or the same as another field.
SILENT = {"id", "organisation_id", "position", "sha256"}
WORDS = {"insert": "Added", "update": "Changed", "delete": "Removed"}


class Change(NamedTuple):
    label: str
    was: str
    now: str


class Line(NamedTuple):
    at: datetime.datetime
    who: str
    word: str  # Added, Changed, Removed
    what: str
    changes: list[Change]


class Activity(NamedTuple):
    lines: list[Line]
    older: str = ""  # the cursor to what came before, if there is something


def activity(asked: QueryDict, *rows: Model) -> Activity:
    """Give the changes of rows and of what points at them, the last first, from a cursor on."""
    found = Events.objects.references(list(rows)).order_by("-pgh_created_at", "-pgh_id", "pgh_model")
    if cursor := _cursor(asked.get("from", "")):
        when, key, model = cursor
        found = found.filter(
            Q(pgh_created_at__lt=when)
            | Q(pgh_created_at=when, pgh_id__lt=key)
            | Q(pgh_created_at=when, pgh_id=key, pgh_model__gt=model)
        )
    events = list(found[: SIZE + 1])
    more, events = len(events) > SIZE, events[:SIZE]
    names = _Names(events)
    older = ""
    if more:
        last = events[-1]
        older = f"{last.pgh_created_at.isoformat()}|{last.pgh_id}|{last.pgh_model}"
    return Activity([_line(event, names) for event in events], older)


def _cursor(text: str) -> tuple[datetime.datetime, int, str] | None:
    when, _, rest = text.partition("|")
    key, _, model = rest.partition("|")
    try:
        moment = parse_datetime(when)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    return moment, int(key), model.replace("\x00", "")


def _line(event: Events, names: "_Names") -> Line:
    model = apps.get_model(event.pgh_obj_model)
    changes = []
    for field in names.fields(model):
        if field.column in (event.pgh_diff or {}):
            was, now = event.pgh_diff[field.column]
            changes.append(
                Change(capfirst(str(field.verbose_name)), names.word(field, was), names.word(field, now))
            )
    values = {}
    for field in names.fields(model):
        word = names.word(field, event.pgh_data.get(field.column))
        values[field.name] = word.lower() if field.choices else word  # within a sentence
    pattern: str = getattr(model, "ACTIVITY", str(model._meta.verbose_name))
    return Line(
        event.pgh_created_at,
        names.who(event),
        WORDS.get(event.pgh_label, event.pgh_label),
        capfirst(pattern.format(**values)),
        changes,
    )


class _Names:
    """The names of what events point at, fetched together: people who changed, flats, contacts."""

    def __init__(self, events: list[Events]) -> None:
        wanted: dict[type[Model], set[int]] = defaultdict(set)
        for event in events:
            if user := (event.pgh_context or {}).get("user"):
                wanted[User].add(user)
            for field in self.fields(apps.get_model(event.pgh_obj_model)):
                if isinstance(field, ForeignKey):
                    pair = [event.pgh_data.get(field.column), *(event.pgh_diff or {}).get(field.column, ())]
                    wanted[field.related_model].update(key for key in pair if key)
        self.found = {model: _named(model, keys) for model, keys in wanted.items()}

    @staticmethod
    def fields(model: type[Model]) -> list[Field]:
        """List the fields of a model that are kept and say something."""
        kept = {field.name for field in model.pgh_event_model._meta.fields}  # type: ignore[attr-defined]
        return [f for f in model._meta.concrete_fields if f.name in kept and f.column not in SILENT]

    def who(self, event: Events) -> str:
        context = event.pgh_context or {}
        name = self.found.get(User, {}).get(context.get("user"), "")
        if file := context.get("import"):
            return f"{name}, by importing {file}"
        return name or "Outside the pages"

    def word(self, field: Field, value: Any) -> str:
        """Write a value of a field as a person would."""
        if value is None or value == "" or value == [] or value == {}:
            return ""
        if isinstance(field, ForeignKey):
            return self.found.get(field.related_model, {}).get(value, "")
        if isinstance(field, BooleanField):
            return "Yes" if value else "No"
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if isinstance(value, dict):
            return ", ".join(f"{key}: {part}" for key, part in value.items())
        return _day_or_time(field, str(value))


def _day_or_time(field: Field, text: str) -> str:
    kind = field.get_internal_type()
    if kind == "DateTimeField" and (moment := parse_datetime(text)):
        return f"{on(moment)}, {at(moment)}"
    if kind == "DateField" and (day := parse_date(text)):
        return on(day)
    return text


def _named(model: type[Model], keys: set[int]) -> dict[Any, str]:
    related = [field.name for field in model._meta.fields if field.name == "block"]
    rows: Any = model._default_manager.filter(pk__in=keys).select_related(*related)
    return {row.pk: f"{row}, {row.block}" if related else str(row) for row in rows}
