"""When to try again, and when to stop trying."""

import datetime
import secrets

from django.conf import settings

JITTER = 0.2  # so that a thousand deferred at once do not come back at once


def next_attempt(attempts: int, first: datetime.datetime, now: datetime.datetime) -> datetime.datetime | None:
    """Give the time of the next attempt after so many, or None when the time for trying is over."""
    pauses = settings.RETRY_PAUSES_SECONDS
    pause = pauses[min(attempts, len(pauses)) - 1]
    spread = 1 + JITTER * (2 * secrets.randbelow(1001) / 1000 - 1)
    at = now + datetime.timedelta(seconds=pause * spread)
    return at if at <= first + datetime.timedelta(hours=settings.RETRY_FOR_HOURS) else None
