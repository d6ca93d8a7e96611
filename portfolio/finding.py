"""The row that an address or a form names by its public id."""

import uuid
from typing import Any

from django.db.models import QuerySet

from portfolio.scoping import Owned


def named(rows: type[Owned] | QuerySet, public_id: str) -> Any:
    """Give the row of a model, or among some rows, if it is one of this organisation; else None."""
    found = rows._default_manager.all() if isinstance(rows, type) else rows
    try:
        return found.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None
