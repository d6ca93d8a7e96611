"""When to try again, and when to stop trying."""

import datetime
import secrets

from django.conf import settings

from comms.models import LogEntry

JITTER = 0.2  # so that a thousand deferred at once do not come back at once


def next_attempt(attempts: int, first: datetime.datetime, now: datetime.datetime) -> datetime.datetime | None:
    """Give the time of the next attempt after so many, or None when the time for trying is over."""
    pauses = settings.RETRY_PAUSES_SECONDS
    pause = pauses[min(attempts, len(pauses)) - 1]
    spread = 1 + JITTER * (2 * secrets.randbelow(1001) / 1000 - 1)
    at = now + datetime.timedelta(seconds=pause * spread)
    return at if at <= ends(first) else None


def ends(first: datetime.datetime) -> datetime.datetime:
    """Give the time after which a message that was first tried then is tried no more."""
    return first + datetime.timedelta(hours=settings.RETRY_FOR_HOURS)


def given_up(reason: str) -> str:
    """Say that the time for trying is over, and what was in the way."""
    return f"Given up after {settings.RETRY_FOR_HOURS} hours. {reason}".strip()[:500]


def first_attempt(entry: LogEntry) -> datetime.datetime | None:
    """Give the time of an entry's first attempt."""
    first = entry.events.filter(kind="attempted").order_by("id").first()
    return first.happened_at if first else None
