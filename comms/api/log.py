"""The log: its list by the filters of the page, one entry whole, and what is recorded by hand."""

import uuid
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from comms.api import entries, examples
from comms.api.words import at
from comms.forms.record import OTHER, VIAS, RecordForm
from comms.log import access, keyset
from comms.log.listing import Listing
from comms.models import Delivery, LogEntry
from comms.sending import recorded
from contacts.models import Contact
from portfolio.access import RECORDERS
from portfolio.api.base import ApiViewSet, named
from portfolio.api.fields import asked, body, check, typed
from portfolio.api.idempotency import once
from portfolio.models import Block, Unit

NAMES = at("happened_at") | {"via": "channel", "word": "channel", "words": "text"}


class StrictListing(Listing):
    """The page's listing, which refuses what the page leaves out."""

    def _size(self) -> int:
        if wrong := self.filter.errors:
            raise ValidationError({name: list(why) for name, why in wrong.items()})
        return int(self.asked.get("per_page", "50"))

    def _order(self) -> keyset.Order:
        order = super()._order()
        self._refuse("sort")
        return order

    def _cursor(self) -> tuple[keyset.Cursor | None, bool]:
        place = super()._cursor()
        self._refuse("after" if self.asked.get("after") else "before")
        return place

    def _refuse(self, name: str) -> None:
        if self.problems:
            raise ValidationError({name: [self.problems[-1]]})


def rows() -> QuerySet[Delivery]:
    related = ("block", "unit", "contact", "regarding", "ticket", "communication")
    corrected = Exists(LogEntry.objects.filter(corrects=OuterRef("pk")))
    found: QuerySet[Delivery] = Delivery.objects.select_related(
        "entry__corrects", "entry__copy_of", *related
    ).annotate(corrected=corrected)
    return found


class Log(ApiViewSet):
    roles = {"create": RECORDERS}

    @extend_schema(
        operation_id="log_list",
        tags=["log"],
        summary="List entries of the log by the page's filters, newest first",
        parameters=[entries.LogQuery],
        responses=entries.EntryPage,
    )
    def list(self, request: Request) -> Response:
        asked(entries.LogQuery, request)
        listing = StrictListing(request.query_params, self.organisation, now=timezone.now(), window="all")
        access.searched(listing, self.user, by_token=True)
        here = f"{settings.BASE_URL}{request.path}"
        page = {
            "results": entries.EntryShown(listing.rows, many=True).data,
            "next": f"{here}{listing.older_url}" if listing.older_url else None,
            "previous": f"{here}{listing.newer_url}" if listing.newer_url else None,
        }
        return Response(page)

    @extend_schema(
        operation_id="log_get",
        tags=["log"],
        summary="Get one entry: what was sent, and everything that became of it",
        responses=entries.EntryWhole,
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        whole = self._whole(public_id)
        entry = LogEntry.objects.get(public_id=public_id)
        access.note(self.organisation, self.user, access.Kind.OPENED, entry=entry, by_token=True)
        return Response(whole)

    @extend_schema(
        operation_id="log_record",
        tags=["log"],
        summary="Record by hand what happened elsewhere, or put an entry right by another",
        request=entries.ManualBody,
        responses={201: entries.EntryWhole},
        examples=[examples.CALL, examples.CORRECTION],
    )
    @once
    def create(self, request: Request) -> Response:
        data = body(entries.ManualBody, request)
        about = _about(data)
        form = RecordForm(_typed(data))
        check(form, NAMES)
        written = recorded.record(
            self.organisation, self.user, form.cleaned_data | {"at": form.moment}, about
        )
        return Response(self._whole(written), status=201)

    def _whole(self, public_id: uuid.UUID) -> Any:
        found: Any = self.find(LogEntry.objects.all(), public_id)
        return entries.EntryWhole(rows().get(entry=found)).data


def _about(data: dict[str, Any]) -> dict[str, Any]:
    return recorded.about(
        contact=named(Contact.objects.all(), data.get("contact_id"), "contact_id", "contact"),
        unit=named(Unit.objects.select_related("block"), data.get("unit_id"), "unit_id", "unit"),
        block=named(Block.objects.all(), data.get("block_id"), "block_id", "block"),
        wrong=named(recorded.entries_to_correct(), data.get("corrects_id"), "corrects_id", "entry"),
    )


def _typed(data: dict[str, Any]) -> dict[str, Any]:
    """Give what a person would type into the page's form."""
    known = data["channel"] in VIAS
    how = {"via": data["channel"] if known else OTHER, "word": "" if known else data["channel"]}
    kept = ("to_name", "to_address", "title", "reference_type", "reference")
    said = {name: data.get(name, "") for name in kept} | {"words": data.get("text", "")}
    return typed(data.get("happened_at", timezone.now())) | how | said | {"once": uuid.uuid4()}
