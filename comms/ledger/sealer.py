"""One round of the sealer: every log, whatever is wrong with another one."""

import logging

from django.db import IntegrityError, transaction
from django_scopes import scope

from comms.ledger import keys, memory, publishing, sealing
from comms.ledger.checkpoint import Unreadable
from comms.ledger.tiles import Broken
from comms.models import Log
from portfolio.models import Organisation

log = logging.getLogger(__name__)
NO_KEY = "No sealing key is set, so the log is sealed and not signed (docs/operations.md, Sealing)."
OBSTACLES = (publishing.Refused, keys.KeyUnusable, memory.NoMemory, Unreadable, Broken)


def run() -> tuple[int, int]:
    """Seal what waits and sign what has grown; give how many leaves and how many heads. What is in the way is logged."""
    sealed = sum(_seal(organisation) for organisation in sealing.waiting())
    return sealed, sum(_publish(organisation) for organisation in Organisation.objects.order_by("pk"))


def _seal(organisation: Organisation) -> int:
    try:
        return sealing.seal(organisation)
    except (IntegrityError, Broken) as obstacle:
        log.error("the log of %s could not be sealed: %s", organisation.public_id, type(obstacle).__name__)
        return 0


def _publish(organisation: Organisation) -> bool:
    try:
        return publishing.publish(organisation) is not None
    except OBSTACLES as obstacle:
        log.error("no checkpoint was signed: %s", obstacle)
        return False


def obstacle(organisation: Organisation) -> str:
    """Say what keeps an organisation's log from being signed; nothing where nothing does. Signs nothing."""
    try:
        if not keys.load():
            return NO_KEY
        with scope(organisation=organisation), transaction.atomic():
            found: Log | None = sealing.current(organisation)
            if found:
                publishing.would_continue(found)
    except OBSTACLES as obstacle:
        return str(obstacle)
    return ""


def help_along(organisation: Organisation) -> str:
    """Seal and sign one organisation's log now, for somebody who waits for it; say what stands in the way, if anything.

    Where the key is another machine's, nothing is signed here and nothing is in the way: its sealer does it.
    """
    _seal(organisation)
    try:
        if keys.load():
            publishing.publish(organisation)
        elif not _ever_signed(organisation):
            return NO_KEY
    except OBSTACLES as obstacle:
        return str(obstacle)
    return ""


def _ever_signed(organisation: Organisation) -> bool:
    with scope(organisation=organisation):
        found = sealing.current(organisation)
        return bool(found and publishing.newest(found))
