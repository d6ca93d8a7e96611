"""Examples that the description shows beside what it describes."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

UNIT = "7c4f1c2e-4f0f-4a58-9d0b-0d5f0c1f5a11"


def example(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


CREATE = example(
    "A circular",
    {
        "communication_type": "circular",
        "subject": "Lift out of service",
        "body_html": "<p>Dear {{salutation}}, …</p>",
    },
)
SCHEDULE = example("Schedule it", {"scheduled_at": "2026-11-23T09:00:00+00:00"})
ADD = example("Two flats", {"unit_ids": [UNIT, "0e7b1c52-6f0d-4a6c-8f30-3a4b1a2b3c4d"]})
BOUNCED = example("It came back", {"delivery_status": "bounced", "failure_reason": "Gone away."})

CONTACT = "3b0f2a52-7d0e-4c58-8b0e-9b1f6a1c2d3e"
TEMPLATE = example(
    "A template to a contact",
    {
        "template_id": "5f1d1d38-6a5c-4b7e-9a51-1b7c3f0e8d42",
        "contact_id": CONTACT,
        "workflow": "Arrears run",
        "reference_type": "invoice",
        "reference": "INV-2041",
    },
)
TEXT = example(
    "A text to a phone",
    {
        "text": "Your parcel is with the porter.",
        "address": "07700 900123",
        "name": "Ada Okafor",
        "channel": "sms",
        "workflow": "Concierge",
    },
)
CALL = example(
    "A telephone call",
    {
        "channel": "phone",
        "to_name": "Ada Okafor",
        "to_address": "07700 900123",
        "title": "Access for the lift engineer",
        "happened_at": "2026-11-20T14:10:00+00:00",
        "contact_id": CONTACT,
    },
)
CORRECTION = example(
    "A correction",
    {
        "channel": "phone",
        "to_name": "Ada Okafor",
        "title": "Access for the lift engineer: it was Thursday",
        "corrects_id": "c1b2a3d4-0000-4000-8000-000000000001",
    },
)
EXPORT = example(
    "What came back in October",
    {
        "filters": {"status": ["bounced", "failed"], "since": "2026-10-01", "until": "2026-10-31"},
        "format": "csv",
    },
)
