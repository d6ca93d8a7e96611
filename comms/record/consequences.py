"""What an event brings about beside the status, in the same transaction.

1. An address that something came back from for good, that refused a message as spam, or whose owner marked one as
   spam is flagged, for somebody to look at it.
2. After a hard bounce or a complaint nothing more is sent to that address by that channel, until it is lifted.
3. A statutory message that did not arrive gets a ticket.
4. A soft bounce that came in after it was sent puts the message back among those to be tried again. This moves
   only the outbox columns of its recipient; the worker does the trying, and gives up when its time is over.
5. What was in doubt and is so no more is settled: its recipient waits for nothing, its ticket is closed.
"""

from django.db.models import Q
from django.utils import timezone

from comms.models import Delivery, DeliveryEvent, LogEntry, Recipient, Suppression, Ticket
from comms.record import retry, tickets
from contacts.models import AddressFlag
from portfolio.models import BLOCKED, FLAGGED

KIND = DeliveryEvent.Kind
REASONS = {
    (KIND.BOUNCED, "hard"): Ticket.Reason.HARD_BOUNCE,
    (KIND.BOUNCED, "spam"): Ticket.Reason.REFUSED,
    (KIND.FAILED, ""): Ticket.Reason.FAILED,
    (KIND.DROPPED, ""): Ticket.Reason.DROPPED,
    (KIND.SPAM, ""): Ticket.Reason.COMPLAINT,
}

UNSAID = {KIND.BOUNCED: "It came back.", KIND.SPAM: "The recipient marked a message as spam."}
ADVICE = "Ask the recipient to allow mail from {domain}, then send it again."


def of(event: DeliveryEvent, entry: LogEntry, delivery: Delivery) -> None:
    """Do all that follows from an event that was just added."""
    hard = event.kind == KIND.BOUNCED and event.bounce == "hard"
    refused = event.kind == KIND.BOUNCED and event.bounce == "spam"
    advice = advise(entry) if refused else ""
    if hard or advice or event.kind == KIND.SPAM:
        _flag(event, entry, advice)
    if hard or event.kind == KIND.SPAM:
        _block(event, entry)
    reason = REASONS.get((KIND(event.kind), event.bounce))
    if reason and tickets.is_statutory(entry):
        tickets.raise_for(entry, reason, f"{event.reason} {advice}".strip())
    if event.attempt is None:  # heard from outside; what the handover itself finds out, it notes itself
        _settle(entry, delivery)
        if event.kind == KIND.BOUNCED:
            put_back(entry, delivery)
    if tickets.is_statutory(entry):
        tickets.settle(entry, delivery)


def advise(entry: LogEntry) -> str:
    """Say what helps where a mail server took a message for spam; nothing for a channel where that is no help."""
    if FLAGGED.get(entry.channel) != AddressFlag.Kind.EMAIL:
        return ""
    domain = entry.organisation.sender_email.rpartition("@")[2]
    return ADVICE.format(domain=domain)


def _settle(entry: LogEntry, delivery: Delivery) -> None:
    """Let the recipient of a message in doubt wait no longer, once it is known what became of it."""
    if delivery.status != Delivery.Status.UNCONFIRMED:
        Recipient.objects.filter(pk=entry.recipient_id or 0, state=Recipient.State.UNCONFIRMED).update(
            state=Recipient.State.DONE
        )


def _flag(event: DeliveryEvent, entry: LogEntry, advice: str) -> None:
    """Flag the address that was used; the contact may have another one by now, which is not touched."""
    kind = FLAGGED.get(entry.channel)
    if kind is None or not entry.to_address:
        return
    address = entry.to_address.lower()
    if AddressFlag.objects.filter(kind=kind, address=address, settled_at__gt=event.happened_at).exists():
        return  # somebody has looked since, and kept it
    flag = AddressFlag(
        organisation_id=entry.organisation_id,
        kind=kind,
        address=address,
        reason=f"{event.reason or UNSAID[KIND(event.kind)]} {advice}".strip()[:500],
        flagged_at=event.happened_at,
    )
    AddressFlag.objects.bulk_create([flag], ignore_conflicts=True)  # it may be flagged already


def _block(event: DeliveryEvent, entry: LogEntry) -> None:
    """Send nothing more to the address by the channel; the first event that did it is the one that is named."""
    if entry.channel not in BLOCKED or not entry.to_address:
        return
    address = entry.to_address.lower()
    same = Suppression.objects.filter(channel=entry.channel, address=address)
    if same.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=event.happened_at)).exists():
        return  # blocked already, or lifted by somebody who knew of later things than this
    block = Suppression(
        organisation_id=entry.organisation_id,
        channel=entry.channel,
        address=address,
        reason=_why(event, entry),
        event=event,
    )
    Suppression.objects.bulk_create([block], ignore_conflicts=True)


def _why(event: DeliveryEvent, entry: LogEntry) -> str:
    """Say what happened and on which day: the sentence that stands beside all that is not sent because of it."""
    day = timezone.localtime(event.happened_at, entry.organisation.zone)
    on = f"{day.day} {day:%b %Y}"
    if event.kind == KIND.SPAM:
        return f"Not sent: the recipient marked a message as spam on {on}."
    return f"Not sent: a hard bounce on {on} blocks this address. {event.reason}".strip()[:500]


def put_back(entry: LogEntry, delivery: Delivery) -> None:
    """Have a message that came back for now tried again: the same entry, the same bytes.

    Only where that is how it stands: a soft bounce after a hard one, or before a delivery, changes nothing. Nor
    where a person has sent it again as a copy.
    """
    if (delivery.status, delivery.bounce) != (Delivery.Status.BOUNCED, "soft") or not entry.recipient_id:
        return
    if Recipient.objects.filter(copy_of=entry).exists():
        return
    now = timezone.now()
    first = retry.first_attempt(entry) or now
    # Where there is no next time, the worker takes it up at the end of the time for trying, and gives up.
    again = retry.next_attempt(_attempts(entry), first, now) or retry.ends(first)
    Recipient.objects.filter(pk=entry.recipient_id, state=Recipient.State.DONE, attempts__gt=0).update(
        state=Recipient.State.DEFERRED, next_attempt_at=again, lease_token=None, leased_until=None
    )


def _attempts(entry: LogEntry) -> int:
    return max(entry.events.filter(kind=KIND.ATTEMPTED).count(), 1)
