"""Messages on their way to a phone, for the tests of its channels."""

import datetime
from types import SimpleNamespace

from comms.channels.base import Message, Outgoing, Party

ENTRY = "5f0c7d1e-0000-4000-8000-000000000001"
NUMBER = "+447700900001"


def message(**changes) -> Message:
    given = {
        "subject": "Lift out of order",
        "html": "<html><p>The lift is out.</p></html>",
        "text": "The lift is out.\n\n-- \nLarch Management\n4 Mill Lane\n",
        "body": "<p>The lift is out.</p>",
        "words": "The lift is out.",
        "sender": Party("Larch Management", "office@larch.example"),
        "to": Party("Ada Flint", NUMBER),
        "message_id": f"<{ENTRY}@mail.example>",
        "date": datetime.datetime(2026, 11, 20, 9, tzinfo=datetime.UTC),
    }
    return Message(**(given | changes))


def outgoing(channel, written: Message | None = None) -> Outgoing:
    """Put a message into a channel's form, as the pipeline does before it dials."""
    written = written or message()
    return Outgoing(
        entry=ENTRY,
        token="t0k3n",
        to=written.to,
        envelope_from="bounces+t0k3n@mail.example",
        envelope_to=written.to.address,
        message_id=written.message_id,
        data=b"".join(part.data for part in channel.compose(written)),
    )


def whoever(**has):
    return SimpleNamespace(**({"name": "Ada", "email": "", "phone": "", "address": "", "devices": {}} | has))
