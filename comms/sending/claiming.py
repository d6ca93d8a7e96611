"""Claim recipients that wait, write their entries, and settle those to whom nothing can be sent."""

import datetime
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comms.channels import registry
from comms.models import Communication, LogEntry, Recipient, Suppression
from comms.record import entries, events
from comms.sending import compose

State = Recipient.State
Claimed = list[tuple[Recipient, LogEntry]]


def claim(
    communication: Communication,
    word: str,
    token: uuid.UUID,
    record_only: bool = False,
    size: int | None = None,
) -> Claimed:
    """Lease a batch of a channel's waiting recipients and write the entries that they have not got yet."""
    now = timezone.now()
    with transaction.atomic():
        claimed = list(
            Recipient.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                Q(state=State.PENDING) if record_only else _to_dial(now),
                Q(leased_until__isnull=True) | Q(leased_until__lt=now),
                communication=communication,
                channel=word,
            )
            .select_related("unit")
            .order_by("id")[: size or settings.SENDING_BATCH]
        )
        known = _recorded([r for r in claimed if r.state != State.PENDING], word or communication.channel)
        known |= _record(communication, [r for r in claimed if r.state == State.PENDING])
        waiting = [r for r in claimed if r.pk in known]
        if record_only:
            return [(r, known[r.pk]) for r in waiting]
        Recipient.objects.filter(pk__in=[r.pk for r in waiting]).update(
            lease_token=token, leased_until=now + datetime.timedelta(seconds=settings.SENDING_LEASE_SECONDS)
        )
    return [(r, known[r.pk]) for r in waiting]


def _to_dial(now: datetime.datetime) -> Q:
    return Q(state__in=[State.PENDING, State.RECORDED]) | Q(state=State.DEFERRED, next_attempt_at__lte=now)


def _recorded(there: list[Recipient], channel: str) -> dict[int | None, LogEntry]:
    """Give the entries of recipients seen before, without those whose address was blocked meanwhile."""
    if not there:
        return {}
    known: dict[int | None, LogEntry] = {
        entry.recipient_id: entry
        for entry in LogEntry.objects.filter(recipient__in=[r.pk for r in there]).select_related(
            "organisation"
        )
    }
    blocked = _blocked(channel, known.values())
    for recipient in there:
        why = blocked.get(known[recipient.pk].to_address.lower(), "")
        if why:
            _settle_blocked(recipient, known.pop(recipient.pk), why)
    return known


def _settle_blocked(recipient: Recipient, entry: LogEntry, why: str) -> None:
    """Stop before the first attempt, which is dropping it, or between two, which is failing."""
    tried = recipient.attempts > 0
    events.append(
        entry,
        "failed" if tried else "dropped",
        happened_at=timezone.now(),
        source="blockpost",
        attempt=recipient.attempts or None,
        reason=f"It was not tried again. {why}"[:500] if tried else why,
    )
    Recipient.objects.filter(pk=recipient.pk).update(state=State.DONE, next_attempt_at=None)


def _blocked(channel: str, written: Iterable[LogEntry]) -> dict[str, str]:
    """Give the addresses, of those that entries go to, that are not sent to, and why."""
    addresses = {entry.to_address.lower() for entry in written}
    standing = Suppression.objects.standing().filter(channel=channel, address__in=addresses)
    return dict(standing.values_list("address", "reason"))


def _record(communication: Communication, pending: list[Recipient]) -> dict[int | None, LogEntry]:
    """Write the entries of recipients seen for the first time; give those that can be dialled."""
    if not pending:
        return {}
    wordings = compose.Wordings(communication)
    channel = registry.get(pending[0].channel or communication.channel)
    home = compose.links_for(communication, channel, pending)
    composed = [compose.entry_for(wordings.for_(one), one, link=home.get(one.pk)) for one in pending]
    entries.write([entry for entry, _ in composed])
    blocked = _blocked(channel.name, [entry for entry, _ in composed])
    ready: dict[int | None, LogEntry] = {}
    done: list[int] = []
    for recipient, (entry, obstacle) in zip(pending, composed, strict=True):
        block = blocked.get(entry.to_address.lower(), "")
        if obstacle or block:
            kind = "failed" if obstacle else "dropped"
            events.append(
                entry, kind, happened_at=timezone.now(), source="blockpost", reason=obstacle or block
            )
            done.append(recipient.pk)
        else:
            ready[recipient.pk] = entry
    Recipient.objects.filter(pk__in=done).update(state=State.DONE)
    Recipient.objects.filter(pk__in=list(ready)).update(state=State.RECORDED)
    return ready
