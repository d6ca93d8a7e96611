"""Reporting → Schedule: exports that are made again and again, and mailed."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comms.forms.schedule import FIRST, ScheduleForm
from comms.models import ExportSchedule, SavedView, ScheduleRun
from comms.reports import calendar, schedules
from comms.reports.asked import FORMATS, view_words
from comms.reports.figures import REPORTS
from comms.reports.schedule_mail import REFERENCE_TYPE
from portfolio.access import EXPORTERS, ROLES, MemberRequest, member
from portfolio.models import User

RUNS = 100


@member(*EXPORTERS)
@require_safe
def schedules_list(request: MemberRequest) -> HttpResponse:
    """List what is exported by itself, when next, and how it went last."""
    newest = ScheduleRun.objects.order_by("schedule_id", "-due_at", "-id").distinct("schedule_id")
    found = ExportSchedule.objects.filter(ended_at=None).select_related("view", "owner")
    listed = found.prefetch_related(Prefetch("runs", queryset=newest, to_attr="newest"))
    rows = [(one, calendar.rhythm_words(schedules.rhythm(one))) for one in listed]
    views = SavedView.objects.visible_to(request.user).exists()
    context = {"nav": "reports", "tab": "schedules", "reports": REPORTS, "schedules": rows, "views": views}
    return render(request, "comms/schedules.html", context)


@member(*EXPORTERS)
@require_safe
def schedule(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show one: what, when, to whom, and each run with the hash of its file."""
    found = _found(request, public_id)
    runs: list[Any] = list(found.runs.select_related("export", "by")[:RUNS])
    for run in runs:
        run.period = schedules.period_words(run)
    log = reverse("comms:log", args=[request.organisation.slug])
    context = {
        "nav": "reports",
        "schedule": found,
        "runs": runs,
        "rhythm": calendar.rhythm_words(schedules.rhythm(found)),
        "about": calendar.about_words(found.every),
        "format": FORMATS[found.format],
        "words": view_words({**found.view.query, "sent": ["all"]}, request.organisation, timezone.now())[1:]
        if found.view
        else [],
        "people": User.objects.filter(pk__in=found.recipients).order_by("name"),
        "may_change": _may_change(request, found),
        "mails": f"{log}?sent=all&reference_type={REFERENCE_TYPE}&reference=",
        "limit": settings.SCHEDULE_ATTACH_MAX_BYTES,
    }
    return render(request, "comms/schedule.html", context)


@member(*EXPORTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_new(request: MemberRequest) -> HttpResponse:
    """Set up a scheduled export; it runs in the name of who does."""
    data = request.POST if request.method == "POST" else None
    initial = FIRST | {"view": request.GET.get("view", "")}
    form = ScheduleForm(data, organisation=request.organisation, user=request.user, initial=initial)
    if data is not None and form.is_valid():
        return _saved(request, ExportSchedule(organisation=request.organisation, owner=request.user), form)
    return _form(request, form, "New scheduled export", "Schedule it")


@member(*EXPORTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    """Change a scheduled export; what has run stays as it ran."""
    found, data = _mine(request, public_id), request.POST if request.method == "POST" else None
    form = ScheduleForm(data, organisation=request.organisation, user=request.user, schedule=found)
    if data is not None and form.is_valid():
        return _saved(request, found, form)
    return _form(request, form, f"Change “{found.name}”", "Save changes")


def _saved(request: MemberRequest, found: ExportSchedule, form: ScheduleForm) -> HttpResponse:
    form.kept_on(found)
    found.next_at = schedules.next_after(found, timezone.now())
    found.save()
    at = timezone.localtime(found.next_at)
    messages.success(request, f"“{found.name}” runs next on {at.day} {at:%b %Y, %H:%M}.")
    return redirect(found)


def _form(request: MemberRequest, form: ScheduleForm, heading: str, action: str) -> HttpResponse:
    context = {"nav": "reports", "form": form, "heading": heading, "action": action}
    return render(request, "comms/schedule_form.html", context, status=422 if form.is_bound else 200)


@member(*EXPORTERS)
@require_POST
def schedule_run(request: MemberRequest, public_id: str) -> HttpResponse:
    """Run it now, about the last whole period."""
    found = _mine(request, public_id)
    run = schedules.run_now(found, request.user, timezone.now())
    messages.success(
        request, f"Running now, about {schedules.period_words(run)}. It is mailed when the file is made."
    )
    return redirect(found)


@member(*EXPORTERS)
@require_POST
def schedule_pause(request: MemberRequest, public_id: str) -> HttpResponse:
    """Pause it, or let it go on from its next time; what fell into the pause is not made up for."""
    found, now = _mine(request, public_id), timezone.now()
    found.paused_at = now if request.POST.get("paused") == "1" else None
    found.next_at = schedules.next_after(found, now)
    found.save(update_fields=["paused_at", "next_at"])
    return redirect(found)


@member(*EXPORTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_end(request: MemberRequest, public_id: str) -> HttpResponse:
    """End it for good, after saying what that means. Its runs stay in the list of exports."""
    found = _mine(request, public_id)
    if request.method == "POST":
        found.ended_at, found.view = timezone.now(), None
        found.save(update_fields=["ended_at", "view"])
        messages.success(
            request, f"“{found.name}” is ended. What it has exported stays in the list of exports."
        )
        return redirect("comms:schedules", request.organisation.slug)
    return render(request, "comms/schedule_end.html", {"nav": "reports", "schedule": found})


def _found(request: MemberRequest, public_id: str) -> ExportSchedule:
    rows = ExportSchedule.objects.filter(ended_at=None).select_related("view", "owner", "organisation")
    found: ExportSchedule = get_object_or_404(rows, public_id=public_id)
    return found


def _mine(request: MemberRequest, public_id: str) -> ExportSchedule:
    found = _found(request, public_id)
    if not _may_change(request, found):
        raise PermissionDenied
    return found


def _may_change(request: MemberRequest, found: ExportSchedule) -> bool:
    return found.owner_id == request.user.pk or request.membership.role == ROLES.ADMIN


urlpatterns: list[URLPattern] = [
    path("reports/schedule/", schedules_list, name="schedules"),
    path("reports/schedule/new/", schedule_new, name="schedule-new"),
    path("reports/schedule/<uuid:public_id>/", schedule, name="schedule"),
    path("reports/schedule/<uuid:public_id>/edit/", schedule_edit, name="schedule-edit"),
    path("reports/schedule/<uuid:public_id>/run/", schedule_run, name="schedule-run"),
    path("reports/schedule/<uuid:public_id>/pause/", schedule_pause, name="schedule-pause"),
    path("reports/schedule/<uuid:public_id>/end/", schedule_end, name="schedule-end"),
]
