"""Heads outside: who keeps them, and what was sent; and the page on which a keeper says so."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_scopes import scope

from comms.forms.keeper import KeeperForm
from comms.models import Keeper, OutsideCopy
from comms.witness import links
from portfolio.access import ADMINS, MemberRequest, member

SHOWN = 20


@member(*ADMINS)
@require_http_methods(["GET", "HEAD", "POST"])
def keepers(request: MemberRequest) -> HttpResponse:
    """List the mailboxes outside and what reached them; a POST adds one."""
    posted = request.POST if request.method == "POST" else None
    form = KeeperForm(posted, organisation=request.organisation)
    if form.is_valid():
        facts = {"organisation": request.organisation, "added_by": request.user}
        Keeper.objects.create(email=form.cleaned_data["email"], **facts)
        messages.success(request, "Added. The newest head goes there within a minute or two.")
        return redirect("comms:keepers", request.organisation.slug)
    context = {
        "form": form,
        "tab": "outside",
        "keepers": Keeper.objects.standing(),
        "copies": OutsideCopy.objects.select_related("checkpoint").order_by("-pk")[:SHOWN],
        "authority": settings.TIMESTAMP_URL,
    }
    return render(request, "comms/keepers.html", context, status=422 if form.errors else 200)


@member(*ADMINS)
@require_POST
def keeper_end(request: MemberRequest, public_id: str) -> HttpResponse:
    """Send no more heads to a mailbox; what it has stays its own."""
    if get_object_or_404(Keeper, public_id=public_id).end(timezone.now()):
        messages.success(request, "No more heads go there. What was sent stays with its reader.")
    return redirect("comms:keepers", request.organisation.slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, token: str) -> HttpResponse:
    """Let the reader of a mailbox outside say that heads arrive and are kept. A look alone says nothing."""
    keeper = links.keeper_of(token)
    if keeper is None:
        raise Http404("There is no such mailbox.")
    if request.method == "POST":
        with scope(organisation=keeper.organisation):
            keeper.confirm(timezone.now())
        return redirect("keeper", token)
    response = render(request, "comms/keeper.html", {"keeper": keeper, "of": keeper.organisation.name})
    response["Referrer-Policy"] = "no-referrer"
    return response


urlpatterns: list[URLPattern] = [
    path("settings/outside/", keepers, name="keepers"),
    path("settings/outside/<uuid:public_id>/end/", keeper_end, name="keeper-end"),
]
