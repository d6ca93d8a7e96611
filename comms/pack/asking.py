"""Have a pack made, now or in the background, and record who took it: when it begins, and how it ended."""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connections, transaction
from django.utils import timezone
from django_scopes import scope as in_scope

from comms.exports import store
from comms.exports.making import Made as File
from comms.exports.making import Progress, Refused
from comms.ledger import leaf
from comms.models import Export, ExportRecord
from comms.pack import covering, making
from comms.pack import scope as scopes
from comms.pack.making import Made, Tell
from comms.pack.scope import Filters
from portfolio.models import Organisation, User

PHASE = ExportRecord.Phase
KIND = "evidence pack"
MEDIA_TYPE = "application/zip"
TITLE = 200  # characters


def ask(organisation: Organisation, filters: Filters, by: User, title: str) -> Export:
    """Ask for a pack that is made in the background, for this person alone."""
    made: Export = Export.objects.create(
        organisation=organisation,
        kind=Export.Kind.PACK,
        title=f"Evidence pack: {title}"[:TITLE],
        params=filters,
        requested_by=by,
    )
    return made


def make(export: Export, out: BinaryIO, progress: Progress) -> File:
    """Make a pack that was asked for; dates like "Last 7 days" are those of the day on which it was."""
    organisation, at = export.organisation, export.requested_at
    with recorded(organisation, export.requested_by, export.params, export.public_id) as ended:
        try:
            scope = scopes.of(organisation, export.params, at)
        except scopes.NothingThere as nothing:
            raise Refused(str(nothing)) from nothing
        with beside(organisation, progress) as said:
            covering.wait(organisation, scope, tell=lambda words: said(0, len(scope.keys)))
            made = making.make(out, organisation, scope, timezone.now(), said)
        ended["rows"] = made.messages
        ended["sha256"], ended["size"] = store.measure(out)
    day = at.astimezone(organisation.zone).date()
    name = f"blockpost-evidence-{organisation.slug}-{day:%Y-%m-%d}-{export.public_id.hex[:8]}.zip"
    return File(name, MEDIA_TYPE, made.messages)


def now(
    organisation: Organisation,
    by: User,
    filters: Filters,
    output: Path,
    tell: Callable[[str], None] = lambda words: None,
    progress: Tell = lambda done, total: None,
) -> Made:
    """Make a pack into a file, whole or not at all. Raises scope.NothingThere. Needs the organisation's scope."""
    at = timezone.now()
    scope = scopes.of(organisation, filters, at)
    scratch = output.with_name(f"{output.name}.{os.getpid()}.making")
    try:
        with recorded(organisation, by, filters, uuid.uuid4()) as ended, open(scratch, "x+b") as file:
            covering.wait(organisation, scope, tell=tell)
            made = making.make(file, organisation, scope, timezone.now(), progress)
            ended["rows"] = made.messages
            ended["sha256"], ended["size"] = store.measure(file)
        os.replace(scratch, output)
    finally:
        scratch.unlink(missing_ok=True)
    return made


@contextmanager
def beside(organisation: Organisation, progress: Tell) -> Iterator[Tell]:
    """Say how far it is over a connection of its own: while a pack is made, the database stands still and takes nothing."""

    def say(done: int, total: int) -> None:
        with in_scope(organisation=organisation):
            progress(done, total)

    with ThreadPoolExecutor(1) as voice:  # a thread, as each has its own connection
        try:
            yield lambda done, total: voice.submit(say, done, total).result()
        finally:
            voice.submit(connections.close_all).result()


@contextmanager
def recorded(
    organisation: Organisation, by: User, filters: Filters, taken: uuid.UUID
) -> Iterator[dict[str, Any]]:
    """Write down that a pack is taken, and how what is inside ended, with the facts that it leaves."""
    asked, facts = {"as": [KIND], **filters}, dict[str, Any]()
    _record(organisation, by, taken, PHASE.STARTED, asked)
    ended = PHASE.BROKEN_OFF
    try:
        yield facts
        ended = PHASE.FINISHED
    finally:
        _record(organisation, by, taken, ended, asked, **(facts if ended == PHASE.FINISHED else {}))


def _record(
    organisation: Organisation, by: User, taken: uuid.UUID, phase: str, filters: Filters, **facts: Any
) -> None:
    """Add a row, unless there is one: a job that is begun again is one taking."""
    if ExportRecord.objects.filter(export=taken, phase=phase).exists():
        return
    with transaction.atomic():
        row = ExportRecord.objects.create(
            organisation=organisation, export=taken, phase=phase, user=by, filters=filters, **facts
        )
        leaf.write([row])
