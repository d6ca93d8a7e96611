"""The Communications Centre: the list, and how a communication begins."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from comms.drafting import audience, beginning
from comms.forms import WriteForm
from comms.log.communications import FILTERS, narrowed
from comms.models import Communication, Delivery, Recipient
from comms.sending import outlets
from comms.views import unconfirmed
from contacts.models import Contact
from portfolio.access import WRITERS, MemberRequest, member
from portfolio.finding import named
from portfolio.models import CHANNELS, Block, Unit
from portfolio.paging import page as paged


@member()
@require_GET
def communications(request: MemberRequest) -> HttpResponse:
    chosen = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    found = narrowed(Communication.objects.select_related("block", "unit", "created_by"), chosen)
    page = paged(found, request.GET, by="-created_at")
    _count_people(page.rows)
    context = {
        "nav": "communications",
        "page": page,
        "chosen": chosen,
        "chips": [(name, _in_words(name, value), _without(request, name)) for name, value in chosen.items()],
        "types": Communication.Type.choices,
        "statuses": Communication.Status.choices,
        "blocks": Block.objects.all(),
        "units": _units_of(chosen.get("block", "")),
        "channels": _channels(),
        "unconfirmed": unconfirmed.waiting(),
        "paused": outlets.paused(request.organisation),
    }
    return render(request, "comms/communication_list.html", context)


def _channels() -> list[str]:
    """List the channels to choose from: ours, and the own words that were used."""
    used = Communication.objects.order_by("channel").values_list("channel", flat=True).distinct()
    return list(dict.fromkeys([*CHANNELS, *used[:100]]))


def _units_of(block: str) -> QuerySet[Unit]:
    """Give the flats of the block that is chosen, to choose one of them."""
    try:
        return Unit.objects.filter(block__public_id=uuid.UUID(block))[:1000]
    except ValueError:
        return Unit.objects.none()


def _in_words(name: str, value: str) -> str:
    if name in ("block", "unit"):
        try:
            model: type[Block] | type[Unit] = Block if name == "block" else Unit
            return str(model.objects.filter(public_id=uuid.UUID(value)).first() or "not found")
        except ValueError:
            return "not found"
    labels = dict(Communication.Type.choices) | dict(Communication.Status.choices)
    return str(labels.get(value, value))


def _without(request: HttpRequest, name: str) -> str:
    kept = request.GET.copy()
    for gone in (name, "before", "after"):
        kept.pop(gone, None)
    return "?" + kept.urlencode()


def _count_people(rows: list[Communication]) -> None:
    """Put on each row how many it is for, and how many were not reached; two queries for all."""
    ids = [row.pk for row in rows]
    people = dict(
        Recipient.objects.filter(communication__in=ids)
        .values("communication").annotate(n=Count("pk")).values_list("communication", "n")
    )  # fmt: skip
    told = (
        Delivery.objects.filter(communication__in=ids)
        .values("communication")
        .annotate(
            done=Count("pk", filter=~Q(status__in=["queued", "deferred"])),
            unreached=Count("pk", filter=Q(status__in=["failed", "bounced", "dropped"])),
        )
    )
    counts: dict[int, Any] = {row["communication"]: row for row in told}
    for row in rows:
        row.people = people.get(row.pk, 0)  # type: ignore[attr-defined]
        row.done = counts.get(row.pk, {}).get("done", 0)  # type: ignore[attr-defined]
        row.unreached = counts.get(row.pk, {}).get("unreached", 0)  # type: ignore[attr-defined]


@member(*WRITERS)
def write(request: MemberRequest) -> HttpResponse:
    to, about = _contact(request, "contact"), _contact(request, "about")
    asked = {name: request.GET.get(name) for name in ("block", "unit", "type") if request.GET.get(name)}
    whose = "leaseholder" if {"block", "unit"} & set(asked) else ""
    usual = "message" if to or "unit" in asked else "circular"
    form = WriteForm(request.POST or None, initial={"type": usual, "people": whose, **asked})
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        people = words.pop("people")
        communication = beginning.begin(request.organisation, request.user, words)
        _address(request, communication, people, to, about)
        return redirect("comms:communication", request.organisation.slug, communication.public_id)
    context = {"nav": "communications", "form": form, "to": to, "about": about}
    return render(request, "comms/communication_write.html", context, status=422 if form.is_bound else 200)


def _contact(request: MemberRequest, name: str) -> Contact | None:
    """Give the contact from whose page somebody came to write, or about whom."""
    found: Contact | None = named(Contact.objects.current(), request.GET.get(name, ""))
    return found


def _address(
    request: MemberRequest,
    communication: Communication,
    people: str,
    to: Contact | None,
    about: Contact | None,
) -> None:
    """Add the recipients that a new draft begins with: a contact, or those with a role in its flats."""
    if to:
        audience.add(audience.plan_for(communication, to, about))
    elif people and (communication.block or communication.unit):
        units = Unit.objects.in_use().select_related("block")
        chosen = (
            units.filter(pk=communication.unit.pk)
            if communication.unit
            else units.filter(block=communication.block)
        )
        plan = audience.plan(communication, chosen, people, timezone.localdate())
        audience.add(plan)
        for words in plan.report:
            messages.warning(request, words)


urlpatterns = [
    path("communications/", communications, name="communications"),
    path("communications/new/", write, name="write"),
]
