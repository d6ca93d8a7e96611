"""Who may open a page: one decorator on the view, and the place it opens."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django_scopes import scope

from portfolio.models import Membership, Organisation, User

ROLES = Membership.Role
EVERYONE = tuple(ROLES)
ADMINS = (ROLES.ADMIN,)
WRITERS = (ROLES.MANAGER, ROLES.ADMIN)
EXPORTERS = (ROLES.AUDITOR, ROLES.MANAGER, ROLES.ADMIN)
RECORDERS = (ROLES.STAFF, ROLES.MANAGER, ROLES.ADMIN)
# What other apps count for a member on every page, in the query of the membership: by the name of the attribute.
COUNTED: dict[str, Any] = {}


class MemberRequest(HttpRequest):
    """A request by a member inside an organisation, as views behind `member` get it."""

    user: User
    organisation: Organisation
    membership: Membership
    memberships: list[Membership]


View = Callable[..., HttpResponseBase]


def member(*roles: str) -> Callable[[View], View]:
    """Open the organisation in the address for its members with one of the roles (any, if none is named).

    Someone else's organisation looks like one that is not there (404); one's own without the role is
    refused (403). Inside, queries see this organisation only, and times are in its zone. The view must
    have made its answer before it returns: nothing lazy survives the scope.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def inside(request: MemberRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # All of the person's, in one query: the menu leads to the others.
            request.memberships = list(
                Membership.objects.filter(user=request.user)
                .select_related("organisation")
                .annotate(**COUNTED)
                .order_by("organisation__name")
            )
            membership = next((m for m in request.memberships if m.organisation.slug == slug), None)
            if membership is None:
                raise Http404("There is no such organisation.")
            if roles and membership.role not in roles:
                raise PermissionDenied
            request.membership = membership
            request.organisation = membership.organisation
            with scope(organisation=membership.organisation), timezone.override(membership.organisation.zone):
                return view(request, *args, **kwargs)

        inside.roles = roles or EVERYONE  # type: ignore[attr-defined]
        return inside

    return decorate


def place(request: HttpRequest) -> dict[str, Any]:
    """Give templates the organisation, the person's role in it, and where else they may go."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"organisation": None, "membership": None, "memberships": []}
    return {
        "organisation": getattr(request, "organisation", None),
        "membership": getattr(request, "membership", None),
        "memberships": getattr(request, "memberships", None)
        or Membership.objects.filter(user=request.user.pk).select_related("organisation"),
    }
