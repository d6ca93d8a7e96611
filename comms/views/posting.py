"""Letters on their way to the post: one print file for those that wait, and the word that they were posted."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from comms.forms.posting import PostedForm, RunForm, TrackingForm
from comms.models import PostingRun
from comms.models.communication import Refused
from comms.sending import due, posting
from comms.views.entry import download
from comms.views.one import ONE, found
from portfolio.access import WRITERS, MemberRequest, member


@member(*WRITERS)
def runs(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Print the letters that wait; below are the runs there are."""
    one = found(public_id)
    form = RunForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            run = posting.make(
                one, form.cleaned_data["post_class"], form.cleaned_data["duplex"], request.user
            )
        except (Refused, ValueError) as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("comms:posting-run", request.organisation.slug, run.public_id)
    context = {
        "nav": "communications",
        "communication": one,
        "form": form,
        "ready": len(posting.ready(one)),
        "runs": one.posting_runs.select_related("made_by", "posted_by").defer("print_file__data"),
    }
    return render(request, "comms/posting_runs.html", context, status=422 if form.errors else 200)


def _run(public_id: uuid.UUID) -> PostingRun:
    runs = PostingRun.objects.select_related(
        "communication__organisation", "made_by", "posted_by", "print_file"
    )
    return get_object_or_404(runs, public_id=public_id)


@member(*WRITERS)
def posting_run(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show a run with its letters, and take the word that it was posted."""
    run = _run(public_id)
    local, asked = timezone.localtime(), request.method == "POST"
    form = PostedForm(
        request.POST if asked else None,
        request.FILES if asked else None,
        initial={"date": local.date(), "time": local.time()},
    )
    if asked and form.is_valid():
        try:
            many = posting.posted(run, form.moment, request.user, form.cleaned_data["proof"])  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error("date", str(refused))
        else:
            due.finish_through(timezone.now())
            messages.success(request, f"{many} letter{'' if many == 1 else 's'} marked as posted.")
            return redirect("comms:posting-run", request.organisation.slug, run.public_id)
    return _shown(request, run, form, TrackingForm())


def _shown(request: MemberRequest, run: PostingRun, form: PostedForm, tracking: TrackingForm) -> HttpResponse:
    context = {
        "nav": "communications",
        "run": run,
        "communication": run.communication,
        "letters": run.letters.select_related("recipient__entry", "recipient__unit"),
        "form": form,
        "tracking": tracking,
    }
    status = 422 if form.errors or tracking.errors else 200
    return render(request, "comms/posting_run.html", context, status=status)


@member(*WRITERS)
@require_POST
def posting_tracking(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    run = _run(public_id)
    form = TrackingForm(request.POST, request.FILES)
    many, astray = 0, list[str]()
    if form.is_valid():
        try:
            many, astray = posting.track(run, form.cleaned_data["text"])
        except Refused as refused:
            form.add_error("file", str(refused))
    if form.errors:
        local = timezone.localtime()
        return _shown(request, run, PostedForm(initial={"date": local.date(), "time": local.time()}), form)
    messages.success(request, f"{many} tracking number{'' if many == 1 else 's'} taken.")
    if astray:
        messages.warning(request, f"Fitted no letter: {'; '.join(astray[:10])}.")
    return redirect("comms:posting-run", request.organisation.slug, run.public_id)


@member(*WRITERS)
@require_POST
def posting_undo(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    run = _run(public_id)
    try:
        posting.undo(run)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("comms:posting-run", request.organisation.slug, run.public_id)
    messages.success(request, "Taken back. The letters wait to be printed again.")
    return redirect("comms:posting", request.organisation.slug, run.communication.public_id)


@member(*WRITERS)
@require_safe
def posting_print(request: MemberRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Give the print file of a run."""
    run = _run(public_id)
    name = f"posting-run-{run.number}-{run.communication.public_id}.pdf"
    if run.print_file is None:
        raise Http404("The print file is not made yet.")
    return download(run.print_file.read(), name, "application/pdf")


RUN = "posting/<uuid:public_id>/"
urlpatterns = [
    path(f"{ONE}posting/", runs, name="posting"),
    path(RUN, posting_run, name="posting-run"),
    path(f"{RUN}print.pdf", posting_print, name="posting-print"),
    path(f"{RUN}tracking/", posting_tracking, name="posting-tracking"),
    path(f"{RUN}undo/", posting_undo, name="posting-undo"),
]
