"""The pages of the log, and the same log on the pages of contacts, flats and blocks."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from comms.log import access
from comms.log.chips import chips, window_words
from comms.log.filters import BOUNCES, CHANNELS, WINDOWS
from comms.log.listing import PAGE_SIZES, Listing
from comms.models import Communication, Delivery, LogEntry, SavedView
from comms.views import entry, exports, log_export
from contacts.models import Contact
from portfolio.access import MemberRequest, member
from portfolio.models import Block, Unit


@member()
@require_safe
def log(request: MemberRequest) -> HttpResponse:
    listing = Listing(request.GET, request.organisation, now=timezone.now())
    context = shown(listing) | {"view": _view(request, listing)}
    chosen = request.GET.get("entry", "")
    context["selected"] = selected(chosen)
    if chosen and context["selected"] is None:
        listing.problems.append("That entry is not in this log.")
    elif context["selected"]:
        access.note(request.organisation, request.user, access.Kind.OPENED, entry=context["selected"])
        context.update(entry.pane(request, context["selected"]), in_pane=True)
    else:
        access.searched(listing, request.user)
    return render(request, "comms/log.html", {"nav": "log", **context})


def _view(request: MemberRequest, listing: Listing) -> SavedView | None:
    """Find the saved view that the log was opened by, and say whether it still is as that one."""
    try:
        wanted = uuid.UUID(request.GET.get("view", ""))
    except ValueError:
        return None
    view: Any = SavedView.objects.visible_to(request.user).filter(public_id=wanted).first()
    if view:
        view.organisation, view.changed = request.organisation, not view.is_as(listing.query)
        view.mine = view.owner_id == request.user.pk
    return view


@member()
@require_safe
def contact_log(request: MemberRequest, public_id: str) -> HttpResponse:
    contact = get_object_or_404(Contact, public_id=public_id)
    reading = "about" if request.GET.get("reading") == "about" else "contact"
    return _panel(request, "contact", contact, {reading: str(public_id)}, reading=reading)


@member()
@require_safe
def unit_log(request: MemberRequest, public_id: str) -> HttpResponse:
    unit: Unit = get_object_or_404(Unit.objects.select_related("block"), public_id=public_id)
    return _panel(request, "unit", unit, {"unit": str(public_id)}, block=unit.block)


@member()
@require_safe
def block_log(request: MemberRequest, public_id: str) -> HttpResponse:
    block = get_object_or_404(Block, public_id=public_id)
    return _panel(request, "block", block, {"block": str(public_id)})


def _panel(request: MemberRequest, kind: str, whose: Any, fixed: dict[str, str], **more: Any) -> HttpResponse:
    listing = Listing(request.GET, request.organisation, now=timezone.now(), fixed=fixed, window="all")
    access.searched(listing, request.user)
    nav = "contacts" if kind == "contact" else "blocks"
    whose.organisation = request.organisation
    return render(
        request,
        f"comms/log_of_{kind}.html",
        {"nav": nav, kind: whose, "whose": whose, **shown(listing), **more},
    )


def shown(listing: Listing) -> dict[str, Any]:
    """Give what the templates of a list of entries need."""
    return {
        "listing": listing,
        "table": listing.table,
        "chips": chips(listing),
        "window": window_words(listing.filter),
        "windows": [
            (name, words, listing.address(sent=name, since=None, until=None)) for name, words in WINDOWS
        ],
        "channels": CHANNELS,
        "statuses": Delivery.Status.choices,
        "bounces": BOUNCES,
        "types": Communication.Type.choices,
        "page_sizes": PAGE_SIZES,
        "older_url": listing.address(sent="all", since=None, until=None),
    }


def selected(public_id: str) -> LogEntry | None:
    """Find the entry that the address asks to be shown beside the list."""
    try:
        return entry.entries().get(public_id=uuid.UUID(public_id))
    except (LogEntry.DoesNotExist, ValueError):
        return None


urlpatterns: list[URLPattern] = [
    path("log/", log, name="log"),
    path("contacts/<uuid:public_id>/communications/", contact_log, name="contact-log"),
    path("units/<uuid:public_id>/communications/", unit_log, name="unit-log"),
    path("blocks/<uuid:public_id>/communications/", block_log, name="block-log"),
    *exports.urlpatterns,
    *log_export.urlpatterns,
    *entry.urlpatterns,
]
