"""Mark as sent: what a person declares to have sent by other means is logged, and nothing is handed over."""

import datetime

from django.db import transaction

from comms.models import Communication, LogEntry, Recipient
from comms.models.communication import Refused
from comms.record import entries, events
from comms.sending import compose
from portfolio.models import User


def declare(communication: Communication, *, at: datetime.datetime, by: User) -> int:
    """Log one entry a recipient as sent at the stated time; give how many.

    Raises Refused when there is nobody to log it for, or when sending has begun.
    """
    with transaction.atomic():
        if not communication.swap(
            Communication.EDITABLE,
            status="sent",
            sent_at=at,
            declared=True,
            scheduled_by=by,
            scheduled_at=None,
        ):
            raise Refused("It is already being sent, so it cannot be marked.")
        # Read after the swap: from there on nobody can be added.
        recipients = list(communication.recipients.select_related("unit").order_by("id"))
        if not recipients:
            raise Refused("Add the people it was sent to first: there is one entry in the log for each.")
        wordings = compose.Wordings(communication)
        written = entries.write(
            [_declared(wordings.for_(recipient), recipient, at) for recipient in recipients]
        )
        for entry in written:
            events.append(
                entry,
                "sent",
                happened_at=at,
                source=events.PERSON,
                actor=by,
                reason=f"Declared as sent by {by}. Nothing was handed over by Blockpost."[:500],
            )
        communication.recipients.update(state=Recipient.State.DONE)
    return len(written)


def _declared(wording: compose.Wording, recipient: Recipient, at: datetime.datetime) -> LogEntry:
    entry, _ = compose.entry_for(wording, recipient)
    # No bytes left from here, so none are kept as if they had.
    entry.personal, entry.layout, entry.sha256, entry.size = b"", [], "", 0
    entry.message_id, entry.token, entry.happened_at = "", None, at
    return entry
