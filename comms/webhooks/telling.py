"""Tell webhooks what happened: claimed for a while, dialled with no transaction open, noted, and tried again.

A message is made by a trigger in the transaction of what it tells, so that none is lost and none is told of what was
rolled back. Its words are made from rows that nobody can change: each attempt says the same under the same id, by
which the other side knows a repeat.
"""

import datetime
import json
import random
import time

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.models import Webhook, WebhookAttempt, WebhookMessage
from comms.webhooks import address, signing, wire
from comms.webhooks.wire import Answer

State = WebhookMessage.State
# Seconds after each attempt that failed, a fifth more or less (Standard Webhooks, "Deliverability and reliability").
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
LEASE = datetime.timedelta(minutes=2)  # longer than any attempt
GONE = 410  # "Gone": the other side wants no more
KEPT = datetime.timedelta(days=30)
PAUSED = 3  # messages to one webhook that fail in a row, before a run leaves its others for the next


def run(seconds: float) -> int:
    """Tell what waits, beginning none after so many seconds; give how many attempts were made."""
    ends, count, failing = time.monotonic() + seconds, 0, dict[int, int]()
    while time.monotonic() < ends:
        skipped = [key for key, many in failing.items() if many >= PAUSED]
        message = _claim(timezone.now(), skipped)
        if message is None:
            break
        with scope(organisation=message.organisation):
            taken = attempt(message).taken
        failing[message.webhook_id] = 0 if taken else failing.get(message.webhook_id, 0) + 1
        count += 1
    return count


def _claim(now: datetime.datetime, skipped: list[int]) -> WebhookMessage | None:
    """Take the message that waits longest; who takes it and dies lets it go when the lease is over."""
    with scopes_disabled(), transaction.atomic():
        rows = WebhookMessage.objects.select_for_update(skip_locked=True, of=("self",))
        rows = rows.filter(state=State.WAITING, try_at__lte=now, webhook__off_at=None)
        related = (
            "organisation",
            "webhook",
            "event__entry__communication",
            "event__entry__contact",
            "change__ticket__entry",
        )
        rows = rows.exclude(webhook__in=skipped).select_related("asked_by", *related)
        message: WebhookMessage | None = rows.order_by("try_at", "id").first()
        if message:
            message.try_at = now + LEASE
            message.save(update_fields=["try_at"])
    return message


def attempt(message: WebhookMessage) -> Answer:
    """Tell once, and keep what came of it."""
    body, began = said(message), time.monotonic()
    headers = signing.headers(message.webhook, f"msg_{message.public_id.hex}", body, timezone.now())
    try:
        target = address.look_up(message.webhook.url, allowed=settings.WEBHOOK_PRIVATE)
        answer = wire.post(target, body, headers)
    except address.Refused as refusal:
        answer = Answer(None, str(refusal))
    _note(message, answer, int(1000 * (time.monotonic() - began)))
    return answer


def _note(message: WebhookMessage, answer: Answer, milliseconds: int) -> None:
    now, tries = timezone.now(), message.attempts + 1
    state, try_at = State.TAKEN, now
    if not answer.taken:
        over = tries > len(PAUSES) or answer.status == GONE
        state = State.FAILED if over else State.WAITING
        pause = 0 if over else PAUSES[tries - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        try_at = now + datetime.timedelta(seconds=pause)
    with transaction.atomic():
        WebhookAttempt.objects.create(
            organisation=message.organisation,
            message=message,
            at=now,
            status=answer.status,
            words=answer.words[:500],
            milliseconds=milliseconds,
            by=message.asked_by,
        )
        WebhookMessage.objects.filter(pk=message.pk).update(
            state=state, try_at=try_at, attempts=F("attempts") + 1, asked_by=None
        )
        if answer.status == GONE:
            why = "It answered 410: it wants to be told no more."
            Webhook.objects.filter(pk=message.webhook_id, off_at=None).update(off_at=now, off_reason=why)


def said(message: WebhookMessage) -> bytes:
    """Write what a message says: numbers of ours to ask further by, and neither names nor addresses nor words."""
    if message.event:
        at, data = message.event.recorded_at, _event(message)
    else:
        at, data = message.change.recorded_at, _change(message)
    whole = {"type": message.type, "timestamp": at.astimezone(datetime.UTC).isoformat(), "data": data}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _event(message: WebhookMessage) -> dict[str, object]:
    event, entry = message.event, message.event.entry
    return {
        "event_id": str(event.public_id),
        "kind": event.kind,
        "happened_at": event.happened_at.astimezone(datetime.UTC).isoformat(),
        "bounce": event.bounce,
        "machine": event.machine,
        "entry_id": str(entry.public_id),
        "channel": entry.channel,
        "communication_id": str(entry.communication.public_id) if entry.communication else None,
        "contact_id": str(entry.contact.public_id) if entry.contact else None,
        "reference_type": entry.reference_type,
        "reference": entry.reference,
    }


def _change(message: WebhookMessage) -> dict[str, object]:
    change = message.change
    return {
        "change_id": str(change.public_id),
        "kind": change.kind,
        "outcome": change.outcome,
        "ticket_id": str(change.ticket.public_id),
        "reason": change.ticket.reason,
        "entry_id": str(change.ticket.entry.public_id) if change.ticket.entry else None,
    }


def forget(now: datetime.datetime) -> int:
    """Take away what was told, or given up, long ago; the things themselves stand in the log."""
    with scopes_disabled():
        old = WebhookMessage.objects.filter(created_at__lt=now - KEPT).exclude(state=State.WAITING)
        count, _ = old.delete()
    return count
