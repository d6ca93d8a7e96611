"""Views of the log that have a name: saved, opened, pinned, renamed, deleted."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comms.forms.saved_view import TAKEN, SavedViewForm
from comms.log.listing import Listing
from comms.models import ExportSchedule, PinnedView, SavedView
from comms.reports.asked import view_words
from portfolio.access import ROLES, MemberRequest, member


@member()
@require_safe
def views(request: MemberRequest) -> HttpResponse:
    """List one's own views and those that were shared."""
    pinned = set(PinnedView.objects.filter(user=request.user).values_list("view_id", flat=True))
    listed = [
        (view, _words(request, view.query), view.pk in pinned, _may_change(request, view))
        for view in SavedView.objects.visible_to(request.user).select_related("owner")
    ]
    return render(request, "comms/views.html", {"nav": "log", "views": listed})


@member()
@require_safe
def view(request: MemberRequest, public_id: str) -> HttpResponse:
    """Open the log as the view has it: by its address, so that who opens it sees what they may see."""
    found = _found(request, public_id)
    return redirect(reverse("comms:log", args=[request.organisation.slug]) + found.address)


@member()
@require_http_methods(["GET", "HEAD", "POST"])
def view_new(request: MemberRequest) -> HttpResponse:
    """Give what the log shows a name. What its address has and is not understood is refused, not left out."""
    posted = request.method == "POST"
    data = QueryDict(request.POST.get("query", "")) if posted else request.GET
    listing = Listing(data, request.organisation, now=timezone.now())
    form = _form(request)
    if posted and form.is_valid() and not listing.problems:
        made = SavedView(organisation=request.organisation, owner=request.user, query=listing.query)
        if _kept(request, made, form):
            messages.success(request, f"Saved as “{made.name}”.")
            return redirect(made)
    context = {"heading": "Save this view", "action": "Save view", **_asked(request, listing)}
    return _shown(request, form, **context)


@member()
@require_http_methods(["GET", "HEAD", "POST"])
def view_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    """Rename a view, share it, or have it keep what the log shows now."""
    found = _mine(request, public_id)
    query = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    listing = Listing(QueryDict(query), request.organisation, now=timezone.now()) if query else None
    form = _form(request, found)
    if request.method == "POST" and form.is_valid() and not (listing and listing.problems):
        found.query = listing.query if listing else found.query
        if _kept(request, found, form):
            messages.success(request, f"“{found.name}” is changed.")
            return redirect("comms:views", request.organisation.slug)
    context = _asked(request, listing) if listing else {"words": _words(request, found.query)}
    return _shown(request, form, heading=f"Change “{found.name}”", action="Save changes", **context)


@member()
@require_http_methods(["GET", "HEAD", "POST"])
def view_delete(request: MemberRequest, public_id: str) -> HttpResponse:
    """Say what is lost, and delete a view that nothing needs."""
    found, refusal = _mine(request, public_id), ""
    if used := [str(one) for one in ExportSchedule.objects.filter(view=found)]:
        refusal = f"It is exported by itself: {', '.join(used)}. End that first."
    elif request.method == "POST":
        found.delete()
        messages.success(request, f"“{found.name}” is deleted. No entry was touched.")
        return redirect("comms:views", request.organisation.slug)
    context = {"nav": "log", "view": found, "refusal": refusal}
    return render(request, "comms/view_delete.html", context, status=422 if refusal else 200)


@member()
@require_POST
def view_pin(request: MemberRequest, public_id: str) -> HttpResponse:
    """Put a view into one's own navigation, or take it out."""
    _pin(request, _found(request, public_id), request.POST.get("pinned") == "1")
    return redirect("comms:views", request.organisation.slug)


def _found(request: MemberRequest, public_id: str) -> SavedView:
    found: SavedView = get_object_or_404(SavedView.objects.visible_to(request.user), public_id=public_id)
    found.organisation = request.organisation
    return found


def _mine(request: MemberRequest, public_id: str) -> SavedView:
    found = _found(request, public_id)
    if not _may_change(request, found):
        raise PermissionDenied
    return found


def _may_change(request: MemberRequest, found: SavedView) -> bool:
    """Say who may: its owner, and for shared ones an admin, as owners leave."""
    return found.owner_id == request.user.pk or (found.shared and request.membership.role == ROLES.ADMIN)


def _form(request: MemberRequest, found: SavedView | None = None) -> SavedViewForm:
    initial: dict[str, Any] = {}
    if found:
        pinned = found.pins.filter(user=request.user).exists()
        initial = {"name": found.name, "shared": found.shared, "pinned": pinned}
    return SavedViewForm(
        request.POST if request.method == "POST" else None,
        organisation=request.organisation,
        owner=found.owner if found else request.user,
        view=found,
        initial=initial,
    )


def _kept(request: MemberRequest, found: SavedView, form: SavedViewForm) -> bool:
    """Save it, with its pin; say so at the name where another window was quicker."""
    found.name, found.shared = form.cleaned_data["name"], form.cleaned_data["shared"]
    found.changed_at = timezone.now()
    try:
        with transaction.atomic():
            found.save()
            _pin(request, found, form.cleaned_data["pinned"])
    except IntegrityError:
        form.add_error("name", TAKEN)
        return False
    return True


def _pin(request: MemberRequest, found: SavedView, pinned: bool) -> None:
    mine: dict[str, Any] = {"organisation": request.organisation, "view": found, "user": request.user}
    if pinned:
        PinnedView.objects.get_or_create(**mine)
    else:
        PinnedView.objects.filter(**mine).delete()


def _asked(request: MemberRequest, listing: Listing) -> dict[str, Any]:
    query = QueryDict(mutable=True)
    for name, values in listing.query.items():
        query.setlist(name, values)
    return {"query": query.urlencode(), "words": _words(request, listing.query), "problems": listing.problems}


def _words(request: MemberRequest, query: dict[str, list[str]]) -> list[str]:
    return view_words(query, request.organisation, timezone.now())


def _shown(request: MemberRequest, form: SavedViewForm, **context: Any) -> HttpResponse:
    wrong = form.is_bound
    return render(
        request, "comms/view_form.html", {"nav": "log", "form": form, **context}, status=422 if wrong else 200
    )


urlpatterns: list[URLPattern] = [
    path("log/views/", views, name="views"),
    path("log/views/new/", view_new, name="view-new"),
    path("log/views/<uuid:public_id>/", view, name="view"),
    path("log/views/<uuid:public_id>/edit/", view_edit, name="view-edit"),
    path("log/views/<uuid:public_id>/delete/", view_delete, name="view-delete"),
    path("log/views/<uuid:public_id>/pin/", view_pin, name="view-pin"),
]
