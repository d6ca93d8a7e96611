"""Make of a mail what somebody wrote: words, files, and from whom. What is too much is named, not kept twice."""

import email
import os
import re
from email.message import Message
from email.utils import parseaddr

from django.conf import settings

from comms.receipts.bounces.decoding import body_of, folded, header
from comms.receipts.bounces.mail import inside, tidied
from comms.receipts.heard import File, Heard, Written, clean

TAKEN_OUT = "X-Blockpost-Taken-Out"
MOST_WORDS = 20_000  # characters
MOST_FILES = 20
MOST_PARTS = 200


def written(data: bytes, about: Heard, automatic: bool) -> Written:
    """Take a mail apart into what a person reads of it."""
    message = email.message_from_bytes(tidied(data, len(data)))
    name, address = parseaddr(header(message, "from"))
    found = _leaves(message)
    texts = [part for part in found if _is_text(part)]
    plain = [part for part in texts if part.get_content_subtype() == "plain"]
    words = "\n".join(body_of(part).strip() for part in plain or texts[:1])
    kept, left_out = _files([part for part in found if part not in texts])
    subject = header(message, "subject")  # on one line
    return Written(
        about,
        from_name=clean(folded(name), 200),
        from_address=clean(folded(address), 320),
        words=_short(clean(f"{subject}\n\n{words}".strip(), 10 * MOST_WORDS)),
        files=tuple(kept),
        left_out=" ".join(left_out),
        automatic=automatic,
    )


def lightened(message: Message) -> None:
    """Take out of a mail the files that are too large to be kept with a reply, so that no more copies are made of them.

    A note of its size stays in the place of each.
    """
    for part in message.walk():
        payload: object = part.get_payload()
        if isinstance(payload, str) and len(payload) > settings.ATTACHMENT_MAX_BYTES:
            size = len(_bytes(part))
            if size > settings.ATTACHMENT_MAX_BYTES:
                part.set_payload("")
                part[TAKEN_OUT] = str(size)


def _leaves(message: Message, depth: int = 0) -> list[Message]:
    """Give the parts of a mail that have no parts; a mail that is enclosed is one."""
    parts = inside(message)
    if not parts or depth > 10 or message.get_content_maintype() == "message":
        return [message]
    return [leaf for part in parts[:MOST_PARTS] for leaf in _leaves(part, depth + 1)][:MOST_PARTS]


def _is_text(part: Message) -> bool:
    return part.get_content_type() in ("text/plain", "text/html") and not (
        part.get_filename() or part.get_content_disposition() == "attachment"
    )


def _files(parts: list[Message]) -> tuple[list[File], list[str]]:
    """Give the files that are kept with the reply, and a sentence for each that is too large or too many."""
    kept: list[File] = []
    left_out: list[str] = []
    room = settings.ATTACHMENTS_MAX_BYTES
    for part in parts:
        name, data = _name(part), _bytes(part)
        size = _size(part, data)
        if len(kept) == MOST_FILES or size > min(room, settings.ATTACHMENT_MAX_BYTES):
            left_out.append(
                f"“{name}” ({size / 1e6:,.1f} MB) is too large to show; it is in the mail as it came."
            )
            continue
        room -= len(data)
        kept.append(File(name, clean(part.get_content_type(), 100), data))
    return kept, left_out


def _size(part: Message, data: bytes) -> int:
    said = str(part.get(TAKEN_OUT, ""))
    return int(said) if re.fullmatch("[0-9]{1,12}", said) else len(data)


def _bytes(part: Message) -> bytes:
    if inner := inside(part):
        return b"\n".join(one.as_bytes() for one in inner)
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _name(part: Message) -> str:
    """Give a file's name on one line and without a path, or say what it is."""
    said = folded(clean(part.get_filename() or "", 500)).replace("\\", "/")
    return os.path.basename(said)[:150] or (
        "mail.eml" if part.get_content_maintype() == "message" else "file"
    )


def _short(words: str) -> str:
    return (
        words
        if len(words) <= MOST_WORDS
        else f"{words[:MOST_WORDS]}\n\n(Cut here. The whole is in the mail as it came.)"
    )
