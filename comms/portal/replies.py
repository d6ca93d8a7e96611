"""What a resident answers to a post: kept as it came, on the ticket of the post."""

import datetime
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from comms.models import Content, LogEntry, PortalLink, TicketMessage
from comms.record import tickets

MOST_AN_HOUR = 20
MOST_WORDS = 5_000  # characters
MOST_FILES = 5
HOUR = datetime.timedelta(hours=1)


class TooMany(Exception):
    """Raised when a person wrote more than MOST_AN_HOUR replies within an hour."""


class Chosen(NamedTuple):
    """A file that was checked: what it is called and what it is."""

    name: str
    media_type: str
    data: bytes


@transaction.atomic
def reply(
    link: PortalLink, entry: LogEntry, *, once: uuid.UUID, words: str, files: Sequence[Chosen] = ()
) -> TicketMessage:
    """Keep a reply; the same form sent twice is one reply. Raises TooMany.

    The link's row is locked meanwhile, so that of two at once the second is counted, or found to be the first.
    """
    PortalLink.objects.select_for_update().get(pk=link.pk)
    public_id = uuid.uuid5(entry.public_id, str(once))
    there: TicketMessage | None = TicketMessage.objects.filter(public_id=public_id).first()
    if there:
        return there
    now = timezone.now()
    contact = link.contact.merged_into or link.contact
    mine = TicketMessage.objects.filter(contact=contact, via=TicketMessage.Via.PORTAL)
    if mine.filter(received_at__gt=now - HOUR).count() >= MOST_AN_HOUR:
        raise TooMany
    made: TicketMessage = TicketMessage.objects.create(
        organisation=link.organisation,
        public_id=public_id,
        ticket=tickets.for_reply(entry),
        entry=entry,
        contact=contact,
        via=TicketMessage.Via.PORTAL,
        from_name=contact.name,
        words=words,
        attachments=[_kept(link, file) for file in files],
        received_at=now,
    )
    return made


def _kept(link: PortalLink, file: Chosen) -> dict[str, object]:
    content = Content.keep(link.organisation, file.data)
    return {
        "name": file.name,
        "media_type": file.media_type,
        "size": content.size,
        "sha256": content.sha256,
    }
