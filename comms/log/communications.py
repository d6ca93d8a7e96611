"""What a list of communications can be narrowed to: for the page and the API."""

import uuid
from typing import Any

from django.db.models import Q

from comms.models import Communication

FILTERS = ("type", "status", "channel", "block", "unit")


def narrowed(queryset: Any, chosen: dict[str, str]) -> Any:
    """Narrow communications by the filters that are chosen; a unit's ones are its block's too."""
    for name, value in chosen.items():
        if name in ("block", "unit"):
            try:
                wanted = uuid.UUID(value)
            except ValueError:
                return queryset.none()
            where = Q(block__public_id=wanted) | Q(unit__block__public_id=wanted)
            queryset = queryset.filter(where if name == "block" else Q(unit__public_id=wanted))
        elif name == "channel":  # the first one, or one of those that it may go by instead
            word = value[:50].replace("\x00", "")
            also = Q(also__contains=[word]) & ~Q(rule=Communication.Rule.ONLY)
            queryset = queryset.filter(Q(channel=word) | also)
        else:
            queryset = queryset.filter(**{name: value[:50].replace("\x00", "")})
    return queryset
