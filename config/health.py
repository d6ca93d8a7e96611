"""Is it up, and is it ready? For whoever watches the installation; says nothing about its contents."""

import datetime
from collections.abc import Callable

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

OLDEST_BEAT = 60  # seconds; beat rings every ten


def database() -> str:
    """Ask the database for something; gives what is wrong, or nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return ""


def broker() -> str:
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return "does not answer"
    return ""


def heartbeat() -> str:
    try:
        beat = cache.get("heartbeat")
    except redis.RedisError:
        return "cannot be read"
    if not beat:
        return "has not been heard"
    age = (datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(beat)).total_seconds()
    return f"was last heard {age:.0f} seconds ago" if age > OLDEST_BEAT else ""


PARTS: dict[str, Callable[[], str]] = {"database": database, "broker": broker, "heartbeat": heartbeat}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process is up."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker, beat and a worker are there, else 503 with what is not."""
    wrong = {name: fault for name, check in PARTS.items() if (fault := check())}
    parts = {name: wrong.get(name, "ok") for name in PARTS}
    return JsonResponse({"status": "not ready" if wrong else "ok", **parts}, status=503 if wrong else 200)
