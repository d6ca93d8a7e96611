from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from portfolio.access import MemberRequest, member
from portfolio.models import Block, Unit


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the organisation of the person, or say that there is none yet."""
    membership = (
        request.user.memberships.select_related("organisation").order_by("organisation__name").first()
    )
    if membership is None:
        return render(request, "portfolio/nowhere.html", status=403)
    return redirect("comms:communications", membership.organisation.slug)


@member()
def blocks(request: MemberRequest) -> HttpResponse:
    return render(request, "portfolio/block_list.html", {"nav": "blocks", "blocks": Block.objects.all()})


@member()
def block(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Block, public_id=public_id)
    return render(request, "portfolio/block_detail.html", {"nav": "blocks", "block": found})


@member()
def unit(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Unit.objects.select_related("block"), public_id=public_id)
    return render(request, "portfolio/unit_detail.html", {"nav": "blocks", "unit": found})
