"""Templates, so that other systems know what they may send messages by; they are written on their pages."""

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from comms.drafting import merge
from comms.models import Communication, Template
from portfolio.api.base import ApiViewSet
from portfolio.api.fields import Moment, Query, asked
from portfolio.forms.places import ARCHIVED

ANY_TYPE = [*Communication.Type.choices, ("", "Any")]


class TemplateShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    channel = serializers.CharField(help_text="The channel it is for; empty for any.")
    type = serializers.ChoiceField(ANY_TYPE, help_text="The type of communication it is for; empty for any.")
    archived_at = Moment(allow_null=True)


class WordsShown(serializers.Serializer):
    language = serializers.CharField()
    version = serializers.IntegerField(source="number")
    subject = serializers.CharField()
    body_html = serializers.CharField(source="body")


class TemplateWhole(TemplateShown):
    words = WordsShown(many=True, source="written", help_text="As they are now, in each language.")
    fields_used = serializers.ListField(
        child=serializers.CharField(), help_text="What is merged: whoever it goes to needs a value for each."
    )


class TemplatePage(serializers.Serializer):
    results = TemplateShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class TemplateQuery(Query):
    archived = serializers.ChoiceField(ARCHIVED, required=False, default="no")


class Templates(ApiViewSet):
    @staticmethod
    def rows() -> QuerySet[Template]:
        found: QuerySet[Template] = Template.objects.select_related("organisation")
        return found

    @extend_schema(
        operation_id="templates_list",
        tags=["templates"],
        summary="List templates by name",
        parameters=[TemplateQuery],
        responses=TemplatePage,
    )
    def list(self, request: Request) -> Response:
        wanted, rows = asked(TemplateQuery, request), self.rows()
        if wanted["archived"] != "all":
            rows = rows.filter(archived_at__isnull=wanted["archived"] == "no")
        return self.listed(rows, wanted, TemplateShown)

    @extend_schema(
        operation_id="templates_get",
        tags=["templates"],
        summary="Get a template with its words in each language",
        responses=TemplateWhole,
    )
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        found = self.find(self.rows(), public_id)
        found.written = list(found.newest().values())
        found.fields_used = merge.fields_in(" ".join(f"{one.subject} {one.body}" for one in found.written))
        return Response(TemplateWhole(found).data)
