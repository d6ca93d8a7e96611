"""Saving what was written, unless somebody else saved meanwhile or sending has begun."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from comms.models import Attachment, Communication, Content
from comms.models.communication import Refused

MEANWHILE = (
    "Somebody else saved it while you were writing. Your text is below and is not saved yet. "
    "Save again to put it in place of theirs."
)


class Meanwhile(ValueError):
    """Raised where somebody else saved between the look and the save."""


@transaction.atomic
def save(
    one: Communication,
    changes: dict[str, Any],
    files: Iterable[tuple[str, str, bytes]] = (),
    without: str = "",
) -> None:
    """Write columns, take out one attachment and add others. Raises Meanwhile, or Refused once sending has begun."""
    fresh = Communication.objects.select_for_update().get(pk=one.pk)
    if fresh.is_editable and fresh.updated_at != one.updated_at:
        raise Meanwhile(MEANWHILE)
    if not one.swap(Communication.EDITABLE, **changes):
        raise Refused("It was not saved: sending has begun.")
    for attachment in one.attachments.all():
        if str(attachment.public_id) == without:
            attachment.delete()
    for name, media_type, data in files:
        Attachment.objects.create(
            organisation=one.organisation,
            communication=one,
            content=Content.keep(one.organisation, data),
            name=name,
            media_type=media_type,
        )
