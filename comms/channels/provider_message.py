"""A kept mail as django-anymail takes it: the exact bytes beside the parts that providers' interfaces ask for."""

from email import policy
from email.message import EmailMessage as Parsed
from email.message import Message
from email.parser import BytesParser
from typing import Any, cast

from django.core.mail import EmailMultiAlternatives

from comms.channels.base import Outgoing

# What every interface has a field of its own for, or writes itself.
FIELDS = frozenset(
    {"date", "from", "to", "reply-to", "subject", "message-id", "mime-version", "content-type"}
    | {"content-transfer-encoding"}
)
NO_HEADERS = frozenset({"mailersend"})  # only for its largest customers
NO_METADATA = frozenset({"mailersend", "postal"})  # found again by their own ids
# Whose interface switches tracking off message by message; the others have a switch for the whole account.
SWITCHES = frozenset(
    {"mailersend", "mailgun", "mailjet", "mandrill", "postmark", "sendgrid", "sparkpost", "unisender_go"}
)


class Bytes(Message):
    """Bytes where django-anymail expects a mail that it may write, as for SES."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def walk(self) -> Any:
        return iter(())

    def as_bytes(self, *args: Any, **kwargs: Any) -> bytes:
        return self.data


class KeptMail(EmailMultiAlternatives):
    """A mail made of the bytes that were kept; those go out where the provider takes them whole."""

    data: bytes
    envelope_from: str

    def message(self, *args: Any, **kwargs: Any) -> Any:
        return Bytes(self.data)


def mail_of(outgoing: Outgoing, provider: str) -> KeptMail:
    """Take the kept bytes apart for a provider: one recipient, our own id with it, no tracking."""
    parsed = cast(Parsed, BytesParser(policy=policy.default).parsebytes(outgoing.data))
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    mail = KeptMail(
        subject=str(parsed["Subject"] or ""),
        body=_words(text),
        from_email=str(parsed["From"] or ""),
        to=[str(parsed["To"])] if _is_to(parsed, outgoing) else [outgoing.envelope_to],
        reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
        headers={} if provider in NO_HEADERS else _headers(parsed, provider),
    )
    mail.data, mail.envelope_from = outgoing.data, outgoing.envelope_from
    if html is not None:
        mail.attach_alternative(_words(html), "text/html")
    for part in parsed.iter_attachments():
        data = part.get_payload(decode=True)
        mail.attach(part.get_filename(), data, part.get_content_type())
    for name, value in _options(outgoing, provider).items():
        setattr(mail, name, value)
    return mail


def _is_to(parsed: Parsed, outgoing: Outgoing) -> bool:
    addresses = getattr(parsed["To"], "addresses", ())
    return [one.addr_spec for one in addresses] == [outgoing.envelope_to]


def _words(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _headers(parsed: Parsed, provider: str) -> dict[str, str]:
    headers = {name: str(value) for name, value in parsed.items() if name.lower() not in FIELDS}
    if provider == "postmark" and parsed["Message-ID"]:  # which replaces it unless it is told not to
        headers |= {"Message-ID": str(parsed["Message-ID"]), "X-PM-KeepID": "true"}
    return headers


def _options(outgoing: Outgoing, provider: str) -> dict[str, object]:
    options: dict[str, object] = {}
    if provider not in NO_METADATA and outgoing.entry:
        options["metadata"] = {"entry": outgoing.entry}
    if provider in SWITCHES:
        options |= {"track_opens": False, "track_clicks": False}
    return options
