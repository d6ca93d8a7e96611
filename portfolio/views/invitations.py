"""Inviting people: making an invitation, sending it again, taking it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portfolio import invitations
from portfolio.access import ADMINS, MemberRequest, member
from portfolio.forms.invitations import InvitationForm
from portfolio.models import Invitation
from portfolio.views.settings import FORM_METHODS, posted

GONE = "That invitation is no longer open: it was accepted or withdrawn."


@member(*ADMINS)
@require_http_methods(FORM_METHODS)
def invite(request: MemberRequest) -> HttpResponse:
    """Take whom to invite, and send the link."""
    form = InvitationForm(posted(request), organisation=request.organisation, initial={"role": "staff"})
    if form.is_valid() and (made := form.invite(by=request.user)):
        _tell(request, *made)
        return redirect("portfolio:people", request.organisation.slug)
    context = {"form": form, "tab": "people"}
    return render(request, "portfolio/settings_invite.html", context, status=422 if form.errors else 200)


@member(*ADMINS)
@require_POST
def resend(request: MemberRequest, public_id: str) -> HttpResponse:
    found: Invitation = get_object_or_404(Invitation, public_id=public_id)
    sent = invitations.resend(found)
    if sent is None:
        messages.warning(request, GONE)
    else:
        _tell(request, found, sent)
    return redirect("portfolio:people", request.organisation.slug)


@member(*ADMINS)
@require_POST
def withdraw(request: MemberRequest, public_id: str) -> HttpResponse:
    found: Invitation = get_object_or_404(Invitation, public_id=public_id)
    if invitations.withdraw(found):
        messages.success(request, f"The invitation of {found.email} is withdrawn. Its link is dead.")
    else:
        messages.warning(request, GONE)
    return redirect("portfolio:people", request.organisation.slug)


def _tell(request: MemberRequest, invitation: Invitation, sent: bool) -> None:
    if sent:
        messages.success(request, f"The invitation was handed over for {invitation.email}.")
    else:
        messages.error(
            request,
            f"{invitation.email} is invited, but the mail could not be handed over. The log says why. "
            "Send it again once that is put right.",
        )
