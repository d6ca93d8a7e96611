"""What a browser hands out to be pushed to (https://www.w3.org/TR/push-api/, PushSubscription.toJSON()).

It comes from a stranger's browser and names an address to which our server will post. So only addresses at push
services that the settings name are taken: nobody makes us knock at a door of our own.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 2000  # characters
UNREADABLE = "This is not a subscription to push messages. Switch push messages off and on again."
STRANGE = "This browser's push service is not one that we know, so nothing is sent there."


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to post for one browser, and the keys that only it can open a message with (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    @property
    def origin(self) -> str:
        """Give scheme and host: whom our signature is for (RFC 8292, "aud")."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


def parse(text: str, services: Sequence[str]) -> Subscription:
    """Read a subscription; `services` are the hosts that may be posted to. Raises ValueError with a sentence.

    A service is a host, whose subdomains count too, by https alone; or a whole origin ("http://127.0.0.1:8025").
    """
    try:
        given = json.loads(text[: LONGEST + 1])
        found = Subscription(str(given["endpoint"]), str(given["keys"]["p256dh"]), str(given["keys"]["auth"]))
        point, secret, parts = _bytes(found.p256dh), _bytes(found.auth), urlsplit(found.endpoint)
        # RFC 8291 3.1 and 3.2: an uncompressed point of P-256, and 16 bytes.
        whole = len(point) == 65 and point[0] == 4 and len(secret) == 16 and bool(parts.hostname)
    except (ValueError, TypeError, KeyError):
        raise ValueError(UNREADABLE) from None
    if not whole or not found.endpoint.isascii() or "@" in parts.netloc:
        raise ValueError(UNREADABLE)
    if not any(_is_at(found, parts.hostname or "", service) for service in services):
        raise ValueError(STRANGE)
    return found


def _is_at(found: Subscription, host: str, service: str) -> bool:
    if "://" in service:
        return found.origin == service.rstrip("/")
    known = host == service or host.endswith("." + service)
    return known and found.origin == f"https://{host}"


def _bytes(text: str) -> bytes:
    """Decode base64url as browsers write it, without padding (RFC 7515, 2)."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise ValueError(str(fault)) from None
