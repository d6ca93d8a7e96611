"""Whether the record is as it was recorded: in words, for who audits and administers."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from comms.ledger import checkpoint, publishing, running, sealing
from comms.log import access
from comms.models import Checkpoint, Log, LogKey, Pending, Verification
from portfolio.access import ROLES, MemberRequest, member

SHOWN = 20
AUDITORS = (ROLES.AUDITOR, ROLES.ADMIN)


@member(*AUDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: MemberRequest) -> HttpResponse:
    """Show the last results and the newest signed head; a POST asks for a verification of everything."""
    if request.method == "POST":
        access.note(request.organisation, request.user, access.Kind.VERIFIED)
        running.ask(request.organisation, Verification.Mode.FULL, request.user)
        return redirect("comms:verify", request.organisation.slug)
    log = sealing.current(request.organisation)
    last = Verification.objects.exclude(state__in=["waiting", "running"])
    context = {
        "nav": "verify",
        "log": log,
        "size": sealing.size(log) if log else 0,
        "head": _newest(log),
        "keys": LogKey.objects.filter(log=log).values_list("vkey", flat=True) if log else [],
        "waiting": Pending.objects.count(),
        "open": Verification.objects.filter(state__in=["waiting", "running"]).first(),
        "full": last.filter(mode="full").first(),
        "tail": last.filter(mode="tail").first(),
        "runs": last.select_related("requested_by")[:SHOWN],
    }
    return render(request, "comms/verify.html", context)


@member(*AUDITORS)
@require_http_methods(["GET", "HEAD"])
def verify_head(request: MemberRequest) -> HttpResponse:
    """Hand out the newest signed head as a file, to be kept where nobody of the firm can change it."""
    head = _newest(sealing.current(request.organisation))
    if head is None:
        return redirect("comms:verify", request.organisation.slug)
    response = HttpResponse(head.note, content_type="text/plain; charset=utf-8")
    origin = checkpoint.read(head.note).head.origin.rpartition("/")[2][:12]
    response["Content-Disposition"] = f'attachment; filename="checkpoint-{origin}-{head.size}.txt"'
    return response


def _newest(log: Log | None) -> Checkpoint | None:
    return publishing.newest(log) if log else None


urlpatterns = [
    path("log/verify/", verify, name="verify"),
    path("log/verify/checkpoint.txt", verify_head, name="verify-head"),
]
