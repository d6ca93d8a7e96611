"""Tickets: raised once for each entry and reason, and what is done to them, each step with a row that stays."""

import uuid
from typing import Any

from django.db import transaction

from comms.ledger import leaf
from comms.models import Communication, Delivery, LogEntry, Ticket, TicketChange, TicketMessage
from portfolio.models import Membership, Organisation, User

State, Kind, Reason = Ticket.State, TicketChange.Kind, Ticket.Reason
WRITERS = (Membership.Role.MANAGER, Membership.Role.ADMIN)
# What a ticket is called before the subject and the name: what a person should see to.
TITLES = {
    Reason.HARD_BOUNCE: "Came back for good",
    Reason.REFUSED: "Refused as spam",
    Reason.COMPLAINT: "Marked as spam",
    Reason.FAILED: "Not handed over",
    Reason.DROPPED: "Not sent",
    Reason.UNCONFIRMED: "Was it sent?",
    Reason.DEFERRED: "Put off for a day",
    Reason.REPLY: "Reply",
}


# What a ticket asks about a message is answered once the message stands otherwise than like this.
ASKS = {
    Reason.UNCONFIRMED: ("unconfirmed", "queued"),
    Reason.DEFERRED: ("deferred", "queued", "bounced soft"),
}
SETTLED = "It is known now: {status}."


def is_statutory(entry: LogEntry) -> bool:
    """Say whether somebody must follow up when an entry does not arrive."""
    communication = entry.communication
    return entry.type in Communication.STATUTORY_TYPES or bool(communication and communication.statutory)


@transaction.atomic
def raise_for(entry: LogEntry, reason: str, words: str = "") -> tuple[Ticket, bool]:
    """Give the ticket of an entry for a reason, and whether it was raised just now.

    The unique (entry, reason) decides between two who raise it at once.
    """
    ticket, raised = Ticket.objects.get_or_create(
        entry=entry,
        reason=reason,
        organisation_id=entry.organisation_id,
        defaults={
            "title": title_for(entry, reason),
            "block_id": entry.block_id,
            "unit_id": entry.unit_id,
            "contact_id": entry.contact_id,
            "assignee": usual_assignee(entry),
        },
    )
    if raised:
        note(ticket, Kind.OPENED, words=words, entry=entry)
    return ticket, raised


@transaction.atomic
def open_by_hand(
    organisation: Organisation, by: User, *, once: uuid.UUID, words: str = "", **facts: Any
) -> tuple[Ticket, bool]:
    """Open a ticket about what a person says; the same form sent twice is one. `facts` are columns of Ticket."""
    ticket, made = Ticket.objects.get_or_create(
        public_id=uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_OID, organisation.slug), str(once)),
        organisation=organisation,
        defaults=facts,
    )
    if made:
        note(ticket, Kind.OPENED, by, words=words, entry=ticket.entry)
    return ticket, made


def title_for(entry: LogEntry, reason: str) -> str:
    """Say what is to be seen to: why, about which message, and to whom that went; who replied is in the thread."""
    word = TITLES[Reason(reason)]
    title = f"{word} {entry.title}" if word.endswith("?") else f"{word}: {entry.title}"
    return (f"{title}, to {entry.to_name}" if entry.to_name and reason != Reason.REPLY else title)[:500]


def usual_assignee(entry: LogEntry) -> User | None:
    """Give who sent an entry if they may still act here, else the admin of longest standing."""
    members = Membership.objects.filter(organisation=entry.organisation_id, user__is_active=True)
    sender = members.filter(user=entry.sender_id, role__in=WRITERS).select_related("user").first()
    found = sender or members.filter(role=Membership.Role.ADMIN).select_related("user").order_by("pk").first()
    return found.user if found else None


def open_one(entry: LogEntry) -> Ticket | None:
    """Give the first ticket of an entry that is not closed."""
    found: Ticket | None = Ticket.objects.unsettled().filter(entry=entry).order_by("id").first()
    return found


@transaction.atomic
def for_reply(entry: LogEntry) -> Ticket:
    """Give the ticket on which a reply to an entry lands: its parent, one of it that is open, or its own, opened (again)."""
    ticket: Ticket = entry.ticket or open_one(entry) or raise_for(entry, Reason.REPLY)[0]
    reopen(ticket, None, "A reply came in.")
    return ticket


@transaction.atomic
def settle(entry: LogEntry, delivery: Delivery) -> None:
    """Close the tickets of an entry whose question was answered meanwhile, unless somebody wrote on them."""
    stands = f"{delivery.status} {delivery.bounce}".strip()
    answered = [reason for reason, like in ASKS.items() if stands not in like]
    for ticket in Ticket.objects.unsettled().filter(entry=entry, reason__in=answered):
        words = SETTLED.format(status=delivery.get_status_display().lower())
        if TicketMessage.objects.filter(ticket=ticket).exists():
            note(ticket, Kind.COMMENT, words=words)
        else:
            close(ticket, None, outcome=Ticket.Outcome.WAIVED, words=words)


@transaction.atomic
def note(ticket: Ticket, kind: str, by: User | None = None, **facts: Any) -> TicketChange:
    """Add what was done to a ticket: `facts` are words, outcome, entry and communication."""
    made: TicketChange = TicketChange.objects.create(
        organisation_id=ticket.organisation_id, ticket=ticket, kind=kind, actor=by, **facts
    )
    leaf.write([made])
    return made


@transaction.atomic
def comment(ticket: Ticket, by: User, words: str, once: uuid.UUID) -> bool:
    """Add a comment; the same form sent twice is one. False for the second."""
    Ticket.objects.select_for_update().get(pk=ticket.pk)
    public_id = uuid.uuid5(ticket.public_id, str(once))
    if TicketChange.objects.filter(public_id=public_id).exists():
        return False
    note(ticket, Kind.COMMENT, by, words=words, public_id=public_id)
    return True


@transaction.atomic
def change(ticket: Ticket, by: User, *, assignee: User | None, due_on: Any, waiting: bool) -> bool:
    """Give it to somebody, set its day, let it wait or not; give whether anything is other than before.

    A closed ticket stays as it is.
    """
    fresh = Ticket.objects.select_for_update(of=("self",)).select_related("assignee").get(pk=ticket.pk)
    state = State.WAITING if waiting else State.OPEN
    steps = [
        ("assignee", assignee, Kind.ASSIGNED, str(assignee or "Nobody")),
        ("due_on", due_on, Kind.DUE, f"{due_on.day} {due_on:%b %Y}"),
        ("state", state, Kind.WAITING if waiting else Kind.RESUMED, ""),
    ]
    new = [step for step in steps if getattr(fresh, step[0]) != step[1]]
    if not new or not fresh.swap((State.OPEN, State.WAITING), **{name: value for name, value, *_ in new}):
        return False
    for _, _, kind, words in new:
        note(fresh, kind, by, words=words)
    return True


@transaction.atomic
def close(
    ticket: Ticket,
    by: User | None,
    *,
    outcome: str,
    words: str = "",
    entry: LogEntry | None = None,
) -> bool:
    """Close it with what was done, by a person or by Blockpost itself; false where somebody else had closed it."""
    if not ticket.swap((State.OPEN, State.WAITING), state=State.CLOSED):
        return False
    note(ticket, Kind.CLOSED, by, outcome=outcome, words=words, entry=entry)
    return True


@transaction.atomic
def reopen(ticket: Ticket, by: User | None, words: str = "") -> bool:
    """Open a closed one again; what was done before stays on it."""
    if not ticket.swap((State.CLOSED,), state=State.OPEN):
        return False
    note(ticket, Kind.REOPENED, by, words=words)
    return True
