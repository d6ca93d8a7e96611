"""Addresses that nothing is sent to, why, and the lifting of that; and what did not reach a contact."""

import uuid

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from comms.channels import registry
from comms.forms.follow_up import LiftForm, ResendForm
from comms.log.follow_up import SuppressionFilter
from comms.models import Delivery, Recipient, Suppression
from comms.models.communication import Refused
from comms.sending import again
from contacts.models import Contact
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.paging import page

SHOWN = 100  # messages that did not arrive, on the page of a contact


@member()
@require_safe
def suppressions(request: MemberRequest) -> HttpResponse:
    """List the addresses that are not sent to; those that were lifted too, where that is asked for."""
    narrowed = SuppressionFilter(request.GET)
    related = ("event__entry__communication", "event__entry__organisation", "lifted_by")
    shown = page(narrowed.qs.select_related(*related), request.GET, by="-created_at")
    context = {"nav": "contacts", "page": shown, "filter": narrowed}
    return render(request, "comms/suppressions.html", context)


@member(*WRITERS)
def lift(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a person's reason why an address may be sent to again."""
    found: Suppression = get_object_or_404(
        Suppression.objects.select_related("event__entry", "lifted_by"), public_id=public_id
    )
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if found.lift(request.user, form.cleaned_data["why"], timezone.now()):
            messages.success(
                request, f"{found.address} is sent to again. What was dropped is not sent by itself."
            )
        else:
            messages.warning(request, "Somebody else had lifted it already.")
        return redirect("comms:suppressions", request.organisation.slug)
    context = {"nav": "contacts", "block_of": found, "form": form}
    context |= {"heading": "Lift the block", "action": "Lift the block"}
    return render(request, "comms/suppression_lift.html", context, status=422 if form.is_bound else 200)


@member()
def not_reached(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """List what did not reach a contact and was not sent again; who may write sends copies of what is ticked."""
    contact: Contact = get_object_or_404(Contact, public_id=public_id)
    rows = list(_not_arrived(contact)[:SHOWN])
    posted = request.method == "POST"
    if posted:
        request.membership.require_writer()
    words = list(
        dict.fromkeys([*registry.usable(request.organisation.channels), *(row.channel for row in rows)])
    )
    form = ResendForm(request.POST if posted else None, words=words)
    ticked = request.POST.getlist("entry")
    chosen = [row for row in rows if str(row.entry.public_id) in ticked]
    if posted and form.is_valid():
        if chosen:
            _send(request, chosen, form.cleaned_data["channel"])
            return redirect("comms:not-reached", request.organisation.slug, contact.public_id)
        form.add_error(
            None, "Tick what is to be sent again. What is not listed any more was sent again meanwhile."
        )
    context = {
        "nav": "contacts",
        "contact": contact,
        "rows": [(row, again.refusal(row.entry)) for row in rows],
        "form": form,
        "ticked": ticked,
    }
    return render(request, "comms/not_reached.html", context, status=422 if posted else 200)


def _not_arrived(contact: Contact) -> QuerySet[Delivery]:
    copies = Recipient.objects.filter(copy_of=OuterRef("entry"))
    same = Q(contact=contact) | Q(contact__merged_into=contact)
    found = Delivery.objects.filter(same, ~Exists(copies), status__in=again.NOT_ARRIVED, manual=False)
    related = (
        "entry__recipient__contact__merged_into",
        "entry__communication__organisation",
        "entry__organisation",
    )
    return found.select_related(*related, "entry__delivery").order_by("-at", "-entry")


def _send(request: MemberRequest, chosen: list[Delivery], channel: str) -> None:
    sent, refused = 0, ""
    for row in chosen:
        try:
            sent += again.send(row.entry, request.user, channel or row.channel, timezone.now())[1]
        except Refused as why:
            refused = str(why)
    if sent:
        many = "A copy is" if sent == 1 else f"{sent} copies are"
        messages.success(request, f"{many} on the way. Each has an entry of its own that names the first.")
    if refused:
        messages.error(request, refused)


urlpatterns = [
    path("contacts/blocked/", suppressions, name="suppressions"),
    path("contacts/blocked/<uuid:public_id>/lift/", lift, name="suppression-lift"),
    path("contacts/<uuid:public_id>/not-reached/", not_reached, name="not-reached"),
]
