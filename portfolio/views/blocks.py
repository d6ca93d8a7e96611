"""Blocks: the list, a block with its flats and people on a day, and what changes them."""

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from portfolio.access import WRITERS, MemberRequest, member
from portfolio.activity import activity
from portfolio.forms.places import BlockFilter, BlockForm, UnitsForm
from portfolio.models import Block
from portfolio.paging import page


@member()
@require_safe
def blocks(request: MemberRequest) -> HttpResponse:
    """List the blocks with how many flats, people and open tickets each has."""
    narrowed = BlockFilter(request.GET, queryset=Block.objects.with_counts(timezone.localdate()))
    found = narrowed.qs if narrowed.is_valid() else Block.objects.none()
    context = {"nav": "blocks", "page": page(found, request.GET), "filter": narrowed, "total": found.count()}
    return render(request, "portfolio/block_list.html", context)


@member()
@require_safe
def block(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show a block and who has a part in its flats, today or on the day that is asked about."""
    found = get_object_or_404(Block, public_id=public_id)
    units = list(found.units.prefetch_related("occupancies__contact"))
    day, mistake = asked_day(request)
    for unit in units:
        unit.as_of = day
    context = {
        "nav": "blocks",
        "whose": found,
        "units": [unit for unit in units if not unit.archived_at],
        "archived_units": [unit for unit in units if unit.archived_at],
        "day": day,
        "day_mistake": mistake,
    }
    return render(request, "portfolio/block_detail.html", context)


def asked_day(request: HttpRequest) -> tuple[datetime.date | None, str]:
    """Give the day that the page is asked about, if any, and what is wrong with it."""
    if not (typed := request.GET.get("on", "").strip()):
        return None, ""
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    return day, "" if day else "Give the date as day, month and year."


@member(*WRITERS)
def block_new(request: MemberRequest) -> HttpResponse:
    form = BlockForm(request.POST or None, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(request, f"{form.instance.name} is there. Add its flats next.")
        return redirect("portfolio:units-new", request.organisation.slug, form.instance.public_id)
    return _form(request, form, "Add a block", "Add the block")


@member(*WRITERS)
def block_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Block, public_id=public_id)
    form = BlockForm(request.POST or None, instance=found, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(request, "Saved. What was sent before keeps the address that it was sent with.")
        return redirect(found)
    return _form(request, form, f"Edit {Block.objects.get(pk=found.pk).name}", "Save", found)


def _form(
    request: MemberRequest, form: BlockForm, heading: str, action: str, whose: Block | None = None
) -> HttpResponse:
    context = {"nav": "blocks", "form": form, "heading": heading, "action": action, "whose": whose}
    return render(request, "portfolio/block_form.html", context, status=422 if form.errors else 200)


@member(*WRITERS)
def block_archive(request: MemberRequest, public_id: str) -> HttpResponse:
    """Ask, then put a block away; nothing that names it is touched."""
    found = get_object_or_404(Block.objects.with_counts(timezone.localdate()), public_id=public_id)
    if request.method == "POST":
        Block.objects.filter(pk=found.pk, archived_at__isnull=True).update(archived_at=timezone.now())
        messages.success(request, f"{found.name} is archived. Its log stays, and it can be brought back.")
        return redirect(found)
    return render(request, "portfolio/block_archive.html", {"nav": "blocks", "whose": found})


@member(*WRITERS)
@require_POST
def block_restore(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Block, public_id=public_id)
    Block.objects.filter(pk=found.pk).update(archived_at=None)
    messages.success(request, f"{found.name} is in use again.")
    return redirect(found)


@member(*WRITERS)
def units_new(request: MemberRequest, public_id: str) -> HttpResponse:
    """Add the flats of a block with their numbers, many at once."""
    found = get_object_or_404(Block, public_id=public_id)
    form = UnitsForm(request.POST or None, block=found)
    if request.method == "POST" and form.is_valid():
        made = form.save(request.organisation)
        messages.success(request, f"{made} flat{'' if made == 1 else 's'} added.")
        return redirect(found)
    context = {"nav": "blocks", "form": form, "whose": found}
    return render(request, "portfolio/units_form.html", context, status=422 if form.errors else 200)


@member()
@require_safe
def block_activity(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Block, public_id=public_id)
    context = {"nav": "blocks", "whose": found, "activity": activity(request.GET, found)}
    return render(request, "portfolio/block_activity.html", context)
