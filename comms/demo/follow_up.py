"""What the office followed up: a notice of last week with what did not arrive, tickets open and closed, a lifted block."""

import datetime
from typing import Any

from comms.demo import history, wording
from comms.demo.history import Past
from comms.demo.wording import Mailing
from comms.models import Communication, Delivery, LogEntry, Suppression, Ticket, TicketChange, TicketMessage
from comms.record import consequences, tickets
from portfolio.days import working_days_after
from portfolio.models import User

DAYS_AGO = 9
RECENT = datetime.timedelta(days=30)
DAY = datetime.timedelta(days=1)
TOLD = ("unconfirmed", "gave_up")  # of two who have an address that works; the others as usual
REASONS = {str(kind): reason for (kind, _), reason in consequences.REASONS.items()} | {
    "unconfirmed": Ticket.Reason.UNCONFIRMED,
    "bounced": Ticket.Reason.HARD_BOUNCE,
}
POSTED = "Printed and posted first class by hand, with a certificate of posting."
Kind = TicketChange.Kind


def write(past: Past) -> None:
    """Follow up what the log says by now."""
    for delivery in _not_arrived():
        follow(past, delivery)
    answered(past)
    by_hand(past)
    lift(past)


def notice(past: Past) -> None:
    """Send a notice to the first block nine days ago, of which two had trouble on the way."""
    at = past.at(DAYS_AGO, 10, 0)
    mailing = Mailing(
        DAYS_AGO, "agm_notice", "Notice of annual general meeting of {{block_name}}", wording.AGM
    )
    communication = history.draft(past, mailing._replace(template="AGM notice"), past.estate.blocks[0], at)
    told, stories = list(TOLD), []
    blocked = set(Suppression.objects.filter(created_at__lt=at).values_list("address", flat=True))
    recipients = history.leaseholders(past, communication, at)
    for recipient in recipients:
        if not recipient.email:
            stories.append("no_email")
        elif recipient.email.lower() in blocked:
            stories.append("dropped")
        else:
            stories.append(told.pop(0) if told and "." not in recipient.email.split(".")[0] else "delivered")
    history.send(past, communication, recipients, at, stories=stories)


def _not_arrived() -> list[Delivery]:
    found = Delivery.objects.filter(
        type__in=Communication.STATUTORY_TYPES, status__in=REASONS, bounce__in=("", "hard")
    )
    return list(found.select_related("entry").order_by("at"))


def follow(past: Past, delivery: Delivery) -> None:
    """Open the ticket that such a message raises; the older ones were seen to within two days."""
    entry, people = delivery.entry, past.estate.people
    made = _opened(past, entry, REASONS[delivery.status], delivery.status_at, delivery.reason)
    if past.now - delivery.at < RECENT and delivery.reason != history.fate.NO_EMAIL:
        if delivery.status == "failed":
            _change(
                made,
                Kind.COMMENT,
                people["manager"],
                made.created_at + DAY,
                words="Left a message. She rings back.",
            )
        return
    outcome = Ticket.Outcome.WAIVED if delivery.status == "unconfirmed" else Ticket.Outcome.POSTED
    words = "Rang them: they have it." if delivery.status == "unconfirmed" else POSTED
    _change(made, Kind.CLOSED, people["manager"], made.created_at + DAY, outcome=outcome, words=words)
    Ticket.objects.filter(pk=made.pk).update(state=Ticket.State.CLOSED)


def answered(past: Past) -> None:
    """Let a resident answer the circular of these days."""
    at = past.now - datetime.timedelta(hours=5)
    delivery = (
        Delivery.objects.filter(type="circular", status="opened", channel="email", contact__isnull=False)
        .select_related("entry__contact").order_by("-at").first()
    )  # fmt: skip
    if delivery is None:
        return
    entry = delivery.entry
    ticket = _opened(past, entry, Ticket.Reason.REPLY, at, "")
    facts: dict[str, Any] = {"organisation": past.estate.organisation, "ticket": ticket, "entry": entry}
    facts |= {"via": TicketMessage.Via.EMAIL, "from_name": entry.to_name, "from_address": entry.to_address}
    TicketMessage.objects.create(
        **facts,
        contact=entry.contact,
        words="Will the other lift run all day? My mother comes that afternoon and cannot do the stairs.",
        received_at=at,
    )


def by_hand(past: Past) -> None:
    """Keep a ticket that somebody opened at the telephone, and that waits for a contractor."""
    manager, at = past.estate.people["manager"], past.now - 3 * DAY
    margaret = past.estate.contacts["Margaret Okafor"]
    ticket = Ticket.objects.create(
        organisation=past.estate.organisation,
        title="Send Mrs Okafor her notices in large print from now on",
        contact=margaret,
        block=past.estate.blocks[0],
        state=Ticket.State.WAITING,
        assignee=manager,
        created_at=at,
        due_on=working_days_after(past.now.astimezone(past.zone).date(), 3),
    )
    _change(ticket, Kind.OPENED, manager, at, words="She rang. Her daughter sends the form.")
    _change(ticket, Kind.WAITING, manager, at + datetime.timedelta(minutes=4))


def lift(past: Past) -> None:
    """Lift the oldest block, after a complaint that was a mistake."""
    oldest = Suppression.objects.filter(event__kind="spam").order_by("created_at").first()
    if oldest:
        why = "Pressed the button by mistake, and asked for the mails again."
        oldest.lift(past.estate.people["manager"], why, min(oldest.created_at + 3 * DAY, past.now))


def _opened(past: Past, entry: LogEntry, reason: str, at: datetime.datetime, words: str) -> Ticket:
    ticket: Ticket = Ticket.objects.create(
        organisation=past.estate.organisation,
        title=tickets.title_for(entry, reason),
        reason=reason,
        entry=entry,
        block_id=entry.block_id,
        unit_id=entry.unit_id,
        contact_id=entry.contact_id,
        assignee=entry.sender or past.estate.people["manager"],
        created_at=at,
        due_on=working_days_after(at.astimezone(past.zone).date(), 2),
    )
    _change(ticket, Kind.OPENED, None, at, words=words, entry=entry)
    return ticket


def _change(ticket: Ticket, kind: str, by: User | None, at: datetime.datetime, **facts: Any) -> None:
    tickets.note(ticket, kind, by, recorded_at=at, **facts)
