"""Recording by hand what happened elsewhere, and putting right what was recorded wrongly."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from comms.forms.record import OTHER, VIAS, RecordForm
from comms.sending import recorded
from contacts.models import Contact
from contacts.views.editing import choose_contact
from portfolio.access import RECORDERS, MemberRequest, member
from portfolio.finding import named
from portfolio.models import Block, Unit


@member(*RECORDERS)
def record(request: MemberRequest) -> HttpResponse:
    """Write one entry by hand, about a contact, a flat or a block, or in place of an entry that is wrong."""
    if request.GET.get("choose") and not request.GET.get("contact"):
        return choose_contact(request, "Whom was it with, or about?", "contact")
    about = _about(request)
    initial = _initial(about) | {"once": uuid.uuid4()}
    form = RecordForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        written = recorded.record(
            request.organisation, request.user, form.cleaned_data | {"at": form.moment}, about
        )
        messages.success(
            request, "Recorded. Nobody can change it; a mistake in it is put right by another entry."
        )
        return redirect("comms:entry", request.organisation.slug, written)
    words = (
        ("Put it right by another entry", "Record it in its place")
        if about["wrong"]
        else ("Record by hand", "Record it")
    )
    context = {
        "nav": "log",
        "form": form,
        "heading": words[0],
        "action": words[1],
        "alone": not any(about.values()),
        **about,
    }
    return render(request, "comms/record.html", context, status=422 if form.is_bound else 200)


def _about(request: MemberRequest) -> dict[str, Any]:
    """Give what the entry is about, as the address of the page names it."""
    asked = request.GET
    return recorded.about(
        contact=named(Contact, asked.get("contact", "")),
        unit=named(Unit.objects.select_related("block"), asked.get("unit", "")),
        block=named(Block, asked.get("block", "")),
        wrong=named(recorded.entries_to_correct(), asked.get("corrects", "")),
    )


def _initial(about: dict[str, Any]) -> dict[str, Any]:
    now = timezone.localtime()
    contact, wrong = about["contact"], about["wrong"]
    found = {"date": now.date(), "time": now.time(), "via": "phone"}
    if wrong:
        at = timezone.localtime(wrong.happened_at or wrong.recorded_at)
        known = wrong.channel in VIAS
        return found | {
            "via": wrong.channel if known else OTHER,
            "word": "" if known else wrong.channel,
            "to_name": wrong.to_name,
            "to_address": wrong.to_address,
            "title": wrong.title,
            "words": wrong.words if wrong.manual else "",
            "date": at.date(),
            "time": at.time(),
            "reference_type": wrong.reference_type,
            "reference": wrong.reference,
        }
    if contact:
        return found | {"to_name": contact.name, "to_address": contact.phone_national or contact.email}
    return found


urlpatterns = [path("log/record/", record, name="record")]
