"""Tokens of the API: one's own, or all of the organisation for an admin; made, shown once, revoked."""

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portfolio import machines
from portfolio.access import ADMINS, MemberRequest, member
from portfolio.forms.api_tokens import TokenForm
from portfolio.models import ApiToken, RefusedCall
from portfolio.views.settings import FORM_METHODS, posted

REFUSED_SHOWN = 100


def visible(request: MemberRequest) -> QuerySet[ApiToken]:
    """Narrow to one's own tokens, unless one is an admin."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.select_related("user")
    return tokens if request.membership.role in ADMINS else tokens.filter(user=request.user)


@member()
@require_safe
def tokens(request: MemberRequest) -> HttpResponse:
    """List the tokens, and the messages that were refused to them."""
    shown = visible(request)
    refused = RefusedCall.objects.filter(token__in=shown).select_related("token")[:REFUSED_SHOWN]
    context = {"tokens": shown, "refused": refused, "now": timezone.now(), "tab": "tokens"}
    return render(request, "portfolio/settings_tokens.html", context)


@member()
@never_cache
@require_http_methods(FORM_METHODS)
def token_new(request: MemberRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    form = TokenForm(posted(request), membership=request.membership)
    if form.is_valid():
        wanted = form.cleaned_data
        made, secret = machines.make_token(
            request.membership,
            name=wanted["name"],
            scope=wanted["scope"],
            expires_at=wanted["expires_at"],
            machine=wanted.get("who") == "machine",
        )
        context = {"token": made, "secret": secret, "tab": "tokens"}
        return render(request, "portfolio/settings_token_made.html", context, status=201)
    context = {"form": form, "tab": "tokens"}
    return render(request, "portfolio/settings_token_new.html", context, status=422 if form.errors else 200)


@member()
@require_POST
def token_revoke(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    found: ApiToken = get_object_or_404(visible(request), public_id=public_id)
    if machines.revoke(found):
        messages.success(request, f"{found.name} is revoked. From now on it opens nothing.")
    else:
        messages.warning(request, f"{found.name} was revoked before.")
    return redirect("portfolio:tokens", request.organisation.slug)


urlpatterns = [
    path("settings/tokens/", tokens, name="tokens"),
    path("settings/tokens/new/", token_new, name="token-new"),
    path("settings/tokens/<uuid:public_id>/revoke/", token_revoke, name="token-revoke"),
]
