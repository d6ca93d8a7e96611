"""Send a message again: a new one, marked as a copy of the old, to which it refers. Never by itself."""

import copy
import datetime

from django.db import transaction
from django.utils.html import escape

from comms.channels import registry
from comms.channels.base import Unreachable
from comms.models import (
    Attachment,
    Communication,
    Delivery,
    LogEntry,
    Recipient,
    Ticket,
    TicketChange,
    Translation,
)
from comms.models.communication import Refused
from comms.record import tickets
from comms.sending import routing
from portfolio.models import User

COPIED = ("organisation_id", "contact_id", "regarding_id", "unit_id", "name", "email", "phone", "address", "wishes",
          "merge_values")  # fmt: skip
NOT_ARRIVED = ("unconfirmed", "bounced", "failed", "dropped", "spam")
NOTHING_TO_SEND = (
    "It was not sent by Blockpost from a communication, so there is nothing to send again. Write anew."
)


NO_WAY = "No channel reaches them now. Correct the address or lift the block first, or send it by hand and record that."


def refusal(entry: LogEntry) -> str:
    """Say why an entry cannot be sent again, or nothing."""
    if not entry.recipient or not entry.communication:
        return NOTHING_TO_SEND
    if entry.recipient.state in (Recipient.State.DEFERRED, Recipient.State.HANDING_OVER):
        return "It is still being tried, so it is not sent again as well."
    if entry.delivery.status not in NOT_ARRIVED:
        return "Nothing says that it did not arrive. Write anew if it is to be said once more."
    return ""


def copy_of(entry: LogEntry) -> Communication | None:
    """Give the communication by which an entry was sent again."""
    made = Recipient.objects.filter(copy_of=entry).select_related("communication__organisation").first()
    return made.communication if made else None


def line(entry: LogEntry) -> str:
    """Give the words that a copy begins with. They claim neither that the first one arrived nor that it did not."""
    kind = entry.communication.get_type_display() if entry.communication else "message"
    word = kind if kind.startswith("AGM") else kind.lower()
    at = entry.delivery.at.astimezone(entry.organisation.zone)
    return (
        f"This is a copy of the {word} dated {at.day} {at:%B %Y}. "
        "It is sent again because we could not be sure that it reached you."
    )


def recipient_of(entry: LogEntry, communication: Communication) -> Recipient:
    """Make the recipient of a copy: the words as they were for them, the addresses as they are now."""
    old = entry.recipient
    assert old is not None  # noqa: S101 (refusal() has seen to it)
    made = Recipient(
        communication=communication, copy_of=entry, **{name: getattr(old, name) for name in COPIED}
    )
    contact = old.contact and (old.contact.merged_into or old.contact)
    if contact:
        made.email, made.phone = contact.email, contact.phone
        made.address = contact.address or old.address
        made.wishes = old.wishes | {"whatsapp": contact.whatsapp_opt_in}
    return made


def drafted(entry: LogEntry, by: User, channel: str) -> Communication:
    """Make the communication of a copy, not saved yet."""
    old = entry.communication
    assert old is not None  # noqa: S101 (refusal() has seen to it)
    return Communication(
        organisation=entry.organisation,
        type=old.type,
        block=old.block,
        unit=old.unit,
        channel=channel,
        subject=_marked(old.subject),
        body=_begun(entry, old.body),
        statutory=old.statutory,
        template_version=old.template_version,
        ticket=Ticket.objects.unsettled().filter(entry=entry).order_by("pk").first(),
        created_by=by,
    )


def routes(entry: LogEntry) -> list[routing.Route]:
    """Say for each channel that is switched on what would become of a copy, its first own channel first."""
    assert entry.communication is not None  # noqa: S101 (refusal() has seen to it)
    old = copy.copy(entry.communication)
    old.rule, made = Communication.Rule.ONLY, []
    for word in dict.fromkeys([entry.channel, *registry.usable(entry.organisation.channels)]):
        old.channel = word
        made += routing.check(old, [recipient_of(entry, old)]).routes
    return made


def address_of(route: routing.Route) -> str:
    """Give the address of today that a copy would go to by a channel, as the log would show it."""
    channel = registry.get(route.channel)
    try:
        return channel.shown(channel.address(route.recipient))
    except Unreachable:
        return ""


@transaction.atomic
def send(entry: LogEntry, by: User, channel: str, now: datetime.datetime) -> tuple[Communication, bool]:
    """Send an entry again, now; give the new communication, and whether it was made by this call.

    A second time gives the first one. The tickets of the entry say so. Raises Refused.
    """
    Delivery.objects.select_for_update().get(pk=entry.pk)
    if there := copy_of(entry):
        return there, False
    if why := refusal(entry):
        raise Refused(why)
    made = drafted(entry, by, channel)
    made.save()
    _bring_along(entry, made)
    recipient_of(entry, made).save()
    made.schedule(at=now, by=by)
    for ticket in Ticket.objects.unsettled().filter(entry=entry):
        tickets.note(ticket, TicketChange.Kind.SENT_AGAIN, by, entry=entry, communication=made)
    return made, True


def _bring_along(entry: LogEntry, made: Communication) -> None:
    """Copy the files and the other languages."""
    old = entry.communication
    assert old is not None  # noqa: S101 (refusal() has seen to it)
    for file in old.attachments.all():
        Attachment.objects.create(
            organisation=entry.organisation,
            communication=made,
            content_id=file.content_id,
            name=file.name,
            media_type=file.media_type,
        )
    for words in old.translations.all():
        Translation.objects.create(
            organisation=entry.organisation,
            communication=made,
            language=words.language,
            subject=_marked(words.subject),
            body=_begun(entry, words.body),
            template_version=words.template_version,
        )


def _marked(subject: str) -> str:
    return subject if subject.startswith("Copy: ") else f"Copy: {subject}"[:500]


def _begun(entry: LogEntry, body: str) -> str:
    return f"<p><strong>{escape(line(entry))}</strong></p>{body}"
