"""Answer on a ticket: a one-off message through the same pipeline as any other, logged and linked to the ticket."""

import datetime
import uuid

from django.db import transaction
from django.utils.html import linebreaks

from comms.drafting import audience, html
from comms.models import Communication, Recipient, Ticket, TicketChange, TicketMessage
from comms.models.communication import Refused
from comms.record import tickets
from contacts import email
from contacts.mistake import Mistake
from portfolio.models import User

NOBODY = "Nobody is known to write to. Write to somebody from their own page."


def addressee(ticket: Ticket) -> str:
    """Say whom an answer goes to: the contact, else who wrote last by email; nothing where nobody is known."""
    if ticket.contact:
        return ticket.contact.name
    wrote = _wrote_last(ticket)
    return wrote.from_name or wrote.from_address if wrote else ""


def _wrote_last(ticket: Ticket) -> TicketMessage | None:
    """Find the last message whose address a person can be answered at."""
    written = ticket.messages.filter(automatic=False).exclude(from_address="").order_by("-pk")
    found: TicketMessage | None = written.first()
    return found


def subject(ticket: Ticket) -> str:
    about = ticket.entry.title if ticket.entry else ticket.title
    return about if about.lower().startswith("re:") else f"Re: {about}"[:500]


@transaction.atomic
def answer(
    ticket: Ticket, by: User, *, words: str, channel: str, once: uuid.UUID, now: datetime.datetime
) -> tuple[Communication, bool]:
    """Write and send an answer; give it, and whether it was made by this call. Raises Refused.

    The same form sent twice is one answer: its public id follows from the form.
    """
    Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    public_id = uuid.uuid5(ticket.public_id, str(once))
    if there := Communication.objects.filter(public_id=public_id).first():
        return there, False
    made = Communication.objects.create(
        organisation=ticket.organisation,
        public_id=public_id,
        type=Communication.Type.MESSAGE,
        block=ticket.block,
        unit=ticket.unit,
        channel=channel,
        subject=subject(ticket),
        body=html.clean(linebreaks(words, autoescape=True)).html,
        ticket=ticket,
        created_by=by,
    )
    _address(made, ticket)
    made.schedule(at=now, by=by)
    tickets.note(ticket, TicketChange.Kind.ANSWERED, by, communication=made)
    return made, True


def _address(made: Communication, ticket: Ticket) -> None:
    if ticket.contact:
        contact = ticket.contact.merged_into or ticket.contact
        audience.recipient(made, contact, ticket.unit).save()
        return
    wrote = _wrote_last(ticket)
    try:
        to = email.parse(wrote.from_address) if wrote else ""
    except Mistake:
        to = ""
    if wrote is None or not to:
        raise Refused(NOBODY)
    Recipient(
        organisation_id=made.organisation_id, communication=made, name=(wrote.from_name or to)[:200], email=to
    ).save()
