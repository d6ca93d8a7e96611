"""Django's own mail (password resets, alerts): logged like any other message, then handed over once."""

import hashlib
import re
import secrets
import zlib
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from comms.channels import registry
from comms.channels.base import Outcome, Outgoing, Party
from comms.channels.token_address import with_token
from comms.models import LogEntry
from comms.record import entries, events
from portfolio.models import Organisation

WITHHELD = "withheld"
SENDER = "Blockpost"


class LoggedBackend(BaseEmailBackend):
    """An EMAIL_BACKEND that writes to the log first.

    A mail is logged in the organisation that it names as its own, else in each that its recipient belongs to. Links and codes that would let a
    reader of the log into an account are replaced by "withheld"; the SHA-256 is that of the bytes that left.
    A mail to somebody in no organisation is handed over and belongs to no log.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(_send(message, to) for message in email_messages for to in message.recipients())


def _send(message: EmailMessage, to: str) -> bool:
    address = parseaddr(to)[1]
    true_bytes = _bytes(message)
    token = secrets.token_hex(16)
    logged: list[LogEntry] = []
    for organisation in _concerned(message, address):
        with scope(organisation=organisation):
            logged.append(_record(organisation, message, address, true_bytes, "" if logged else token))
    outcome = _dial(address, token, true_bytes, logged)
    for entry in logged:
        with scope(organisation=entry.organisation):
            events.append(
                entry,
                "failed" if outcome.kind == "deferred" else outcome.kind,  # dialled once, never again
                happened_at=timezone.now(),
                source=settings.EMAIL_PROVIDER,
                provider_event_id=f"{entry.public_id}:1:outcome",
                attempt=1,
                bounce=outcome.bounce,
                reason=outcome.reason[:500],
                reply=outcome.reply,
                provider_message_id=outcome.provider_id[:200],
            )
    return outcome.kind == "sent"


def _concerned(message: EmailMessage, address: str) -> Sequence[Organisation]:
    """Give the organisations whose matter a mail is. An invitation is the inviter's, wherever else the invited are."""
    if named := getattr(message, "organisation", None):
        return [named]
    return list(Organisation.objects.filter(memberships__user__email__iexact=address).distinct())


def _record(
    organisation: Organisation, message: EmailMessage, address: str, true: bytes, token: str
) -> LogEntry:
    hidden = [secret for secret in getattr(message, "secrets", []) if len(secret) > 3]
    kept, words = true, str(message.body)
    for secret in hidden:
        words = words.replace(secret, WITHHELD)
    if hidden:
        kept = _withhold(message, hidden)
    reference_type, reference = getattr(message, "reference", ("", ""))
    with transaction.atomic():
        (entry,) = entries.write(
            [
                LogEntry(
                    organisation=organisation,
                    type="system",
                    channel="email",
                    to_address=address,
                    title=" ".join(str(message.subject).split())[:500],
                    words=words,
                    sender_label=SENDER,
                    reference_type=reference_type,
                    reference=reference,
                    personal=zlib.compress(kept),
                    layout=[len(kept)],
                    sha256=hashlib.sha256(true).hexdigest(),
                    size=len(true),
                    withheld=bool(hidden),
                    message_id=_parsed_id(true),
                    token=token or None,
                )
            ]
        )
        events.append(
            entry,
            "attempted",
            happened_at=timezone.now(),
            source="blockpost",
            provider_event_id=f"{entry.public_id}:1:attempted",
            attempt=1,
        )
    return entry


def _dial(address: str, token: str, data: bytes, logged: list[LogEntry]) -> Outcome:
    outgoing = Outgoing(
        entry=str(logged[0].public_id) if logged else "",
        token=token,
        to=Party("", address),
        envelope_from=with_token(settings.BOUNCE_ADDRESS, token),
        envelope_to=address,
        message_id=_parsed_id(data),
        data=data,
    )
    with registry.email().line() as line:
        return line.send(outgoing)


def _bytes(message: EmailMessage) -> bytes:
    return _crlf(message.message().as_bytes())


def _withhold(message: EmailMessage, hidden: list[str]) -> bytes:
    """Make the bytes again from the same message with its secrets replaced."""
    shown: EmailMessage = EmailMessage(
        subject=message.subject,
        body=str(message.body),
        from_email=message.from_email,
        to=message.to,
        attachments=message.attachments,
        headers=message.extra_headers,
    )
    for secret in hidden:
        shown.body = shown.body.replace(secret, WITHHELD)
    return _bytes(shown)


def _crlf(data: bytes) -> bytes:
    """Give the bytes as they go over the line: every line, the last one too, ends in CRLF (RFC 5321)."""
    lines = re.sub(rb"\r?\n", b"\r\n", data)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _parsed_id(data: bytes) -> str:
    head = data.split(b"\r\n\r\n", 1)[0]
    match = re.search(rb"^Message-ID:\s*(<[^>]+>)", head, re.IGNORECASE | re.MULTILINE)
    return match.group(1).decode() if match else ""
