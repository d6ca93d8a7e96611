"""Spreadsheets in: upload, match the columns, look at what would happen, confirm. And out, in the same columns."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.core.cache import cache
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from contacts import exporting
from contacts.forms.intake import MatchingForm, UploadForm
from contacts.importing import intake
from contacts.importing.columns import guess
from contacts.models import Import
from portfolio.access import EXPORTERS, WRITERS, MemberRequest, member

State = Import.State
SHOWN = 200  # problems on the page; all of them are in the file of refused rows
SAMPLES = 3


@member(*WRITERS)
def imports(request: MemberRequest) -> HttpResponse:
    """Take a spreadsheet; below are those of before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        table = form.cleaned_data["table"]
        job = Import.objects.create(
            organisation=request.organisation,
            name=(form.cleaned_data["file"].name or "spreadsheet")[-200:],
            rows=table.rows,
            first_row=table.first_row,
            matching=guess(table.rows[0]),
            created_by=request.user,
        )
        return redirect("contacts:import", request.organisation.slug, job.public_id)
    before = Import.objects.defer("rows", "problems").select_related("created_by")[:20]
    context = {"nav": "contacts", "form": form, "before": before}
    return render(request, "contacts/imports.html", context, status=422 if form.errors else 200)


def _job(public_id: uuid.UUID, *states: str) -> Import:
    jobs = Import.objects.select_related("organisation", "created_by")
    return get_object_or_404(jobs.filter(state__in=states) if states else jobs, public_id=public_id)


@member(*WRITERS)
def one_import(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show an import as far as it has come: its columns, its progress, what was found, what was done."""
    job = _job(public_id)
    if request.method == "POST" or (job.state == State.MATCHING and request.method == "GET"):
        return _match(request, job)
    context = {
        "nav": "contacts",
        "job": job,
        "problems": job.problems[:SHOWN],
        "more": len(job.problems) - SHOWN,
    }
    if job.state in Import.WORKING:
        context["done"] = cache.get(intake.progress_key(job)) or 0
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "contacts/_import_progress.html", context)
    response = render(request, "contacts/import.html", context)
    if request.htmx:  # type: ignore[attr-defined]
        response["HX-Refresh"] = "true"  # the work is through: show the page of what came of it
    return response


def _match(request: MemberRequest, job: Import) -> HttpResponse:
    form = MatchingForm(request.POST if request.method == "POST" else None, job=job)
    if request.method == "POST" and form.is_valid():
        swapped = Import.objects.filter(
            pk=job.pk, state__in=[State.MATCHING, State.CHECKED, State.FAILED]
        ).update(
            state=State.CHECKING,
            matching=form.matching,
            leased_until=None,
            failure="",
            problems=[],
            counts={},
        )
        if swapped:
            _at_once(job)
        return redirect("contacts:import", request.organisation.slug, job.public_id)
    samples = [
        (head, [row[n] for row in job.rows[1:40] if n < len(row) and row[n]][:SAMPLES])
        for n, head in enumerate(job.rows[0])
    ]
    context = {"nav": "contacts", "job": job, "form": form, "samples": samples}
    return render(request, "contacts/import_match.html", context, status=422 if form.errors else 200)


@member(*WRITERS)
@require_safe
def import_match(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Go back to the columns, after the check found what it found."""
    return _match(request, _job(public_id, State.CHECKED, State.FAILED, State.MATCHING))


def _at_once(job: Import) -> None:
    """Do a small one while the browser waits; a larger one is taken by the workers."""
    if job.total <= intake.AT_ONCE and (key := intake.claim(timezone.now(), job.pk)):
        intake.work(key)


@member(*WRITERS)
@require_POST
def import_confirm(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Let the rows in. Twice is harmless: the second finds it begun."""
    job = _job(public_id)
    swapped = Import.objects.filter(pk=job.pk, state=State.CHECKED).update(
        state=State.IMPORTING, leased_until=None
    )
    if swapped:
        _at_once(job)
    return redirect("contacts:import", request.organisation.slug, job.public_id)


@member(*WRITERS)
@require_POST
def import_discard(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Forget a spreadsheet of which nothing was written."""
    _job(public_id, State.MATCHING, State.CHECKING, State.CHECKED, State.FAILED).delete()
    messages.success(request, "The spreadsheet is forgotten. Nothing of it was written.")
    return redirect("contacts:imports", request.organisation.slug)


@member(*WRITERS)
@require_safe
def import_refused(request: MemberRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Give the rows that were refused as a spreadsheet of the same kind, to be mended and brought in."""
    job = _job(public_id, State.CHECKED, State.DONE)
    width = len(job.rows[0])
    lines = [[*job.rows[0], "Row", "What to put right"]]
    lines += [
        [*cells, *[""] * (width - len(cells)), str(number), why] for number, cells, why in intake.refused(job)
    ]
    kind = "xlsx" if job.name.lower().endswith(".xlsx") else "csv"
    return _download(lines, kind, f"{slugify(job.name.rpartition('.')[0]) or 'rows'}-refused")


@member(*EXPORTERS)
@require_safe
def export(request: MemberRequest) -> HttpResponseBase:
    """Give all people and flats as a spreadsheet, or ask as which kind."""
    kind = request.GET.get("as", "")
    if kind not in ("csv", "xlsx"):
        return render(request, "contacts/export.html", {"nav": "contacts"})
    day = timezone.localdate().isoformat()
    return _download(exporting.rows(), kind, f"{request.organisation.slug}-people-and-flats-{day}")


def _download(lines: Iterable[list[str]], kind: str, name: str) -> FileResponse:
    return FileResponse(
        exporting.write(lines, kind),
        as_attachment=True,
        filename=f"{name}.{kind}",
        content_type=exporting.XLSX if kind == "xlsx" else exporting.CSV,
    )


ONE = "imports/<uuid:public_id>/"
urlpatterns = [
    path("imports/", imports, name="imports"),
    path(ONE, one_import, name="import"),
    path(f"{ONE}columns/", import_match, name="import-match"),
    path(f"{ONE}confirm/", import_confirm, name="import-confirm"),
    path(f"{ONE}discard/", import_discard, name="import-discard"),
    path(f"{ONE}refused/", import_refused, name="import-refused"),
    path("contacts/export/", export, name="export"),
]
