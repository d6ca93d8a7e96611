"""Put what somebody wrote back on the ticket of the message that it is about. Nothing is ever answered from here."""

import datetime
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from comms.models import Content, LogEntry, Receipt, Ticket, TicketMessage
from comms.receipts.heard import Written
from comms.record import tickets
from portfolio.models import Organisation

MOST_A_DAY = 100  # mails about one message: two machines that answer each other must not fill a ticket
DAY = datetime.timedelta(days=1)
AUTOMATIC = "An automatic answer, which needs no ticket."
FLOOD = f"More than {MOST_A_DAY} mails about this message came within a day. This one is not on its ticket."


@transaction.atomic
def land(written: Written, entry: LogEntry, receipt: Receipt) -> list[str]:
    """Keep a reply on its ticket, once however often the receipt is read; give what was not kept, and why.

    A ticket is opened where there is none, but not for an automatic answer: that one joins a ticket which is there.
    """
    public_id = uuid.uuid5(receipt.public_id, str(entry.public_id))
    if TicketMessage.objects.filter(public_id=public_id).exists():
        return []
    mails = TicketMessage.objects.filter(entry=entry, via=TicketMessage.Via.EMAIL)
    if mails.filter(received_at__gt=timezone.now() - DAY).count() >= MOST_A_DAY:
        return [FLOOD]
    ticket = _ticket_there(entry) if written.automatic else tickets.for_reply(entry)
    if ticket is None:
        return [AUTOMATIC]
    theirs = bool(written.from_address) and written.from_address.lower() == entry.to_address.lower()
    contact = entry.contact if theirs else None
    add(written, ticket, receipt, public_id=public_id, entry=entry, contact=contact)
    return [written.left_out] if written.left_out else []


def add(written: Written, ticket: Ticket, receipt: Receipt, **facts: Any) -> None:
    """Put what somebody wrote on a ticket; `facts` are its public id, and the entry and the contact where there are."""
    TicketMessage.objects.create(
        organisation=ticket.organisation,
        ticket=ticket,
        receipt=receipt,
        via=TicketMessage.Via.EMAIL,
        from_name=written.from_name,
        from_address=written.from_address,
        words="\n\n".join(filter(None, [written.words, written.left_out])),
        attachments=[_kept(ticket.organisation, *file) for file in written.files],
        automatic=written.automatic,
        received_at=receipt.received_at,
        **facts,
    )


def _ticket_there(entry: LogEntry) -> Ticket | None:
    there: Ticket | None = entry.ticket or Ticket.objects.filter(entry=entry).order_by("id").first()
    return there


def _kept(organisation: Organisation, name: str, media_type: str, data: bytes) -> dict[str, object]:
    content = Content.keep(organisation, data)
    return {"name": name, "media_type": media_type, "size": content.size, "sha256": content.sha256}
