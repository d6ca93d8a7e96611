"""How often one token may call."""

import logging
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from portfolio.models import ApiToken

log = logging.getLogger(__name__)


class TokenThrottle(SimpleRateThrottle):
    """Counts calls of a token in the cache; API_RATE says how many are too many (600/min)."""

    scope = "token"

    def get_rate(self) -> str:
        return str(settings.API_RATE)

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"api:{request.auth.public_id}" if isinstance(request.auth, ApiToken) else None

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except (
            redis.RedisError
        ):  # it may be emptied or away at any time; what must hold stands in the database
            log.warning("calls are not counted: the cache does not answer")
            return True
