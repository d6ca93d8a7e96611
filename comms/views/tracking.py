"""The picture and the links of watched mails. Whatever comes, the picture is given and nothing of it is told further."""

import base64
import logging
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from comms.channels import track_address
from comms.receipts import tracking
from comms.record.machines import Visit
from portfolio.models import Membership

log = logging.getLogger(__name__)
PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")  # one clear point
AGAIN = 60  # seconds


@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """Give the picture, whatever the token is; where it is one of ours, the mail was opened."""
    read = track_address.read(token)
    if read and read.target is None:
        entry = read.entry
        _noting(request, entry, lambda: tracking.opened(entry, _visit(request), timezone.now()))
    return _close(HttpResponse(PICTURE, content_type="image/gif"))


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to where a link of a mail leads; a link that we did not make leads nowhere."""
    read = track_address.read(token)
    if read is None or read.target is None:
        return _nowhere(404)
    entry, target = read.entry, read.target
    try:
        url = tracking.target_of(target, entry)
    except (OperationalError, InterfaceError) as fault:
        log.warning("a link could not be looked up: %s", type(fault).__name__)
        return _nowhere(503)
    if not url:
        return _nowhere(404)
    _noting(request, entry, lambda: tracking.clicked(entry, target, url, _visit(request), timezone.now()))
    return _close(HttpResponseRedirect(url))


def _noting(request: HttpRequest, entry: UUID, note: Callable[[], bool]) -> None:
    """Note a visit; what goes wrong with that is ours alone. The office's own looks are none of the recipient's."""
    try:
        if not _from_office(request, entry):
            note()
    except Exception as fault:
        log.warning("an open or a click could not be noted: %s", type(fault).__name__)


def _from_office(request: HttpRequest, entry: UUID) -> bool:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return False
    return Membership.objects.filter(user=request.user, organisation=tracking.organisation_of(entry)).exists()


def _visit(request: HttpRequest) -> Visit:
    said = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return Visit(request.headers.get("User-Agent", ""), " ".join(said), request.method or "")


def _nowhere(status: int) -> HttpResponse:
    # Rendered without the request: nothing on it asks who looks, and so it needs neither a cookie nor the database.
    response = HttpResponse(render_to_string("portal/link_gone.html", {"away": status == 503}), status=status)
    if status == 503:
        response["Retry-After"] = str(AGAIN)
    return _close(response)


def _close(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


urlpatterns = [
    path("<str:token>.gif", picture, name="picture"),
    path("<str:token>", follow, name="follow"),
]
