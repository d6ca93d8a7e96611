"""Hand mail over by SMTP (RFC 5321), each step taken by hand to know exactly where a line broke."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field

from comms.channels import mime
from comms.channels.base import Outcome, Outgoing
from comms.channels.replies import refusal

UNREACHABLE = "The mail server could not be reached."
BROKE = "The line to the mail server broke before the message was through."
SILENT = "The mail server took the message and gave no answer. It may have arrived."
UNSENDABLE = "The message is not in a form that can be handed to a mail server."
NO_UTF8 = "The mail server takes only addresses in plain letters, and this one has others."
# What keeps us from the first message. All of it may be put right here or there, so the message waits.
NOT_CONNECTED: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "The mail server refused the user name or password in our settings."),
    (
        smtplib.SMTPNotSupportedError,
        "The mail server does not offer the encryption or sign-in that our settings ask for.",
    ),
    (smtplib.SMTPResponseException, "The mail server is not taking messages from us."),
    (ssl.SSLCertVerificationError, "The mail server's certificate cannot be trusted."),
    (Exception, UNREACHABLE),
)
# RFC 3461, 4.1: whoever asks for success says again what they would have heard of without asking.
NOTIFY = ["NOTIFY=SUCCESS,FAILURE,DELAY"]
GOODBYE = 5  # seconds to wait for an answer to QUIT


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    use_tls: bool = False
    use_ssl: bool = False
    timeout: float = 60  # seconds, for each answer
    reports: bool = False  # whether to ask for reports of delivery, where the server offers them (RFC 3461)

    provider = "smtp"  # of accounts.SMTP

    @property
    def dials(self) -> str:
        return f"{self.host}:{self.port}"

    def line(self) -> "SmtpLine":
        return SmtpLine(self)


class _Closed(Exception):
    """Raised when a kept line turns out to have been closed, before anything of a message was said."""


class SmtpLine:
    """One connection, kept from message to message, and made anew after it was lost."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message, once.

        1. Until the end of the data is said nothing has been accepted: a break there is `deferred`.
        2. A refusal means what comms.channels.replies says.
        3. A break after the end of the data is `unconfirmed`: nobody can know.
        """
        if not _sendable(outgoing):
            return Outcome("failed", UNSENDABLE)
        try:
            return self._send(outgoing)
        except _Closed:  # as servers do with idle lines
            return self._send(outgoing)

    def close(self) -> None:
        """Say goodbye, if anyone is there."""
        if self._server is None:
            return
        try:
            if self._server.sock:
                self._server.sock.settimeout(GOODBYE)
            self._server.quit()
        except (smtplib.SMTPException, OSError):
            pass
        self._drop()

    def _send(self, outgoing: Outgoing) -> Outcome:
        kept = self._server is not None
        try:
            server = self._server or self._connect()
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            reason = next(reason for kind, reason in NOT_CONNECTED if isinstance(fault, kind))
            return Outcome("deferred", reason, _words_of(fault), no_line=True)
        if _needs_utf8(outgoing) and not server.has_extn("smtputf8"):
            return Outcome("failed", NO_UTF8)
        at = "MAIL"
        try:
            code, reply = server.mail(outgoing.envelope_from, self._of_mail(server, outgoing))
            if code == 421 and kept:
                self._drop()
                raise _Closed
            if code == 250:
                at = "RCPT"
                code, reply = server.rcpt(outgoing.envelope_to, NOTIFY if self._may_ask(server) else [])
            if at == "RCPT" and code in (250, 251):
                at = "DATA"
                code, reply = server.docmd("DATA")
            if at != "DATA" or code != 354:
                return self._refused(at, code, reply)
            server.send(stuffed(outgoing.data))
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            if kept and at == "MAIL":
                raise _Closed from fault
            return Outcome("deferred", BROKE, _words_of(fault))
        return self._end(server)

    def _may_ask(self, server: smtplib.SMTP) -> bool:
        return self.settings.reports and server.has_extn("dsn")

    def _of_mail(self, server: smtplib.SMTP, outgoing: Outgoing) -> list[str]:
        # Headers are enough to know which message it was.
        return [*_options(server, outgoing), *(["RET=HDRS"] if self._may_ask(server) else [])]

    def _end(self, server: smtplib.SMTP) -> Outcome:
        try:
            server.send(b".\r\n")
        except (smtplib.SMTPException, OSError) as fault:
            # The system took not all of these three bytes, so nobody has a whole message. What TLS did
            # with them cannot be told from here.
            self._drop()
            if self.settings.use_ssl or self.settings.use_tls:
                return Outcome("unconfirmed", SILENT, _words_of(fault))
            return Outcome("deferred", BROKE, _words_of(fault))
        try:
            code, reply = server.getreply()
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return Outcome("unconfirmed", SILENT, _words_of(fault))
        if 200 <= code < 300:
            return Outcome("sent", "", _words(code, reply))
        if not 400 <= code < 600:
            self._drop()
            return Outcome("unconfirmed", SILENT, _words(code, reply))
        return self._refused("END", code, reply)

    def _refused(self, at: str, code: int, reply: bytes) -> Outcome:
        if not 400 <= code < 600:
            self._drop()
            return Outcome(
                "deferred", "The mail server's answer could not be understood.", _words(code, reply)
            )
        if code == 421:
            self._drop()
        elif at in ("RCPT", "DATA"):
            self._start_over()
        return refusal(at, code, reply.decode(errors="replace"))

    def _start_over(self) -> None:
        try:
            if self._server is None or self._server.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _connect(self) -> smtplib.SMTP:
        settings, context = self.settings, ssl.create_default_context()
        if settings.use_ssl:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        self._server = server
        if server.sock:
            # The end of the data is a small packet of its own; it must not wait for the last one's receipt.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.ehlo_or_helo_if_needed()
        if settings.use_tls:
            server.starttls(context=context)
            server.ehlo()
        if settings.user:
            server.login(settings.user, settings.password)
        return server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def stuffed(data: bytes) -> bytes:
    """Double the dots that begin a line (RFC 5321 4.5.2) and end the last line; the end is said apart."""
    dotted = re.sub(rb"^\.", b"..", data, flags=re.MULTILINE) if data[:1] == b"." or b"\n." in data else data
    return dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n"


def _sendable(outgoing: Outgoing) -> bool:
    # A line break that is not CRLF is read differently by different servers, and can smuggle a second mail in.
    data = outgoing.data
    whole = data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")
    return whole and all(map(mime.ADDRESS.fullmatch, (outgoing.envelope_from, outgoing.envelope_to)))


def _needs_utf8(outgoing: Outgoing) -> bool:
    head = outgoing.data.partition(b"\r\n\r\n")[0]
    return not (outgoing.envelope_from.isascii() and outgoing.envelope_to.isascii() and head.isascii())


def _options(server: smtplib.SMTP, outgoing: Outgoing) -> list[str]:
    options = [f"SIZE={len(outgoing.data)}"] if server.has_extn("size") else []
    if not outgoing.data.isascii() and server.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    if _needs_utf8(outgoing):
        options.append("SMTPUTF8")
    return options


def _words(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"


def _words_of(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        return f"{fault.smtp_code} {error.decode(errors='replace') if isinstance(error, bytes) else error}"
    return f"{type(fault).__name__}: {fault}"
