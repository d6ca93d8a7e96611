"""What SMS and WhatsApp share: where Twilio is, the request that is kept and sent, and the way there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from comms.channels.base import Form, Line, Message, Part, Snapshot, Unreachable
from contacts import phone
from contacts.mistake import Mistake

FORM = Form("json", "application/json", "bubble")
NO_FILES = "Files cannot go by {}. Take them off, or choose another channel."
API = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """An account, and the sender: a number or name (`sender`), or a messaging service, which then chooses."""

    account: str
    token: str = field(repr=False)
    sender: str = ""
    service: str = ""
    api: str = API
    callback: str = ""  # where receipts are sent; "" for nowhere
    timeout: float = 30  # seconds


def mobile(snapshot: Snapshot) -> str:
    """Give the recipient's mobile number as E.164. Raises Unreachable."""
    if not snapshot.phone:
        raise Unreachable("No phone number on record.")
    try:
        found = phone.parse(snapshot.phone)
    except Mistake as mistake:
        raise Unreachable(f"The phone number cannot be used. {mistake}") from None
    if not found.is_mobile:
        raise Unreachable(f"{found.national} is not a mobile number. Add one, or choose another channel.")
    return found.e164


def request(settings: TwilioSettings, message: Message, to: str, sender: str, **words: str) -> list[Part]:
    """Write the fields of a request as JSON, the same each time: sorted, with nothing between.

    The names are those of https://www.twilio.com/docs/messaging/api/message-resource#create-a-message; our
    own id goes along in the address for receipts.
    """
    fields = {"To": to, **words}
    # Either of the two: a service has its own senders.
    fields |= {"MessagingServiceSid": settings.service} if settings.service else {"From": sender}
    if settings.callback:
        entry = message.message_id.strip("<>").partition("@")[0]
        fields["StatusCallback"] = f"{settings.callback}?{urlencode({'entry': entry})}"
    return [Part(json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())]


@contextmanager
def line(settings: TwilioSettings) -> Iterator[Line]:
    """Hold connections to Twilio for as long as there is something to send."""
    from comms.channels.twilio_line import TwilioLine

    line = TwilioLine(settings)
    try:
        yield line
    finally:
        line.close()
