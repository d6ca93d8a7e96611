"""Email over SMTP: the bytes of a message (RFC 5322), and handing it over (RFC 5321).

The dialogue is walked step by step, because what a broken line means depends on where it broke: before the end of
the data nothing was accepted and it is safe to try again; after it nobody can know.
"""

import base64
import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from comms.channels.base import File, Message, Outcome, Outgoing, Part, Party, Unreachable
from contacts import email as address_of

CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
WIRE = policy.SMTP.clone(max_line_length=76, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: float = 60  # seconds, for each step of the dialogue


class EmailChannel:
    name = "email"
    needs = "email"

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings

    def address(self, recipient: Any) -> str:
        """Give the recipient's email address. Raises Unreachable when there is none that can be used."""
        if not recipient.email:
            raise Unreachable("No email address on record.")
        try:
            return address_of.parse(recipient.email)
        except ValueError as fault:
            raise Unreachable(str(fault)) from fault

    def compose(self, message: Message) -> list[Part]:
        """Give the message as bytes; attachments, which every copy shares, are parts of their own."""
        alternative = [_text("plain", message.text), _text("html", message.html)]
        headers = _headers(message)
        if not message.attachments:
            kind = _multipart("alternative", message.message_id)
            return [
                Part(headers + kind.head + b"".join(kind.around(part) for part in alternative) + kind.tail)
            ]
        outer, inner = (
            _multipart("mixed", message.message_id),
            _multipart("alternative", "inner" + message.message_id),
        )
        body = inner.head + b"".join(inner.around(part) for part in alternative) + inner.tail
        parts = [Part(headers + outer.head + outer.around(body))]
        for file in message.attachments:
            parts += [Part(outer.line), Part(_attachment(file), shared=True), Part(b"\r\n")]
        return [*parts, Part(outer.tail)]

    @contextmanager
    def line(self) -> Iterator["SmtpLine"]:
        line = SmtpLine(self.settings)
        try:
            yield line
        finally:
            line.close()


# ---------------------------------------------------------------- the bytes


def _headers(message: Message) -> bytes:
    """Write the header fields. Raises ValueError for a line break or control character in any of them."""
    fields = {
        "From": _mailbox(message.sender),
        "To": _mailbox(message.to),
        "Subject": message.subject,
        "Date": format_datetime(message.date),
        "Message-ID": message.message_id,
        **({"Reply-To": _mailbox(Party("", message.reply_to))} if message.reply_to else {}),
        **message.headers,
        "MIME-Version": "1.0",
    }
    return b"".join(_header(name, value) for name, value in fields.items())


def _header(name: str, value: str) -> bytes:
    if CONTROL.search(value):
        raise ValueError(f"{name} must be on one line, without control characters.")
    return WIRE.fold_binary(name, WIRE.header_store_parse(name, value)[1])


def _mailbox(party: Party) -> str:
    if CONTROL.search(party.name) or CONTROL.search(party.address):
        raise ValueError("A name or an address must be on one line, without control characters.")
    return str(Address(display_name=party.name, addr_spec=party.address)) if party.name else party.address


def _text(subtype: str, text: str) -> bytes:
    """Write a text part; 7-bit on the wire, so that no server on the way needs to change it."""
    part = EmailMessage(policy=WIRE)
    part.set_content(text, subtype=subtype, charset="utf-8", cte="quoted-printable")
    del part["MIME-Version"]
    return part.as_bytes()


@lru_cache(maxsize=16)
def _attachment(file: File) -> bytes:
    """Write an attachment part: once for all copies of a communication."""
    if CONTROL.search(file.name):
        raise ValueError("The name of an attachment must be on one line.")
    plain = file.name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_")
    name = f'filename="{plain}"' if plain == file.name else f"filename*=UTF-8''{quote(file.name, safe='')}"
    lines = base64.encodebytes(file.data).replace(b"\n", b"\r\n").rstrip(b"\r\n")
    return (
        f"Content-Type: {file.media_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {name}\r\n\r\n"
    ).encode() + lines


@dataclass(frozen=True, slots=True)
class _Multipart:
    head: bytes
    line: bytes
    tail: bytes

    def around(self, part: bytes) -> bytes:
        return self.line + part.rstrip(b"\r\n") + b"\r\n"


def _multipart(kind: str, seed: str) -> _Multipart:
    # From the message's own id: the same message always gives the same bytes.
    boundary = "=_" + hashlib.sha256(seed.encode()).hexdigest()[:32]
    return _Multipart(
        head=f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode(),
        line=f"--{boundary}\r\n".encode(),
        tail=f"--{boundary}--\r\n".encode(),
    )


# ---------------------------------------------------------------- handing over

UNREACHABLE = "The mail server could not be reached."
BROKEN = "The line to the mail server broke before the message was through."
SILENT = (
    "The mail server took the message and then gave no answer. It may have arrived. Nothing was sent again."
)

# RFC 3463: the beginning of an enhanced status code -> what a refusal for good means.
MEANING = (
    ("5.1.0", "bounced", "hard", "The address does not exist."),
    ("5.1.7", "failed", "", "The sender's address was refused."),
    ("5.1.8", "failed", "", "The sender's domain was refused."),
    ("5.1", "bounced", "hard", "The address does not exist."),
    ("5.2.2", "bounced", "soft", "The mailbox is full."),
    ("5.2.3", "failed", "", "The message is too large for the mailbox."),
    ("5.2", "bounced", "hard", "The mailbox does not take mail."),
    ("5.3.4", "failed", "", "The message is too large for the mail server."),
    ("5.4", "bounced", "hard", "There is no way to the recipient's mail server."),
    ("5.7", "bounced", "spam", "The recipient's mail server refused it as spam or by its policy."),
)
SPAM_WORDS = re.compile(r"spam|blocklist|blacklist|reputation|dnsbl|rbl|policy", re.IGNORECASE)
NOBODY_WORDS = re.compile(
    r"no such|unknown user|user unknown|does ?n.t exist|not found|no mailbox", re.IGNORECASE
)
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def refused(code: int, reply: str, at: str) -> Outcome:
    """Say what a refusal means; `at` is the command that was refused: MAIL, RCPT or DATA."""
    words = f"{code} {reply}"
    if code == 421 or 400 <= code < 500:
        return Outcome("deferred", "The mail server put it off.", words)
    enhanced = found.group(1) if (found := ENHANCED.search(reply)) else ""
    if at == "MAIL":
        return Outcome("failed", "The mail server refused the sender.", words)
    for start, kind, bounce, reason in MEANING:
        if enhanced and f"{enhanced}.".startswith(f"{start}."):
            return Outcome(kind, reason, words, bounce)  # type: ignore[arg-type]
    if SPAM_WORDS.search(reply):
        return Outcome("bounced", "The recipient's mail server refused it as spam.", words, "spam")
    if at == "RCPT" and (code in (550, 551, 553) or NOBODY_WORDS.search(reply)):
        return Outcome("bounced", "The address does not exist.", words, "hard")
    return Outcome("failed", "The mail server refused the message.", words)


class SmtpLine:
    """One connection, kept open from message to message and opened again when the server closed it."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self.server: smtplib.SMTP | None = None

    def send(self, outgoing: Outgoing) -> Outcome:
        for fresh in (False, True):
            try:
                return self._send(outgoing, fresh=fresh)
            except _StaleLine:
                continue
        raise AssertionError("a fresh line is never stale")

    def close(self) -> None:
        if self.server is not None:
            try:
                self.server.quit()
            except (smtplib.SMTPException, OSError):
                self.server.close()
            self.server = None

    def _send(self, outgoing: Outgoing, fresh: bool) -> Outcome:
        used = self.server is not None and not fresh
        try:
            server = self._open() if self.server is None or fresh else self.server
        except smtplib.SMTPResponseException as answer:
            self._drop()
            return Outcome(
                "deferred", "The mail server put it off.", _words(answer.smtp_code, answer.smtp_error)
            )
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return Outcome("deferred", UNREACHABLE, _fault(fault))
        data = _stuffed(outgoing.data)
        try:
            for at, step in (
                ("MAIL", lambda: server.mail(outgoing.envelope_from, _options(server, outgoing, len(data)))),
                ("RCPT", lambda: server.rcpt(outgoing.envelope_to)),
                ("DATA", lambda: server.docmd("DATA")),
            ):
                code, reply = step()
                if code not in (250, 251, 354):
                    if code == 421 and used and at == "MAIL":
                        raise _StaleLine
                    return self._refused(code, reply, at)
            server.send(data[:-5])
        except smtplib.SMTPNotSupportedError as fault:
            return Outcome("failed", str(fault))
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            if used and isinstance(fault, smtplib.SMTPServerDisconnected):
                raise _StaleLine from fault  # closed between two messages: nothing of this one was taken
            return Outcome("deferred", BROKEN, _fault(fault))
        return self._finish(server, data[-5:])

    def _finish(self, server: smtplib.SMTP, last: bytes) -> Outcome:
        # From here on the server may have the whole message, whatever we hear.
        try:
            server.send(last)
            code, reply = server.getreply()
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return Outcome("unconfirmed", SILENT, _fault(fault))
        if code == 250:
            return Outcome("sent", "Handed over to the mail server.", _words(code, reply))
        if code < 200 or code >= 600:
            self._drop()
            return Outcome("unconfirmed", SILENT, _words(code, reply))
        return self._refused(code, reply, "DATA")

    def _refused(self, code: int, reply: bytes, at: str) -> Outcome:
        if self.server is not None:
            if code == 421:
                self._drop()
            else:
                try:
                    self.server.rset()
                except (smtplib.SMTPException, OSError):
                    self._drop()
        return refused(code, reply.decode(errors="replace"), at)

    def _open(self) -> smtplib.SMTP:
        self._drop()
        settings, context = self.settings, ssl.create_default_context()
        if settings.use_ssl:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        self.server = server
        server.ehlo_or_helo_if_needed()
        if settings.use_tls:
            server.starttls(context=context)
            server.ehlo()
        if settings.user:
            server.login(settings.user, settings.password)
        return server

    def _drop(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None


class _StaleLine(Exception):
    """The server had closed a line that was kept open; a fresh one tells."""


def _options(server: smtplib.SMTP, outgoing: Outgoing, size: int) -> list[str]:
    options = [f"SIZE={size}"] if server.has_extn("size") else []
    if not (outgoing.envelope_to + outgoing.envelope_from).isascii():
        if not server.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError(
                "The mail server does not take addresses beyond ASCII (RFC 6531)."
            )
        server.command_encoding = "utf-8"
        options.append("SMTPUTF8")
    return options


def _stuffed(data: bytes) -> bytes:
    """Double leading dots and end with the line that ends a message (RFC 5321 section 4.5.2)."""
    stuffed = re.sub(rb"(?m)^\.", b"..", data)
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _words(code: int, reply: bytes | str) -> str:
    return f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"


def _fault(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
