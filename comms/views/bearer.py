"""Who may open a resident's page: whoever comes with the link to it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django_scopes import scope

from comms.models import PortalLink
from comms.portal import links, visits
from comms.record import machines
from portfolio import logo
from portfolio.models import Membership


class BearerRequest(HttpRequest):
    """A request with a standing link, as views behind `bearer` get it."""

    link: PortalLink
    token: str
    from_office: bool  # somebody of the organisation looks at the page: that says nothing about the resident
    machine: bool


View = Callable[..., HttpResponseBase]


def bearer(view: View) -> View:
    """Open the page that a link leads to, inside its organisation; a link that was revoked is gone (410).

    Inside, queries see this organisation only, and times are in its zone. What belongs to somebody else looks
    like what is not there. The address is the secret: answers are neither kept nor found by search engines,
    and other sites are not told of it.
    """

    @wraps(view)
    def inside(request: BearerRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        link = links.find(token)
        if link is None:
            return kept_close(render(request, "portal/gone.html", status=404))
        with scope(organisation=link.organisation), timezone.override(link.organisation.zone):
            if link.revoked_at:
                # What somebody wrote meanwhile is not sent, nor lost to them.
                given = {"link": link, "words": request.POST.get("words", "")}
                return kept_close(render(request, "portal/gone.html", given, status=410))
            request.link, request.token = link, token
            _tell_visitor(request)
            if request.from_office and request.method == "POST":
                return kept_close(show(request, "office.html", status=403))
            try:
                return kept_close(view(request, *args, **kwargs))
            except Http404:
                return kept_close(show(request, "missing.html", status=404))

    return inside


def _tell_visitor(request: BearerRequest) -> None:
    """Note a person's visit; the office's own looks and machines leave none."""
    request.from_office = (
        request.user.is_authenticated
        and Membership.objects.filter(user=request.user, organisation=request.link.organisation).exists()
    )
    request.machine = machines.is_machine(
        request.headers.get("User-Agent", ""), request.headers.get("Sec-Purpose", "")
    )
    if not request.from_office and not request.machine and request.method != "HEAD":
        visits.saw(request.link, timezone.now())


def kept_close(response: HttpResponseBase) -> HttpResponseBase:
    # With "no-referrer" browsers would send forms from "null", which the check against forged requests refuses.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def show(
    request: BearerRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a page of the resident with what each of them has: who it is for, and the firm's name and logo."""
    organisation = request.link.organisation
    every = {
        "link": request.link,
        "token": request.token,
        "firm": organisation,
        "logo": logo.current(organisation),
        "from_office": request.from_office,
    }
    return render(request, f"portal/{template}", every | (context or {}), status=status)
