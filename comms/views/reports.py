"""The figures of the log, a page and a file each."""

import hashlib

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from comms.log import access
from comms.reports.export import Taking
from comms.reports.figures import REPORTS, Report
from comms.reports.tables import MONTHS, Span
from contacts import exporting
from portfolio.access import EXPORTERS, MemberRequest, member


@member()
@require_safe
def reports(request: MemberRequest) -> HttpResponse:
    return redirect("comms:report", request.organisation.slug, next(iter(REPORTS)))


@member()
@require_safe
def report(request: MemberRequest, name: str) -> HttpResponse:
    """Show a report: the table is always there, the drawing beside it."""
    chosen, span = _chosen(request, name)
    context = {
        "nav": "reports",
        "tab": name,
        "reports": REPORTS,
        "report": chosen,
        "name": name,
        "span": span,
        "spans": MONTHS,
        "table": chosen.build(span),
    }
    return render(request, "comms/report.html", context)


@member(*EXPORTERS)
@require_safe
def report_csv(request: MemberRequest, name: str) -> HttpResponseBase:
    """Give the table as a file; who took it is recorded like every file of the log."""
    chosen, span = _chosen(request, name)
    words = f"Report “{chosen.title}”" + (f", last {span.months} months" if chosen.spanned else "")
    taking = Taking(request.organisation, request.user, {"report": [words]}, ("", ())).start()
    access.note(request.organisation, request.user, access.Kind.EXPORTED, export=taking.id)
    with taking.recorded():
        table = chosen.build(span)
        with exporting.write(table.lines(), "csv") as file:
            data = file.read()
        taking.rows, taking.size, taking.sha256 = len(table.rows), len(data), hashlib.sha256(data).hexdigest()
    response = HttpResponse(data, content_type=exporting.CSV)
    response["Content-Disposition"] = f'attachment; filename="{name}-{span.today:%Y-%m-%d}.csv"'
    return response


def _chosen(request: MemberRequest, name: str) -> tuple[Report, Span]:
    if name not in REPORTS:
        raise Http404("There is no such report.")
    asked = request.GET.get("months", "")
    months = int(asked) if asked in map(str, MONTHS) else MONTHS[-1]
    return REPORTS[name], Span(request.organisation, timezone.localdate(), months)


urlpatterns = [
    path("reports/", reports, name="reports"),
    path("reports/<slug:name>/", report, name="report"),
    path("reports/<slug:name>.csv", report_csv, name="report-csv"),
]
