"""What a body or a query may hold: nothing that is not named, and times that leave no doubt."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


# What a value in JSON must be; the library itself takes "true" for true and 5 for "5".
JSON_TYPES: tuple[tuple[type[serializers.Field], type, str], ...] = (
    (serializers.BooleanField, bool, "true or false"),
    (serializers.IntegerField, int, "a whole number"),
    (serializers.UUIDField, str, "a text"),
    (serializers.CharField, str, "a text"),
)


def mistyped(field: serializers.Field, value: Any) -> str:
    """Say in a sentence what a value should be that is of another type than the description says."""
    if value is None:
        return ""
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return next(filter(None, (mistyped(field.child, one) for one in value)), "")
    for kind, type_, words in JSON_TYPES:
        if isinstance(field, kind):
            right = isinstance(value, type_) and (type_ is bool or not isinstance(value, bool))
            return "" if right else f"Give {words}."
    return ""


def _say_what_it_takes(field: serializers.Field) -> None:
    if isinstance(field, serializers.ChoiceField):
        words = ", ".join(str(word) for word in field.choices).replace("{", "{{").replace("}", "}}")
        field.error_messages["invalid_choice"] = f"“{{input}}” is not known here. Give one of: {words}."
    elif isinstance(field, serializers.UUIDField):
        field.error_messages["invalid"] = "Give an id, such as 0e7b1c52-6f0d-4a6c-8f30-3a4b1a2b3c4d."


class Strict(serializers.Serializer):
    """Refuses names that it does not know, so that a mistyped field is never silently lost, and values of other types."""

    thing = "field"

    def get_fields(self) -> dict[str, serializers.Field]:
        """Have each field say what it takes; the library's own sentences only say that it does not."""
        found: dict[str, serializers.Field] = super().get_fields()
        for field in found.values():
            _say_what_it_takes(field.child if isinstance(field, serializers.ListField) else field)
        return found

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        wrong: dict[str, Any] = {
            str(name): [f"There is no {self.thing} “{str(name)[:80]}”."] for name in unknown
        }
        if self.thing == "field" and isinstance(data, Mapping):  # in an address everything is text
            said = {name: mistyped(field, data.get(name)) for name, field in self.fields.items()}
            wrong |= {name: [words] for name, words in said.items() if words}
        try:
            found = super().to_internal_value(data)
        except ValidationError as mistakes:
            if not wrong or not isinstance(mistakes.detail, dict):
                raise
            wrong |= mistakes.detail
        if wrong:
            raise ValidationError(wrong)
        return found


class Query(Strict):
    """The parameters of a list; `after`, `before` and `per_page` are those of every one."""

    thing = "filter"
    after = serializers.CharField(required=False, help_text="From `next` of the page before.")
    before = serializers.CharField(required=False, help_text="From `previous` of the page after.")
    per_page = serializers.IntegerField(
        required=False,
        default=50,
        min_value=1,
        max_value=200,
        error_messages={
            name: "per_page is a number from 1 to 200."
            for name in ("min_value", "max_value", "invalid", "max_string_length")
        },
    )


def asked(query: type[Query], request: Any) -> dict[str, Any]:
    """Read the parameters of a request. Raises ValidationError, which names those that make no sense."""
    given: dict[str, Any] = {}
    fields = query().fields
    for name, values in request.query_params.lists():
        if isinstance(fields.get(name), serializers.ListField):
            given[name] = values
        elif len(values) > 1:
            raise ValidationError({name: [f"“{name[:80]}” is given more than once. Give it once."]})
        else:
            given[name] = values[0]
    found = query(data=given)
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


def body(serializer: type[Strict], request: Any, **options: Any) -> dict[str, Any]:
    """Read the body of a request. Raises ValidationError, which names the fields that make no sense."""
    found = serializer(data=request.data, **options)
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


class Moment(serializers.DateTimeField):
    """A time with its offset (RFC 3339), read and shown in UTC. Without an offset it is nobody's time."""

    default_error_messages = {
        "invalid": "Give the time as 2026-11-23T09:00:00+00:00, with its offset from UTC.",
        "year": "Give a year between 2000 and 2100.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=datetime.UTC, **options)

    def to_internal_value(self, value: Any) -> datetime.datetime:
        if not isinstance(value, str) or not RFC_3339.fullmatch(value):
            self.fail("invalid", format="")
        found: datetime.datetime = super().to_internal_value(value)
        if not 2000 <= found.year <= 2100:
            self.fail("year")
        return found


@extend_schema_field({"type": "string", "format": "date"})
class Day(serializers.DateField):
    default_error_messages = {"invalid": "Give the date as 2026-11-23."}

    def to_internal_value(self, value: Any) -> datetime.date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid", format="")
        found: datetime.date = super().to_internal_value(value)
        return found


def typed(moment: datetime.datetime) -> dict[str, str]:
    """Write a moment as a person would type it into our forms, so that the forms' own rules judge it."""
    local = timezone.localtime(moment)
    return {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M:%S.%f}", "which": str(local.fold)}


def check(form: BaseForm, names: Mapping[str, str] | None = None) -> None:
    """Refuse what one of the pages' forms refuses, in its words, at the API's names of its fields."""
    if not form.is_valid():
        raise refusal(form, names or {})


def refusal(form: BaseForm, names: Mapping[str, str]) -> ValidationError:
    """Give what a form says is wrong as the API tells it."""
    return ValidationError({names.get(name, name): list(mistakes) for name, mistakes in form.errors.items()})
