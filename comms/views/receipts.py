"""What came in from outside about messages, for an admin: what waits, what was not understood, and trying again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from comms.channels import hook_address
from comms.models import ReceiptParsing
from comms.receipts import parsing
from comms.receipts.hooks import refusals, taking
from portfolio import paging
from portfolio.access import ADMINS, MemberRequest, member
from portfolio.models import Organisation

State = ReceiptParsing.State
SHOWN_BYTES = 100_000
TO_LOOK_AT = [State.PARKED, State.UNMATCHED]
# What the page shows, by the word in its address: what a person should look at comes first.
VIEWS = {
    "": ("To look at", TO_LOOK_AT),
    "waiting": ("Waiting", [State.WAITING]),
    "read": ("Read", [State.DONE]),
}


@member(*ADMINS)
@require_safe
def receipts(request: MemberRequest) -> HttpResponse:
    """List receipts, newest first: those to look at, unless others are asked for."""
    show = request.GET.get("show", "")
    show = show if show in VIEWS else ""
    rows = ReceiptParsing.objects.filter(state__in=VIEWS[show][1]).select_related("receipt", "entry")
    rows = rows.defer("receipt__body", "entry__words", "entry__personal")
    context = {
        "tab": "receipts",
        "show": show,
        "views": [(word, label) for word, (label, _) in VIEWS.items()],
        "providers": _providers(request.organisation),
        "waiting": 0 if show else _waiting(),
        "page": paging.page(rows, request.GET, by="-received_at"),
    }
    return render(request, "comms/receipts.html", context)


@member(*ADMINS)
@require_safe
def receipt(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show one receipt as it came: its bytes as text, never as what they claim to be."""
    row = _row(public_id)
    body = bytes(row.receipt.body)
    context = {
        "tab": "receipts",
        "row": row,
        "headers": sorted(row.receipt.headers.items()),
        "body": body[:SHOWN_BYTES].decode(errors="replace").replace("\x00", "\N{SYMBOL FOR NULL}"),
        "size": len(body),
        "cut": len(body) > SHOWN_BYTES,
    }
    return render(request, "comms/receipt.html", context)


@member(*ADMINS)
@require_POST
def receipt_again(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Have one read once more; where it is being read already, nothing changes."""
    if parsing.try_again(_row(public_id)):
        messages.success(request, "It is read again within seconds.")
    return redirect("comms:receipt", request.organisation.slug, public_id)


def _providers(organisation: Organisation) -> list[tuple[str, str, int, str]]:
    """Give the address that each provider in use posts to, and how many posts were refused there, and why."""
    refused = refusals.of_days(organisation, timezone.now().date())
    names = sorted({*taking.in_use(organisation), *refused})
    return [
        (
            name,
            hook_address.address_of(organisation.public_id, name),
            sum(refused.get(name, {}).values()),
            ", ".join(f"{many} {why}" for why, many in refused.get(name, {}).items()),
        )
        for name in names
    ]


def _waiting() -> int:
    """Count those that were read and whose message is not there: of a mistake, too, nobody hears for a day otherwise."""
    return ReceiptParsing.objects.filter(state=State.WAITING, attempts__gt=0).count()


def _row(public_id: uuid.UUID) -> ReceiptParsing:
    rows = ReceiptParsing.objects.select_related("receipt", "entry__organisation")
    found: ReceiptParsing = get_object_or_404(rows, public_id=public_id)
    return found


urlpatterns = [
    path("settings/receipts/", receipts, name="receipts"),
    path("settings/receipts/<uuid:public_id>/", receipt, name="receipt"),
    path("settings/receipts/<uuid:public_id>/again/", receipt_again, name="receipt-again"),
]
