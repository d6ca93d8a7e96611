"""Making and changing a contact, and making one of two."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from contacts.forms import ContactForm
from contacts.merging import duplicates, merge
from contacts.mistake import Mistake
from contacts.models import Contact
from contacts.views.people import ONE
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.finding import named
from portfolio.models import Unit
from portfolio.views.home import searched

CHOICES = 20


@member(*WRITERS)
def contact_new(request: MemberRequest) -> HttpResponse:
    """Add a contact; where somebody came to add a person to a flat, go on with that."""
    form = ContactForm(
        request.POST or None, organisation=request.organisation, initial={"name": request.GET.get("name", "")}
    )
    if request.method == "POST" and form.saved():
        _say_what_post_lacks(request, form.instance)
        unit = named(Unit, request.GET.get("unit", ""))
        if unit:
            to = reverse("contacts:occupancy-new", args=[request.organisation.slug])
            return redirect(f"{to}?unit={unit.public_id}&contact={form.instance.public_id}")
        return redirect(form.instance)
    context = {"nav": "contacts", "form": form, "heading": "Add a contact", "action": "Add the contact"}
    return render(request, "contacts/contact_form.html", context, status=422 if request.POST else 200)


@member(*WRITERS)
def contact_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Contact, public_id=public_id)
    name = found.name
    form = ContactForm(request.POST or None, instance=found, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(
            request, "Saved. What was sent before keeps the name and address that it was sent with."
        )
        _say_what_post_lacks(request, form.instance)
        return redirect(found)
    context = {"nav": "contacts", "form": form, "contact": found, "heading": f"Edit {name}", "action": "Save"}
    return render(request, "contacts/contact_form.html", context, status=422 if request.POST else 200)


def _say_what_post_lacks(request: HttpRequest, contact: Contact) -> None:
    """Warn of an address to which no letter can go; it may be all that is known."""
    if contact.address and (why := contact.postal.unpostable_reason()):
        messages.warning(request, f"No letter can go there yet. {why}")


def choose_contact(request: MemberRequest, heading: str, parameter: str, without: int = 0) -> HttpResponse:
    """Let somebody find a contact; each leads back to this address with the contact in a parameter."""
    text = searched(request)
    found = Contact.objects.current().matching(text).exclude(pk=without) if text else Contact.objects.none()
    context = {
        "nav": "contacts",
        "heading": heading,
        "text": text,
        "parameter": parameter,
        "found": found.prefetch_related("occupancies__unit__block")[:CHOICES],
        "kept": [(k, v) for k, v in request.GET.items() if k not in ("q", parameter)],
        "unit": named(Unit, request.GET.get("unit", "")),
    }
    return render(request, "contacts/contact_choose.html", context)


@member(*WRITERS)
@require_safe
def contact_duplicates(request: MemberRequest) -> HttpResponse:
    return render(request, "contacts/contact_duplicates.html", {"nav": "contacts", "pairs": duplicates()})


@member(*WRITERS)
def contact_merge(request: MemberRequest, public_id: str) -> HttpResponse:
    """Ask, then make one contact of two."""
    kept = get_object_or_404(Contact.objects.current(), public_id=public_id)
    other = named(Contact, request.GET.get("with", ""))
    if other is None or other.archived_at or other.pk == kept.pk:
        return choose_contact(request, f"Who is the same as {kept}?", "with", without=kept.pk)
    if request.method == "POST":
        try:
            merge(kept, other)
        except Mistake as mistake:
            messages.error(request, str(mistake))
            return redirect(kept)
        messages.success(request, f"They are one contact now. The log of both is under {kept}.")
        return redirect(kept)
    context = {"nav": "contacts", "contact": kept, "other": other}
    return render(request, "contacts/contact_merge.html", context)


urlpatterns = [
    path("contacts/new/", contact_new, name="contact-new"),
    path("contacts/duplicates/", contact_duplicates, name="duplicates"),
    path(f"{ONE}edit/", contact_edit, name="contact-edit"),
    path(f"{ONE}merge/", contact_merge, name="contact-merge"),
]
