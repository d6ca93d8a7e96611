"""The first page: what needs a person, what failed, what goes out now and next."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from comms.models import ReceiptParsing
from comms.reports import overview
from comms.sending import outlets
from comms.views import receipts, unconfirmed
from contacts.models import Contact
from portfolio.access import ADMINS, MemberRequest, member

COUNTED = 100  # beyond that, "100+"


@member()
@require_GET
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show the state of things at a glance; the part that changes by the minute is drawn again by itself."""
    if request.headers.get("HX-Request") and "going" in request.GET:
        return render(request, "comms/_going.html", {"going": overview.going()})
    now, today = timezone.now(), timezone.localdate()
    scheduled, days = overview.next_out(), overview.days(today, request.organisation.zone)
    context: dict[str, Any] = {
        "nav": "dashboard",
        "today": today,
        "paused": outlets.paused(request.organisation),
        "tickets": overview.tickets(),
        **_to_look_at(request),
        "failed": overview.failed(now),
        "failed_lately": overview.failed_lately(now, COUNTED),
        "going": overview.going(),
        "scheduled": scheduled[: overview.SHOWN],
        "more_scheduled": len(scheduled) > overview.SHOWN,
        "days": days,
        "chart": overview.chart_of(days),
    }
    return render(request, "comms/dashboard.html", context)


def _to_look_at(request: MemberRequest) -> dict[str, int]:
    """Count what waits for somebody without a ticket of its own, each up to a hundred."""
    odd = ReceiptParsing.objects.filter(state__in=receipts.TO_LOOK_AT)
    return {
        "unconfirmed": unconfirmed.waiting(),
        "flagged": Contact.objects.current().flagged()[:COUNTED].count(),
        "odd": odd[:COUNTED].count() if request.membership.role in ADMINS else 0,
    }


urlpatterns = [path("", dashboard, name="dashboard")]
