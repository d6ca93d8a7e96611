"""Write a message as the bytes of a mail (RFC 5322, MIME), fast and the same every time.

`email.message.EmailMessage` takes a millisecond for each; a notice to ten thousand people must not. What is
written here is little: ASCII headers with RFC 2047 words, quoted-printable bodies, base64 attachments.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from comms.channels.base import File, Message, Part, Party

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f-\x9f]+@[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f-\x9f]+")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,60}/[A-Za-z0-9][\w.+-]{0,100}", re.ASCII)
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
LINE = 76  # RFC 2047 2: no line of a header with an encoded word is longer
ENCODED_BYTES = 42  # in one encoded word, so that it and what is around it fit in a line


def parts(message: Message) -> list[Part]:
    """Give the bytes of a mail: attachments shared, everything else this recipient's own.

    Joined they are a multipart/alternative of text and HTML, inside a multipart/mixed where there are
    attachments. Raises ValueError where a header would hold a line break or another control character.
    """
    # Two hashes: one boundary may not begin with the other (RFC 2046 5.1.2).
    boundary, inner = _boundary(message.message_id), _boundary("inner " + message.message_id)
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(message)).encode()
    body = _alternative(message, inner)
    if not message.attachments:
        return [Part(head + body)]
    mine = [head, _multipart("mixed", boundary), b"--", boundary.encode(), b"\r\n", body]
    found: list[Part] = []
    for file in message.attachments:
        mine += [b"\r\n--", boundary.encode(), b"\r\n", _file_headers(file)]
        if file.data:
            found += [Part(b"".join(mine)), Part(_base64(file.data), shared=True)]
            mine = []
    return [*found, Part(b"".join([*mine, b"\r\n--", boundary.encode(), b"--\r\n"]))]


def _boundary(seed: str) -> str:
    # "=_" stands in no quoted-printable and no base64 (RFC 2045 6.7), so in no part.
    return "=_" + hashlib.sha256(seed.encode()).hexdigest()[:32]


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    # No Auto-Submitted: RFC 3834 5 forbids it on what a person wrote. Whoever sends a machine's words adds it.
    if not MESSAGE_ID.fullmatch(message.message_id):
        raise ValueError("The Message-ID is not one.")
    yield "Date", format_datetime(message.date)
    yield "From", _mailbox(message.sender)
    yield "To", _mailbox(message.to)
    if message.reply_to:
        yield "Reply-To", _mailbox(Party("", message.reply_to))
    yield "Subject", words(message.subject, len("Subject: "))
    yield "Message-ID", message.message_id
    for name, value in message.headers.items():
        if not HEADER.fullmatch(name):
            raise ValueError(f"“{name[:40]}” cannot be the name of a header.")
        yield name, words(value, len(name) + 2)
    yield "MIME-Version", "1.0"


def _plain(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError(
            "A line break or another control character cannot stand in a name, a subject or an address."
        )
    return text


def _mailbox(party: Party) -> str:
    if not ADDRESS.fullmatch(party.address):
        raise ValueError(f"“{party.address[:60]}” is not one email address.")
    name = " ".join(_plain(party.name).split())
    if not name:
        return party.address
    if not name.isascii() or "=?" in name or len(name) > LINE - 20:
        name = _encoded(name, len("Reply-To: "))
    elif not ATOMS.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    between = " " if len(name) + len(party.address) < LINE - 20 else "\r\n "
    return f"{name}{between}<{party.address}>"


def words(text: str, used: int) -> str:
    """Write the value of a header, folded where the line is full; `used` is what stands before it."""
    _plain(text)
    pieces = text.split(" ")
    # Folding may not change spaces, and a reader undoes =? wherever it stands.
    if not text.isascii() or "" in pieces or "=?" in text or max(map(len, pieces)) > LINE - 16:
        return _encoded(text, used) if text else ""
    lines, room = [pieces[0]], LINE - used - len(pieces[0])
    for piece in pieces[1:]:
        if len(piece) + 1 > room:
            lines.append("\r\n")
            room = LINE
        lines.append(" " + piece)
        room -= len(piece) + 1
    return "".join(lines)


def _encoded(text: str, used: int) -> str:
    """Write RFC 2047 encoded words; no character is cut in two."""
    found, chunk = [], b""
    limit = max(ENCODED_BYTES - used, 12)
    for character in text:
        letter = character.encode()
        if len(chunk) + len(letter) > limit:
            found.append(chunk)
            chunk, limit = b"", ENCODED_BYTES
        chunk += letter
    found.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in found)


def _multipart(kind: str, boundary: str) -> bytes:
    return f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()


def _alternative(message: Message, boundary: str) -> bytes:
    found = [_multipart("alternative", boundary)]
    for kind, body in (("plain", message.text), ("html", message.html)):
        found.append(
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        )
        found.append(_quoted_printable(body) + b"\r\n")
    return b"".join([*found, b"--", boundary.encode(), b"--\r\n"])


def _quoted_printable(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    if not lines.endswith("\r\n"):
        lines += "\r\n"  # also for b2a_qp, which takes its kind of line break from the first that it finds
    return binascii.b2a_qp(lines.encode())


def _file_headers(file: File) -> bytes:
    media_type = file.media_type.lower()
    # RFC 2046 5.1 and 5.2: these may not be base64.
    if not MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        media_type = "application/octet-stream"
    name = "".join(";\r\n " + parameter for parameter in _filename(_plain(file.name)))
    return (
        f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment{name}\r\n\r\n"
    ).encode()


def _filename(name: str) -> Iterator[str]:
    """Write a file's name, plainly if it can be, else by RFC 2231, in lines that are short enough."""
    if name.isascii() and len(name) <= LINE - 16:
        yield 'filename="' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return
    found, line = [], ""
    for character in name:
        letter = quote(character, safe="")
        if len(line) + len(letter) > LINE - 26:
            found.append(line)
            line = ""
        line += letter
    for number, piece in enumerate([*found, line]):
        start = "utf-8''" if number == 0 else ""
        yield f"filename*{number}*={start}{piece}" if found else f"filename*={start}{piece}"


@lru_cache(maxsize=16)
def _base64(data: bytes) -> bytes:
    # A bytes object keeps its own hash, so that finding the same file again costs nothing.
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
