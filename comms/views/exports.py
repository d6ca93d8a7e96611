"""The files that were taken: who took what out of the log, and the files that wait for who asked for them."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from comms.exports import store
from comms.log import access
from comms.models import Export, ExportRecord, LogEntry
from comms.reports import about
from comms.reports.asked import Asked
from comms.reports.figures import REPORTS
from portfolio.access import EXPORTERS, MemberRequest, member
from portfolio.models import Organisation

LISTED = 100
MINE = 20
STOP_POLLING = 286  # htmx's own answer code for "no more"


class Taken(NamedTuple):
    """One export in the list: its start, its end if it ended, and its filters in words."""

    start: ExportRecord
    end: ExportRecord | None
    words: list[str]


@member(*EXPORTERS)
@require_safe
def exports(request: MemberRequest) -> HttpResponse:
    """List who took what out of the log, above it one's own files that are being made or wait."""
    if request.GET.get("live"):
        return _mine_live(request)
    records = ExportRecord.objects.select_related("user")
    ends: dict[object, ExportRecord] = {}
    taken = []
    for record in records[: 2 * LISTED]:
        if record.phase == ExportRecord.Phase.STARTED:
            taken.append(Taken(record, ends.get(record.export), said(record, request.organisation)))
        else:
            ends[record.export] = record
    context = {
        "nav": "reports",
        "tab": "exports",
        "reports": REPORTS,
        "taken": taken[:LISTED],
        **_mine(request),
    }
    return render(request, "comms/log_exports.html", context)


def _mine(request: MemberRequest) -> dict[str, object]:
    now, user = timezone.now(), request.user
    asked = list(Export.objects.filter(requested_by=user)[:MINE])
    shared = list(
        Export.objects.filter(readers__contains=[user.pk], state="ready").exclude(requested_by=user)[:MINE]
    )
    files: list[Any] = sorted(asked + shared, key=lambda one: -one.pk)[:MINE]
    for one in files:
        one.can_take = one.may_be_taken_by(user, now)
    return {"mine": files, "live": any(one.is_open for one in files)}


def _mine_live(request: MemberRequest) -> HttpResponse:
    context = _mine(request)
    status = 200 if context["live"] else STOP_POLLING
    return render(request, "comms/_exports_mine.html", context, status=status)


@member(*EXPORTERS)
@require_safe
def export_file(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """Hand a file to who asked for it, for as long as it is kept; for anybody else there is none."""
    export: Export = get_object_or_404(Export, public_id=public_id)
    if not export.may_be_taken_by(request.user, timezone.now()) or not store.is_there(export):
        raise Http404("There is no such file.")
    access.note(request.organisation, request.user, access.Kind.DOWNLOADED, export=export.public_id)
    response = StreamingHttpResponse(store.pieces(export), content_type=export.media_type)
    response["Content-Length"] = str(export.size)
    return as_file(response, export.name)


@member(*EXPORTERS)
@require_POST
def export_cancel(request: MemberRequest, public_id: str) -> HttpResponse:
    """Stop making one's own file."""
    export: Export = get_object_or_404(Export, public_id=public_id, requested_by=request.user)
    if export.cancel():
        messages.success(request, "Cancelled. Nothing of it is kept but the line that says so.")
    else:
        messages.warning(request, "That file is no longer being made, so there is nothing to cancel.")
    return redirect("comms:exports", request.organisation.slug)


@member(*EXPORTERS)
@require_safe
def export_about(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """Give what explains a file: filters, time zone, rows, bytes and SHA-256."""
    records = {record.phase: record for record in ExportRecord.objects.filter(export=public_id)}
    start = records.get(ExportRecord.Phase.STARTED)
    if start is None:
        raise Http404("There is no such export.")
    end = records.get(ExportRecord.Phase.FINISHED)
    facts = about.facts(
        request.organisation,
        by=str(start.user),
        at=start.at,
        words=said(start, request.organisation),
        rows=end.rows if end else None,
        size=end.size if end else None,
        sha256=end.sha256 if end else "",
    )
    response = HttpResponse(about.text(facts), content_type="text/plain; charset=utf-8")
    return as_file(response, f"about-{str(public_id)[:8]}.txt")


def said(record: ExportRecord, organisation: Organisation) -> list[str]:
    """Say the filters of an export in words, with the names that things have today."""
    if report := record.filters.get("report"):
        return [str(word) for word in report]
    kind = [str(word).capitalize() for word in record.filters.get("as", [])]  # an evidence pack, not a list
    if single := record.filters.get("entry"):
        titles = LogEntry.objects.filter(public_id__in=single).values_list("title", flat=True)
        return kind + [f"Message: {title}" for title in titles]
    filters = {name: values for name, values in record.filters.items() if name != "as"}
    return kind + Asked.of_params(filters).words(organisation, record.at)


def as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """Have a browser save an answer under a name, and nobody in between keep it."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


urlpatterns: list[URLPattern] = [
    path("log/exports/", exports, name="exports"),
    path("log/exports/<uuid:public_id>/file", export_file, name="export-file"),
    path("log/exports/<uuid:public_id>/about.txt", export_about, name="export-about"),
    path("log/exports/<uuid:public_id>/cancel/", export_cancel, name="export-cancel"),
]
