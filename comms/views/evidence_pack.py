"""An evidence pack: what it would hold, and having it made."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from comms.log import access
from comms.log.filters import LogFilter
from comms.pack import asking, scope
from comms.pack.scope import Filters, NothingThere
from portfolio.access import EXPORTERS, MemberRequest, member

DATES = ("sent", "since", "until")


@member(*EXPORTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: MemberRequest) -> HttpResponse:
    """Show what a pack of the filters in the address would hold; a POST has it made in the background."""
    filters = _filters(request.POST if request.method == "POST" else request.GET)
    context = {
        "nav": "log",
        "filters": _pairs(filters),
        "dates": {name: filters.get(name, [""])[0] for name in DATES},
    }
    try:
        found = scope.of(request.organisation, filters, timezone.now())
    except NothingThere as nothing:
        status = 422 if request.method == "POST" else 200
        return render(
            request, "comms/evidence_pack.html", {**context, "problem": str(nothing)}, status=status
        )
    if request.method == "POST":
        export = asking.ask(request.organisation, filters, request.user, ", ".join(found.words))
        access.note(
            request.organisation, request.user, access.Kind.EXPORTED, query=filters, export=export.public_id
        )
        messages.success(
            request, "The pack is being made. It will be here for you, and only you, for 30 days."
        )
        return redirect("comms:exports", request.organisation.slug)
    return render(
        request, "comms/evidence_pack.html", {**context, "scope": found, "single": "entry" in filters}
    )


def _filters(data: QueryDict) -> Filters:
    """Take what the log can be narrowed to, and a single message, from an address or a form."""
    known = ("entry", *LogFilter.base_filters)
    found = {name: [value for value in data.getlist(name) if value] for name in known}
    found = {name: values for name, values in found.items() if values}
    if found.get("entry"):
        return {"entry": found["entry"]}
    if "since" in found or "until" in found:
        found["sent"] = ["dates"]
    elif found.get("sent", ["dates"]) == ["dates"]:
        found["sent"] = ["all"]
    return found


def _pairs(filters: Filters) -> list[tuple[str, str]]:
    """List the filters for a form that has fields of its own for the dates."""
    return [(name, value) for name, values in filters.items() for value in values if name not in DATES]


urlpatterns: list[URLPattern] = [path("log/evidence-pack/", pack, name="pack")]
