"""Lists of tickets: all of them, those of a block, a flat or a contact; and opening one by hand."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from comms.forms import tickets as forms
from comms.log import follow_up
from comms.models import LogEntry, Ticket
from comms.record import tickets as record
from contacts.models import Contact
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.days import usual_due_on
from portfolio.finding import named
from portfolio.models import Block, Unit
from portfolio.paging import page

RELATED = ("assignee", "block", "unit", "contact", "organisation")


@member()
@require_safe
def tickets(request: MemberRequest) -> HttpResponse:
    """List the tickets, the most urgent first; those that are not closed, where nothing else is asked for."""
    return render(request, "comms/tickets.html", {"nav": "tickets", **_listed(request, Ticket.objects.all())})


@member()
@require_safe
def of_block(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    return _panel(request, "block", get_object_or_404(Block, public_id=public_id))


@member()
@require_safe
def of_unit(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    return _panel(
        request, "unit", get_object_or_404(Unit.objects.select_related("block"), public_id=public_id)
    )


@member()
@require_safe
def of_contact(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    return _panel(
        request,
        "contact",
        get_object_or_404(Contact.objects.select_related("merged_into"), public_id=public_id),
    )


def _panel(request: MemberRequest, kind: str, whose: Any) -> HttpResponse:
    """Show the tickets of one thing on its own page, closed ones too."""
    nav = "contacts" if kind == "contact" else "blocks"
    whose.organisation = request.organisation
    context = {"nav": nav, kind: whose, "whose": whose, "kind": kind}
    found = Ticket.objects.filter(follow_up.about(kind, whose))
    return render(request, f"comms/tickets_of_{kind}.html", {**context, **_listed(request, found, "all")})


def _listed(request: MemberRequest, found: QuerySet[Ticket], state: str = "") -> dict[str, Any]:
    asked = request.GET.copy()
    if state and not asked.get("state"):
        asked["state"] = state
    narrowed = follow_up.TicketFilter(asked, request.organisation, request.user, found)
    # Open ones by urgency; with closed ones among them, the newest first.
    by = "due_on" if asked.get("state", "open") in ("open", "waiting") else "-due_on"
    shown = page(narrowed.qs.select_related(*RELATED), request.GET, by=by)
    return {"page": shown, "filter": narrowed, "today": timezone.localdate()}


@member(*WRITERS)
def new(request: MemberRequest) -> HttpResponse:
    """Open a ticket by hand, about what the address names: a block, a flat, a contact, an entry."""
    about = _about(request)
    initial = {"assignee": request.user, "due_on": usual_due_on(), "once": forms.once()}
    form = forms.OpenForm(
        request.POST or None, people=follow_up.people(request.organisation), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        ticket, made = record.open_by_hand(
            request.organisation,
            request.user,
            once=found["once"],
            words=found["words"],
            title=found["title"],
            assignee=found["assignee"],
            due_on=found["due_on"],
            **about,
        )
        if made:
            messages.success(request, "The ticket is open.")
        return redirect("comms:ticket", request.organisation.slug, ticket.public_id)
    context = {
        "nav": "tickets",
        "form": form,
        "heading": "Open a ticket",
        "action": "Open the ticket",
        "about": [row for row in about.values() if row],
    }
    return render(request, "comms/ticket_new.html", context, status=422 if form.is_bound else 200)


def _about(request: MemberRequest) -> dict[str, Any]:
    """Give what the ticket is about; what an entry or a flat belongs to comes with it."""
    entry = named(LogEntry.objects.select_related("block", "unit", "contact"), request.GET.get("entry", ""))
    unit = named(Unit.objects.select_related("block"), request.GET.get("unit", "")) or (entry and entry.unit)
    block = named(Block, request.GET.get("block", "")) or (unit and unit.block) or (entry and entry.block)
    contact = named(Contact, request.GET.get("contact", "")) or (entry and entry.contact)
    return {"entry": entry, "block": block, "unit": unit, "contact": contact}


urlpatterns = [
    path("tickets/", tickets, name="tickets"),
    path("tickets/new/", new, name="ticket-new"),
    path("blocks/<uuid:public_id>/tickets/", of_block, name="block-tickets"),
    path("units/<uuid:public_id>/tickets/", of_unit, name="unit-tickets"),
    path("contacts/<uuid:public_id>/tickets/", of_contact, name="contact-tickets"),
]
