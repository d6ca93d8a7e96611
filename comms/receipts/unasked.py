"""Open a ticket for what a person wrote that answers no message of ours.

Whoever floods us fills no list of tickets: of one sender only so many are opened a day, and of all only so many.
"""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from comms.models import LogEntry, Receipt, Ticket, TicketChange, TicketMessage
from comms.receipts import replies
from comms.receipts.heard import Written
from comms.record import tickets
from contacts.models import Contact

MOST_OF_SENDER = 5  # tickets a day
MOST_OF_ALL = 100
ENOUGH = f"{MOST_OF_SENDER} tickets were opened today for mail of this sender. This one has none."
FLOOD = f"{MOST_OF_ALL} tickets were opened within a day for mail that answers nothing. This one has none."


@transaction.atomic
def land(written: Written, receipt: Receipt) -> list[str]:
    """Put it on a ticket of its own, once however often the receipt is read; give what was not kept, and why."""
    public_id = uuid.uuid5(receipt.public_id, Ticket.Reason.MAIL)
    if Ticket.objects.filter(public_id=public_id).exists():
        return []
    today = TicketMessage.objects.filter(
        ticket__reason=Ticket.Reason.MAIL, received_at__gt=timezone.now() - replies.DAY
    )
    if today.filter(from_address__iexact=written.from_address).count() >= MOST_OF_SENDER:
        return [ENOUGH]
    if today.count() >= MOST_OF_ALL:
        return [FLOOD]
    contact = _contact(written.from_address)
    ticket = Ticket.objects.create(
        public_id=public_id,
        organisation=receipt.organisation,
        reason=Ticket.Reason.MAIL,
        title=_title(written),
        contact=contact,
        assignee=tickets.usual_assignee(LogEntry(organisation=receipt.organisation)),
    )
    tickets.note(ticket, TicketChange.Kind.OPENED)
    replies.add(written, ticket, receipt, public_id=public_id, contact=contact)
    return [written.left_out] if written.left_out else []


def _title(written: Written) -> str:
    line = next(iter(written.words.splitlines()), "") or "a mail without words"
    return f"Mail from {written.from_name or written.from_address}: {line}"[:500]


def _contact(address: str) -> Contact | None:
    """Give whose address it is, where that is one person's alone."""
    found: QuerySet[Contact] = Contact.objects.current().filter(email__iexact=address)
    both = list(found[:2])
    return both[0] if len(both) == 1 else None
