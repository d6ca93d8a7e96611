"""Who has a part in which flat: adding, changing and taking out one part; a sale or a move in one step."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts.forms import Arrivals, MoveForm, OccupancyForm
from contacts.mistake import Mistake
from contacts.models import Contact, Occupancy
from contacts.moving import Arrival, move
from contacts.views.editing import CHOICES, choose_contact
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.finding import named
from portfolio.models import Unit
from portfolio.views.home import searched


@member(*WRITERS)
def occupancy_new(request: MemberRequest) -> HttpResponse:
    """Give a contact a part in a flat; whichever of the two is not known is chosen first."""
    unit = named(Unit, request.GET.get("unit", ""))
    contact = named(Contact, request.GET.get("contact", ""))
    if unit is None:
        return _choose_unit(request)
    if unit.archived_at:
        messages.error(request, f"{unit} is archived. Bring it back into use first.")
        return redirect(unit)
    if contact is None or contact.archived_at:
        return choose_contact(request, f"Who has a part in {unit}, {unit.block}?", "contact")
    part = Occupancy(unit=unit, contact=contact)
    form = OccupancyForm(request.POST or None, instance=part, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(request, f"{contact} is on record as {part.get_role_display().lower()} of {unit}.")
        return redirect(unit)
    return _form(request, form, "Add a part in a flat", "Save")


def _choose_unit(request: MemberRequest) -> HttpResponse:
    text = searched(request)
    found = Unit.objects.in_use().select_related("block")
    for word in text.split():
        found = found.filter(
            Q(name__icontains=word) | Q(reference__icontains=word) | Q(block__name__icontains=word)
        )
    context = {
        "nav": "contacts",
        "text": text,
        "found": found.order_by("block__name", "position")[:CHOICES] if text else [],
        "contact": named(Contact, request.GET.get("contact", "")),
    }
    return render(request, "contacts/unit_choose.html", context)


def _form(request: MemberRequest, form: OccupancyForm, heading: str, action: str) -> HttpResponse:
    context = {"nav": "blocks", "form": form, "heading": heading, "action": action, "part": form.instance}
    return render(request, "contacts/occupancy_form.html", context, status=422 if form.errors else 200)


def parts() -> QuerySet[Occupancy]:
    return Occupancy.objects.select_related("contact", "unit__block", "unit__organisation")


@member(*WRITERS)
def occupancy(request: MemberRequest, public_id: str) -> HttpResponse:
    part = get_object_or_404(parts(), public_id=public_id)
    form = OccupancyForm(request.POST or None, instance=part, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(request, f"Saved: {part.contact}, {part.unit}.")
        return redirect(part.unit)
    return _form(request, form, f"{part.contact}, {part.unit}", "Save")


@member(*WRITERS)
@require_POST
def occupancy_remove(request: MemberRequest, public_id: str) -> HttpResponse:
    """Take out a part that never was; what it said stays in the Activity of both."""
    part = get_object_or_404(parts(), public_id=public_id)
    part.delete()
    messages.success(
        request, f"Taken out: {part.contact} as {part.get_role_display().lower()} of {part.unit}."
    )
    return redirect(part.unit)


@member(*WRITERS)
def move_people(request: MemberRequest, public_id: str) -> HttpResponse:
    """Record a sale or a move of a flat: who leaves, who comes, from which day."""
    units = Unit.objects.select_related("block", "organisation").prefetch_related("occupancies__contact")
    unit: Unit = get_object_or_404(units, public_id=public_id)
    if unit.archived_at:
        messages.error(request, f"{unit} is archived. Bring it back into use first.")
        return redirect(unit)
    posted = request.method == "POST"
    owners = [str(part.public_id) for part in unit.people.now if part.role == Occupancy.Role.LEASEHOLDER]
    form = MoveForm(
        request.POST or None,
        unit=unit,
        leaving=request.POST.getlist("leaving") if posted else owners,
        initial={"on": timezone.localdate()},
    )
    arrivals = Arrivals(request.POST or None, prefix="new")
    if posted and all([form.is_valid(), arrivals.is_valid()]) and _moved(request, form, arrivals):
        return redirect("comms:unit-waiting", request.organisation.slug, unit.public_id)
    context = {"nav": "blocks", "unit": unit, "form": form, "arrivals": arrivals}
    return render(request, "contacts/move.html", context, status=422 if posted else 200)


def _moved(request: MemberRequest, form: MoveForm, arrivals: BaseFormSet) -> bool:
    """Do it, and say what was done, or at the form why not."""
    coming = [Arrival(**row) for row in arrivals.cleaned_data if row.get("name")]
    if not coming and not form.leaving:
        form.add_error(None, "Tick who leaves, or name who comes.")
        return False
    try:
        came = move(form.unit, form.cleaned_data["on"], form.leaving, coming, form.cleaned_data["role"])
    except Mistake as mistake:
        form.add_error(None, str(mistake))
        return False
    said = [f"{part.contact} left" for part in form.leaving] + [f"{contact} came" for contact in came]
    messages.success(request, f"{form.unit}: {', '.join(said)}.")
    return True


urlpatterns = [
    path("occupancies/new/", occupancy_new, name="occupancy-new"),
    path("occupancies/<uuid:public_id>/", occupancy, name="occupancy"),
    path("occupancies/<uuid:public_id>/remove/", occupancy_remove, name="occupancy-remove"),
    path("units/<uuid:public_id>/move/", move_people, name="move"),
]
