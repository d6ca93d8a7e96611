"""What the pages of one communication have in common."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404

from comms.models import Communication

ONE = "communications/<uuid:public_id>/"


def found(public_id: uuid.UUID, *related: str) -> Communication:
    """Get one communication of this organisation, or answer 404."""
    related = related or ("organisation", "block", "unit", "created_by", "scheduled_by")
    return get_object_or_404(Communication.objects.select_related(*related), public_id=public_id)


def shown(one: Communication) -> dict[str, Any]:
    recipients = one.recipients.select_related("unit").order_by("id")
    return {
        "nav": "communications",
        "communication": one,
        "people": recipients.count(),
        "first_people": recipients[:100],
        "attached": one.attachments.select_related("content").defer("content__data"),
    }
