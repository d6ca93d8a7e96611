"""What waits for a person: the page to print it from, and the word that it was handed over."""

import datetime
import uuid

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from comms.forms import HandedOverForm
from comms.models import Proof
from comms.sending import by_person, due, posting
from comms.views.entry import download
from comms.views.one import ONE, found
from portfolio.access import WRITERS, MemberRequest, member

SHOWN = 500
MINUTE = datetime.timedelta(minutes=1)  # people give times to the minute


@member(*WRITERS)
def waiting(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """List what waits for a person, and take the word of one that it was handed over."""
    one = found(public_id)
    rows = list(by_person.waiting(one)[:SHOWN])
    posted = request.method == "POST"
    local = timezone.localtime()
    form = HandedOverForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial={"date": local.date(), "time": local.time()},
    )
    ticked = request.POST.getlist("recipient")
    chosen = [row for row in rows if str(row.public_id) in ticked]
    if posted and form.is_valid():
        if not chosen:
            form.add_error(None, "Tick those that were handed over.")
        elif any(form.moment + MINUTE < row.entry.recorded_at for row in chosen):  # type: ignore[operator]
            form.add_error("date", "That is before they were written. Choose a later time.")
        else:
            many = _mark(request, form, chosen)
            messages.success(request, f"{many} marked. It stands in the log under your name.")
            return redirect("comms:progress", one.organisation.slug, one.public_id)
    context = {
        "nav": "communications",
        "communication": one,
        "form": form,
        "rows": rows,
        "letters": sum(row.channel == posting.CHANNEL for row in rows),
        "ticked": ticked if posted else [str(row.public_id) for row in rows],
    }
    return render(request, "comms/by_person.html", context, status=422 if posted else 200)


def _mark(request: MemberRequest, form: HandedOverForm, chosen: list) -> int:
    many = by_person.mark(
        chosen,
        kind=form.cleaned_data["kind"],
        at=form.moment,  # type: ignore[arg-type]
        by=request.user,
        how=form.words,
        files=form.cleaned_data["proof"],
    )
    due.finish_through(timezone.now())
    return many


@member()
@require_safe
def proof(request: MemberRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """Hand out a photo or a certificate as it was brought in."""
    kept: Proof = get_object_or_404(Proof.objects.select_related("content"), public_id=public_id)
    response: FileResponse = download(kept.content.read(), kept.name, kept.media_type)
    return response


urlpatterns = [
    path(f"{ONE}by-person/", waiting, name="by-person"),
    path("log/proofs/<uuid:public_id>/", proof, name="proof"),
]
