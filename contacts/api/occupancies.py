"""Who has a part in which unit, written through the form of its page."""

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api import shapes
from contacts.forms import OccupancyForm
from contacts.models import Contact, Occupancy
from portfolio.api.base import ApiViewSet, named
from portfolio.api.fields import asked, body
from portfolio.api.idempotency import once
from portfolio.api.places import saved, typed_in
from portfolio.models import Unit


def rows() -> QuerySet[Occupancy]:
    found: QuerySet[Occupancy] = Occupancy.objects.select_related("contact", "unit__block")
    return found


class Occupancies(ApiViewSet):
    @extend_schema(
        operation_id="occupancies_list",
        tags=["contacts"],
        summary="List who has a part in which unit",
        parameters=[shapes.OccupancyQuery],
        responses=shapes.OccupancyPage,
    )
    def list(self, request: Request) -> Response:
        wanted = asked(shapes.OccupancyQuery, request)
        found = rows().on(wanted["on"]) if "on" in wanted else rows()  # type: ignore[attr-defined]
        for name in ("contact_id", "unit_id"):
            if name in wanted:
                found = found.filter(**{f"{name.removesuffix('_id')}__public_id": wanted[name]})
        if "role" in wanted:
            found = found.filter(role=wanted["role"])
        return self.listed(found, wanted, shapes.OccupancyShown, by="id")

    @extend_schema(
        operation_id="occupancies_create",
        tags=["contacts"],
        summary="Give a contact a part in a unit",
        request=shapes.OccupancyBody,
        responses={201: shapes.OccupancyShown},
    )
    @once
    def create(self, request: Request) -> Response:
        data = body(shapes.OccupancyBody, request)
        units = Unit.objects.in_use().select_related("block")
        part = Occupancy(
            contact=named(Contact.objects.current(), data.pop("contact_id"), "contact_id", "contact"),
            unit=named(units, data.pop("unit_id"), "unit_id", "unit"),
        )
        form = OccupancyForm({"role": "leaseholder", **data}, instance=part, organisation=self.organisation)
        return Response(shapes.OccupancyShown(saved(form)).data, status=201)

    @extend_schema(
        operation_id="occupancies_get",
        tags=["contacts"],
        summary="Get a part in a unit",
        responses=shapes.OccupancyShown,
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(shapes.OccupancyShown(self.find(rows(), public_id)).data)

    @extend_schema(
        operation_id="occupancies_update",
        tags=["contacts"],
        summary="Change a part in a unit; contact and unit stay",
        request=shapes.OccupancyChanges,
        responses=shapes.OccupancyShown,
        examples=[shapes.SOLD],
    )
    def partial_update(self, request: Request, public_id: uuid.UUID) -> Response:
        part: Any = self.find(rows(), public_id)
        data = typed_in(OccupancyForm, part, body(shapes.OccupancyChanges, request, partial=True))
        return Response(
            shapes.OccupancyShown(
                saved(OccupancyForm(data, instance=part, organisation=self.organisation))
            ).data
        )

    @extend_schema(
        operation_id="occupancies_remove",
        tags=["contacts"],
        summary="Take out a part that never was; one that is over gets its last day instead",
        responses={204: OpenApiResponse(description="It is taken out.")},
    )
    def destroy(self, request: Request, public_id: uuid.UUID) -> Response:
        self.find(rows(), public_id).delete()
        return Response(status=204)
