"""Every refusal in one form: problem details (RFC 9457), with a sentence that says what to do."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portfolio.api.wire import TooLarge

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
FAULT = (
    "Something went wrong here, and nothing was changed. Try again; if it stays so, tell who runs Blockpost."
)


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Unprocessable(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


def handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Answer any exception of a view; what nobody foresaw is written down for us and told as a 500."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound("There is no such thing in this organisation.")
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLarge("The body is larger than 5 MB.")
    set_rollback()
    if not isinstance(exc, exceptions.APIException):
        log.exception("the API could not answer %s", context["request"].method)
        return respond(500, FAULT, "fault")
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait) + 1)
    errors = list(_errors(exc.detail)) if isinstance(exc, exceptions.ValidationError) else []
    said = " ".join(dict.fromkeys(e["detail"] for e in errors)) if errors else str(exc.detail)
    code = "refused" if errors else exc.get_codes()
    return respond(exc.status_code, said, str(code), errors, headers)


def respond(
    number: int,
    detail: str,
    code: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(number).phrase,
        "status": number,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=number, headers=headers, content_type=MEDIA_TYPE)


def _errors(detail: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Flatten what serialisers and forms found wrong: one line for each field and sentence."""
    if isinstance(detail, dict):
        for name, below in detail.items():
            general = name in ("non_field_errors", "__all__")
            yield from _errors(below, at if general else f"{at}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for number, below in enumerate(detail):
            yield from _errors(below, f"{at}.{number}" if isinstance(below, dict | list) else at)
    else:
        yield {"field": at, "detail": str(detail)}
