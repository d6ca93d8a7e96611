"""Who acts for whom: adding, changing and taking out."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from contacts.forms import RelationForm
from contacts.models import Contact, ContactRelation
from contacts.views.editing import choose_contact
from contacts.views.people import ONE
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.finding import named


@member(*WRITERS)
def relation_new(request: MemberRequest, public_id: str) -> HttpResponse:
    """Say who acts for a contact."""
    contact = get_object_or_404(Contact, public_id=public_id)
    acting = named(Contact, request.GET.get("by", ""))
    if acting is None or acting.archived_at or acting.pk == contact.pk:
        return choose_contact(request, f"Who acts for {contact}?", "by", without=contact.pk)
    relation = ContactRelation(contact=acting, acts_for=contact)
    form = RelationForm(request.POST or None, instance=relation, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(request, f"{acting} acts for {contact}.")
        return redirect(contact)
    return _form(request, form, f"{acting} acts for {contact}")


@member(*WRITERS)
def relation(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(_relations(), public_id=public_id)
    form = RelationForm(request.POST or None, instance=found, organisation=request.organisation)
    if request.method == "POST" and form.saved():
        messages.success(request, "Saved.")
        return redirect(found.acts_for)
    return _form(request, form, f"{found.contact} acts for {found.acts_for}")


def _relations() -> QuerySet[ContactRelation]:
    return ContactRelation.objects.select_related("contact__organisation", "acts_for__organisation")


def _form(request: MemberRequest, form: RelationForm, heading: str) -> HttpResponse:
    context = {
        "nav": "contacts",
        "form": form,
        "heading": heading,
        "action": "Save",
        "relation": form.instance,
    }
    return render(request, "contacts/relation_form.html", context, status=422 if form.errors else 200)


@member(*WRITERS)
@require_POST
def relation_remove(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(_relations(), public_id=public_id)
    found.delete()
    messages.success(request, f"{found.contact} no longer acts for {found.acts_for}.")
    return redirect(found.acts_for)


urlpatterns = [
    path(f"{ONE}relations/new/", relation_new, name="relation-new"),
    path("relations/<uuid:public_id>/", relation, name="relation"),
    path("relations/<uuid:public_id>/remove/", relation_remove, name="relation-remove"),
]
