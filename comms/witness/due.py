"""Which heads are to leave the building now: one a day, and one as soon as it covers a statutory communication that was sent."""

import datetime

from django.db.models import QuerySet

from comms.ledger import publishing, sealing
from comms.models import Checkpoint, Communication, Leaf, LogEntry, OutsideCopy
from portfolio.models import Organisation

DAILY = datetime.timedelta(hours=24)
ENDED = (Communication.Status.SENT, Communication.Status.FAILED)


def head_for(organisation: Organisation, kind: str, target: str, now: datetime.datetime) -> Checkpoint | None:
    """Give the newest head if it is time that somebody outside gets one. Needs the scope."""
    log = sealing.current(organisation)
    head = publishing.newest(log) if log else None
    if head is None:
        return None
    last = (
        OutsideCopy.objects.filter(kind=kind, target=target)
        .select_related("checkpoint")
        .order_by("pk")
        .last()
    )
    if last is None:
        return head
    if last.checkpoint.log_id == head.log_id and last.checkpoint.size >= head.size:
        return None
    return head if last.recorded_at <= now - DAILY or _statutory_since(last, head) else None


def _statutory_since(last: OutsideCopy, head: Checkpoint) -> bool:
    """Say whether a head covers all messages of a statutory communication that the last copy outside does not."""
    sent = Communication.objects.filter(
        statutory=True, status__in=ENDED, started_at__gt=last.checkpoint.recorded_at - DAILY
    )
    for communication in sent.order_by("-pk")[:50]:
        leaves = Leaf.objects.filter(
            kind=Leaf.Kind.ENTRY, row_id__in=LogEntry.objects.filter(communication=communication).values("pk")
        )
        if leaves.exists() and not _covered(leaves, last.checkpoint) and _covered(leaves, head):
            return True
    return False


def _covered(leaves: QuerySet[Leaf], head: Checkpoint) -> bool:
    """Say whether a head, or the log that it is of being a later one, has all of them."""
    under = {"seal__log": head.log_id, "seal__seq__lt": head.size}
    earlier = leaves.filter(seal__log__lt=head.log_id)
    return not leaves.exclude(**under).exclude(pk__in=earlier.values("pk")).exists()
