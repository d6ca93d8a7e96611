"""The page behind an invitation's link. Who has the link needs nothing else, so it is kept close."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_scopes import scope

from portfolio import invitations
from portfolio.forms.invitations import NewcomerForm
from portfolio.models import Invitation, User


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let in who was invited, if the link can still be used."""
    found = invitations.find(token)
    if found is None:
        response = _gone(request, status=404)
    else:
        with scope(organisation=found.organisation), timezone.override(found.organisation.zone):
            response = _let_in(request, found) if invitations.usable(found).exists() else _gone(request)
    # The address is the secret: it is neither kept nor told to the next page. With "no-referrer" browsers
    # would send forms from "null", which the check against forged requests refuses.
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "no-store"
    return response


def _gone(request: HttpRequest, status: int = 410) -> HttpResponse:
    return render(request, "portfolio/invitation_gone.html", status=status)


def _let_in(request: HttpRequest, found: Invitation) -> HttpResponse:
    user = User.objects.filter(email__iexact=found.email).first()
    if user is None:
        return _newcomer(request, found)
    if request.user.pk != user.pk:
        return render(request, "portfolio/invitation_sign_in.html", {"invitation": found})
    if request.method != "POST":
        return render(request, "portfolio/invitation_join.html", {"invitation": found})
    return redirect(found.organisation) if invitations.join(found, user) else _gone(request)


def _newcomer(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Make the account of somebody who has none here, and sign them in."""
    data = request.POST if request.method == "POST" else None
    form = NewcomerForm(data, email=found.email, initial={"name": found.name})
    if form.is_valid():
        user = invitations.welcome(
            found, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
        )
        if user is None:  # somebody was quicker, with this link or with this address: look again
            return redirect(request.path)
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect(found.organisation)
    context = {"form": form, "invitation": found}
    return render(request, "portfolio/invitation_newcomer.html", context, status=422 if form.errors else 200)
