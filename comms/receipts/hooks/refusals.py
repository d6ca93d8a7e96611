"""Count what was refused: it is stored nowhere, but an admin should see that somebody knocks, or a secret is wrong."""

import datetime
import logging

import redis
from django.core.cache import cache

from portfolio.models import Organisation

log = logging.getLogger(__name__)
KEPT = 8 * 24 * 60 * 60  # seconds


def _key(organisation: Organisation, provider: str, day: datetime.date) -> str:
    return f"hooks:refused:{organisation.pk}:{provider}:{day.isoformat()}"


def count(organisation: Organisation, provider: str, why: str, day: datetime.date) -> None:
    """Count one; where even that cannot be done, the log line stands."""
    log.warning("a post of %s to organisation %s was refused: %s", provider, organisation.public_id, why)
    try:
        key = _key(organisation, provider, day)
        cache.add(key, 0, timeout=KEPT)
        cache.incr(key)
    except (redis.RedisError, ValueError):
        log.warning("it could not be counted")


def of_day(organisation: Organisation, providers: list[str], day: datetime.date) -> dict[str, int]:
    """Give how many of each provider's were refused on a day, those with none left out."""
    keys = {_key(organisation, provider, day): provider for provider in providers}
    try:
        found = cache.get_many(keys)
    except redis.RedisError:
        return {}
    return {keys[key]: int(many) for key, many in found.items()}
