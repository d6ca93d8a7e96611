"""Files of the log: asked for, made in the background, and taken by who asked; and who took what."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from comms.api import examples
from comms.api import export_shapes as shapes
from comms.api.log import StrictListing
from comms.exports import store
from comms.log import access
from comms.models import Export, ExportRecord
from comms.reports import log_file
from comms.reports.asked import MEDIA_TYPES, Asked
from comms.reports.columns import ALL
from portfolio.access import EXPORTERS
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import asked, body
from portfolio.api.idempotency import once
from portfolio.api.problems import Conflict

NOT_READY = "The file is not there: it is {state}."
TOO_LATE = "That file is no longer being made, so there is nothing to cancel."


class Exports(ApiViewSet):
    roles = dict.fromkeys(("list", "create", "retrieve", "destroy"), EXPORTERS)
    reading = ("create", "destroy")  # auditors' tokens may only read, and taking files is reading

    def rows(self) -> QuerySet[Export]:
        """Give the files that the caller asked for, or was named for."""
        mine = Q(requested_by=self.user) | Q(readers__contains=[self.user.pk])
        found: QuerySet[Export] = Export.objects.filter(mine).select_related("requested_by")
        return found

    @extend_schema(
        operation_id="exports_list",
        tags=["exports"],
        summary="List the files that you asked for, newest first",
        parameters=[shapes.ExportQuery],
        responses=shapes.ExportPage,
    )
    def list(self, request: Request) -> Response:
        wanted, rows = asked(shapes.ExportQuery, request), self.rows()
        if "state" in wanted:
            rows = rows.filter(state=wanted["state"])
        return self.listed(rows, wanted, shapes.ExportShown, by="-id")

    @extend_schema(
        operation_id="exports_start",
        tags=["exports"],
        summary="Ask for a file of the log; it is made in the background",
        request=shapes.ExportBody,
        responses={201: shapes.ExportShown},
        examples=[examples.EXPORT],
    )
    @once
    def create(self, request: Request) -> Response:
        data = body(shapes.ExportBody, request)
        filters = _filters(data.get("filters", {}))
        chosen = QueryDict(mutable=True)
        for name, values in (filters | {"sort": [data.get("sort", "")]}).items():
            chosen.setlist(name, values)
        try:
            listing = StrictListing(chosen, self.organisation, now=timezone.now(), window="all")
        except ValidationError as wrong:
            raise ValidationError(_below_filters(wrong.detail)) from wrong
        wanted = Asked(filters, listing.order.param, tuple(data.get("columns", ALL)), data["format"])
        title = data.get("title", "The log")
        asked_for = log_file.ask(self.organisation, wanted, self.user, title)
        self._note(access.Kind.EXPORTED, asked_for)
        return Response(shapes.ExportShown(asked_for).data, 201)

    def _note(self, kind: str, export: Export) -> None:
        access.note(self.organisation, self.user, kind, export=export.public_id, by_token=True)

    @extend_schema(
        operation_id="exports_get",
        tags=["exports"],
        summary="Get how far a file is",
        responses=shapes.ExportShown,
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(shapes.ExportShown(self.find(self.rows(), public_id)).data)

    @extend_schema(
        operation_id="exports_cancel",
        tags=["exports"],
        summary="Cancel a file that is being made",
        responses={204: OpenApiResponse(description="It is cancelled.")},
    )
    def destroy(self, request: Request, public_id: uuid.UUID) -> Response:
        found: Any = self.find(self.rows().filter(requested_by=self.user), public_id)
        if not found.cancel():
            raise Conflict(TOO_LATE)
        return Response(status=204)


def _below_filters(wrong: Any) -> dict[str, Any]:
    """Name filters as the body does."""
    return {("sort" if name == "sort" else f"filters.{name}"): why for name, why in wrong.items()}


def _filters(given: dict[str, Any]) -> dict[str, list[str]]:
    """Give filters as the page's address would; without dates they mean all time."""
    found = {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in given.items()
    }
    return found if {"sent", "since", "until"} & set(found) else found | {"sent": ["all"]}


class AnyFile(BaseContentNegotiation):
    """Files are of their own type, whatever is asked for; refusals are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class File(Exports):
    content_negotiation_class = AnyFile

    @extend_schema(
        operation_id="exports_file",
        tags=["exports"],
        summary="Take a file that is ready",
        responses={(200, media.partition(";")[0]): OpenApiTypes.BINARY for media in MEDIA_TYPES.values()},
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> HttpResponseBase:
        found: Any = self.find(self.rows(), public_id)
        if not found.may_be_taken_by(self.user, timezone.now()):
            raise Conflict(NOT_READY.format(state=found.get_state_display().lower()))
        if not store.is_there(found):
            raise NotFound("The file is gone. Ask for it again.")
        self._note(access.Kind.DOWNLOADED, found)
        response = StreamingHttpResponse(store.pieces(found), content_type=found.media_type)
        response["Content-Length"] = str(found.size)
        response["Content-Disposition"] = f'attachment; filename="{found.name}"'
        response["X-Content-Type-Options"] = "nosniff"
        return response


class Taken(ApiViewSet):
    roles = {"list": EXPORTERS}

    @extend_schema(
        operation_id="exports_taken",
        tags=["exports"],
        summary="List who took what, newest first: a line when it began, and one when it ended",
        parameters=[shapes.TakenQuery],
        responses=shapes.TakenPage,
    )
    def list(self, request: Request) -> Response:
        wanted = asked(shapes.TakenQuery, request)
        rows = ExportRecord.objects.select_related("user")
        if "export" in wanted:
            rows = rows.filter(export=wanted["export"])
        return self.listed(rows, wanted, shapes.TakenShown, by="-id")
