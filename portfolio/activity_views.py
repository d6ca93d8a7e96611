"""The Activity tab of what belongs to the portfolio."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from portfolio.access import MemberRequest, member
from portfolio.activity import activity
from portfolio.models import Block


@member()
@require_safe
def block_activity(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Block, public_id=public_id)
    context = {"nav": "blocks", "whose": found, "activity": activity(request.GET, found)}
    return render(request, "portfolio/block_activity.html", context)
