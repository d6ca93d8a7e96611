"""Who gets a communication, and what became of it for each: adding, progress, a status set by hand."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comms.drafting import audience
from comms.forms import AudienceForm, StatusForm
from comms.models import Communication, Delivery, Recipient
from comms.record import events
from comms.views.communications import ONE, found
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.models import Unit

SHOWN = 500  # recipients on a page; the filters narrow the rest
STOP_POLLING = 286  # htmx's own answer code for "no more"
NEEDS_A_PERSON = ("unconfirmed", "bounced", "dropped", "failed", "spam")
MOST_UNITS = 20_000
UNUSUAL = ("opened", "clicked", "spam")  # counted when there are any


@member()
def recipients(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """List the recipients; those who may write add some by block or by flat."""
    one = found(public_id)
    if not one.is_editable:
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    posted = request.method == "POST"
    if posted and not request.membership.can_write:
        return HttpResponse(status=403)
    form = AudienceForm(
        request.POST if posted else None, initial={"block": one.block and one.block.public_id}
    )
    made = None
    if posted and form.is_valid():
        made, report = _add(request, one, form)
        if made:
            for level, words in report:
                messages.add_message(request, level, words)
            return redirect("comms:recipients", one.organisation.slug, one.public_id)
        form.add_error(None, " ".join(words for _, words in report))
    block = one.block
    context = {
        "nav": "communications",
        "communication": one,
        "form": form,
        "units": Unit.objects.filter(block=block, archived_at__isnull=True) if block else [],
        "ticked": request.POST.getlist("unit"),
        "people": one.recipients.count(),
        "shown": one.recipients.select_related("unit", "contact")[:SHOWN],
        "most": SHOWN,
    }
    return render(request, "comms/communication_recipients.html", context, status=422 if posted else 200)


def _add(request: MemberRequest, one: Communication, form: AudienceForm) -> tuple[int, list[tuple[int, str]]]:
    """Add by the form; give how many are new, and what to say about them and about those who were skipped."""
    named = request.POST.getlist("unit")[:MOST_UNITS]
    units = Unit.objects.filter(archived_at__isnull=True).select_related("block")
    if named:
        units, asked = units.filter(public_id__in=_uuids(named)), len(set(named))
    elif form.cleaned_data["block"]:
        units, asked = units.filter(block=form.cleaned_data["block"]), None
    elif one.unit_id:
        units, asked = units.filter(pk=one.unit_id), None
    else:
        return 0, [(messages.ERROR, "Choose a block, or tick flats.")]
    plan = audience.plan(one, units, form.cleaned_data["role"], timezone.localdate(), asked)
    try:
        with transaction.atomic():
            added = audience.add(plan)
    except IntegrityError:
        return 0, [(messages.ERROR, "Nobody was added: sending has begun.")]
    report = [(messages.SUCCESS, f"{added} {'person' if added == 1 else 'people'} added.")] if added else []
    for why, who in plan.reasons.items():
        names = ", ".join(who[:8]) + (f" and {len(who) - 8} more" if len(who) > 8 else "")
        report.append((messages.WARNING, f"{len(who)} skipped, {why}: {names}."))
    if plan.foreign:
        report.append((messages.WARNING, f"{plan.foreign} skipped: not a flat of this organisation."))
    there_already = bool(plan.skipped) and all(why == audience.ALREADY for _, why in plan.skipped)
    if not added and there_already and not plan.foreign:
        return 1, report  # adding again is harmless
    return added, report or [(messages.ERROR, "There are no flats to add anybody from.")]


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    wanted = []
    for text in texts:
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            continue
    return wanted


@member(*WRITERS)
@require_POST
def remove(request: MemberRequest, public_id: uuid.UUID, recipient: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    try:
        with transaction.atomic():
            one.recipients.filter(public_id=recipient).delete()
    except IntegrityError:
        messages.error(request, "Nobody was removed: sending has begun.")
    return redirect("comms:recipients", one.organisation.slug, one.public_id)


@member()
@require_GET
def progress(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show how far it is, live while it is sent: htmx asks for the inner part every two seconds."""
    one = found(public_id)
    context = _progress(one, request.GET.get("status", "")) | {"tab": "progress", "nav": "communications"}
    if request.headers.get("HX-Request") and "live" in request.GET:
        ended = one.status not in (Communication.Status.SENDING, Communication.Status.SCHEDULED)
        return render(
            request, "comms/_communication_progress.html", context, status=STOP_POLLING if ended else 200
        )
    return render(request, "comms/communication_progress.html", context)


def _progress(one: Communication, status: str) -> dict[str, Any]:
    everybody = one.recipients.annotate(
        now=Coalesce("entry__delivery__status", Value("queued")),
    )
    counts = dict(everybody.order_by().values("now").annotate(n=Count("pk")).values_list("now", "n"))
    total = sum(counts.values())
    shown = everybody.filter(now=status) if status in Delivery.Status.values else everybody
    good = sum(counts.get(name, 0) for name in ("delivered", "opened", "clicked", "spam"))
    bad = sum(counts.get(name, 0) for name in ("bounced", "failed", "dropped"))
    doubt = sum(counts.get(name, 0) for name in ("deferred", "unconfirmed"))
    segments = [("f-good", good), ("f-soft", counts.get("sent", 0)), ("f-wait", doubt), ("f-bad", bad)]
    return {
        "communication": one,
        "counts": [
            (value, counts.get(value, 0))
            for value in Delivery.Status.values
            if counts.get(value) or value not in UNUSUAL
        ],
        "people": total,
        "tried": total - counts.get("queued", 0),
        "left": counts.get("queued", 0),
        "bad": bad,
        "meter": _meter(segments, total),
        "chosen": status if status in Delivery.Status.values else "",
        "shown": _needing_a_person_first(shown)[:SHOWN],
        "most": SHOWN,
    }


def _meter(segments: list[tuple[str, int]], total: int) -> list[tuple[str, float, float]]:
    """Give the rectangles of the meter, on a scale of 1,000: class, where it begins, how wide it is."""
    drawn, begin = [], 0.0
    for tone, many in segments:
        if many:
            width = 1000 * many / total
            drawn.append((tone, round(begin, 2), round(width, 2)))
            begin += width
    return drawn


def _needing_a_person_first(everybody: QuerySet) -> QuerySet:
    urgency = Case(
        *(When(now=name, then=Value(place)) for place, name in enumerate(NEEDS_A_PERSON)),
        default=Value(len(NEEDS_A_PERSON)),
        output_field=IntegerField(),
    )
    return everybody.select_related("unit", "contact", "entry__delivery").order_by(urgency, "id")


@member(*WRITERS)
def set_status(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a person's word for what became of one message; it stands beside what machines said."""
    recipient: Recipient = get_object_or_404(
        Recipient.objects.select_related("communication__organisation", "entry__delivery", "unit"),
        public_id=public_id,
    )
    one = recipient.communication
    entry = getattr(recipient, "entry", None)
    if entry is None or recipient.state in (Recipient.State.RECORDED, Recipient.State.HANDING_OVER):
        messages.error(request, "It has not been sent to them yet, so nothing can have become of it.")
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    local = timezone.localtime()
    form = StatusForm(request.POST or None, initial={"date": local.date(), "time": local.time()})
    if request.method == "POST" and form.is_valid():
        status = form.cleaned_data["status"]
        events.append(
            entry,
            status,
            happened_at=form.moment,  # type: ignore[arg-type]
            source=events.PERSON,
            actor=request.user,
            reason=form.cleaned_data["reason"],
            bounce="hard" if status == "bounced" else "",
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


@member()
@require_GET
def unconfirmed(request: MemberRequest) -> HttpResponse:
    """List the handovers whose end nobody can know."""
    rows = Recipient.objects.filter(Q(state=Recipient.State.UNCONFIRMED)).select_related(
        "communication", "entry__delivery", "unit"
    )
    context = {"nav": "communications", "shown": rows.order_by("-id")[:SHOWN], "most": SHOWN}
    return render(request, "comms/unconfirmed.html", context)


urlpatterns = [
    path(f"{ONE}recipients/", recipients, name="recipients"),
    path(f"{ONE}recipients/<uuid:recipient>/remove/", remove, name="recipient-remove"),
    path(f"{ONE}progress/", progress, name="progress"),
    path("recipients/<uuid:public_id>/status/", set_status, name="recipient-status"),
    path("unconfirmed/", unconfirmed, name="unconfirmed"),
]
