"""Who gets a communication: adding and removing people until sending begins."""

import re
import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from comms.drafting import audience
from comms.forms import AudienceForm
from comms.models import Communication
from comms.views.one import ONE, found
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.models import Block, Unit

SHOWN = 100  # recipients on a page
TICKED = 1000  # flats of a block that are offered to be ticked
MOST_UNITS = 20_000


@member()
def recipients(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """List the recipients; those who may write add some by block or by flat."""
    one = found(public_id)
    if not one.is_editable:
        return redirect("comms:progress", one.organisation.slug, one.public_id)
    posted = request.method == "POST"
    if posted and not request.membership.can_write:
        raise PermissionDenied
    block = _asked_for(request) or one.block
    initial = {"block": block.public_id} if block and not one.unit else {}
    form = AudienceForm(request.POST if posted else None, initial=initial)
    made = None
    if posted and form.is_valid():
        made, report = _add(request, one, form)
        if made:
            for level, words in report:
                messages.add_message(request, level, words)
            return redirect("comms:recipients", one.organisation.slug, one.public_id)
        form.add_error(None, " ".join(words for _, words in report))
    people = one.recipients.select_related("unit", "contact__organisation", "regarding")
    after = request.GET.get("after", "")
    rows = list(people.filter(pk__gt=int(after) if re.fullmatch(r"[0-9]{1,18}", after) else 0)[: SHOWN + 1])
    context = {
        "nav": "communications",
        "communication": one,
        "form": form,
        "units": Unit.objects.in_use().filter(block=block)[:TICKED] if block else [],
        "whose_units": block,
        "blocks": Block.objects.in_use(),
        "ticked": request.POST.getlist("unit") or ([str(one.unit.public_id)] if one.unit else []),
        "people": one.recipients.count(),
        "shown": rows[:SHOWN],
        "next": rows[SHOWN - 1].pk if len(rows) > SHOWN else "",
        "after": after,
    }
    return render(request, "comms/communication_recipients.html", context, status=422 if posted else 200)


def _asked_for(request: MemberRequest) -> Block | None:
    """Give the block whose flats are to be shown, if one is named and there."""
    named = _uuids([request.GET.get("block", "")])
    return Block.objects.in_use().filter(public_id__in=named).first() if named else None


def _add(request: MemberRequest, one: Communication, form: AudienceForm) -> tuple[int, list[tuple[int, str]]]:
    """Add by the form; give how many are new, and what to say about them and about those who were skipped."""
    named = request.POST.getlist("unit")[:MOST_UNITS]
    units = Unit.objects.in_use().select_related("block")
    if named and form.cleaned_data["block"]:
        other = units.filter(public_id__in=_uuids(named)).exclude(block=form.cleaned_data["block"]).first()
        if other:
            return 0, [
                (
                    messages.ERROR,
                    f"Flats of {other.block.name} are ticked and {form.cleaned_data['block']} is chosen. "
                    "Leave the block open, or take the ticks away.",
                )
            ]
    if named:
        units, asked = units.filter(public_id__in=_uuids(named)), len(set(named))
    elif form.cleaned_data["block"]:
        units, asked = units.filter(block=form.cleaned_data["block"]), None
    elif one.unit_id:
        units, asked = units.filter(pk=one.unit_id), None
    else:
        return 0, [(messages.ERROR, "Choose a block, or tick flats.")]
    plan = audience.plan(one, units, form.cleaned_data["role"], timezone.localdate(), asked)
    try:
        with transaction.atomic():
            added = audience.add(plan)
    except IntegrityError:
        return 0, [(messages.ERROR, "Nobody was added: sending has begun.")]
    report = [(messages.SUCCESS, f"{added} {'person' if added == 1 else 'people'} added.")] if added else []
    report += [(messages.WARNING, words) for words in plan.report]
    if plan.foreign:
        report.append((messages.WARNING, f"{plan.foreign} skipped: not a flat of this organisation."))
    if plan.recipients and not added:  # somebody else added them in the meantime
        report.append((messages.WARNING, f"{len(plan.recipients)} skipped, {audience.ALREADY}."))
    there_already = bool(report) and all(one.why == audience.ALREADY for one in plan.skipped)
    if not added and there_already and not plan.foreign:
        return 1, report  # adding again is harmless
    return added, report or [(messages.ERROR, "There are no flats to add anybody from.")]


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    wanted = []
    for text in texts:
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            continue
    return wanted


@member(*WRITERS)
@require_POST
def remove(request: MemberRequest, public_id: uuid.UUID, recipient: uuid.UUID) -> HttpResponse:
    one = found(public_id)
    try:
        with transaction.atomic():
            one.recipients.filter(public_id=recipient).delete()
    except IntegrityError:
        messages.error(request, "Nobody was removed: sending has begun.")
    return redirect("comms:recipients", one.organisation.slug, one.public_id)


urlpatterns = [
    path(f"{ONE}recipients/", recipients, name="recipients"),
    path(f"{ONE}recipients/<uuid:recipient>/remove/", remove, name="recipient-remove"),
]
