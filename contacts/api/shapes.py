"""What contacts and their parts in units look like through the API."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from contacts.models import Contact, Occupancy
from portfolio.api.fields import Day, Moment, Query, Strict
from portfolio.forms.places import ARCHIVED
from portfolio.languages import CHOICES as LANGUAGES
from portfolio.models import CHANNELS

PREFERRED = list(CHANNELS.items())
ROLES, OWNERSHIPS = Occupancy.Role.choices, Occupancy.Ownership.choices


class AddressShown(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField(allow_blank=True)


class OccupancyShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    contact_id = serializers.UUIDField(source="contact.public_id")
    unit_id = serializers.UUIDField(source="unit.public_id")
    role = serializers.ChoiceField(ROLES)
    ownership = serializers.ChoiceField([*OWNERSHIPS, ("", "Not known")])
    since = Day(allow_null=True)
    until = Day(allow_null=True, help_text="The last day.")
    is_primary = serializers.BooleanField(help_text="First contact of the unit.")


class ContactShown(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(Contact.Kind.choices)
    title = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    name = serializers.CharField()
    reference = serializers.CharField()
    emails = serializers.SerializerMethodField(help_text="Messages go to the first one.")
    phones = serializers.SerializerMethodField(help_text="E.164; messages go to the first one.")
    address = serializers.CharField(help_text="Where it differs from the unit's.")
    preferred_channel = serializers.ChoiceField([*PREFERRED, ("", "No preference")])
    language = serializers.ChoiceField(LANGUAGES)
    large_print = serializers.BooleanField()
    whatsapp_opt_in = serializers.BooleanField()
    notes = serializers.CharField()
    archived_at = Moment(allow_null=True)
    occupancies = serializers.SerializerMethodField()

    @extend_schema_field(AddressShown(many=True))
    def get_emails(self, contact: Contact) -> list[dict[str, str]]:
        return _addresses(contact, "email", contact.email)

    @extend_schema_field(AddressShown(many=True))
    def get_phones(self, contact: Contact) -> list[dict[str, str]]:
        return _addresses(contact, "phone", contact.phone)

    @extend_schema_field(OccupancyShown(many=True))
    def get_occupancies(self, contact: Contact) -> Any:
        for part in contact.occupancies.all():
            part.contact = contact  # as it was fetched; what is shown of it is its id
        return OccupancyShown(contact.occupancies.all(), many=True).data


def _addresses(contact: Contact, kind: str, first: str) -> list[dict[str, str]]:
    found = [{"value": first, "label": contact.labels.get(kind, "")}] if first else []
    return found + [{"value": o.value, "label": o.label} for o in contact.others if o.kind == kind]


class ContactPage(serializers.Serializer):
    results = ContactShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class ContactQuery(Query):
    q = serializers.CharField(
        required=False, max_length=200, help_text="Words of name, reference, emails or phones."
    )
    unit_id = serializers.UUIDField(required=False, help_text="With a part in it at any time.")
    archived = serializers.ChoiceField(ARCHIVED, required=False, default="no")


class AddressBody(Strict):
    value = serializers.CharField(max_length=254)
    label = serializers.CharField(required=False, allow_blank=True, max_length=40, help_text="Work, Home.")


def text(size: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=size, **options)


class ContactBody(Strict):
    kind = serializers.ChoiceField(Contact.Kind.choices, required=False)
    title = text(20)
    first_name = text(100)
    last_name = text(100)
    name = text(200, help_text="As it is written; made of first and last name, if not given.")
    reference = text(40)
    emails = AddressBody(many=True, required=False, help_text="All of them, the first one first.")
    phones = AddressBody(many=True, required=False, help_text="All of them, the first one first.")
    address = text(1000)
    preferred_channel = serializers.ChoiceField(PREFERRED, required=False, allow_blank=True)
    language = serializers.ChoiceField(LANGUAGES, required=False)
    large_print = serializers.BooleanField(required=False)
    whatsapp_opt_in = serializers.BooleanField(required=False)
    notes = text(50_000)
    shared = serializers.BooleanField(
        required=False, help_text="That another contact has the first email too is right."
    )


class OccupancyPage(serializers.Serializer):
    results = OccupancyShown(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class OccupancyQuery(Query):
    contact_id = serializers.UUIDField(required=False)
    unit_id = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(ROLES, required=False)
    on = Day(required=False, help_text="Those that hold on that day.")


class OccupancyChanges(Strict):
    role = serializers.ChoiceField(ROLES, required=False)
    ownership = serializers.ChoiceField(OWNERSHIPS, required=False, allow_blank=True)
    since = Day(required=False, allow_null=True)
    until = Day(required=False, allow_null=True)
    is_primary = serializers.BooleanField(required=False)


class OccupancyBody(OccupancyChanges):
    contact_id = serializers.UUIDField()
    unit_id = serializers.UUIDField()


CONTACT = OpenApiExample(
    "A leaseholder",
    {
        "title": "Mrs",
        "first_name": "Ada",
        "last_name": "Okafor",
        "emails": [{"value": "ada@example.com", "label": "Home"}],
        "phones": [{"value": "07700 900123"}],
    },
    request_only=True,
)
SOLD = OpenApiExample("The last day", {"until": "2026-11-30"}, request_only=True)
