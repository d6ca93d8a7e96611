"""What files of the log look like through the API, and who took them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comms.api.entries import LogQuery
from comms.models import Export, ExportRecord
from comms.reports.asked import CSV, FORMATS
from comms.reports.columns import COLUMNS
from portfolio.api.fields import Moment, Query, Strict
from portfolio.styled import one_line


class LogFilters(LogQuery):
    """The filters of the log's list; the place in it is none of them."""

    thing = "field"
    after = before = per_page = sort = None


class ExportBody(Strict):
    filters = LogFilters(required=False)
    sort = serializers.CharField(required=False, max_length=50, help_text="-sent, if not given.")
    columns = serializers.ListField(
        child=serializers.ChoiceField([(name, column.heading) for name, column in COLUMNS.items()]),
        required=False,
        min_length=1,
        max_length=len(COLUMNS),
        help_text="All, if not given.",
    )
    format = serializers.ChoiceField(list(FORMATS.items()), required=False, default=CSV)
    title = serializers.CharField(required=False, max_length=200, validators=[one_line])


class ExportShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(Export.Kind.choices)
    title = serializers.CharField()
    state = serializers.ChoiceField(Export.State.choices)
    requested_by = serializers.SerializerMethodField()
    requested_at = Moment()
    finished_at = Moment(allow_null=True)
    done = serializers.IntegerField(help_text="Rows so far.")
    total = serializers.IntegerField(allow_null=True)
    problem = serializers.CharField()
    name = serializers.CharField(help_text="Of the file.")
    rows = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    sha256 = serializers.CharField()
    expires_at = Moment(allow_null=True)

    def get_requested_by(self, export: Export) -> str:
        return str(export.requested_by)


class ExportPage(serializers.Serializer):
    results = ExportShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class ExportQuery(Query):
    state = serializers.ChoiceField(Export.State.choices, required=False)


class TakenShown(serializers.Serializer):
    export_id = serializers.UUIDField(source="export", help_text="The same in the lines of one taking.")
    phase = serializers.ChoiceField(ExportRecord.Phase.choices)
    by = serializers.SerializerMethodField()
    at = Moment()
    filters = serializers.SerializerMethodField()
    rows = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()

    def get_by(self, record: ExportRecord) -> str:
        return str(record.user)

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_filters(self, record: ExportRecord) -> Any:
        return record.filters


class TakenPage(serializers.Serializer):
    results = TakenShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class TakenQuery(Query):
    export = serializers.UUIDField(required=False)
