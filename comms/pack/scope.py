"""Which messages go into a pack: what the log's own filters choose, and what corrects or repeats one of those."""

import datetime
import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict

from comms.log import chips
from comms.log.filters import LogFilter
from comms.models import LogEntry
from portfolio.models import Organisation

Filters = dict[str, list[str]]
BATCH = 10_000
WHOLE: Filters = {"sent": ["all"]}


class NothingThere(ValueError):
    """Raised where there is nothing to make a pack of, or too much; its text is the sentence that the user reads."""


@dataclass
class Scope:
    """What was asked for, in words, and the keys of the messages in the order of their times."""

    words: list[str]
    chosen: list[int]
    brought: set[int] = field(
        default_factory=set
    )  # those that are there because they correct or repeat another

    @property
    def keys(self) -> list[int]:
        return [*self.chosen, *sorted(self.brought)]


def of(organisation: Organisation, filters: Filters, now: datetime.datetime) -> Scope:
    """Choose by the filters of an address. Raises NothingThere, also where a filter makes no sense."""
    if filters.get("entry"):
        return _single(filters["entry"])
    data = QueryDict(mutable=True)
    for name, values in filters.items():
        data.setlist(name, list(values))
    found = LogFilter(data, organisation, now=now, window="all")
    if found.problems:
        raise NothingThere(" ".join(found.problems))
    chosen = list(found.qs.order_by("at", "entry").values_list("pk", flat=True)[: settings.PACK_MOST + 1])
    if not chosen:
        raise NothingThere("No message matches, so there is nothing to make a pack of.")
    if len(chosen) > settings.PACK_MOST:
        raise NothingThere(
            f"More than {settings.PACK_MOST:,} messages match, which is the most that a pack holds. Narrow the dates."
        )
    said = [f"{found.filters[name].label}: {value}" for name, value in chips.words(found).items()]
    return Scope([f"Sent: {chips.window_words(found)}", *said], chosen, _related(chosen))


def _single(public_ids: list[str]) -> Scope:
    """Choose messages by their public ids. Raises NothingThere."""
    try:
        asked = {uuid.UUID(one) for one in public_ids}
    except ValueError as wrong:
        raise NothingThere("There is no such message.") from wrong
    found = list(LogEntry.objects.filter(public_id__in=asked).order_by("pk"))
    if len(found) < len(asked):
        raise NothingThere("There is no such message.")
    chosen = [entry.pk for entry in found]
    return Scope([f"Message: {entry.title}" for entry in found], chosen, _related(chosen))


def _related(chosen: list[int]) -> set[int]:
    """Find what corrects or repeats a message, and what it corrects or repeats, however long the chain is."""
    known, fresh = set(chosen), chosen
    while fresh:
        found: set[int] = set()
        for at in range(0, len(fresh), BATCH):
            keys = fresh[at : at + BATCH]
            later = LogEntry.objects.filter(Q(corrects__in=keys) | Q(copy_of__in=keys))
            found.update(later.order_by().values_list("pk", flat=True))
            for pair in LogEntry.objects.filter(pk__in=keys).order_by().values_list("corrects", "copy_of"):
                found.update(key for key in pair if key)
        fresh = sorted(found - known)
        known.update(fresh)
    return known - set(chosen)
