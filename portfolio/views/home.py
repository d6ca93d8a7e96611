from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portfolio.access import MemberRequest

SEARCHED = 200


def searched(request: HttpRequest) -> str:
    """Give what the page is asked to search for; PostgreSQL knows no NUL."""
    return " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:SEARCHED]


@login_required
def home(request: MemberRequest) -> HttpResponse:
    """Lead to the organisation of the person, or say that there is none yet."""
    membership = (
        request.user.memberships.select_related("organisation").order_by("organisation__name").first()
    )
    if membership is None:
        return render(request, "portfolio/nowhere.html", status=403)
    return redirect("comms:dashboard", membership.organisation.slug)
