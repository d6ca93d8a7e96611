"""Contacts: the list, one of them, those whose address is to be looked at, and what changed."""

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contacts.models import AddressFlag, Contact, Occupancy
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.activity import activity
from portfolio.models import Unit
from portfolio.paging import page
from portfolio.views.home import searched

ONE = "contacts/<uuid:public_id>/"


@member()
@require_safe
def contacts(request: MemberRequest) -> HttpResponse:
    """List the contacts by name, those whose name, reference, emails or phones have what is searched for."""
    text = searched(request)
    archived = request.GET.get("archived") == "yes"
    which = Contact.objects.filter(archived_at__isnull=not archived).matching(text)
    shown = page(with_flats(which), request.GET)
    context = {
        "nav": "contacts",
        "page": shown,
        "text": text,
        "archived": archived,
        "flagged": Contact.objects.current().flagged()[:100].count(),
    }
    return render(request, "contacts/contact_list.html", context)


@member()
@require_safe
def flagged(request: MemberRequest) -> HttpResponse:
    """List the contacts with an address that something came back from."""
    shown = page(with_flats(Contact.objects.current().flagged()), request.GET)
    return render(request, "contacts/contact_flagged.html", {"nav": "contacts", "page": shown})


def with_flats(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    flats = Prefetch("occupancies", Occupancy.objects.with_flat())
    return contacts.prefetch_related(flats, "other_addresses")


@member()
@require_safe
def contact(request: MemberRequest, public_id: str) -> HttpResponse:
    found: Contact = get_object_or_404(Contact.objects.select_related("merged_into"), public_id=public_id)
    return render(request, "contacts/contact_detail.html", {"nav": "contacts", "contact": found})


@member()
@require_safe
def contact_activity(request: MemberRequest, public_id: str) -> HttpResponse:
    found: Contact = get_object_or_404(Contact.objects.select_related("merged_into"), public_id=public_id)
    context = {"nav": "contacts", "contact": found, "activity": activity(request.GET, found)}
    return render(request, "contacts/contact_activity.html", context)


@member()
@require_safe
def unit_activity(request: MemberRequest, public_id: str) -> HttpResponse:
    found: Unit = get_object_or_404(Unit.objects.select_related("block"), public_id=public_id)
    context = {"nav": "blocks", "unit": found, "activity": activity(request.GET, found)}
    return render(request, "contacts/unit_activity.html", context)


@member(*WRITERS)
@require_POST
def keep_address(request: MemberRequest, public_id: str, flag: str) -> HttpResponse:
    """Settle that an address is right all the same."""
    found = get_object_or_404(Contact, public_id=public_id)
    AddressFlag.objects.standing().filter(public_id=flag).update(
        settled_at=timezone.now(), settled_by=request.user
    )
    messages.success(
        request,
        "Kept as it is. Where it is blocked, it is sent to again once the block is lifted: see Addresses not sent to.",
    )
    return redirect(found)


@member(*WRITERS)
@require_POST
def archive(request: MemberRequest, public_id: str) -> HttpResponse:
    """Put a contact away, or bring one back; nothing that names them is touched."""
    found = get_object_or_404(Contact, public_id=public_id)
    if found.archived_at is None and (found.parts.now or found.parts.to_come):
        part = [*found.parts.now, *found.parts.to_come][0]
        messages.error(
            request,
            f"{found} is {part.get_role_display().lower()} of {part.unit}. End that first, then archive the contact.",
        )
        return redirect(found)
    if found.merged_into_id:
        messages.error(request, "This contact was made one with another and stays archived.")
        return redirect(found)
    archived_at = None if found.archived_at else timezone.now()
    Contact.objects.filter(pk=found.pk).update(archived_at=archived_at)
    words = (
        "is archived. Their log stays, and they can be brought back." if archived_at else "is in use again."
    )
    messages.success(request, f"{found} {words}")
    return redirect(found)


urlpatterns = [
    path("contacts/", contacts, name="contacts"),
    path("contacts/flagged/", flagged, name="flagged"),
    path(ONE, contact, name="contact"),
    path(f"{ONE}activity/", contact_activity, name="contact-activity"),
    path(f"{ONE}archive/", archive, name="contact-archive"),
    path(f"{ONE}flags/<uuid:flag>/keep/", keep_address, name="flag-keep"),
    path("units/<uuid:public_id>/activity/", unit_activity, name="unit-activity"),
]
