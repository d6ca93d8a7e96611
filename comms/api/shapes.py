"""What communications and their recipients look like through the API: S3's names in snake_case."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comms.api.words import FIVE, TYPES, WRITTEN, Outcome
from comms.models import Communication, Delivery
from contacts.models import Occupancy
from portfolio.api.fields import Moment, Query, Strict
from portfolio.styled import one_line


class CommunicationShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    communication_type = serializers.ChoiceField(TYPES, source="type")
    subject = serializers.CharField()
    body_html = serializers.CharField(source="body")
    block_id = serializers.UUIDField(source="block.public_id", allow_null=True, default=None)
    unit_id = serializers.UUIDField(source="unit.public_id", allow_null=True, default=None)
    channel = serializers.CharField()
    notes = serializers.CharField()
    status = serializers.ChoiceField(Communication.Status.choices)
    scheduled_at = Moment(allow_null=True)
    sent_at = Moment(allow_null=True)
    failed_at = Moment(allow_null=True)
    failure_reason = serializers.CharField()
    declared = serializers.BooleanField(help_text="Marked as sent by a person; nothing was handed over.")
    statutory = serializers.BooleanField()
    workflow = serializers.CharField(help_text="Of the system that asked for it.")
    reference_type = serializers.CharField()
    reference = serializers.CharField()
    created_by = serializers.CharField()
    created_at = Moment()
    updated_at = Moment()


class CommunicationWhole(CommunicationShown):
    recipient_count = serializers.SerializerMethodField()

    def get_recipient_count(self, one: Communication) -> int:
        return one.recipients.count()


class CommunicationPage(serializers.Serializer):
    results = CommunicationShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class CommunicationQuery(Query):
    block_id = serializers.UUIDField(required=False)
    unit_id = serializers.UUIDField(required=False)
    communication_type = serializers.ChoiceField(TYPES, required=False)
    status = serializers.ChoiceField(Communication.Status.choices, required=False)
    channel = serializers.CharField(required=False, max_length=50)


class CommunicationChanges(Strict):
    subject = serializers.CharField(max_length=500)
    body_html = serializers.CharField(required=False, allow_blank=True)
    channel = serializers.CharField(required=False, max_length=50)
    scheduled_at = Moment(
        required=False, allow_null=True, help_text="A time to come: scheduled. Null: back to draft."
    )
    notes = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class CommunicationBody(CommunicationChanges):
    communication_type = serializers.ChoiceField(WRITTEN)
    subject = serializers.CharField(max_length=500, required=False, help_text="Or that of the template.")
    block_id = serializers.UUIDField(required=False, allow_null=True)
    unit_id = serializers.UUIDField(required=False, allow_null=True)
    template_id = serializers.UUIDField(required=False, allow_null=True)


class MarkSent(Strict):
    sent_at = Moment(required=False, help_text="When it was sent by other means; now, if not given.")


class AddRecipients(Strict):
    unit_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=20_000)
    role = serializers.ChoiceField(Occupancy.Role.choices, required=False, default="leaseholder")


class SkippedUnit(serializers.Serializer):
    unit_id = serializers.UUIDField()
    who = serializers.CharField()
    reason = serializers.CharField()


class Added(serializers.Serializer):
    added = serializers.IntegerField()
    skipped = SkippedUnit(many=True)


class RecipientShown(Outcome):
    id = serializers.UUIDField(source="public_id")
    unit_id = serializers.UUIDField(source="unit.public_id", allow_null=True, default=None)
    contact_id = serializers.UUIDField(source="contact.public_id", allow_null=True, default=None)
    entry_id = serializers.SerializerMethodField()
    recipient_name = serializers.CharField(source="name")
    recipient_email = serializers.CharField(source="email")
    recipient_phone = serializers.CharField(source="phone")
    recipient_address = serializers.CharField(source="address")
    channel = serializers.CharField()
    delivered_at = Moment(allow_null=True)
    opened_at = Moment(allow_null=True)
    added_at = Moment()

    @extend_schema_field({"type": ["string", "null"], "format": "uuid"})
    def get_entry_id(self, row: object) -> str | None:
        entry = getattr(row, "entry", None)
        return str(entry.public_id) if entry else None


class RecipientPage(serializers.Serializer):
    results = RecipientShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class RecipientQuery(Query):
    delivery_status = serializers.ChoiceField(FIVE, required=False)
    status = serializers.ChoiceField(Delivery.Status.choices, required=False)


class StatusBody(Strict):
    delivery_status = serializers.ChoiceField(FIVE)
    failure_reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Needed for bounced and failed."
    )
    at = Moment(required=False, help_text="When it happened; now, if not given.")


class MessageBody(Strict):
    contact_id = serializers.UUIDField(required=False, help_text="Or an address.")
    address = serializers.CharField(
        required=False,
        max_length=500,
        help_text="An email, a phone number or a postal address, whichever the channel needs.",
    )
    name = serializers.CharField(
        required=False, max_length=200, validators=[one_line], help_text="Whose address it is."
    )
    template_id = serializers.UUIDField(required=False, help_text="Or text, or body_html.")
    subject = serializers.CharField(
        required=False, max_length=500, help_text="If not given, that of the template, or the first words."
    )
    text = serializers.CharField(required=False, max_length=50_000, help_text="Plain text.")
    body_html = serializers.CharField(required=False, max_length=500_000)
    channel = serializers.CharField(
        required=False, max_length=50, help_text="If not given, that of the template, or email."
    )
    communication_type = serializers.ChoiceField(WRITTEN, required=False, default="message")
    block_id = serializers.UUIDField(required=False)
    unit_id = serializers.UUIDField(required=False)
    workflow = serializers.CharField(
        required=False,
        max_length=100,
        validators=[one_line],
        help_text="What the log names as the sender; the name of the token, if not given.",
    )
    reference_type = serializers.CharField(
        required=False, max_length=50, validators=[one_line], help_text="Such as invoice."
    )
    reference = serializers.CharField(required=False, max_length=200, validators=[one_line])


class MessageShown(CommunicationShown):
    recipients = RecipientShown(many=True, source="people")


class RefusedShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    at = Moment()
    token = serializers.CharField(source="token.name")
    status = serializers.IntegerField(help_text="Of the answer.")
    reason = serializers.CharField()
    workflow = serializers.CharField()
    recipient = serializers.CharField(help_text="As the call named it.")
    reference_type = serializers.CharField()
    reference = serializers.CharField()


class RefusedPage(serializers.Serializer):
    results = RefusedShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
