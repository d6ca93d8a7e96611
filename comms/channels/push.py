"""Push messages to browsers (RFC 8030), encrypted for each (RFC 8291), signed with our key (RFC 8292)."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from comms.channels import devices, subscription
from comms.channels.base import Channel, Form, Line, Message, Part, Snapshot, Unreachable
from comms.channels.segments import unix

# RFC 8291, 4: push services take 4096 bytes; 86 are the header, 16 the seal and 1 the end of the padding.
MOST = 3993
KNOWN_SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com")


@dataclass(frozen=True, slots=True)
class PushSettings:
    """Our signing key (base64url, of 32 bytes or DER), whom a push service may write to about us, and where a tap leads."""

    private_key: str = field(repr=False)
    subject: str
    link: str = "/"
    services: Sequence[str] = KNOWN_SERVICES
    ttl: int = 3 * 24 * 60 * 60  # seconds that a service keeps it for a phone that is switched off
    timeout: float = 30  # seconds


class PushChannel(Channel):
    name = "push"
    needs = ""
    leads_home = "always"
    needs_opt_in = False  # whoever subscribed has said yes to their browser
    by_person = False
    form = Form("json", "application/json", "card")

    def __init__(self, settings: PushSettings) -> None:
        self.settings = settings

    @property
    def dials(self) -> str:
        return ",".join(self.settings.services)

    def address(self, snapshot: Snapshot) -> str:
        """Give the subscriptions of their browsers, as JSON. Raises Unreachable."""
        given = snapshot.devices.get(self.name, ())
        if not given:
            raise Unreachable("None of their browsers takes push messages from us.")
        try:
            for one in given:
                subscription.parse(one, self.settings.services)
        except ValueError as mistake:
            raise Unreachable(str(mistake)) from None
        return devices.joined(given)

    def shown(self, address: str) -> str:
        """Name the push services of their browsers: a subscription is a secret between browser and sender."""
        hosts = [subscription.parse(one, self.settings.services).host for one in address.split(devices.APART)]
        many = devices.several(len(hosts), "Browser", "browsers")
        return f"{many} at {', '.join(dict.fromkeys(hosts))}"

    def compose(self, message: Message) -> list[Part]:
        """Make what the browser shows, as it is before it is encrypted. Raises ValueError."""
        shown = card(message, self.settings.link)
        data = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        check_length(data, MOST)
        return [Part(data)]

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Hold connections to the push services for as long as there is something to send."""
        from comms.channels.push_line import PushLine

        line = PushLine(self.settings)
        try:
            yield devices.EachDevice(line)
        finally:
            line.close()


def card(message: Message, link: str) -> dict[str, str]:
    """Give what a phone shows: a title, some words, and where a tap leads."""
    words = unix(message.words or message.text).strip()
    if not words and not message.subject:
        raise ValueError("There are no words in it. Write what the message says.")
    return {"title": message.subject, "body": words, "url": message.link or link}


def check_length(data: bytes, most: int) -> None:
    """Raise ValueError with a sentence where the bytes are more than a push service takes."""
    if len(data) > most:
        raise ValueError(
            f"A push message has room for {most} bytes, and this takes {len(data)}. Shorten it, or say less "
            "and lead to the rest."
        )
