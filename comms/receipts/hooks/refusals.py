"""Count what was refused: it is stored nowhere, but an admin should see that somebody knocks, or a secret is wrong."""

import datetime
import logging
from enum import StrEnum

import redis
from django.core.cache import cache

from comms.receipts.hooks.taking import NAMES
from portfolio.models import Organisation

log = logging.getLogger(__name__)
DAYS = 7  # that are shown
KEPT = (DAYS + 1) * 24 * 60 * 60  # seconds


class Why(StrEnum):
    FORGED = "not proved"
    LARGE = "too large"
    CUT = "cut short on the way"
    EMPTY = "empty"


def _key(organisation: Organisation, provider: str, why: Why, day: datetime.date) -> str:
    return f"hooks:refused:{organisation.pk}:{provider}:{why.name}:{day.isoformat()}"


def count(organisation: Organisation, provider: str, why: Why, day: datetime.date, words: str = "") -> None:
    """Count one; where even that cannot be done, the log line stands."""
    said = words or why
    log.warning("a post of %s to organisation %s was refused: %s", provider, organisation.public_id, said)
    try:
        key = _key(organisation, provider, why, day)
        cache.add(key, 0, timeout=KEPT)
        cache.incr(key)
    except (redis.RedisError, ValueError):
        log.warning("it could not be counted")


def of_days(organisation: Organisation, today: datetime.date) -> dict[str, dict[Why, int]]:
    """Give how many posts of which provider were refused in the last days, and why; those with none are left out."""
    days = [today - datetime.timedelta(days=back) for back in range(DAYS)]
    keys = {_key(organisation, name, why, day): (name, why) for name in NAMES for why in Why for day in days}
    try:
        found = cache.get_many(keys)
    except redis.RedisError:
        return {}
    told: dict[str, dict[Why, int]] = {}
    for key, many in found.items():
        name, why = keys[key]
        of_provider = told.setdefault(name, {})
        of_provider[why] = of_provider.get(why, 0) + int(many)
    return told
