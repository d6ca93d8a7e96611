"""The log as a file, and the list of who took one."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from comms.log import chips
from comms.log.filters import NOT_A_FILTER, LogFilter
from comms.log.listing import Listing
from comms.models import ExportRecord
from comms.reports.export import Export
from portfolio.access import EXPORTERS, MemberRequest, member

LISTED = 100


@member(*EXPORTERS)
@require_POST
def log_export(request: MemberRequest) -> HttpResponseBase:
    """Hand out exactly what the page shows, in its order. A filter that makes no sense is refused, not left out."""
    now = timezone.now()
    listing = Listing(request.POST, request.organisation, now=now)
    if listing.problems:
        for problem in listing.problems:
            messages.error(request, problem)
        return redirect(f"/o/{request.organisation.slug}/log/{listing.address(csrfmiddlewaretoken=None)}")
    filters = {
        name: values for name, values in request.POST.lists() if name not in NOT_A_FILTER and any(values)
    }
    export = Export.start(request.organisation, request.user, filters, listing.filter.qs, listing.order)
    day = now.astimezone(request.organisation.zone).date()
    response = StreamingHttpResponse(export.stream(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="blockpost-log-{request.organisation.slug}-{day:%Y-%m-%d}.csv"'
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


@member(*EXPORTERS)
@require_safe
def exports(request: MemberRequest) -> HttpResponse:
    """List who took what out of the log."""
    ends: dict[object, ExportRecord] = {}
    taken = []
    for record in ExportRecord.objects.select_related("user")[: 2 * LISTED]:
        if record.phase == ExportRecord.Phase.STARTED:
            taken.append((record, ends.get(record.export), _words(record, request)))
        else:
            ends[record.export] = record
    return render(request, "comms/log_exports.html", {"nav": "reports", "taken": taken[:LISTED]})


def _words(record: ExportRecord, request: MemberRequest) -> list[str]:
    """Say the filters of an export in words, with the names that things have today."""
    data = QueryDict(mutable=True)
    for name, values in record.filters.items():
        data.setlist(name, values)
    found = LogFilter(data, request.organisation, now=record.at)
    said = [f"{found.filters[name].label}: {value}" for name, value in chips.words(found).items()]
    return [f"Sent: {chips.window_words(found)}", *said]


urlpatterns: list[URLPattern] = [
    path("log/export.csv", log_export, name="log-export"),
    path("log/exports/", exports, name="exports"),
]
