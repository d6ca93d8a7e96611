"""Who opened, searched, exported, downloaded and verified what: for those who audit and administer."""

import uuid
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from comms.models import Access, ExportRecord, LogEntry
from comms.reports.asked import Asked
from comms.views.exports import said
from portfolio.access import ROLES, MemberRequest, member
from portfolio.models import User

AUDITORS = (ROLES.AUDITOR, ROLES.ADMIN)
SIZE = 50


@member(*AUDITORS)
@require_safe
def access_log(request: MemberRequest) -> HttpResponse:
    """List who looked at what, newest first, narrowed to a person, a kind or an entry."""
    rows, problems = _narrowed(request.GET)
    rows, here = list(rows.select_related("user", "entry")[: SIZE + 1]), request.GET.copy()
    more, rows = len(rows) > SIZE, rows[:SIZE]
    for row in rows:
        row.words = _words(row, request)
    here["before"] = str(rows[-1].pk) if rows else ""
    seen = Access.objects.order_by().values_list("user", flat=True).distinct()
    context = {
        "nav": "verify",
        "rows": rows,
        "older": f"?{here.urlencode()}" if more else "",
        "problems": problems,
        "kinds": Access.Kind.choices,
        "people": User.objects.filter(pk__in=seen).order_by("name"),
        "asked": request.GET,
    }
    return render(request, "comms/access_log.html", context)


def _narrowed(asked: QueryDict) -> tuple[Any, list[str]]:
    """Narrow the list by the address; what makes no sense in it is left out and named."""
    rows, problems = Access.objects.all(), []
    if kind := asked.get("kind"):
        if kind in Access.Kind.values:
            rows = rows.filter(kind=kind)
        else:
            problems.append("“What” was left out: there is no such kind.")
    for name, label, column in (("user", "Who", "user"), ("before", "That place", "pk__lt")):
        if value := asked.get(name):
            if value.isascii() and value.isdigit() and len(value) < 19:
                rows = rows.filter(**{column: int(value)})
            else:
                problems.append(f"“{label}” was left out: nothing goes by that value.")
    if entry := asked.get("entry"):
        try:
            rows = rows.filter(entry=LogEntry.objects.get(public_id=uuid.UUID(entry)))
        except (ValueError, LogEntry.DoesNotExist):
            problems.append("“Entry” was left out: it is not in this log.")
    return rows, problems


def _words(row: Access, request: MemberRequest) -> list[str]:
    """Say what was looked at, with the names that things have today."""
    if row.export:
        start = ExportRecord.objects.filter(export=row.export, phase=ExportRecord.Phase.STARTED).first()
        return said(start, request.organisation) if start else ["A file that is being made"]
    return Asked.of_params(row.query).words(request.organisation, row.at) if row.query else []


urlpatterns: list[URLPattern] = [path("log/access/", access_log, name="access-log")]
