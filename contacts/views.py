from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from contacts.models import Contact
from portfolio.access import MemberRequest, member


@member()
def contacts(request: MemberRequest) -> HttpResponse:
    return render(request, "contacts/contact_list.html", {"nav": "contacts"})


@member()
def contact(request: MemberRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Contact, public_id=public_id)
    return render(request, "contacts/contact_detail.html", {"nav": "contacts", "contact": found})
