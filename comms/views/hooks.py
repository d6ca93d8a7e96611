"""Where providers post what became of messages. Prove, keep, answer; what it means is found out later.

404: not an address of ours. 405, 413, 400: not a post that could be one, or not the whole of it. 403: not authentic. Refused ones are counted.
503: it cannot be kept or proved now, so the provider comes again. 200: it is on disk, whether anew or already.
"""

import logging
import uuid
from dataclasses import replace
from functools import lru_cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_scopes import scope

from comms.channels import hook_address
from comms.receipts.hooks import body, refusals
from comms.receipts.hooks.body import CutShort, Empty, TooLarge
from comms.receipts.hooks.came import Came, NotNow, Refused
from comms.receipts.hooks.refusals import Why
from comms.receipts.hooks.taking import NAMES, prove_first, take
from portfolio.models import Organisation

log = logging.getLogger(__name__)
AGAIN = 60  # seconds


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HttpRequest, provider: str, token: str, inbound: bool = False) -> HttpResponse:
    """Take what a provider posts to the address of an organisation; a look at it only says that it is there."""
    named = hook_address.find(token, provider) if provider in NAMES else None
    if named is None:
        return _answer(404)
    if request.method != "POST":
        return _answer(200)  # some providers look before they post
    try:
        organisation = _organisation(named)
        with scope(organisation=organisation):
            return _answer(_taken(request, organisation, provider, inbound))
    except Organisation.DoesNotExist:
        return _answer(404)
    except (OperationalError, InterfaceError, NotNow) as fault:
        log.warning("a post of %s could not be taken: %s", provider, type(fault).__name__)
        return _answer(503)


def _taken(request: HttpRequest, organisation: Organisation, provider: str, inbound: bool) -> int:
    """Take a post, and give the status of the answer; what is refused is counted with its reason."""
    today = timezone.now().date()
    try:
        _take(request, organisation, provider, inbound)
        return 200
    except Refused as refused:
        refusals.count(organisation, provider, Why.FORGED, today, str(refused))
        return 403
    except TooLarge:
        refusals.count(organisation, provider, Why.LARGE, today)
        return 413
    except (CutShort, Empty) as fault:
        refusals.count(organisation, provider, Why.EMPTY if isinstance(fault, Empty) else Why.CUT, today)
        return 400


def _take(request: HttpRequest, organisation: Organisation, provider: str, inbound: bool) -> None:
    # The address as the provider wrote it, whatever stands in front of us.
    came = Came(dict(request.headers), b"", settings.BASE_URL + request.get_full_path())
    proved = prove_first(organisation, provider, came, inbound)
    try:
        held = body.read(
            request.META, settings.HOOK_INBOUND_MAX_BYTES if inbound else settings.HOOK_MAX_BYTES
        )
    except TooLarge:
        data, size = body.beginning(request.META) if proved and inbound else (b"", 0)
        if not data:
            raise
        take(organisation, provider, replace(came, body=data, cut=size), inbound)
        return
    with held, body.loaded(held) as whole:
        take(organisation, provider, replace(came, body=whole), inbound)


@lru_cache(maxsize=1000)
def _organisation(named: uuid.UUID) -> Organisation:
    """Give an organisation, looked up once: its key and the word in its addresses stay as they are."""
    return Organisation.objects.only("id", "public_id", "slug").get(public_id=named)


def _answer(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain")
    if status == 503:
        response["Retry-After"] = str(AGAIN)
    return response


urlpatterns = [
    path("<str:provider>/<str:token>/", hook, name="hook"),
    path("<str:provider>/<str:token>/inbound/", hook, {"inbound": True}, name="hook-inbound"),
]
