"""Tokens seen by an admin's script: which there are, and an end to one."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio import machines
from portfolio.access import ADMINS
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import Moment, Query, asked
from portfolio.models import ApiToken


class TokenShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    beginning = serializers.CharField(help_text="The first characters of the token.")
    member = serializers.CharField(source="user.name")
    machine = serializers.BooleanField()
    scope = serializers.ChoiceField(ApiToken.Scope.choices)
    created_at = Moment()
    expires_at = Moment()
    last_used_at = Moment(allow_null=True)
    revoked_at = Moment(allow_null=True)


class TokenPage(serializers.Serializer):
    results = TokenShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class Tokens(ApiViewSet):
    roles = {"list": ADMINS, "destroy": ADMINS}

    @extend_schema(
        operation_id="tokens_list",
        tags=["tokens"],
        parameters=[Query],
        responses=TokenPage,
        summary="List the organisation's tokens",
    )
    def list(self, request: Request) -> Response:
        rows = ApiToken.objects.select_related("user")
        return self.listed(rows, asked(Query, request), TokenShown, by="-created_at")

    @extend_schema(
        operation_id="tokens_revoke",
        tags=["tokens"],
        summary="Revoke a token for good",
        responses={204: OpenApiResponse(description="It opens nothing any more.")},
    )
    def destroy(self, request: Request, public_id: uuid.UUID) -> Response:
        found: Any = self.find(ApiToken.objects.all(), public_id)
        machines.revoke(found)
        return Response(status=204)
