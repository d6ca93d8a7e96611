"""Taking the log as a file: which columns, which format, now or in the background."""

import tempfile
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from comms.log import access
from comms.log.listing import Listing
from comms.reports import log_file
from comms.reports.asked import FORMATS, MEDIA_TYPES, XLSX, Asked
from comms.reports.columns import COLUMNS, of_page
from comms.views.exports import as_file
from portfolio.access import EXPORTERS, MemberRequest, member


@member(*EXPORTERS)
@require_POST
def log_export(request: MemberRequest) -> HttpResponseBase:
    """Hand out exactly what the page shows, in its order. A filter that makes no sense is refused, not left out."""
    listing = Listing(request.POST, request.organisation, now=timezone.now())
    if listing.problems:
        for problem in listing.problems:
            messages.error(request, problem)
        return redirect(f"/o/{request.organisation.slug}/log/{listing.address(csrfmiddlewaretoken=None)}")
    return _streamed(request, Asked.of_form(request.POST))


@member(*EXPORTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def log_export_choose(request: MemberRequest) -> HttpResponseBase:
    """Choose columns and format of what the page shows; what is long is made in the background."""
    data = request.POST if request.method == "POST" else request.GET
    listing = Listing(data, request.organisation, now=timezone.now())
    mistake = _mistake(data) if request.method == "POST" else ""
    if request.method != "POST" or mistake or listing.problems:
        return _form(request, listing, data, mistake)
    asked = Asked.of_form(data)
    count = listing.filter.qs.order_by().values("pk")[: settings.EXPORT_NOW_ROWS + 1].count()
    if data.get("when") == "later" or (asked.format == XLSX and count > settings.EXPORT_NOW_ROWS):
        export = log_file.ask(request.organisation, asked, request.user)
        _note(request, export.public_id)
        messages.success(
            request, "The file is being made. It will be here for you, and only you, for 30 days."
        )
        return redirect("comms:exports", request.organisation.slug)
    return _made(request, asked) if asked.format == XLSX else _streamed(request, asked)


def _mistake(data: QueryDict) -> str:
    if data.get("format", "csv") not in FORMATS:
        return f"The format “{data['format'][:20]}” is not known: choose CSV or Excel."
    if unknown := [name for name in data.getlist("columns") if name not in COLUMNS]:
        return f"There is no column “{unknown[0][:40]}”."
    return "" if data.getlist("columns") else "Tick at least one column."


def _form(request: MemberRequest, listing: Listing, data: QueryDict, mistake: str) -> HttpResponse:
    ticked = (
        data.getlist("columns")
        if request.method == "POST"
        else of_page(listing.shown)
        if data.get("show")
        else list(COLUMNS)
    )
    context: dict[str, Any] = {
        "nav": "log",
        "listing": listing,
        "words": Asked.of_params(dict(_given(listing))).words(request.organisation, timezone.now()),
        "columns": [(name, column.heading, name in ticked) for name, column in COLUMNS.items()],
        "formats": FORMATS.items(),
        "format": data.get("format", "csv"),
        "later": data.get("when") == "later",
        "mistakes": [mistake] if mistake else listing.problems,
        "mistake": mistake,
    }
    wrong = request.method == "POST"
    return render(request, "comms/log_export.html", context, status=422 if wrong else 200)


def _given(listing: Listing) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in [*listing.filter_params, ("sort", listing.order.param)]:
        if name not in ("columns", "format", "when"):
            given.setdefault(name, []).append(value)
    return given


def _streamed(request: MemberRequest, asked: Asked) -> HttpResponseBase:
    now = timezone.now()
    taking = asked.taking(request.organisation, request.user, now).start()
    _note(request, taking.id)
    response = StreamingHttpResponse(taking.stream(), content_type=MEDIA_TYPES[asked.format])
    return as_file(response, asked.name(request.organisation, now))


def _note(request: MemberRequest, export: uuid.UUID) -> None:
    access.note(request.organisation, request.user, access.Kind.EXPORTED, export=export)


def _made(request: MemberRequest, asked: Asked) -> HttpResponseBase:
    """Make a short spreadsheet while one waits: into a scratch file, which goes when it was handed out."""
    now, scratch = timezone.now(), tempfile.TemporaryFile()  # noqa: SIM115
    taking = asked.taking(request.organisation, request.user, now).start()
    _note(request, taking.id)
    log_file.write(taking, asked, now, scratch)
    scratch.seek(0)
    response = FileResponse(scratch, content_type=MEDIA_TYPES[asked.format])
    return as_file(response, asked.name(request.organisation, now))


urlpatterns: list[URLPattern] = [
    path("log/export.csv", log_export, name="log-export"),
    path("log/export/", log_export_choose, name="log-export-choose"),
]
