"""The check before it is sent, the time to send, and a person's word that it was sent by other means."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from comms.forms import MarkSentForm, ScheduleForm
from comms.models import Communication
from comms.models.communication import Refused
from comms.sending import routing
from comms.sending.compose import unmakable
from comms.sending.declare import declare
from comms.sending.trial import trial
from comms.views.one import ONE, found, languages_of, shown
from portfolio.access import WRITERS, MemberRequest, member

SHOWN = 200  # people who will not be reached


@member(*WRITERS)
def check(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say who gets it and who does not, and take the time to send."""
    one = found(public_id)
    if not one.is_editable:
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    now = "now" in request.POST
    form = ScheduleForm(request.POST if request.method == "POST" and not now else None, initial=_moment(one))
    checked = routing.check(one, one.recipients.select_related("unit", "contact__organisation"))
    blocked = unmakable(one, checked.routes)
    if request.method == "POST" and not blocked and (now or form.is_valid()):
        at = timezone.now() if now else form.moment
        try:
            one.schedule(at=at, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    context = shown(one) | {
        "form": form,
        "checked": checked,
        "costs": {word: _money(pence) for word, pence in checked.pence().items()},
        "languages": languages_of(one),
        "unmakable": blocked,
        "sent_before": routing.sent_before(one),
        "obstacles": checked.obstacles[:SHOWN],
        "leaves": _in_words(
            form.local if form.is_bound else timezone.localtime(one.scheduled_at or _tomorrow())
        ),
    }
    return render(
        request, "comms/communication_check.html", context, status=422 if request.method == "POST" else 200
    )


def _moment(one: Communication) -> dict[str, Any]:
    at = timezone.localtime(one.scheduled_at or _tomorrow())
    return {"date": at.date(), "time": at.time(), "which": str(at.fold)}


def _money(pence: Decimal) -> str:
    """Write pence as people do: 96p, £4.80."""
    return f"{pence.normalize():f}p" if pence < 100 else f"£{pence / 100:.2f}"


def _in_words(at: datetime.datetime | None) -> str:
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}" if at else ""


def _tomorrow() -> datetime.datetime:
    """Give tomorrow at nine, in the organisation's zone."""
    day = timezone.localdate() + datetime.timedelta(days=1)
    return datetime.datetime.combine(day, datetime.time(9), timezone.get_current_timezone())


@member(*WRITERS)
@require_POST
def unschedule(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    try:
        one.unschedule()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Back to draft. It will not be sent until it is scheduled again.")
    return redirect(one)


@member(*WRITERS)
@require_POST
def send_test(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send the message to the person who writes it, as the first recipient would get it."""
    one = found(public_id)
    try:
        outcome = trial(one, request.user)
    except ValueError as refused:
        messages.error(request, f"No test was sent. {refused}")
        return redirect(one)
    if outcome.kind == "sent":
        messages.success(
            request, f"A test is on its way to {request.user.email}. The log shows it as a test."
        )
    else:
        messages.error(request, f"The test did not go out. {outcome.reason}")
    return redirect(one)


@member(*WRITERS)
def mark_sent(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a person's word that it was sent by other means."""
    one = found(public_id)
    if not one.is_editable:
        messages.error(request, "It cannot be marked: sending has begun.")
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    local = timezone.localtime()
    form = MarkSentForm(request.POST or None, initial={"date": local.date(), "time": local.time()})
    if request.method == "POST" and form.is_valid():
        try:
            many = declare(one, at=form.moment, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Logged as sent to {many} {'person' if many == 1 else 'people'}.")
            return redirect("comms:progress", one.organisation.slug, one.public_id)
    context = shown(one) | {"form": form}
    return render(
        request, "comms/communication_mark_sent.html", context, status=422 if form.is_bound else 200
    )


urlpatterns = [
    path(f"{ONE}check/", check, name="check"),
    path(f"{ONE}unschedule/", unschedule, name="unschedule"),
    path(f"{ONE}trial/", send_test, name="trial"),
    path(f"{ONE}mark-sent/", mark_sent, name="mark-sent"),
]
