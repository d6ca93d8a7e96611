"""What became of a communication for each recipient, and what a person knows of it."""

import datetime
import re
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from comms.forms import StatusForm
from comms.models import Communication, Delivery, DeliveryEvent, Recipient
from comms.reports.tally import Tally
from comms.sending import by_person
from comms.views.one import ONE, found
from portfolio.access import WRITERS, MemberRequest, member

SHOWN = 100  # recipients on a page
SOON = datetime.timedelta(minutes=2)
STOP_POLLING = 286  # htmx's own answer code for "no more"
NEEDS_A_PERSON = ("unconfirmed", "bounced", "dropped", "failed", "spam")
UNUSUAL = ("opened", "clicked", "spam")  # counted when there are any


@member()
@require_GET
def progress(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show how far it is, live while it is sent: htmx asks for the inner part every two seconds."""
    one = found(public_id)
    status = request.GET.get("status", "")
    status = Delivery.Status.QUEUED if status == DeliveryEvent.Kind.PENDING else status
    context = _progress(one, status, request.GET.get("after", ""))
    context |= {"tab": "progress", "nav": "communications", "live": _is_live(one)}
    if request.headers.get("HX-Request") and "live" in request.GET:
        code = 200 if context["live"] else STOP_POLLING
        return render(request, "comms/_communication_progress.html", context, status=code)
    return render(request, "comms/communication_progress.html", context)


def _is_live(one: Communication) -> bool:
    """Say whether something is about to change on the page by itself."""
    if one.status == Communication.Status.SCHEDULED and one.scheduled_at:
        return one.scheduled_at <= timezone.now() + SOON
    return one.status == Communication.Status.SENDING


def _progress(one: Communication, status: str, after: str) -> dict[str, Any]:
    everybody = one.recipients.annotate(
        now=Coalesce("entry__delivery__status", Value("queued")),
    )
    counts = dict(everybody.order_by().values("now").annotate(n=Count("pk")).values_list("now", "n"))
    shown = everybody.filter(now=status) if status in Delivery.Status.values else everybody
    return {
        "communication": one,
        "counts": [
            (value, counts.get(value, 0))
            for value in Delivery.Status.values
            if counts.get(value) or value not in UNUSUAL
        ],
        "tally": Tally(counts),
        "by_person": by_person.waiting(one).count() if one.status == Communication.Status.SENDING else 0,
        "chosen": status if status in Delivery.Status.values else "",
        **_page(_needing_a_person_first(shown), after),
    }


def _page(ordered: QuerySet, after: str) -> dict[str, Any]:
    """Give the recipients that follow the one named, and how to name the last of them where there are more."""
    match = re.fullmatch(r"(\d{1,2})-(\d{1,18})", after, re.ASCII)
    if match:
        urgency, key = int(match[1]), int(match[2])
        ordered = ordered.filter(Q(urgency__gt=urgency) | Q(urgency=urgency, pk__gt=key))
    rows = list(ordered[: SHOWN + 1])
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    return {
        "shown": rows[:SHOWN],
        "after": after if match else "",
        "next": f"{last.urgency}-{last.pk}" if last else "",
    }


def _needing_a_person_first(everybody: QuerySet) -> QuerySet:
    urgency = Case(
        *(When(now=name, then=Value(place)) for place, name in enumerate(NEEDS_A_PERSON)),
        default=Value(len(NEEDS_A_PERSON)),
        output_field=IntegerField(),
    )
    found = everybody.annotate(urgency=urgency).select_related("unit", "contact", "entry__delivery")
    return found.order_by("urgency", "id")


@member(*WRITERS)
def set_status(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a person's word for what became of one message; it stands beside what machines said."""
    recipient: Recipient = get_object_or_404(
        Recipient.objects.select_related("communication__organisation", "entry__delivery", "unit"),
        public_id=public_id,
    )
    one = recipient.communication
    entry = getattr(recipient, "entry", None)
    if not by_person.is_sent(recipient):
        messages.error(request, by_person.NOT_SENT)
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    local = timezone.localtime()
    form = StatusForm(
        request.POST or None, initial={"date": local.date(), "time": local.time(), "once": uuid.uuid4()}
    )
    if request.method == "POST" and form.is_valid():
        status = form.cleaned_data["status"]
        by_person.say(
            recipient,
            status,
            at=form.moment,  # type: ignore[arg-type]
            by=request.user,
            reason=form.cleaned_data["reason"],
            once=f"form {form.cleaned_data['once']}",  # the same form sent twice is one word
        )
        messages.success(
            request,
            f"{recipient.name}: {StatusForm.STATUSES[status].lower()}. It stands in the log under your name.",
        )
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    context = {
        "nav": "communications",
        "communication": one,
        "recipient": recipient,
        "entry": entry,
        "form": form,
    }
    return render(request, "comms/recipient_status.html", context, status=422 if form.is_bound else 200)


urlpatterns = [
    path(f"{ONE}progress/", progress, name="progress"),
    path("recipients/<uuid:public_id>/status/", set_status, name="recipient-status"),
]
