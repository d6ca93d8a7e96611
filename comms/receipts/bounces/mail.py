"""One mail taken apart: the server's own words, its report, and the headers of the mail it returns."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from comms.receipts.bounces import returned
from comms.receipts.bounces.addresses import each
from comms.receipts.bounces.decoding import body_of, header, plain, text_of
from comms.receipts.bounces.fields import Block, blocks
from comms.receipts.bounces.values import DEEPEST, MOST_BYTES, MOST_PARTS, MOST_REPORT, MOST_TEXT

REPORT = re.compile(
    rb"(?im)^(content-type:[ \t\n]*)message/(?:global-)?"
    rb"(delivery-?status|disposition-notification|feedback-report|delivery-report)"
)
"""The standard library reads these its own way, which loses malformed blocks: renamed, they stay text."""
BOUNDARY = re.compile(r"(?m)^--\S+$")
RECIPIENT = re.compile(r"(?im)^(?:action:.*\nstatus:.*\n|original-recipient:.*\n)*final-recipient\s*:")
REPORTS = ("x-delivery-status", "x-deliverystatus", "x-delivery-report")
COPIES = {"message/rfc822", "text/rfc822-headers", "text/rfc822", "message/rfc822-headers", "message/global",
          "message/global-headers", "message/partial", "text/global-headers", "message/x-rfc822"}  # fmt: skip


@dataclass
class Mail:
    """A mail as its parts say it; nothing in it is judged."""

    message: Message
    words: str = ""
    report: list[Block] = field(default_factory=list)
    feedback: list[Block] = field(default_factory=list)
    receipts: list[Block] = field(default_factory=list)
    copy: Block = field(default_factory=dict)
    inner: bytes = b""

    def header(self, name: str) -> str:
        """Give one of the mail's own headers, decoded, on one line."""
        return header(self.message, name)

    def addresses(self, *names: str) -> list[str]:
        """Give the addresses in headers of the mail itself."""
        return [
            address for name in names for address in each(" ".join(map(str, self.message.get_all(name, []))))
        ]

    def returned_to(self) -> list[str]:
        """Give whom the returned mail was for, by its headers."""
        names = (
            "to",
            "cc",
            "bcc",
            "x-original-to",
            "delivered-to",
            "resent-to",
            "apparently-to",
            "x-envelope-to",
            "x-rcpt-to",
        )
        return list(dict.fromkeys(address for name in names for address in each(self.copy.get(name, ""))))


def tidied(raw: bytes, most: int = MOST_BYTES) -> bytes:
    """Give a mail with one kind of line end, without what an mbox puts before it, no longer than is read."""
    raw = raw[:most].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n\xef\xbb\xbf ")
    return raw.split(b"\n", 1)[-1] if re.match(rb">?From [^\n]*\n", raw) else raw


def read(raw: bytes) -> Mail:
    """Take a mail apart; one too deep or too strange to parse is read as plain text."""
    raw = tidied(raw)
    try:
        mail = Mail(email.message_from_bytes(REPORT.sub(rb"\1text/x-\2", raw)))
        texts = [text for part in parts(mail.message) if (text := taken(mail, part))]
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        mail, texts = Mail(Message()), [text_of(raw[:MOST_TEXT])]
    mail.report = mail.report or loose(texts)
    for text in texts or [body_text(raw)]:
        words, copy = returned.split(text[:MOST_TEXT])
        mail.words += words.strip() + "\n\n"
        mail.copy = mail.copy or returned.headers(copy)
    mail.words = mail.words[:MOST_TEXT]
    return mail


def body_text(raw: bytes) -> str:
    """Give all that follows the headers, for a mail whose boundaries lead to no part at all."""
    return text_of(raw.partition(b"\n\n")[2][:MOST_TEXT])


def loose(texts: list[str]) -> list[Block]:
    """Find the blocks of a report that stands in the text, its MIME type or boundary being wrong."""
    reports = [part for text in texts for part in BOUNDARY.split(text[:MOST_TEXT]) if RECIPIENT.search(part)]
    ours = [returned.split(text[match.start() :])[0] for text in reports if (match := RECIPIENT.search(text))]
    return [block for text in ours for block in blocks(text) if "final-recipient" in block]


def parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """Give the leaves of a mail; a returned mail is one leaf, and so is what is too deep."""
    payload = inside(message)
    if not payload or message.get_content_type() in COPIES or depth >= DEEPEST:
        yield message
        return
    doubled = message.get_content_subtype() == "alternative" and has_words(payload)
    for part in payload[:MOST_PARTS]:
        if not (doubled and part.get_content_type() == "text/html"):
            yield from parts(part, depth + 1)


def inside(message: Message) -> list[Message]:
    """Give the parts directly in a message, or none."""
    payload: object = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def has_words(payload: list[Message]) -> bool:
    """Say whether the plain alternative says anything; some servers leave it empty beside the HTML."""
    return any(part.get_content_type() == "text/plain" and body_of(part).strip() for part in payload)


def taken(mail: Mail, part: Message) -> str:
    """Put a part where it belongs in the mail, and give its words where it is prose."""
    kind, subtype = part.get_content_type(), part.get_content_subtype()
    if kind in COPIES:
        keep_copy(mail, part)
    elif subtype in REPORTS:
        mail.report += blocks(body_of(part, MOST_REPORT))
    elif subtype == "x-feedback-report":
        mail.feedback += blocks(body_of(part, MOST_REPORT))
    elif subtype == "x-disposition-notification":
        mail.receipts += blocks(body_of(part, MOST_REPORT))
    elif part.get_content_maintype() in ("text", "multipart"):
        return body_of(part) if not inside(part) else ""
    return ""


def keep_copy(mail: Mail, part: Message) -> None:
    """Keep the headers of the first returned mail, and the whole of it in case it is the bounce."""
    inner = next(iter(inside(part)), None)
    if inner is not None:
        copy = {name.lower(): header(inner, name) for name in dict.fromkeys(inner.keys())}
        mail.inner = mail.inner or inner_bytes(inner)
    else:
        copy = returned.headers(plain(text) if (text := body_of(part)).lstrip().startswith("<html") else text)
    mail.copy = mail.copy or copy


def inner_bytes(inner: Message) -> bytes:
    """Give an enclosed mail as bytes; one that cannot be written down again is left."""
    try:
        return inner.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return b""
