"""Status callbacks of Twilio for texts and WhatsApp messages.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from collections.abc import Iterator

from django.conf import settings
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from comms.channels.accounts import Account
from comms.channels.twilio_words import MEANINGS
from comms.models import Receipt
from comms.receipts.heard import Heard, Ignored, Odd, clean
from comms.receipts.hooks.came import QUERY, Came, Refused
from comms.receipts.hooks.checks import NOT_SET_UP, WRONG

BETWEEN = frozenset({"accepted", "scheduled", "queued", "sending", "receiving", "received"})
KINDS = {"sent": "sent", "delivered": "delivered", "read": "opened", "canceled": "failed"}
LOST = frozenset({"undelivered", "failed"})
GIVEN_UP = "The phone network did not deliver it."
STOPPED = "It was taken back at the provider before it was sent."


def check(came: Came, account: Account, name: str) -> str:
    """Check X-Twilio-Signature, which covers the whole address and every field; gives sid and status as key."""
    tokens = [token for token in (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD) if token]
    if not tokens:
        raise Refused(NOT_SET_UP.format("TWILIO_AUTH_TOKEN"))
    form, given = QueryDict(came.body), came.header("X-Twilio-Signature")
    if not any([RequestValidator(token).validate(came.url, form, given) for token in tokens]):
        raise Refused(WRONG)
    return ""


def read(receipt: Receipt) -> Iterator[Heard | Ignored | Odd]:
    """Read one callback. It has no time of its own: that at which we heard counts."""
    said = QueryDict(bytes(receipt.body)).dict()
    sid, status = str(said.get("MessageSid", "")), str(said.get("MessageStatus", "")).lower()
    if status in BETWEEN:
        yield Ignored(f"It is on its way within the provider ({status}).")
        return
    kind, bounce, reason = _fate(status, str(said.get("ErrorCode", "")))
    if not kind:
        yield Odd(f"A status that nobody has documented: “{clean(status, 60)}”.")
        return
    yield Heard(
        kind,
        entry=QueryDict(receipt.headers.get(QUERY, "")).get("entry", ""),
        provider_message_id=sid,
        address=str(said.get("To", "")).removeprefix("whatsapp:"),
        bounce=bounce,
        reason=reason,
        reply=_reply(said, status),
        event_id=f"{sid}:{status}",
    )


def _fate(status: str, code: str) -> tuple[str, str, str]:
    """Say what a status means: kind, bounce and reason; a code that means "later" is final here, for now."""
    if status not in LOST:
        return KINDS.get(status, ""), "", STOPPED if status == "canceled" else ""
    meaning = MEANINGS.get(int(code)) if code.isascii() and code.isdigit() else None
    if meaning is None:
        return "failed", "", GIVEN_UP
    if meaning.kind == "deferred" and not meaning.no_line:
        return "bounced", "soft", meaning.reason
    return ("bounced" if meaning.kind == "bounced" else "failed"), meaning.bounce, meaning.reason


def _reply(said: dict[str, str], status: str) -> str:
    words = (status, said.get("ErrorCode", ""), said.get("ErrorMessage", ""), said.get("RawDlrDoneDate", ""))
    return " ".join(clean(word) for word in words if word)
