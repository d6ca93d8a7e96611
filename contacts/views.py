from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.models import Contact, Occupancy
from contacts.paging import page
from portfolio.access import MemberRequest, member
from portfolio.views import searched


@member()
@require_safe
def contacts(request: MemberRequest) -> HttpResponse:
    """List the contacts by name, those whose name, email or phone has what is searched for."""
    text = searched(request)
    flats = Prefetch("occupancies", Occupancy.objects.with_flat())
    matching = Contact.objects.matching(text).prefetch_related(flats)
    shown = page(matching, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {"nav": "contacts", "page": shown, "text": text}
    return render(request, "contacts/contact_list.html", context)


@member()
@require_safe
def contact(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Contact, public_id=public_id)
    return render(request, "contacts/contact_detail.html", {"nav": "contacts", "contact": found})
