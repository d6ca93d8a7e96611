"""Read what was kept: each receipt once, in any order, by any number of workers, and again as often as need be.

1. Take a receipt that waits and that nobody else has in hand (SKIP LOCKED).
2. Its source's parser says what is in it. Whatever the parser stumbles over parks the receipt with the reason.
3. Each event goes to its entry through record.events.append, to which a repeat is nothing new; so a receipt
   can be read again, and one bad event does not keep back the others.
4. One whose entry is not there yet waits and is read again, with growing pauses, for a day; then it is unmatched.
"""

import datetime
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.models import DeliveryEvent, LogEntry, ReceiptParsing
from comms.receipts import mailbox, replies, unasked
from comms.receipts.heard import Heard, Ignored, Odd, Said, Source, Written, clean, key_of, unread
from comms.receipts.mail import NOT_TOLD
from comms.receipts.matching import Match, find
from comms.receipts.sources import SOURCES
from comms.record import events

log = logging.getLogger(__name__)
State = ReceiptParsing.State
PAUSES = (5, 15, 60, 300, 900, 3600)  # seconds, the last again and again
WAITS = datetime.timedelta(hours=24)
CLOCKS = datetime.timedelta(minutes=5)  # by how much two honest clocks may differ
KINDS = frozenset(DeliveryEvent.Kind.values)
LOOKS = (DeliveryEvent.Kind.OPENED, DeliveryEvent.Kind.CLICKED)
UNWATCHED = "The provider tells that it was opened or a link of it followed. This message is not watched, so that does not count."
NOT_ADDED = "Something that it tells has no form in which the log can keep it. The rest of it counts."
HANDED_OVER = "It is about a message of another organisation, and is kept there by now."
NO_PARSER = "Nothing here reads receipts of this source."


@dataclass
class Reading:
    """What came of reading one receipt."""

    entries: set[int] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    missing: int = 0
    all: int = 0


def run(seconds: float) -> int:
    """Read what waits, for at most so many seconds; give how many receipts were read."""
    ends, done = time.monotonic() + seconds, 0
    while time.monotonic() < ends and _next():
        done += 1
    return done


def _next() -> bool:
    now = timezone.now()
    with scopes_disabled(), transaction.atomic():
        row = (
            ReceiptParsing.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state=State.WAITING, next_at__lte=now)
            .select_related("receipt", "organisation")
            .order_by("next_at", "id")
            .first()
        )
        if row is None:
            return False
        with scope(organisation=row.organisation):
            _settle(row, read(row), now)
    return True


def read(row: ReceiptParsing) -> Reading:
    """Let a receipt's parser speak, and append what it says. Raises only where the database is away."""
    reading = Reading()
    source = SOURCES.get(row.receipt.source)
    if source is None:
        reading.odd.append(NO_PARSER)
        return reading
    said: list[Said] = []
    try:
        said.extend(source.parse(row.receipt))
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:
        log.warning("receipt %s could not be read: %s", row.receipt.public_id, type(fault).__name__)
        said.append(unread(fault))
    reading.all = len(said)
    for one, match in _matched(row, said, reading):
        if isinstance(one, Written):
            reading.entries.add(match.entry.pk)
            reading.ignored += replies.land(one, match.entry, row.receipt)
        else:
            _append(row, source, one, match, reading)
    return reading


def _matched(
    row: ReceiptParsing, said: Iterable[Said], reading: Reading
) -> list[tuple[Heard | Written, Match]]:
    """Sort what was said. In the order of entries, so that two workers never wait for each other in a ring."""
    found: list[tuple[Heard | Written, Match]] = []
    for one in said:
        if isinstance(one, Odd):
            reading.odd.append(one.reason)
        elif isinstance(one, Ignored):
            reading.ignored.append(one.reason)
        elif isinstance(one, Heard) and one.kind not in KINDS:
            reading.odd.append(f"“{clean(one.kind, 40)}” is no kind of event that we know.")
        elif match := find(one.about if isinstance(one, Written) else one):
            found.append((one, match))
        else:
            _not_here(row, one, reading)
    return sorted(found, key=lambda pair: pair[1].entry.pk)


def _not_here(row: ReceiptParsing, one: Heard | Written, reading: Reading) -> None:
    """See to what is about no message of this organisation: another's, a person's without one, or one to wait for."""
    about = one.about if isinstance(one, Written) else one
    late = timezone.now() - row.received_at >= WAITS and not row.receipt.headers.get(NOT_TOLD)
    if mailbox.hand_over(row.receipt, about):
        reading.ignored.append(HANDED_OVER)
    elif isinstance(one, Written) and (late or not about.names_one):
        reading.ignored += unasked.land(one, row.receipt)
    else:
        reading.missing += 1


def _is_watched(entry: LogEntry) -> bool:
    """Say whether opens and clicks of a mail are wanted: only where whoever wrote it switched that on."""
    return bool(entry.communication and entry.communication.is_watched)


def _own(heard: Heard, entry: LogEntry) -> Heard:
    """Give what was said of the entry's own recipient, wherever in a list of thousands it stands; else what came first."""
    ours = entry.to_address.lower()
    own = (one for one in (heard, *heard.others) if one.address and one.address.lower() == ours)
    return next(own, heard)


def _append(row: ReceiptParsing, source: Source, heard: Heard, match: Match, reading: Reading) -> None:
    entry = match.entry
    reading.entries.add(entry.pk)
    heard = _own(heard, entry)
    if source.watches and heard.kind in LOOKS and not _is_watched(entry):
        reading.ignored.append(UNWATCHED)
        return
    happened_at, remark = believable(heard.happened_at, entry, row.receipt.received_at)
    try:
        events.append(
            entry,
            heard.kind,
            happened_at=happened_at,
            source=source.says,
            provider_event_id=clean(key_of(heard, str(entry.public_id))),
            attempt=match.attempt,
            bounce=heard.bounce,
            machine=heard.machine,
            reason=clean(heard.reason, 500),
            reply="\n".join(filter(None, [clean(heard.reply), remark])),
            provider_message_id=clean(heard.provider_message_id, 200),
            receipt=row.receipt,
        )
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, ValueError, TypeError) as fault:
        log.error("receipt %s: an event could not be added: %s", row.receipt.public_id, type(fault).__name__)
        reading.odd.append(NOT_ADDED)


def believable(
    said: datetime.datetime | None, entry: LogEntry, received_at: datetime.datetime
) -> tuple[datetime.datetime, str]:
    """Give when it happened, and a remark where that is not what was said.

    Nothing happens after we heard of it or before the message was there; then the time at which we heard counts.
    """
    if said is None:
        return received_at, ""
    if timezone.is_naive(said):
        said = said.replace(tzinfo=datetime.UTC)
    if (entry.happened_at or entry.recorded_at) - CLOCKS <= said <= received_at + CLOCKS:
        return said, ""
    return (
        received_at,
        f"(The time given, {said.isoformat()}, cannot be right. Shown is when we heard of it.)",
    )


def _settle(row: ReceiptParsing, reading: Reading, now: datetime.datetime) -> None:
    """Note what came of it, in the transaction of the events."""
    row.attempts = min(row.attempts + 1, 32_000)
    row.entry_id = next(iter(reading.entries)) if len(reading.entries) == 1 else None
    row.next_at = None
    if reading.missing:
        row.reason = f"{_of(reading.missing, reading.all)} of a message that is not in this log."
        if now - row.received_at < WAITS:
            row.state = State.WAITING
            row.next_at = now + datetime.timedelta(seconds=PAUSES[min(row.attempts, len(PAUSES)) - 1])
        else:
            row.state = State.UNMATCHED
    else:
        row.state = State.PARKED if reading.odd else State.DONE
        row.reason = ""
    row.reason = " ".join(filter(None, [row.reason, *dict.fromkeys(reading.odd + reading.ignored)]))[:500]
    row.save(update_fields=["attempts", "entry", "next_at", "state", "reason"])


def _of(some: int, every: int) -> str:
    return "It tells" if some == every == 1 else f"{some} of {every} events tell"


def try_again(row: ReceiptParsing) -> bool:
    """Have one that is parked or unmatched read once more; false if it is neither."""
    stuck = ReceiptParsing.objects.filter(pk=row.pk, state__in=[State.PARKED, State.UNMATCHED])
    return bool(stuck.update(state=State.WAITING, next_at=timezone.now()))
