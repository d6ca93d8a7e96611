"""Communications: the first seven of S3's procedures, by the same forms and functions as the pages."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from comms.api import examples, shapes
from comms.api.words import NAMES, at, refusing
from comms.drafting import beginning, saving
from comms.forms import EditorForm, MarkSentForm, ScheduleForm, WriteForm
from comms.forms.writing import OTHER
from comms.log.communications import narrowed
from comms.models import Communication
from comms.models.communication import Refused
from comms.sending.declare import declare
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import asked, body, check, typed
from portfolio.api.idempotency import once
from portfolio.models import CHANNELS, Organisation, User

FROZEN = "It can no longer be edited: sending has begun."


def rows() -> QuerySet[Communication]:
    found: QuerySet[Communication] = Communication.objects.select_related(
        "organisation", "block", "unit", "created_by", "scheduled_by"
    )
    return found


class Communications(ApiViewSet):
    @extend_schema(
        operation_id="communications_list",
        tags=["communications"],
        summary="List communications, newest first",
        parameters=[shapes.CommunicationQuery],
        responses=shapes.CommunicationPage,
    )
    def list(self, request: Request) -> Response:
        wanted = asked(shapes.CommunicationQuery, request)
        filters = {"communication_type": "type", "block_id": "block", "unit_id": "unit"}
        chosen = {
            filters.get(name, name): str(value)
            for name, value in wanted.items()
            if name not in ("after", "before", "per_page")
        }
        return self.listed(narrowed(rows(), chosen), wanted, shapes.CommunicationShown, by="-created_at")

    @extend_schema(
        operation_id="communications_get",
        tags=["communications"],
        responses=shapes.CommunicationWhole,
        summary="Get a communication, with how many recipients it has",
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(shapes.CommunicationWhole(self.find(rows(), public_id)).data)

    @extend_schema(
        operation_id="communications_create",
        tags=["communications"],
        summary="Create a draft, or schedule it",
        request=shapes.CommunicationBody,
        responses={201: shapes.CommunicationWhole},
        examples=[examples.CREATE],
    )
    @once
    def create(self, request: Request) -> Response:
        data = body(shapes.CommunicationBody, request)
        one = begun(self.organisation, self.user, data)
        write(one, {name: data[name] for name in ("body_html", "channel", "notes") if name in data})
        if data.get("scheduled_at"):
            schedule(one, data["scheduled_at"], self.user)
        return Response(shapes.CommunicationWhole(one).data, status=201)

    @extend_schema(
        operation_id="communications_update",
        tags=["communications"],
        request=shapes.CommunicationChanges,
        summary="Edit a draft or scheduled one; scheduled_at schedules it, or takes it back to draft",
        responses=shapes.CommunicationWhole,
        examples=[examples.SCHEDULE],
    )
    @transaction.atomic
    def partial_update(self, request: Request, public_id: uuid.UUID) -> Response:
        one = self.find(rows(), public_id)
        data = body(shapes.CommunicationChanges, request, partial=True)
        with refusing():
            if not one.is_editable:
                raise Refused(FROZEN)
            write(one, {name: value for name, value in data.items() if name != "scheduled_at"})
            if "scheduled_at" in data:
                schedule(one, data["scheduled_at"], self.user)
        return Response(shapes.CommunicationWhole(one).data)

    @extend_schema(
        operation_id="communications_delete",
        tags=["communications"],
        summary="Delete a draft or scheduled one with its recipients",
        responses={204: OpenApiResponse(description="It is deleted. Nothing was sent.")},
    )
    def destroy(self, request: Request, public_id: uuid.UUID) -> Response:
        with refusing():
            self.find(rows(), public_id).discard()
        return Response(status=204)

    @extend_schema(
        operation_id="communications_mark_sent",
        tags=["communications"],
        request=shapes.MarkSent,
        summary="Declare that it was sent by other means",
        responses=shapes.CommunicationWhole,
    )
    def mark_sent(self, request: Request, public_id: uuid.UUID) -> Response:
        one = self.find(rows(), public_id)
        form = MarkSentForm(typed(body(shapes.MarkSent, request).get("sent_at", timezone.now())))
        check(form, at("sent_at"))
        with refusing():
            declare(one, at=form.moment, by=self.user)  # type: ignore[arg-type]
        return Response(shapes.CommunicationWhole(one).data)


def begun(organisation: Organisation, by: User, data: dict[str, Any], **asked_for: str) -> Communication:
    """Begin a communication as the page does, by the same form. `asked_for` says which workflow wants it, about what."""
    form = WriteForm(
        {
            "type": data["communication_type"],
            "block": data.get("block_id"),
            "unit": data.get("unit_id"),
            "template": data.get("template_id"),
            "subject": data.get("subject", ""),
        }
    )
    check(form, NAMES)
    words = {name: value for name, value in form.cleaned_data.items() if name != "people"}
    return beginning.begin(organisation, by, words | asked_for)


def write(one: Communication, changes: dict[str, Any]) -> None:
    """Change words, notes and channel by the editor's form. Raises Refused once sending has begun."""
    if not changes:
        return
    data = {
        "subject": changes.get("subject", one.subject),
        "body": changes.get("body_html", one.body),
        "notes": changes.get("notes", one.notes),
    }
    if "channel" in changes:
        data |= _routing(one, changes["channel"])
    form = EditorForm(data, communication=one)
    check(form, NAMES)
    words = {name: form.cleaned_data[name] for name in ("subject", "body", "notes")}
    saving.save(one, words | form.routing)


def _routing(one: Communication, channel: str) -> dict[str, Any]:
    """Give what the editor would send for a channel; the rest of how it goes out stays as it is."""
    ours = channel in CHANNELS or channel == "hand"
    others = [*one.also, "", ""]
    known: dict[str, Any] = {
        "channel": channel if ours else OTHER,
        "word": "" if ours else channel,
        "second": others[0],
        "third": others[1],
        "rule": one.rule,
        "statutory": one.statutory,
        "track": one.track,
    }
    if one.must_arrive_by:
        known["must_arrive_by"] = f"{timezone.localtime(one.must_arrive_by):%Y-%m-%d}"
    return known


def schedule(one: Communication, when: Any, by: User) -> None:
    """Set the time to send, which must be to come, or take it back to draft."""
    with refusing():
        if when is None:
            one.unschedule()
            return
        form = ScheduleForm(typed(when))
        check(form, at("scheduled_at"))
        one.schedule(at=form.moment, by=by)  # type: ignore[arg-type]
