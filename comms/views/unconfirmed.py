"""What nobody knows the end of, and the two things that a person can do: treat it as sent, or send it again."""

import re
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from comms.forms.follow_up import AgainForm, WhyForm
from comms.log import evidence
from comms.models import Delivery, LogEntry, Recipient
from comms.models.communication import Refused
from comms.sending import again, reconcile
from portfolio.access import WRITERS, MemberRequest, member

SHOWN = 20
RELATED = (
    "organisation",
    "communication__organisation",
    "recipient__contact__merged_into",
    "delivery",
    "unit",
)


@member()
@require_GET
def unconfirmed(request: MemberRequest) -> HttpResponse:
    """List the messages of which nobody knows the end, with what speaks for either, until somebody settles them."""
    rows = Delivery.objects.filter(status=Delivery.Status.UNCONFIRMED)
    copies = Exists(Recipient.objects.filter(copy_of=OuterRef("entry")))
    sent_again = request.GET.get("again") == "yes"
    rows = rows.filter(copies if sent_again else ~copies)
    before = request.GET.get("before", "")
    if re.fullmatch(r"[0-9]{1,18}", before):
        rows = rows.filter(entry__lt=int(before))
    related = ("entry__recipient", "entry__organisation", "communication__organisation", "unit", "block")
    found = list(rows.select_related(*related).order_by("-entry")[: SHOWN + 1])
    shown = [evidence.of(row) for row in found[:SHOWN]]
    for one in shown:
        one.copy = again.copy_of(one.delivery.entry) if sent_again else None  # type: ignore[attr-defined]
    context = {
        "nav": "communications",
        "shown": shown,
        "again": sent_again,
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else "",
        "before": before,
    }
    return render(request, "comms/unconfirmed.html", context)


@member(*WRITERS)
def treat_as_sent(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a person's word that it left, and how they know."""
    entry = _entry(public_id)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = reconcile.treat_as_sent(entry, request.user, form.cleaned_data["why"], timezone.now())
        if done:
            messages.success(
                request, f"{entry.to_name}: treated as sent. It stands in the log under your name."
            )
        else:
            messages.warning(request, "It is not unconfirmed any more. Its history says what was heard.")
        return redirect(entry)
    context = {"nav": "communications", "entry": entry, "evidence": evidence.of(entry.delivery), "form": form}
    context |= {"heading": "Treat as sent", "action": "Treat it as sent"}
    return render(request, "comms/treat_as_sent.html", context, status=422 if form.is_bound else 200)


@member(*WRITERS)
def send_again(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say what a copy would be, and send it."""
    entry = _entry(public_id)
    there = again.copy_of(entry)
    why_not = "" if there else again.refusal(entry)
    routes = again.routes(entry) if not there and not why_not else []
    words = [route.channel for route in routes if not route.word]
    why_not = why_not or ("" if words or there else again.NO_WAY)
    form = AgainForm(request.POST or None, words=words, initial={"channel": _first(routes)})
    if request.method == "POST" and (there or form.is_valid()):
        try:
            made, new = again.send(
                entry, request.user, form.cleaned_data["channel"] if not there else "", timezone.now()
            )
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(entry)
        if new:
            messages.success(
                request, "The copy is on its way. It has an entry of its own, and each names the other."
            )
        else:
            messages.warning(request, "It had been sent again already: this is that copy.")
        return redirect("comms:progress", request.organisation.slug, made.public_id)
    context: dict[str, Any] = {
        "nav": "communications",
        "entry": entry,
        "form": form,
        "routes": [(route, again.address_of(route)) for route in routes],
        "there": there,
        "why_not": why_not,
        "line": again.line(entry) if routes else "",
    }
    return render(request, "comms/send_again.html", context, status=422 if request.method == "POST" else 200)


def _first(routes: list[Any]) -> str:
    """Choose the first channel by which it would reach them."""
    return next((route.channel for route in routes if not route.word), "")


def _entry(public_id: uuid.UUID) -> LogEntry:
    return get_object_or_404(LogEntry.objects.select_related(*RELATED), public_id=public_id)


def waiting() -> int:
    """Count those that are unconfirmed and were not sent again, up to a hundred."""
    rows = Delivery.objects.filter(status=Delivery.Status.UNCONFIRMED)
    return rows.filter(~Exists(Recipient.objects.filter(copy_of=OuterRef("entry"))))[:100].count()


urlpatterns = [
    path("unconfirmed/", unconfirmed, name="unconfirmed"),
    path("log/<uuid:public_id>/treat-as-sent/", treat_as_sent, name="treat-as-sent"),
    path("log/<uuid:public_id>/send-again/", send_again, name="send-again"),
]
