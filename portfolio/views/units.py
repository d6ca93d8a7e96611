"""Flats: one with its people on a day, and what changes it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portfolio.access import WRITERS, MemberRequest, member
from portfolio.forms.places import UnitForm
from portfolio.models import Block, Unit
from portfolio.views.blocks import asked_day


def units() -> QuerySet[Unit]:
    return Unit.objects.select_related("block", "organisation", "block__organisation")


@member()
@require_safe
def unit(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show a flat and who has a part in it, today or on the day that is asked about."""
    found: Unit = get_object_or_404(units().prefetch_related("occupancies__contact"), public_id=public_id)
    found.as_of, mistake = asked_day(request)
    context = {"nav": "blocks", "unit": found, "day": found.as_of, "day_mistake": mistake}
    return render(request, "portfolio/unit_detail.html", context)


@member(*WRITERS)
def unit_new(request: MemberRequest, public_id: str) -> HttpResponse:
    block = get_object_or_404(Block, public_id=public_id)
    form = UnitForm(request.POST or None, block=block, organisation=request.organisation)
    return _form(request, form, {"whose": block, "heading": "Add a flat", "action": "Add the flat"})


@member(*WRITERS)
def unit_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    found: Unit = get_object_or_404(units(), public_id=public_id)
    heading = f"Edit {found.name}"
    form = UnitForm(
        request.POST or None, instance=found, block=found.block, organisation=request.organisation
    )
    return _form(request, form, {"whose": found.block, "unit": found, "heading": heading, "action": "Save"})


def _form(request: MemberRequest, form: UnitForm, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and form.saved():
        messages.success(request, f"{form.instance.name} is saved.")
        return redirect(form.instance)
    context |= {"nav": "blocks", "form": form}
    return render(request, "portfolio/unit_form.html", context, status=422 if form.errors else 200)


@member(*WRITERS)
@require_POST
def unit_archive(request: MemberRequest, public_id: str) -> HttpResponse:
    """Put a flat away that is no more, or bring it back; nothing that names it is touched."""
    found: Unit = get_object_or_404(units().prefetch_related("occupancies"), public_id=public_id)
    if found.archived_at is None and (found.people.now or found.people.to_come):
        messages.error(
            request, f"{found.name} still has people. End their part in it first, then archive it."
        )
        return redirect(found)
    archived_at = None if found.archived_at else timezone.now()
    Unit.objects.filter(pk=found.pk).update(archived_at=archived_at)
    words = "is archived. Its log stays, and it can be brought back." if archived_at else "is in use again."
    messages.success(request, f"{found.name} {words}")
    return redirect(found)
