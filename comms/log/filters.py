"""What the log can be narrowed to: one set of filters for the page, the CSV and the API."""

import datetime
import functools
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q, QuerySet
from django.http import QueryDict

from comms.log import search
from comms.log.names import Names
from comms.models import Communication, Delivery
from portfolio.models import Organisation
from portfolio.templatetags import look

CHANNELS = [(name, shown.word) for name, shown in look.CHANNELS.items()]
WINDOWS = [
    ("today", "Today"),
    ("7d", "Last 7 days"),
    ("30d", "Last 30 days"),
    ("12m", "Last 12 months"),
    ("all", "All time"),
    ("dates", "Between dates"),
]
BOUNCES = [("hard", "Hard"), ("soft", "Soft"), ("spam", "Spam-filtered")]
LINKED = ("block", "unit", "contact", "about", "ticket", "communication", "template")
DAYS = {"today": 0, "7d": 7, "30d": 30}
NOT_A_FILTER = (
    "after",
    "before",
    "entry",
    "sort",
    "per_page",
    "reading",
    "show",
    "view",
    "csrfmiddlewaretoken",
)


class AnyWordField(forms.Field):
    """Several values, of which only the known ones have a name: channels may be any word."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        words = [str(word).strip() for word in value or [] if str(word).strip()]
        for word in words:
            ProhibitNullCharactersValidator()(word)
            if len(word) > 50:
                raise forms.ValidationError("That is too long for a channel.")
        return words


class AnyWordFilter(filters.Filter):
    field_class = AnyWordField


def one_of(kind: str, label: str) -> filters.MultipleChoiceFilter:
    return filters.MultipleChoiceFilter(label=label, method=f"by_{kind}")


class LogFilter(filters.FilterSet):
    """Narrows deliveries by the parameters of an address. `qs` has the date window, `matches` has not."""

    q = filters.CharFilter(label="Words", max_length=300, method="later")
    sent = filters.ChoiceFilter(label="Sent", choices=WINDOWS, method="later")
    since = filters.DateFilter(label="From", method="later")
    until = filters.DateFilter(label="Until", method="later")
    channel = AnyWordFilter(label="Channel", field_name="channel", lookup_expr="in")
    status = filters.MultipleChoiceFilter(
        label="Status", choices=Delivery.Status.choices, field_name="status", method="by_any"
    )
    bounce = filters.MultipleChoiceFilter(label="Bounce", choices=BOUNCES, method="by_bounce")
    recipient = filters.CharFilter(label="Recipient", max_length=200, method="later")
    sender = filters.CharFilter(label="Sent by", max_length=200, field_name="sender_label")
    block = one_of("block", "Block")
    unit = one_of("unit", "Flat")
    contact = one_of("contact", "Sent to")
    about = one_of("about", "About")
    ticket = one_of("ticket", "Ticket")
    communication = one_of("communication", "Communication")
    reference = filters.CharFilter(label="Reference", max_length=200, field_name="reference")
    reference_type = filters.CharFilter(
        label="Kind of reference", max_length=50, field_name="reference_type", method="by_reference_type"
    )
    template = one_of("template", "Template")
    type = filters.MultipleChoiceFilter(
        label="Type", choices=Communication.Type.choices, field_name="type", method="by_any"
    )
    manual = filters.ChoiceFilter(
        label="Recorded", choices=[("yes", "By hand"), ("no", "By Blockpost")], method="by_manual"
    )

    def __init__(
        self,
        data: QueryDict,
        organisation: Organisation,
        *,
        now: datetime.datetime,
        queryset: QuerySet[Delivery] | None = None,
        window: str = "7d",
    ) -> None:
        data = data.copy()
        for name in list(data):
            data.setlist(name, [value for value in data.getlist(name) if value])  # "Any" is no filter
        super().__init__(data, Delivery.objects.all() if queryset is None else queryset)
        self.is_bound = True
        self.zone: ZoneInfo = organisation.zone
        self.today = now.astimezone(self.zone).date()
        self.default_window = window
        self.names = Names(organisation, {kind: data.getlist(kind) for kind in LINKED})
        for kind in LINKED:
            self.filters[kind].extra["choices"] = self.names.choices(kind)

    @functools.cached_property
    def values(self) -> dict[str, Any]:
        """The filters that are set and make sense; what does not is in `errors`."""
        _ = self.errors
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}

    @functools.cached_property
    def problems(self) -> list[str]:
        """Say which filters make no sense, and so are left out."""
        return [
            f"“{self.filters[name].label}” was left out: nothing goes by that value." for name in self.errors
        ]

    @functools.cached_property
    def matches(self) -> QuerySet[Delivery]:
        """What matches at any time."""
        _ = self.errors
        queryset = self.filter_queryset(self.queryset)
        return queryset.filter(self.found.condition) if self.found else queryset

    @functools.cached_property
    def found(self) -> search.Found | None:
        return search.find(self.values.get("q", ""), self.values.get("recipient", ""))

    @property
    def qs(self) -> QuerySet[Delivery]:
        queryset = self.matches
        if self.start:
            queryset = queryset.filter(at__gte=self.start)
        if self.end:
            queryset = queryset.filter(at__lt=self.end)
        return queryset

    @property
    def older(self) -> QuerySet[Delivery] | None:
        """What would match but for the beginning of the date window."""
        return self.matches.filter(at__lt=self.start) if self.start else None

    @property
    def window(self) -> str:
        dates = "since" in self.values or "until" in self.values
        chosen = self.values.get("sent", "dates" if dates else self.default_window)
        return self.default_window if chosen == "dates" and not dates else chosen

    @functools.cached_property
    def start(self) -> datetime.datetime | None:
        if self.window == "dates":
            day = self.values.get("since")
        elif self.window == "12m":
            day = _year_before(self.today)
        elif self.window in DAYS:
            day = self.today - datetime.timedelta(days=DAYS[self.window])
        else:
            day = None
        return self._midnight(day) if day else None

    @functools.cached_property
    def end(self) -> datetime.datetime | None:
        day = self.values.get("until") if self.window == "dates" else None
        if day is None or day >= datetime.date.max:
            return None
        return self._midnight(day + datetime.timedelta(days=1))

    def _midnight(self, day: datetime.date) -> datetime.datetime | None:
        try:
            return datetime.datetime.combine(day, datetime.time(), self.zone).astimezone(datetime.UTC)
        except OverflowError:
            return None  # the first day of the calendar: as good as none

    def later(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset  # the window and the search are put on at the end

    def by_any(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(**{f"{name}__in": value})

    def by_bounce(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(status=Delivery.Status.BOUNCED, bounce__in=value)

    def by_manual(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(manual=value == "yes")

    def by_reference_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(reference_type=value).exclude(reference="")

    def by_block(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(**{f"{name}__in": self.names.keys(name, value)})

    by_unit = by_contact = by_ticket = by_communication = by_template = by_block

    def by_about(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        """A message is about the contact that it regards, else about its recipient."""
        keys = self.names.keys(name, value)
        return queryset.filter(Q(regarding__in=keys) | Q(contact__in=keys, regarding__isnull=True))


def _year_before(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
