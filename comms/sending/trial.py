"""A test: the message as one recipient would get it, sent to the person who writes it, and logged as a test."""

from django.utils import timezone

from comms.channels import registry
from comms.channels.base import Outcome
from comms.models import Communication, Recipient
from comms.record import entries, events
from comms.sending import compose
from portfolio.models import User


def trial(communication: Communication, to: User) -> Outcome:
    """Send it to its writer now, by email, filled for the first recipient. Raises ValueError in a sentence.

    The row is written before the line is opened, as for every message; a test belongs to no recipient.
    """
    channel = registry.get("email", firm=compose.firm_of(communication.organisation))
    first = communication.recipients.select_related("unit").first()
    recipient = Recipient(
        organisation=communication.organisation,
        communication=communication,
        unit=first.unit if first else None,
        name=str(to),
        email=to.email,
        channel=channel.name,
        merge_values=first.merge_values if first else {},
    )
    wording = compose.Wordings(communication).for_(first or recipient)
    entry, obstacle = compose.entry_for(wording, recipient)
    if obstacle:
        raise ValueError(obstacle)
    entry.recipient, entry.communication, entry.type = None, None, Communication.Type.TEST
    entry.sender, entry.sender_label = to, str(to)
    entries.write([entry])
    events.append(entry, "attempted", happened_at=timezone.now(), source="blockpost", attempt=1)
    with channel.line() as line:
        outcome = line.send(compose.outgoing(entry))
    # A test is not tried again by itself: the person is there and sees what came of it.
    kind = "failed" if outcome.kind == "deferred" else outcome.kind
    events.append(
        entry,
        kind,
        happened_at=timezone.now(),
        source=compose.by_whom(entry),
        attempt=1,
        bounce=outcome.bounce,
        reason=outcome.reason[:500],
        reply=outcome.reply,
        provider_message_id=outcome.provider_id[:200],
    )
    return outcome
