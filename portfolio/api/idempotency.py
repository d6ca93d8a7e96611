"""Creates that may be sent again: the same Idempotency-Key with the same body is the same answer.

1. The whole create runs in one transaction, which also keeps its answer: what is undone leaves no answer behind,
   and a process that dies in the middle leaves nothing at all.
2. An advisory lock of that transaction makes the second of two at once wait for nobody: it is told so (409).
3. For a day the kept answer is given again to the same request; to another under the same key, a 422.

After draft-ietf-httpapi-idempotency-key-header-07.
"""

import datetime
import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.api.problems import Conflict, Unprocessable
from portfolio.models import ApiToken, RememberedAnswer

REMEMBERED = datetime.timedelta(hours=24)
KEY = re.compile(r"[!-~]{1,200}")
IN_HAND = "The same key is being worked on at this moment. Ask again in a second."
OTHER = "This Idempotency-Key was used for another request within the last 24 hours. Use a new key for a new request."


def once(create: Callable[..., Response]) -> Callable[..., Response]:
    """Run a create in one transaction, and once for each Idempotency-Key of a token."""

    @wraps(create)
    def decorated(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            with transaction.atomic():
                return create(view, request, *args, **kwargs)
        if not KEY.fullmatch(key):
            raise ValidationError({"Idempotency-Key": ["Use 1 to 200 characters of ASCII without spaces."]})
        with transaction.atomic():
            return _remembering(key, request, lambda: create(view, request, *args, **kwargs))

    return decorated


def _remembering(key: str, request: Request, create: Callable[[], Response]) -> Response:
    token: ApiToken = request.auth
    if not _locked(f"{token.pk}:{key}"):
        raise Conflict(IN_HAND)
    mine = RememberedAnswer.objects.filter(token=token)
    mine.filter(created_at__lt=timezone.now() - REMEMBERED).delete()
    fingerprint = _fingerprint(request)
    if known := mine.filter(key=key).first():
        if known.fingerprint != fingerprint:
            raise Unprocessable(OTHER)
        return Response(json.loads(known.body), known.status, headers={"Idempotency-Replayed": "true"})
    response = create()
    RememberedAnswer.objects.create(
        organisation=token.organisation,
        token=token,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        body=JSONRenderer().render(response.data).decode(),
    )
    return response


def _fingerprint(request: Request) -> str:
    same = json.dumps([request.method, request.path, request.data], sort_keys=True)
    return hashlib.sha256(same.encode()).hexdigest()


def _locked(name: str) -> bool:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
