"""What a person handed over: letters that were posted, notices put up, papers given into a hand."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from comms.channels import registry
from comms.models import Communication, Content, DeliveryEvent, Proof, Recipient
from comms.models.communication import Refused
from comms.record import events
from portfolio.models import User

NOT_SENT = "It has not been sent to them yet, so nothing can have become of it."
File = tuple[str, str, bytes]  # name, media type, bytes


def waiting(communication: Communication) -> QuerySet[Recipient]:
    """List the recipients whose entries are written and wait for a person to hand them over."""
    return (
        communication.recipients.filter(state=Recipient.State.RECORDED)
        .exclude(channel__in=["", *registry.dialled()])
        .select_related("unit", "contact", "entry")
        .order_by("channel", "id")
    )


def mark(
    recipients: Iterable[Recipient],
    *,
    kind: str,
    at: datetime.datetime,
    by: User,
    how: str,
    files: Iterable[File] = (),
) -> int:
    """Log that a person handed messages over, "sent" or "delivered", when and how; give how many.

    Whoever is marked by somebody else meanwhile is left as they were marked.
    """
    marked = 0
    kept = [(name, media_type, data) for name, media_type, data in files]
    for recipient in recipients:
        with transaction.atomic():
            moved = Recipient.objects.filter(pk=recipient.pk, state=Recipient.State.RECORDED).update(
                state=Recipient.State.DONE
            )
            if not moved:
                continue
            event = events.append(
                recipient.entry,
                kind,
                happened_at=at,
                source=events.PERSON,
                provider_event_id=f"{recipient.entry.public_id}:handed over",
                actor=by,
                reason=how[:500],
            )
            if event:
                _prove(event, kept)
            marked += 1
    return marked


def _prove(event: DeliveryEvent, files: list[File]) -> None:
    organisation = event.entry.organisation
    for name, media_type, data in files:
        content = Content.keep(organisation, data)
        Proof.objects.create(
            organisation=organisation, event=event, content=content, name=name, media_type=media_type
        )


def is_sent(recipient: Recipient) -> bool:
    """Say whether anything can have become of a message: it left, or never will."""
    waiting = (Recipient.State.RECORDED, Recipient.State.HANDING_OVER)
    return getattr(recipient, "entry", None) is not None and recipient.state not in waiting


@transaction.atomic
def say(
    recipient: Recipient, status: str, *, at: datetime.datetime, by: User, reason: str, once: str
) -> None:
    """Take a person's word for what became of one message; it stands beside what machines said.

    Raises Refused where it has not been sent. The same word under the same `once` is one.
    """
    if not is_sent(recipient):
        raise Refused(NOT_SENT)
    # Whoever says what became of it has it tried no more.
    Recipient.objects.filter(pk=recipient.pk, state=Recipient.State.DEFERRED).update(
        state=Recipient.State.DONE, next_attempt_at=None
    )
    events.append(
        recipient.entry,
        status,
        happened_at=at,
        source=events.PERSON,
        provider_event_id=once,
        actor=by,
        reason=reason,
        bounce="hard" if status == "bounced" else "",
    )
