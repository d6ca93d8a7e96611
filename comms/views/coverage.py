"""Whom a communication reached: for the question whether everybody got it, and in time."""

import uuid

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from comms.log import access
from comms.reports import coverage
from comms.views.one import ONE, found
from contacts import exporting
from portfolio.access import EXPORTERS, MemberRequest, member


@member()
@require_safe
def communication_coverage(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    covered = coverage.cover(one, timezone.now())
    group = request.GET.get("group", "")
    context = {
        "nav": "communications",
        "communication": one,
        "tab": "coverage",
        "people": len(covered.people),
        "covered": covered,
        "group": group if group in coverage.GROUPS else "",
        "shown": [p for p in covered.people if p.group == group or group not in coverage.GROUPS],
        "groups": coverage.GROUPS,
    }
    return render(request, "comms/communication_coverage.html", context)


@member(*EXPORTERS)
@require_safe
def coverage_csv(request: MemberRequest, public_id: uuid.UUID) -> HttpResponseBase:
    one = found(public_id)
    covered = coverage.cover(one, timezone.now())
    what = {"communication": [str(public_id)], "sent": ["all"]}
    access.note(request.organisation, request.user, access.Kind.EXPORTED, query=what)
    return FileResponse(
        exporting.write(coverage.lines(covered), "csv"),
        as_attachment=True,
        filename=f"{slugify(one.subject)[:60] or 'communication'}-coverage.csv",
        content_type=exporting.CSV,
    )


urlpatterns = [
    path(f"{ONE}coverage/", communication_coverage, name="coverage"),
    path(f"{ONE}coverage.csv", coverage_csv, name="coverage-csv"),
]
