"""Make Delivery again from entries and events, and tell where it was not what it should have been."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction

from comms.models import Delivery, LogEntry
from comms.record import entries, events

BATCH = 500
COLUMNS = [field.attname for field in Delivery._meta.concrete_fields]
CHANGEABLE = [field.name for field in Delivery._meta.concrete_fields if not field.primary_key]
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


def differences(mend: bool = False) -> Iterator[Difference]:
    """Compare the whole log of the organisation in scope, a batch at a time in the order of its keys.

    With `mend`, what differs is put right before it is told.
    """
    last = 0
    while batch := _batch(pk__gt=last):
        last = batch[-1].pk
        if suspects := [entry.pk for entry in batch if _compare(entry)]:
            yield from _look_again(suspects, mend)


def _look_again(suspects: list[int], mend: bool) -> list[Difference]:
    """Compare where nothing can move: an event may have come in between two reads."""
    with transaction.atomic():
        list(Delivery.objects.select_for_update().filter(pk__in=suspects).values_list("pk"))
        found = [different for entry in _batch(pk__in=suspects) if (different := _compare(entry))]
        if mend:
            wanted = [different.wanted for different in found]
            Delivery.objects.bulk_create(
                wanted, update_conflicts=True, unique_fields=["entry"], update_fields=CHANGEABLE
            )
    return found


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
