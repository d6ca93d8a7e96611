"""Have a pack made, and record who took it: when it begins, and how it ended."""

import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from comms.ledger import leaf
from comms.models import ExportRecord
from comms.pack import covering, making
from comms.pack import scope as scopes
from comms.pack.making import Made, Tell
from comms.pack.scope import Filters
from portfolio.models import Organisation, User

PHASE = ExportRecord.Phase
KIND = "evidence pack"
PIECE = 1024 * 1024


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
    taken, asked = uuid.uuid4(), {"as": [KIND], **filters}
    record(organisation, by, taken, PHASE.STARTED, asked)
    making_ = output.with_name(f"{output.name}.{os.getpid()}.making")
    try:
        covering.wait(organisation, scope, tell=tell)
        with open(making_, "xb") as file:
            made = making.make(file, organisation, scope, at, progress)
        size, digest = measured(making_)
        record(organisation, by, taken, PHASE.FINISHED, asked, rows=made.messages, size=size, sha256=digest)
        os.replace(making_, output)
    except BaseException:
        making_.unlink(missing_ok=True)
        record(organisation, by, taken, PHASE.BROKEN_OFF, asked)
        raise
    return made


def measured(path: Path) -> tuple[int, str]:
    """Give the size of a file in bytes, and its SHA-256."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return path.stat().st_size, digest.hexdigest()


def record(
    organisation: Organisation, by: User, taken: uuid.UUID, phase: str, filters: Filters, **facts: int | str
) -> None:
    """Write down that a pack is taken, or how that ended."""
    with transaction.atomic():
        row = ExportRecord.objects.create(
            organisation=organisation, export=taken, phase=phase, user=by, filters=filters, **facts
        )
        leaf.write([row])
