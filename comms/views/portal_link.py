"""The office's side of a resident's page: whether a link to it stands, making it, showing it, ending it."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from comms.models import PortalLink, PortalPushSubscription
from comms.portal import links
from comms.views.bearer import kept_close
from contacts.models import Contact
from portfolio.access import EVERYONE, WRITERS, MemberRequest, member
from portfolio.models import Unit

GONE = 5  # devices that were taken off, of each page
ONE = "contacts/<uuid:public_id>/portal/"


class Row(NamedTuple):
    """A page that a person has or could have: of a flat, or of all that is addressed to them."""

    unit: Unit | None
    link: PortalLink | None
    devices: int = 0
    url: str = ""  # only where it was asked for
    gone: Sequence[PortalPushSubscription] = ()  # the devices that were taken off last


@member(*EVERYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def portal_link(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show which links of a contact stand; who may write makes one, or has one shown to copy it."""
    contact = _contact(public_id)
    rows = _rows(contact)
    if request.method == "POST":
        request.membership.require_writer()
        row = _chosen(request, rows)
        if row is None or (contact.archived_at and not row.link):
            messages.warning(request, "It was changed meanwhile. Look at what there is below.")
            return redirect("comms:portal-link", request.organisation.slug, public_id)
        link = links.of(contact, row.unit, request.user)
        shown = row._replace(link=link, url=links.portal_url(link))
        rows = [shown if one is row else one for one in rows]
    context = {"nav": "contacts", "contact": contact, "rows": rows}
    response = render(request, "comms/portal_link.html", context)
    kept_close(response)
    return response


@member(*WRITERS)
@require_POST
def revoke(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """End a link; a second time changes nothing."""
    row = _chosen(request, _rows(_contact(public_id)))
    if row and row.link and links.revoke(row.link, request.user):
        messages.success(request, "The link no longer opens the page. Make another to let them in again.")
    return redirect("comms:portal-link", request.organisation.slug, public_id)


def _contact(public_id: uuid.UUID) -> Contact:
    found: Contact = get_object_or_404(Contact.objects.select_related("organisation"), public_id=public_id)
    return found


def _rows(contact: Contact) -> list[Row]:
    """List the flats in which the contact has a part now, and whatever else a link stands for."""
    standing: Any = PortalLink.objects.standing().filter(contact=contact).select_related("unit__block")
    there = {link.unit_id: link for link in standing}
    offered: dict[int | None, Unit | None] = {part.unit_id: part.unit for part in contact.parts.now}
    offered |= {link.unit_id: link.unit for link in standing}
    return [
        Row(
            unit,
            link,
            link.subscriptions.filter(removed_at=None).count() if link else 0,
            gone=link.subscriptions.exclude(removed_at=None).order_by("-removed_at")[:GONE] if link else (),
        )
        for key, unit in (offered or {None: None}).items()
        for link in [there.get(key)]
    ]


def _chosen(request: MemberRequest, rows: list[Row]) -> Row | None:
    named = request.POST.get("unit", "")
    return next((row for row in rows if (str(row.unit.public_id) if row.unit else "") == named), None)


urlpatterns = [
    path(ONE, portal_link, name="portal-link"),
    path(f"{ONE}revoke/", revoke, name="portal-link-revoke"),
]
