"""Make the files that were asked for, one after the other, with no transaction open meanwhile.

(1) A job is taken: a swap under a lock that others skip, with the time as its lease. (2) Its maker writes into a
scratch file and says now and then how far it is; that is how it stays alive, and how it learns that it was
cancelled. (3) The file goes into the store, and one swap makes the job ready, if it still is this attempt's.
What died in between is taken up again from its beginning, three times at most.
"""

import datetime
import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.exports import store
from comms.models import Export

log = logging.getLogger(__name__)
State = Export.State
LOST = datetime.timedelta(minutes=5)  # without a word of its maker, a job is taken up again
ATTEMPTS = 3
SAID_EVERY = 1.0  # seconds between two words to the database


class Stopped(Exception):
    """Raised in a maker when its job was cancelled, or was given to another."""


class Refused(Exception):
    """Raised by a maker for what no other attempt will mend; its words are shown to who asked."""


class Made(NamedTuple):
    """What a maker says of the file that it has written."""

    name: str
    media_type: str
    rows: int | None = None


class Progress:
    """Says how far a job is: `progress(done, total)`, as often as one likes. Raises Stopped."""

    def __init__(self, export: Export) -> None:
        self.export, self.last = export, time.monotonic()

    def __call__(self, done: int, total: int | None = None) -> None:
        if time.monotonic() - self.last >= SAID_EVERY:
            self.last = time.monotonic()
            total = self.export.total if total is None else total
            if not _swap(self.export, done=done, total=total, seen_at=timezone.now()):
                raise Stopped


Maker = Callable[[Export, BinaryIO, Progress], Made]


def work(makers: Mapping[str, Maker], seconds: float) -> int:
    """Make what was asked for, beginning none after so many seconds; give how many were in hand."""
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends and (export := _take(timezone.now())):
        with scope(organisation=export.organisation), timezone.override(export.organisation.zone):
            _make(export, makers[export.kind])
        count += 1
    return count


def _take(now: datetime.datetime) -> Export | None:
    """Take the oldest job that nobody has in hand."""
    lost = Q(state=State.RUNNING, seen_at__lt=now - LOST)
    with scopes_disabled(), transaction.atomic():
        rows = Export.objects.select_for_update(skip_locked=True, of=("self",))
        rows = rows.filter(Q(state=State.WAITING) | lost).select_related("organisation", "requested_by")
        export: Export | None = rows.order_by("id").first()
        if export:
            export.state, export.started_at, export.seen_at = State.RUNNING, now, now
            export.attempts += 1
            export.save(update_fields=["state", "started_at", "seen_at", "attempts"])
    return export


def _make(export: Export, maker: Maker) -> None:
    if export.attempts > ATTEMPTS:
        _end(export, State.FAILED, problem="It broke off each time that it was begun. Ask again.")
        return
    try:
        with tempfile.TemporaryFile() as scratch:
            made = maker(export, scratch, Progress(export))
            kept = store.keep(export, scratch)
    except Stopped:
        return
    except Refused as refusal:
        _end(export, State.FAILED, problem=str(refusal)[:500])
    except Exception as fault:
        log.exception("export %s broke off", export.public_id)
        _end(export, State.FAILED, problem=f"It broke off ({type(fault).__name__}). Ask again.")
    else:
        facts = {"file": kept.file, "size": kept.size, "sha256": kept.sha256, "rows": made.rows}
        facts |= {"name": made.name, "media_type": made.media_type}
        expires = timezone.now() + datetime.timedelta(days=settings.EXPORT_DAYS)
        if not _end(export, State.READY, expires_at=expires, **facts):
            store.drop(kept.file)  # cancelled at the last moment


def _end(export: Export, state: str, **facts: object) -> bool:
    return _swap(export, state=state, finished_at=timezone.now(), **facts)


def _swap(export: Export, **changes: object) -> bool:
    """Change the job if this attempt still has it."""
    mine = Export.objects.filter(pk=export.pk, state=State.RUNNING, started_at=export.started_at)
    return bool(mine.update(**changes))


def expire(now: datetime.datetime) -> int:
    """Take the files away whose time is over; give how many."""
    with scopes_disabled():
        over = list(Export.objects.filter(state=State.READY, expires_at__lte=now))
        for export in over:
            store.drop(export.file)
            Export.objects.filter(pk=export.pk, state=State.READY).update(state=State.EXPIRED, file="")
    return len(over)
