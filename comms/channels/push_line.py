"""Post push messages with pywebpush's encryption and signature, over a line whose breaks we understand."""

import time
from dataclasses import replace

from http_ece import ECEException
from py_vapid import Vapid02, VapidException
from pywebpush import WebPusher, WebPushException

from comms.channels import subscription, wire
from comms.channels.base import Outcome, Outgoing
from comms.channels.push import PushSettings

GONE = "This browser has stopped taking push messages from us."
KEYS = "This browser's keys cannot be used."
LARGE = "The push service found it too long. Shorten it."
SIGNATURE = "Our signature for push messages is not good. An admin can check its key in the settings."
EXPIRED = (404, 410)  # RFC 8030, 7.3
SIGNED_FOR = 12 * 60 * 60  # seconds; RFC 8292, 2 allows 24 hours


class PushLine:
    """Connections to push services, kept from message to message, with one signature for each of them."""

    def __init__(self, settings: PushSettings) -> None:
        self.settings = settings
        self._wire = wire.Wire(settings.timeout)
        self._signed: dict[str, str] = {}

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message, once."""
        try:
            to = subscription.parse(outgoing.envelope_to, self.settings.services)
            keys = {"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}}
            body: bytes = WebPusher(keys).encode(outgoing.data)["body"]
        except (ValueError, ECEException, WebPushException) as unusable:
            return Outcome("failed", KEYS, str(unusable), gone=(outgoing.envelope_to,))
        try:
            headers = self._headers(outgoing, to)
        except (ValueError, VapidException) as unusable:  # our own key, or whom to write to about us
            return Outcome("deferred", SIGNATURE, str(unusable), no_line=True)
        try:
            answer = self._wire.post(to.endpoint, body, headers)
        except wire.Broke as broke:
            return broke.outcome
        found = meaning(answer.status_code, answer.text, answer.headers.get("Location", ""))
        return replace(found, gone=(outgoing.envelope_to,)) if answer.status_code in EXPIRED else found

    def close(self) -> None:
        self._wire.close()

    def _headers(self, outgoing: Outgoing, to: subscription.Subscription) -> dict[str, str]:
        return {
            "Authorization": self._signature(to.origin),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(self.settings.ttl),
            # RFC 8030, 5.4: at most 32 characters; what is sent anew takes the place of what still waits.
            "Topic": outgoing.entry.replace("-", "")[:32],
            "Urgency": "normal",
        }

    def _signature(self, origin: str) -> str:
        # A line is held for a batch: minutes, of the hours for which a signature is good.
        if origin not in self._signed:
            claims = {"aud": origin, "sub": self.settings.subject, "exp": int(time.time()) + SIGNED_FOR}
            vapid = Vapid02.from_string(self.settings.private_key)
            self._signed[origin] = vapid.sign(claims)["Authorization"]
        return self._signed[origin]


def meaning(status: int, words: str, location: str = "") -> Outcome:
    """Say what a push service's answer means (RFC 8030, 5 and 7.3; RFC 8292, 4.2)."""
    reply = f"{status} {words[: wire.LONGEST_REPLY]}".strip()
    if 200 <= status < 300:
        return Outcome("sent", "", reply, provider_id=location)
    if status in EXPIRED:
        return Outcome("failed", GONE, reply)
    if status == 413:
        return Outcome("failed", LARGE, reply)
    if status in (401, 403):
        return Outcome("deferred", SIGNATURE, reply, no_line=True)
    return wire.by_status(status, words)
