"""A message made as sending would make it, to be looked at; nothing of it is kept or sent."""

import copy
from typing import NamedTuple

from django.db import transaction

from comms.channels import registry
from comms.channels.base import Channel
from comms.drafting import audience, merge
from comms.models import Communication, LogEntry, Recipient, Translation
from comms.sending import compose


class Sample(NamedTuple):
    """What one recipient would get: the entry that the log would keep, its bytes, or why there are none."""

    channel: Channel
    entry: LogEntry
    data: bytes
    why: str


def sample(
    communication: Communication, recipient: Recipient, channel: str, written: Translation | None = None
) -> Sample:
    """Make the message to one recipient by a channel, with a field's name where it has no value.

    The words are those that the communication or the translation holds, saved or not. What sending would write is
    taken back.
    """
    with transaction.atomic():
        if communication.pk is None:
            communication.save()
        wordings = compose.Wordings(communication)
        wording = compose.Wording.of(communication, written) if written else wordings.for_(recipient)
        to = _filled(communication, recipient)
        to.channel = channel
        entry, why = compose.entry_for(wording, to)
        data = b"" if why else entry.exact_bytes()
        transaction.set_rollback(True)
    return Sample(registry.get(channel), entry, data, why)


def example(communication: Communication) -> Recipient:
    """Give somebody made up, for a message that has no recipients yet."""
    organisation = communication.organisation
    ours = {"name": organisation.name, "phone": organisation.phone}
    ours["email"] = organisation.reply_to or organisation.sender_email
    return Recipient(
        organisation=organisation,
        communication=communication,
        name=merge.FIELDS["full_name"].example,
        email=merge.FIELDS["email"].example,
        phone="+447911123456",
        address="Flat 12\nMaple House\n14 Mill Lane\nLONDON\nSE1 4XX",
        merge_values={name: field.example for name, field in merge.FIELDS.items()}
        | {f"organisation_{name}": value for name, value in ours.items() if value},
        wishes={"whatsapp": True},
    )


def _filled(communication: Communication, recipient: Recipient) -> Recipient:
    """Put a field's name in the place of a value that there is not yet."""
    to = copy.copy(recipient)
    known = audience.values_at_sending(communication, recipient)
    named = {name: f"[{field.label}]" for name, field in merge.FIELDS.items() if not known.get(name)}
    to.merge_values = recipient.merge_values | named
    to.devices = {
        "portal": ["page"]
    } | recipient.devices  # their page looks the same before they have a link to it
    return to
