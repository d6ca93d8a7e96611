"""Recipients: who is added and who is skipped, who they are, and what became of the message to each."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from comms.api import communications, examples, shapes
from comms.api.words import at, finer, refusing
from comms.drafting import audience
from comms.forms import StatusForm
from comms.models import DeliveryEvent, Recipient
from comms.models.communication import Refused
from comms.sending import by_person
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import asked, body, check, typed
from portfolio.api.idempotency import once
from portfolio.models import Unit

FOREIGN = "not a unit of this organisation"
BEGUN = "Nobody was added: sending has begun."
NONE_VALID = "None of these is a unit of this organisation that is in use. Nobody was added."


def rows() -> QuerySet[Recipient]:
    """Give recipients with what became of them, and since when it arrived and was opened."""
    found: QuerySet[Recipient] = Recipient.objects.select_related(
        "unit", "contact", "entry__delivery", "communication__organisation"
    )
    return found.annotate(delivered_at=_first("delivered"), opened_at=_first("opened", "clicked"))


def _first(*kinds: str) -> Subquery:
    events = DeliveryEvent.objects.filter(entry__recipient=OuterRef("pk"), kind__in=kinds)
    return Subquery(events.order_by().values("entry").annotate(first=Min("happened_at")).values("first"))


class Recipients(ApiViewSet):
    @extend_schema(
        operation_id="recipients_list",
        tags=["recipients"],
        summary="List the recipients of a communication",
        parameters=[shapes.RecipientQuery],
        responses=shapes.RecipientPage,
    )
    def list(self, request: Request, public_id: uuid.UUID) -> Response:
        one = self.find(communications.rows(), public_id)
        wanted = asked(shapes.RecipientQuery, request)
        found = rows().filter(communication=one)
        for words in (
            finer(wanted["delivery_status"]) if "delivery_status" in wanted else None,
            [wanted["status"]] if "status" in wanted else None,
        ):
            if words is not None:
                nothing_yet = Q(entry__isnull=True) if "queued" in words else Q()
                found = found.filter(Q(entry__delivery__status__in=words) | nothing_yet)
        return self.listed(found, wanted, shapes.RecipientShown, by="added_at")

    @extend_schema(
        operation_id="recipients_add",
        tags=["recipients"],
        request=shapes.AddRecipients,
        summary="Add the people of units: their names and addresses are copied at this moment",
        responses={201: shapes.Added},
        examples=[examples.ADD],
    )
    @once
    def create(self, request: Request, public_id: uuid.UUID) -> Response:
        one = self.find(communications.rows(), public_id)
        data = body(shapes.AddRecipients, request)
        with refusing():
            if not one.is_editable:
                raise Refused(BEGUN)
            wanted = list(dict.fromkeys(data["unit_ids"]))
            units = Unit.objects.in_use().filter(public_id__in=wanted).select_related("block")
            found = list(units)
            if not found:
                raise ValidationError({"unit_ids": [NONE_VALID]})
            plan = audience.plan(one, found, data["role"], timezone.localdate(), len(wanted))
            added = self._add(plan)
        there = {unit.public_id for unit in found}
        skipped = [{"unit_id": s.unit.public_id, "who": s.who, "reason": s.why} for s in plan.skipped] + [
            {"unit_id": u, "who": "", "reason": FOREIGN} for u in wanted if u not in there
        ]
        return Response(shapes.Added({"added": added, "skipped": skipped}).data, status=201)

    def _add(self, plan: audience.Plan) -> int:
        try:
            with transaction.atomic():
                return audience.add(plan)
        except IntegrityError:
            raise Refused(BEGUN) from None

    @extend_schema(
        operation_id="recipients_get",
        tags=["recipients"],
        responses=shapes.RecipientShown,
        summary="Get a recipient and what became of the message",
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(shapes.RecipientShown(self.find(rows(), public_id)).data)

    @extend_schema(
        operation_id="recipients_set_status",
        tags=["recipients"],
        request=shapes.StatusBody,
        summary="Say what became of a message, as a person knows it",
        responses=shapes.RecipientShown,
        examples=[examples.BOUNCED],
    )
    def set_status(self, request: Request, public_id: uuid.UUID) -> Response:
        found: Any = self.find(rows(), public_id)
        data = body(shapes.StatusBody, request)
        words = {"status": data["delivery_status"], "reason": data.get("failure_reason", "")}
        form = StatusForm(typed(data.get("at", timezone.now())) | words | {"once": uuid.uuid4()})
        check(form, at("at") | {"status": "delivery_status", "reason": "failure_reason"})
        with refusing():
            by_person.say(
                found,
                form.cleaned_data["status"],
                at=form.moment,  # type: ignore[arg-type]
                by=self.user,
                reason=form.cleaned_data["reason"],
                once=f"api {form.cleaned_data['once']}",
            )
        return Response(shapes.RecipientShown(self.find(rows(), public_id)).data)
