"""Claim recipients, record their entries, dial, and note the outcome.

1. Claim (claiming.py): lock waiting recipients that nobody else holds (SKIP LOCKED) and give them our lease token.
2. Record: write their entries, with the exact bytes, in the transaction of the claim.
3. For each: check the lease and commit `attempted` and `handing_over`; only then
4. dial, with no transaction open; and
5. commit the outcome.

A worker that dies before 3 loses nothing: its lease lapses and the next one takes over. One that dies
between 3 and 5 leaves a recipient in `handing_over`, which reconcile.py calls unconfirmed: nobody can know
whether it left, so nothing sends it again.
"""

import datetime
import logging
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope

from comms.channels import registry
from comms.channels.base import Channel, Line, Outcome, Unreachable
from comms.models import Communication, Delivery, LogEntry, Recipient
from comms.portal import subscriptions
from comms.record import consequences, events, retry
from comms.sending import compose, due, outlets
from comms.sending.claiming import claim
from comms.sending.stopping import stopping

log = logging.getLogger(__name__)
State = Recipient.State
Result = TypeVar("Result")
RECONNECT_PAUSE = 0.5  # seconds between tries to reach a database that is restarting


def run(seconds: float) -> int:
    """Hand over what waits, for at most so many seconds; give how many recipients were dialled."""
    ends, dialled = time.monotonic() + seconds, 0
    while not stopping() and time.monotonic() < ends:
        batches = 0
        for communication in due.at_work():
            outcomes, recorded = _one(communication, ends)
            batches += bool(outcomes) or recorded
            dialled += len(outcomes)
            if any(outcome.no_line for outcome in outcomes):
                return dialled  # the rest waits for the next ring instead of failing one by one
        if not batches:
            break
    return dialled


def _one(communication: Communication, ends: float) -> tuple[list[Outcome], bool]:
    """Hand over of one communication; what is wrong with it does not hold up those of others."""
    try:
        with scope(organisation=communication.organisation):
            return hand_over(communication, ends)
    except (OperationalError, InterfaceError):
        raise  # the database is away: that is nobody's fault and everybody's
    except Exception:
        log.exception("communication %s could not be handed over", communication.public_id)
        return [], False


def hand_over(communication: Communication, ends: float) -> tuple[list[Outcome], bool]:
    """Take one batch of a communication's recipients through record, dial and outcome.

    Gives the outcomes, and whether entries were written that wait for a person to hand them over.
    """
    token = uuid.uuid4()
    outcomes: list[Outcome] = []
    recorded = False
    for word in _waiting_channels(communication):
        channel = registry.get(
            word or communication.channel, firm=compose.firm_of(communication.organisation)
        )
        if channel.by_person:
            recorded = bool(claim(communication, word, token, record_only=True)) or recorded
            continue
        outcomes += _by_channel(communication, channel, word, token, ends)
        if stopping() or time.monotonic() > ends:
            break
    return outcomes, recorded


def _waiting_channels(communication: Communication) -> list[str]:
    """List the channels by which somebody still waits to be recorded or dialled."""
    waiting = communication.recipients.filter(state__in=[State.PENDING, State.RECORDED, State.DEFERRED])
    return sorted(waiting.order_by().values_list("channel", flat=True).distinct())


def _by_channel(
    communication: Communication, channel: Channel, word: str, token: uuid.UUID, ends: float
) -> list[Outcome]:
    """Dial for a batch; for one alone to see whether a provider that was away is back, for none while it is."""
    probing = outlets.probing(channel.outlet, timezone.now())
    if probing is None:
        return []
    claimed = claim(communication, word, token, size=1 if probing else None)
    outcomes = _dial(channel, claimed, token, ends)
    if any(not outcome.no_line for outcome in outcomes):
        _insist(lambda: outlets.answered(channel.outlet))
    if outcomes and outcomes[-1].no_line:
        reason = outcomes[-1].reason
        _insist(lambda: outlets.silent(channel.outlet, reason, timezone.now()))
    if probing and not outcomes:
        _insist(lambda: outlets.untried(channel.outlet, timezone.now()))
    return outcomes


def _dial(
    channel: Channel, claimed: list[tuple[Recipient, LogEntry]], token: uuid.UUID, ends: float
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        with channel.line() as line:
            for recipient, entry in claimed:
                if stopping() or time.monotonic() > ends or not _my_turn(channel, ends):
                    break
                if outcome := hand_over_one(channel, line, recipient, entry, token):
                    outcomes.append(outcome)
                    if outcome.no_line:
                        break
    finally:
        _let_go(token)
    return outcomes


def _my_turn(channel: Channel, ends: float) -> bool:
    """Wait for our turn by a channel that may not go faster; false where there is none in this run."""
    wait = _insist(lambda: outlets.turn(channel.outlet))
    if wait is None or time.monotonic() + wait > ends:
        return False
    time.sleep(wait)
    return True


def hand_over_one(
    channel: Channel, line: Line, recipient: Recipient, entry: LogEntry, token: uuid.UUID
) -> Outcome | None:
    """Dial for one recipient if the lease is still ours; give what came of it."""
    if recipient.attempts and _insist(lambda: give_up(recipient, entry, token)):
        return None
    outgoing = compose.outgoing(entry, _address(channel, recipient))
    begun = time.monotonic()
    attempt = recipient.attempts + 1
    if not _insist(lambda: _begin(recipient, entry, token, attempt)):
        return None
    # A process that was paused here must not send after its lease: others may have given it up by now.
    if time.monotonic() - begun > settings.SENDING_LEASE_SECONDS / 2:
        return None
    outcome = line.send(outgoing)
    _insist(lambda: note(recipient, entry, token, attempt, outcome))
    return outcome


def give_up(recipient: Recipient, entry: LogEntry, token: uuid.UUID) -> bool:
    """Stop trying where the time for it is over; false where it is not."""
    now, first = timezone.now(), retry.first_attempt(entry)
    if first is None or now < retry.ends(first):
        return False
    mine = Recipient.objects.filter(pk=recipient.pk, lease_token=token, state=State.DEFERRED)
    with transaction.atomic():
        if mine.update(state=State.DONE, next_attempt_at=None, leased_until=None):
            events.append(
                entry,
                "failed",
                happened_at=now,
                source="blockpost",
                provider_event_id=f"{entry.public_id}:{recipient.attempts}:given up",
                attempt=recipient.attempts,
                reason=retry.given_up(Delivery.objects.get(pk=entry.pk).reason),
            )
    return True


def _address(channel: Channel, recipient: Recipient) -> str:
    """Give the address as the channel uses it; what was kept of it in the log may be words."""
    try:
        return channel.address(recipient)
    except Unreachable:  # the settings changed meanwhile; the other side says what it makes of the address
        return ""


def _begin(recipient: Recipient, entry: LogEntry, token: uuid.UUID, attempt: int) -> bool:
    now = timezone.now()
    # The second half makes it harmless to ask again when the answer to a commit was lost.
    mine = Q(state__in=[State.RECORDED, State.DEFERRED], attempts=attempt - 1, leased_until__gt=now) | Q(
        state=State.HANDING_OVER, attempts=attempt, leased_until__gt=now
    )
    with transaction.atomic():
        if not Recipient.objects.filter(mine, pk=recipient.pk, lease_token=token).update(
            state=State.HANDING_OVER,
            attempts=attempt,
            leased_until=now + datetime.timedelta(seconds=settings.SENDING_LEASE_SECONDS),
        ):
            return False
        events.append(
            entry,
            "attempted",
            happened_at=now,
            source="blockpost",
            provider_event_id=f"{entry.public_id}:{attempt}:attempted",
            attempt=attempt,
        )
    return True


def note(recipient: Recipient, entry: LogEntry, token: uuid.UUID, attempt: int, outcome: Outcome) -> bool:
    """Commit what came of an attempt: the event and the recipient's state."""
    now = timezone.now()
    kind, reason, again = outcome.kind, outcome.reason, None
    with transaction.atomic():
        if kind == "deferred":
            again = retry.next_attempt(attempt, retry.first_attempt(entry) or now, now)
            if again is None:
                kind, reason = "failed", retry.given_up(reason)
        events.append(
            entry,
            kind,
            happened_at=now,
            source=compose.by_whom(entry),
            provider_event_id=f"{entry.public_id}:{attempt}:outcome",
            attempt=attempt,
            bounce=outcome.bounce,
            reason=reason[:500],
            reply=outcome.reply,
            provider_message_id=outcome.provider_id[:200],
        )
        subscriptions.expire(entry.channel, outcome.gone)
        state = {"deferred": State.DEFERRED, "unconfirmed": State.UNCONFIRMED}.get(kind, State.DONE)
        # A result that comes after the lease lapsed is still the truth: it settles an unconfirmed one.
        Recipient.objects.filter(
            pk=recipient.pk, lease_token=token, state__in=[State.HANDING_OVER, State.UNCONFIRMED]
        ).update(state=state, next_attempt_at=again, leased_until=None)
        # A full mailbox is for now, whether it says so at once or in a mail that was quicker than this.
        consequences.put_back(entry, Delivery.objects.get(pk=entry.pk))
    return True


def _let_go(token: uuid.UUID) -> None:
    """Give back what was claimed and not dialled, so that the next worker need not wait for the lease."""
    try:
        Recipient.objects.filter(lease_token=token, state__in=[State.RECORDED, State.DEFERRED]).update(
            lease_token=None, leased_until=None
        )
    except DatabaseError:
        log.warning("could not give back a lease; it lapses by itself")


def _insist(step: Callable[[], Result]) -> Result:
    """Do a step that may be repeated, through a restart of the database, for as long as the lease lasts."""
    ends = time.monotonic() + settings.SENDING_LEASE_SECONDS
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > ends:
                raise
            log.warning("the database is away; trying again")
            connection.close()
            time.sleep(RECONNECT_PAUSE)
