"""Make Delivery again from entries and events, and tell where it was not what it should have been."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction

from comms.models import Delivery, LogEntry
from comms.record import entries, events

BATCH = 500
COLUMNS = [field.attname for field in Delivery._meta.concrete_fields]
HEAVY = ("words", "personal", "layout", "attachments", "snippet")


class Difference(NamedTuple):
    """One Delivery that is not what its entry and events say; `missing` when there is none at all."""

    entry: LogEntry
    found: Delivery | None
    wanted: Delivery

    @property
    def missing(self) -> bool:
        return self.found is None

    def __str__(self) -> str:
        if self.found is None:
            return f"entry {self.entry.public_id}: there is no delivery"
        parts = (
            f"{name} is {getattr(self.found, name)!r}, should be {getattr(self.wanted, name)!r}"
            for name in differing(self.found, self.wanted)
        )
        return f"entry {self.entry.public_id}: {'; '.join(parts)}"


def differing(found: Delivery, wanted: Delivery) -> list[str]:
    return [name for name in COLUMNS if getattr(found, name) != getattr(wanted, name)]


def differences() -> Iterator[Difference]:
    """Compare the whole log of the organisation in scope, a batch at a time in the order of its keys."""
    last = 0
    while batch := _batch(pk__gt=last):
        last = batch[-1].pk
        suspects = [entry.pk for entry in batch if _compare(entry) is not None]
        if suspects:
            # An event may have come in between two reads: look again where nothing can move.
            with transaction.atomic():
                list(Delivery.objects.select_for_update().filter(pk__in=suspects).values_list("pk"))
                yield from filter(None, map(_compare, _batch(pk__in=suspects)))


def mend(difference: Difference) -> None:
    """Put the Delivery in its place, from what the record says at this moment."""
    with transaction.atomic():
        Delivery.objects.select_for_update().filter(pk=difference.entry.pk).first()
        for now in filter(None, map(_compare, _batch(pk=difference.entry.pk))):
            now.wanted.save(force_insert=now.missing)


def _batch(**which: Any) -> list[LogEntry]:
    return list(
        LogEntry.objects.filter(**which)
        .select_related("delivery", "template_version")
        .prefetch_related("events")
        .defer(*HEAVY)
        .order_by("pk")[:BATCH]
    )


def _compare(entry: LogEntry) -> Difference | None:
    found, wanted = getattr(entry, "delivery", None), entries.delivery_of(entry)
    for name, value in events.derived(entry, entry.events.all()).items():
        setattr(wanted, name, value)
    return Difference(entry, found, wanted) if found is None or differing(found, wanted) else None
