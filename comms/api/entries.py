"""What entries of the log look like through the API: a line of the list, and one whole with its timeline."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comms.api.words import TYPES, Outcome
from comms.channels import registry
from comms.log.columns import reason
from comms.log.filters import BOUNCES, WINDOWS
from comms.log.message import Message, clean_page
from comms.models import Delivery, DeliveryEvent, LogEntry
from portfolio.api.fields import Day, Moment, Query, Strict
from portfolio.styled import one_line


class EntryShown(Outcome):
    id = serializers.UUIDField(source="entry.public_id")
    at = Moment(help_text="When it was sent, else when it happened.")
    recorded_at = Moment(source="entry.recorded_at")
    channel = serializers.CharField()
    manual = serializers.BooleanField(help_text="Recorded by a person.")
    to_name = serializers.CharField(source="entry.to_name")
    to_address = serializers.CharField(source="entry.to_address", help_text="The address used.")
    title = serializers.CharField(source="entry.title")
    sent_by = serializers.CharField(source="sender_label", help_text="A person, or a workflow.")
    status_at = Moment()
    bounce = serializers.ChoiceField([*BOUNCES, ("", "")])
    reason = serializers.SerializerMethodField()
    type = serializers.ChoiceField([*TYPES, ("", "")])
    template = serializers.CharField(source="entry.template_label")
    block_id = serializers.UUIDField(source="block.public_id", allow_null=True, default=None)
    unit_id = serializers.UUIDField(source="unit.public_id", allow_null=True, default=None)
    contact_id = serializers.UUIDField(source="contact.public_id", allow_null=True, default=None)
    regarding_id = serializers.UUIDField(source="regarding.public_id", allow_null=True, default=None)
    ticket_id = serializers.UUIDField(source="ticket.public_id", allow_null=True, default=None)
    communication_id = serializers.UUIDField(source="communication.public_id", allow_null=True, default=None)
    reference_type = serializers.CharField()
    reference = serializers.CharField()
    corrected = serializers.BooleanField(help_text="Another entry puts it right.")

    def get_reason(self, row: Delivery) -> str:
        return reason(row)


class EntryPage(serializers.Serializer):
    results = EntryShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class EventShown(serializers.Serializer):
    kind = serializers.ChoiceField(DeliveryEvent.Kind.choices)
    happened_at = Moment()
    recorded_at = Moment()
    source = serializers.CharField()
    reason = serializers.CharField()
    reply = serializers.CharField(help_text="What the other side said.")
    bounce = serializers.ChoiceField([*BOUNCES, ("", "")])
    machine = serializers.BooleanField(help_text="An open or a click by a machine.")
    actor = serializers.SerializerMethodField()

    def get_actor(self, event: DeliveryEvent) -> str:
        return str(event.actor or "")


class AttachmentShown(serializers.Serializer):
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField(default="")


class EntryWhole(EntryShown):
    text = serializers.CharField(source="entry.words")
    html = serializers.SerializerMethodField(help_text="Cleaned: nothing in it runs.")
    attachments = AttachmentShown(source="entry.attachments", many=True)
    size = serializers.IntegerField(source="entry.size", help_text="Bytes handed over.")
    sha256 = serializers.CharField(source="entry.sha256", help_text="Of the bytes handed over.")
    withheld = serializers.BooleanField(
        source="entry.withheld", help_text="A secret in them is not shown here."
    )
    message_id = serializers.CharField(source="entry.message_id")
    corrects = serializers.UUIDField(source="entry.corrects.public_id", allow_null=True, default=None)
    corrected_by = serializers.SerializerMethodField()
    copy_of = serializers.UUIDField(source="entry.copy_of.public_id", allow_null=True, default=None)
    events = serializers.SerializerMethodField()

    def get_html(self, row: Delivery) -> str:
        entry: LogEntry = row.entry
        shown_as = registry.get(entry.channel).form.shown_as if entry.layout else ""
        if shown_as == "page":
            return clean_page(entry.exact_bytes().decode("utf-8", "replace"))
        return Message(entry.exact_bytes()).html if shown_as == "mail" else ""

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_corrected_by(self, row: Delivery) -> list[str]:
        found: LogEntry = row.entry
        return [str(one) for one in found.corrections.order_by("pk").values_list("public_id", flat=True)]

    @extend_schema_field(EventShown(many=True))
    def get_events(self, row: Delivery) -> Any:
        return EventShown(row.entry.events.select_related("actor"), many=True).data


def several(choices: list[Any], **options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(choices), required=False, **options)


def ids(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.UUIDField(), required=False, **options)


class LogQuery(Query):
    """The filters of the log's page. Those that are lists may be given several times: any of them matches."""

    q = serializers.CharField(
        required=False, max_length=300, help_text="Words; “quoted phrases”; -without this one."
    )
    sent = serializers.ChoiceField(WINDOWS, required=False, help_text="All time, if not given.")
    since = Day(required=False, help_text="The first day, in the organisation's time zone.")
    until = Day(required=False, help_text="The last day.")
    channel = serializers.ListField(child=serializers.CharField(max_length=50), required=False)
    status = several(Delivery.Status.choices)
    bounce = several(BOUNCES)
    recipient = serializers.CharField(
        required=False, max_length=200, help_text="A piece of a name, an email or a phone number."
    )
    sender = serializers.CharField(required=False, max_length=200)
    block = ids()
    unit = ids()
    contact = ids(help_text="Sent to them.")
    about = ids(help_text="About them, whoever it was sent to.")
    ticket = ids()
    communication = ids()
    template = ids()
    reference_type = serializers.CharField(required=False, max_length=50)
    reference = serializers.CharField(required=False, max_length=200)
    type = several(TYPES)
    manual = serializers.ChoiceField(["yes", "no"], required=False)
    sort = serializers.CharField(
        required=False, help_text="A column, with a minus for descending; -sent, if not given."
    )


class ManualBody(Strict):
    """What happened elsewhere: phone, in_person, hand, or any other word for how."""

    channel = serializers.CharField(max_length=50, validators=[one_line])
    to_name = serializers.CharField(max_length=200)
    to_address = serializers.CharField(required=False, allow_blank=True, max_length=500)
    title = serializers.CharField(max_length=500)
    text = serializers.CharField(required=False, allow_blank=True, max_length=50_000)
    happened_at = Moment(required=False, help_text="Now, if not given.")
    reference_type = serializers.CharField(required=False, allow_blank=True, max_length=50)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200)
    contact_id = serializers.UUIDField(required=False)
    unit_id = serializers.UUIDField(required=False)
    block_id = serializers.UUIDField(required=False)
    corrects_id = serializers.UUIDField(
        required=False, help_text="The entry that this one puts right. Both stay, and both show it."
    )
