"""Being told of new posts on a device: what the resident's browser asks for, and the worker that shows them."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from comms.channels import registry
from comms.channels.fcm import FcmChannel
from comms.channels.vapid import public_key
from comms.forms.resident import DeviceForm, SubscriptionForm
from comms.portal import subscriptions
from comms.views.bearer import BearerRequest, bearer

logger = logging.getLogger(__name__)


def push_key() -> str:
    """Give what browsers subscribe with; nothing where push is off, or where its key is none."""
    try:
        return public_key(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else ""
    except ValueError as mistake:
        logger.error("%s Residents are offered no push messages.", mistake)
        return ""


@require_POST
@bearer
def subscribe(request: BearerRequest) -> HttpResponse:
    """Put the resident's device down to be told of new posts."""
    form = SubscriptionForm(request.POST)
    if not form.is_valid():
        words = form.non_field_errors() or ["The browser gave no whole subscription. Ask again."]
        return JsonResponse({"words": words[0]}, status=422)
    subscriptions.subscribe(request.link, form.given, request.headers.get("User-Agent", ""))
    return JsonResponse({"words": "This device is told of new posts."}, status=201)


@require_POST
@bearer
def unsubscribe(request: BearerRequest) -> HttpResponse:
    """Take the resident's device off; one that is off already stays off."""
    subscriptions.unsubscribe(request.link, request.POST.get("endpoint", ""))
    return JsonResponse({"words": "This device is no longer told of new posts."})


@require_POST
@bearer
def register(request: BearerRequest) -> HttpResponse:
    """Put down the resident's phone with the firm's own app, which opened their page and holds its link."""
    if FcmChannel.name not in registry.available():
        return JsonResponse({"words": "Messages to the app are switched off here."}, status=404)
    form = DeviceForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"words": form.errors["token"][0]}, status=422)
    subscriptions.register(request.link, form.cleaned_data["token"], request.headers.get("User-Agent", ""))
    return JsonResponse({"words": "This phone is told of new posts."}, status=201)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker. It lies at /p/, since a worker serves the addresses below its own only."""
    response = render(request, "portal/sw.js", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("sw.js", worker, name="push-worker"),
    path("<str:token>/push/", subscribe, name="push"),
    path("<str:token>/app/", register, name="app"),
    path("<str:token>/push/remove/", unsubscribe, name="push-remove"),
]
