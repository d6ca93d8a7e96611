from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolio.access import MemberRequest, member
from portfolio.models import Block, Unit

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
    return redirect("comms:communications", membership.organisation.slug)


@member()
@require_safe
def blocks(request: MemberRequest) -> HttpResponse:
    """List the blocks with how many flats and people each has."""
    text = searched(request)
    found = Block.objects.matching(text).with_counts(timezone.localdate())
    return render(request, "portfolio/block_list.html", {"nav": "blocks", "blocks": found, "text": text})


@member()
@require_safe
def block(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Block, public_id=public_id)
    context = {"nav": "blocks", "whose": found, "units": found.units.prefetch_related("occupancies__contact")}
    return render(request, "portfolio/block_detail.html", context)


@member()
@require_safe
def unit(request: MemberRequest, public_id: str) -> HttpResponse:
    units = Unit.objects.select_related("block").prefetch_related("occupancies__contact")
    found: Unit = get_object_or_404(units, public_id=public_id)
    return render(request, "portfolio/unit_detail.html", {"nav": "blocks", "unit": found})
