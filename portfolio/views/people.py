"""The people of an organisation: who they are, what they may do, and their way out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portfolio import invitations
from portfolio import people as belonging
from portfolio.access import ADMINS, MemberRequest, member
from portfolio.forms.invitations import RoleForm
from portfolio.models import Membership
from portfolio.views.settings import FORM_METHODS, posted


@member(*ADMINS)
@require_safe
def people(request: MemberRequest) -> HttpResponse:
    """List who belongs to the organisation and who is invited."""
    context = {
        "members": belonging.members(request.organisation),
        "invitations": invitations.open_ones(),
        "now": timezone.now(),
        "tab": "people",
    }
    return render(request, "portfolio/settings_people.html", context)


def _whose(request: MemberRequest, person: int) -> Membership:
    found: Membership = get_object_or_404(belonging.members(request.organisation), pk=person)
    return found


def _back(request: MemberRequest, person: Membership) -> HttpResponse:
    """Lead to the people, or out, if it was oneself and one is no admin any more."""
    own = person.user_id == request.user.pk
    still = Membership.objects.filter(pk=person.pk, role__in=ADMINS).exists()
    return redirect("home") if own and not still else redirect("portfolio:people", request.organisation.slug)


@member(*ADMINS)
@require_http_methods(FORM_METHODS)
def person(request: MemberRequest, person: int) -> HttpResponse:
    """Show a person's role and change it."""
    found = _whose(request, person)
    form = RoleForm(posted(request), initial={"role": found.role})
    if form.is_valid():
        try:
            belonging.change_role(found, form.cleaned_data["role"])
        except belonging.LastAdmin as refused:
            form.add_error("role", str(refused))
        else:
            word = Membership.Role(form.cleaned_data["role"]).label
            messages.success(request, f"{found.user.name} has the role {word} now.")
            return _back(request, found)
    context = {"form": form, "person": found, "tab": "people"}
    return render(request, "portfolio/settings_person.html", context, status=422 if form.errors else 200)


@member(*ADMINS)
@require_http_methods(FORM_METHODS)
def person_remove(request: MemberRequest, person: int) -> HttpResponse:
    """Say what removing a person means, and do it."""
    found, refusal = _whose(request, person), ""
    if request.method == "POST":
        try:
            belonging.remove(found)
        except belonging.LastAdmin as refused:
            refusal = str(refused)
        else:
            messages.success(request, f"{found.user.name} is removed and sees nothing here any more.")
            return _back(request, found)
    context = {"person": found, "refusal": refusal}
    return render(request, "portfolio/settings_person_remove.html", context, status=422 if refusal else 200)
