"""Read what providers of mail tell, with django-anymail's parsers, and say it in our words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from anymail.signals import AnymailTrackingEvent

from comms.models import Receipt
from comms.receipts.heard import Heard, Ignored, Odd, Parser, clean, unread
from comms.receipts.hooks.came import Came
from comms.receipts.hooks.classes import fate
from comms.receipts.hooks.providers import PROVIDERS
from comms.record import machines

KINDS = {
    "queued": "sent",
    "sent": "sent",
    "deferred": "deferred",
    "delivered": "delivered",
    "bounced": "bounced",
    "rejected": "failed",
    "failed": "failed",
    "complained": "spam",
    "opened": "opened",
    "clicked": "clicked",
    "unsubscribed": "unsubscribed",
}
SILENT = {"autoresponded", "subscribed", "inbound", "inbound_failed"}
REASONS = {
    "deferred": "The mail server put it off for now. The provider tries again by itself.",
    "failed": "The provider did not send it.",
}
REFUSED = {
    "invalid": "The provider did not send it: the address has not the form of one.",
    "bounced": "The provider did not send it: mail to this address came back before.",
    "timed_out": "The provider did not send it: it tried for too long.",
    "blocked": "The provider did not send it: its rules block this address or this message.",
    "spam": "The provider did not send it: the recipient once marked a message as spam.",
    "unsubscribed": "The provider did not send it: the recipient asked it for no more mail.",
}
# Where a provider says that a machine did it.
MACHINES = (
    ("event", ("proxy_open", "unique_proxy_open")),  # Brevo
    ("event-data.client-info.bot", ()),  # Mailgun
    ("sg_machine_open", ()),  # SendGrid
    ("msys.*.is_prefetched", ()),  # SparkPost
)
BY_MACHINE = "The provider says that a program fetched it."
LOOKS = ("opened", "clicked")
CONFIRM = (
    "Amazon asks to confirm a subscription. If you made it, open the SubscribeURL in this receipt yourself."
)


def parser(provider: str) -> Parser:
    """Give what reads receipts of a provider."""
    return partial(read, provider)


def read(provider: str, receipt: Receipt) -> Iterator[Heard | Ignored | Odd]:
    """Read one receipt, event by event; a bad one is odd and the others count."""
    came, how = Came(receipt.headers, bytes(receipt.body)), PROVIDERS[provider]
    if b'"SubscriptionConfirmation"' in came.body and came.header("x-amz-sns-message-type") == (
        "SubscriptionConfirmation"
    ):
        yield Odd(CONFIRM)
        return
    yield from of_bodies(provider, came.headers, how.split(came.body))


def of_bodies(
    provider: str, headers: Mapping[str, str], bodies: Iterable[bytes]
) -> Iterator[Heard | Ignored | Odd]:
    """Read bodies of one event each."""
    how = PROVIDERS[provider]
    for body in bodies:
        try:
            view = how.view(webhook_secret=["not used"], **how.given)
            found = [said_of(provider, event) for event in view.parse_events(Came(headers, body).request())]
        except Exception as fault:
            found = [unread(fault)]
        yield from found


def said_of(provider: str, event: AnymailTrackingEvent) -> Heard | Ignored | Odd:
    """Say one event of django-anymail's in our words."""
    raw, kind = event.esp_event, KINDS.get(event.event_type)
    if event.event_type in SILENT:
        return Ignored(f"It says nothing of a message's way ({event.event_type}).")
    if kind is None:
        return Odd(f"A status that nobody has documented{_status_of(raw)}.")
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    message_id = str(event.message_id or "")
    heard = Heard(
        kind,
        event.timestamp,
        entry=str(metadata.get("entry") or _header(raw)),
        message_id=_message_id(raw) or message_id,
        provider_message_id=message_id,
        address=str(event.recipient or ""),
        reason=REASONS.get(kind, ""),
        reply=_reply(event),
        event_id=_event_id(provider, event),
    )
    if kind in LOOKS and (why := _by_machine(event, kind)):
        return replace(heard, machine=True, reason=why)
    if kind == "bounced":
        found = fate(provider, raw, str(event.reject_reason or ""), heard.reply)
        return replace(heard, bounce=found.bounce, reason=found.reason)
    if kind == "failed":
        return replace(heard, reason=REFUSED.get(str(event.reject_reason), heard.reason))
    if provider == "postal" and event.event_type == "queued":  # it is held there until somebody lets it go
        return replace(
            heard, kind="deferred", reason="The provider holds it back until somebody releases it."
        )
    return heard


def _reply(event: AnymailTrackingEvent) -> str:
    said = [clean(part) for part in (event.description, event.mta_response) if part]
    return "\n".join(dict.fromkeys(said))


def _event_id(provider: str, event: AnymailTrackingEvent) -> str:
    """Give the provider's id of the event, such that what is asked for and what is posted have the same."""
    if provider == "amazon_ses" and event.event_id:  # one for all recipients of a message
        return f"{event.event_id}:{event.recipient}"
    if provider == "mailgun" and (found := _at(event.esp_event, "event-data.id")):
        return f"{found}:{event.timestamp:%Y-%m-%d}" if event.timestamp else str(found)  # unique within a day
    return str(event.event_id or "")


def _by_machine(event: AnymailTrackingEvent, kind: str) -> str:
    """Say why a look is a program's, "" for a person's: as the provider says, else by the rule of our own picture."""
    for path, words in MACHINES:
        found = _at(event.esp_event, path)
        if found in words or (not words and found and str(found).lower() != "false"):
            return BY_MACHINE
    if event.user_agent is None:  # some providers never say by what; that makes it nobody's program
        return ""
    return machines.why(machines.Visit(str(event.user_agent)), picture=kind == "opened")


def _at(raw: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(raw, Mapping):
            return None
        raw = next(iter(raw.values()), None) if step == "*" else raw.get(step)
    return raw


def _header(raw: Any) -> str:
    """Find our own header where the provider gives the headers back, as SES does."""
    headers = _at(raw, "mail.headers")
    named = [one for one in headers if isinstance(one, Mapping)] if isinstance(headers, list) else []
    return next((str(one.get("value")) for one in named if one.get("name") == "X-Blockpost-Entry"), "")


def _message_id(raw: Any) -> str:
    """Find the Message-ID where the provider calls something else by that name, as Postal does."""
    paths = ("payload.message.message_id", "payload.original_message.message_id")
    return next((found for path in paths if isinstance(found := _at(raw, path), str)), "")


def _status_of(raw: Any) -> str:
    words = [_at(raw, path) for path in ("event", "type", "status", "RecordType", "event-data.event")]
    said = next((clean(word, 60) for word in words if isinstance(word, str)), "")
    return f": “{said}”" if said else ""
