"""Blocks and units, written through the forms of their pages."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import QueryDict
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.api.base import ApiViewSet, named
from portfolio.api.fields import Moment, Query, Strict, asked, body, refusal
from portfolio.api.idempotency import once
from portfolio.forms.places import ARCHIVED, BlockFilter, BlockForm, UnitForm
from portfolio.models import Block, Unit
from portfolio.styled import OwnedForm

STYLES = Block.AddressStyle.choices


class BlockShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    reference = serializers.CharField()
    address = serializers.CharField()
    town = serializers.CharField()
    postcode = serializers.CharField()
    address_style = serializers.ChoiceField(STYLES)
    archived_at = Moment(allow_null=True)


class BlockBody(Strict):
    name = serializers.CharField(max_length=200)
    reference = serializers.CharField(max_length=40, required=False, allow_blank=True)
    address = serializers.CharField(help_text="Street and locality, at most three lines.", max_length=300)
    town = serializers.CharField(max_length=100)
    postcode = serializers.CharField(max_length=20)
    address_style = serializers.ChoiceField(STYLES, required=False)


class BlockQuery(Query):
    q = serializers.CharField(
        required=False, max_length=200, help_text="Words of name, reference or address."
    )
    archived = serializers.ChoiceField(ARCHIVED, required=False, default="no")


class BlockPage(serializers.Serializer):
    results = BlockShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


BLOCK = OpenApiExample(
    "A block",
    {"name": "Acacia Court", "address": "12 Otley Road", "town": "Leeds", "postcode": "LS6 4QB"},
    request_only=True,
)


def saved(form: OwnedForm, names: dict[str, str] | None = None) -> Any:
    """Save by a page's form, or refuse what it refuses."""
    if not form.saved():
        raise refusal(form, names or {})
    return form.instance


def typed_in(form: type[OwnedForm], row: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """Give what a form would show for a row, with some changes: what is not named stays as it is."""
    return model_to_dict(row, fields=form._meta.fields) | changes


class Blocks(ApiViewSet):
    @extend_schema(
        operation_id="blocks_list",
        tags=["blocks"],
        parameters=[BlockQuery],
        responses=BlockPage,
        summary="List blocks by name",
    )
    def list(self, request: Request) -> Response:
        wanted = asked(BlockQuery, request)
        data = QueryDict(mutable=True)
        data.update({name: wanted[name] for name in ("q", "archived") if name in wanted})
        rows = BlockFilter(data, queryset=Block.objects.all()).qs
        return self.listed(rows, wanted, BlockShown)

    @extend_schema(
        operation_id="blocks_create",
        tags=["blocks"],
        request=BlockBody,
        responses={201: BlockShown},
        summary="Add a block",
        examples=[BLOCK],
    )
    @once
    def create(self, request: Request) -> Response:
        form = BlockForm(
            {"address_style": "named", **body(BlockBody, request)}, organisation=self.organisation
        )
        return Response(BlockShown(saved(form)).data, status=201)

    @extend_schema(operation_id="blocks_get", tags=["blocks"], responses=BlockShown, summary="Get a block")
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(BlockShown(self.find(Block.objects.all(), public_id)).data)

    @extend_schema(
        operation_id="blocks_update",
        tags=["blocks"],
        request=BlockBody,
        responses=BlockShown,
        summary="Change a block",
        examples=[BLOCK],
    )
    def partial_update(self, request: Request, public_id: uuid.UUID) -> Response:
        found = self.find(Block.objects.all(), public_id)
        changes = body(BlockBody, request, partial=True)
        form = BlockForm(typed_in(BlockForm, found, changes), instance=found, organisation=self.organisation)
        return Response(BlockShown(saved(form)).data)


class UnitShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    block_id = serializers.UUIDField(source="block.public_id")
    name = serializers.CharField()
    reference = serializers.CharField()
    position = serializers.IntegerField()
    archived_at = Moment(allow_null=True)


class UnitChanges(Strict):
    name = serializers.CharField(max_length=100, help_text="As people say it: Flat 4.")
    reference = serializers.CharField(max_length=40, required=False, allow_blank=True)
    position = serializers.IntegerField(required=False, min_value=0, max_value=2_000_000_000)


class UnitBody(UnitChanges):
    block_id = serializers.UUIDField()


class UnitQuery(Query):
    block_id = serializers.UUIDField(required=False)
    archived = serializers.ChoiceField(ARCHIVED, required=False, default="no")


class UnitPage(serializers.Serializer):
    results = UnitShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class Units(ApiViewSet):
    @staticmethod
    def rows() -> QuerySet[Unit]:
        found: QuerySet[Unit] = Unit.objects.select_related("block")
        return found

    @extend_schema(
        operation_id="units_list",
        tags=["units"],
        parameters=[UnitQuery],
        responses=UnitPage,
        summary="List units, in the order of their lists",
    )
    def list(self, request: Request) -> Response:
        wanted, rows = asked(UnitQuery, request), self.rows()
        if wanted["archived"] != "all":
            rows = rows.filter(archived_at__isnull=wanted["archived"] == "no")
        if "block_id" in wanted:
            rows = rows.filter(block__public_id=wanted["block_id"])
        return self.listed(rows, wanted, UnitShown, by="position")

    @extend_schema(
        operation_id="units_create",
        tags=["units"],
        request=UnitBody,
        responses={201: UnitShown},
        summary="Add a unit to a block",
    )
    @once
    def create(self, request: Request) -> Response:
        data = body(UnitBody, request)
        block = named(Block.objects.all(), data.pop("block_id"), "block_id", "block")
        form = UnitForm(data, block=block, organisation=self.organisation)
        return Response(UnitShown(saved(form)).data, status=201)

    @extend_schema(operation_id="units_get", tags=["units"], responses=UnitShown, summary="Get a unit")
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(UnitShown(self.find(self.rows(), public_id)).data)

    @extend_schema(
        operation_id="units_update",
        tags=["units"],
        request=UnitChanges,
        responses=UnitShown,
        summary="Change a unit; its block stays",
    )
    def partial_update(self, request: Request, public_id: uuid.UUID) -> Response:
        found: Any = self.find(self.rows(), public_id)
        data = typed_in(UnitForm, found, body(UnitChanges, request, partial=True))
        form = UnitForm(data, instance=found, block=found.block, organisation=self.organisation)
        return Response(UnitShown(saved(form)).data)
