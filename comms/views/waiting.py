"""What is still to be sent to a flat after a sale or a move, and to whom it would go."""

import uuid

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from comms.drafting import moves
from portfolio.access import EVERYONE, MemberRequest, member
from portfolio.models import Unit


@member(*EVERYONE)
def waiting(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show the communications that go to people who will have left; who may write changes them to who comes."""
    units = Unit.objects.select_related("block__organisation", "organisation")
    unit: Unit = get_object_or_404(units, public_id=public_id)
    if request.htmx:  # type: ignore[attr-defined]
        # Beside the form of a sale: what there is to think of before anybody has left.
        return render(request, "comms/_to_come.html", {"found": moves.to_come(unit, timezone.localdate())})
    found = moves.affected(unit, timezone.localdate())
    if request.method == "POST":
        request.membership.require_writer()
        wanted = [
            one for one in found if str(one.communication.public_id) == request.POST.get("communication")
        ]
        for one in wanted:
            _put_right(request, one, unit)
        if not wanted:
            messages.warning(request, "It was changed meanwhile. Look at what is left below.")
        return redirect("comms:unit-waiting", request.organisation.slug, unit.public_id)
    return render(request, "comms/unit_waiting.html", {"nav": "blocks", "unit": unit, "affected": found})


def _put_right(request: MemberRequest, one: moves.Affected, unit: Unit) -> None:
    try:
        moves.put_right(one, unit)
    except IntegrityError:
        messages.error(request, "Nothing was changed: sending has begun.")
        return
    names = ", ".join(contact.name for contact in one.coming) or "nobody in their place"
    gone = ", ".join(recipient.name for recipient in one.leaving)
    messages.success(request, f"“{one.communication.subject}” no longer goes to {gone}, but to {names}.")


urlpatterns = [path("units/<uuid:public_id>/waiting/", waiting, name="unit-waiting")]
