"""Bytes to text, whatever charset they claim: a bounce is written by machines of every age."""

import codecs
import html
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from comms.receipts.bounces.values import MOST_TEXT

NAMES = {"unicode-1-1-utf-7": "utf-7", "x-unknown": "", "unknown-8bit": "", "ansi_x3.110-1983": "cp1252"}
ASIAN = dict.fromkeys(("iso2022_jp", "euc_jp", "shift_jis"), ("euc_jp", "cp932"))
"""Charsets that Japanese servers mix up, and what is tried then."""
JAPANESE = b"\x1b$"
INVISIBLE = re.compile(r"(?is)<(style|script|head)\b.*?</\1\s*>|<!--.*?-->")
LINES = re.compile(r"(?i)<(?:br|/p|/div|/tr|/td|/li|/h\d|/pre|hr)\b[^>]{0,200}>")
TAGS = re.compile(r"<[^<>]{0,2000}>")


def known(charset: str) -> str:
    """Give Python's name of a charset, or nothing for one that does not exist."""
    charset = charset.strip("\"' ").lower()
    charset = NAMES.get(charset, charset)
    try:
        info = codecs.lookup(charset)
        return info.name if info._is_text_encoding else ""
    except (LookupError, ValueError, AttributeError):
        return ""


def text_of(data: bytes, charset: str = "") -> str:
    """Decode by the charset that is claimed if it fits, else by what the bytes look like."""
    claimed = known(charset)
    japanese = ["iso2022_jp", "iso2022_jp_2"] if JAPANESE in data else []
    tried = [claimed] if claimed and claimed != "ascii" else []
    for name in (
        [*tried, *japanese, "utf-8"] if claimed.startswith("iso2022") else [*japanese, *tried, "utf-8"]
    ):
        try:
            return data.decode(name)
        except (ValueError, LookupError):
            continue
    if claimed in ASIAN and data:
        return max((data.decode(name, "ignore") for name in ASIAN[claimed]), key=kana)
    return data.decode("iso2022_jp" if japanese else "cp1252", "replace")


def kana(text: str) -> int:
    """Count the Japanese syllables in a text, by which a wrong guess at its charset shows."""
    return sum("\u3041" <= letter <= "\u30ff" for letter in text)


def header(message: Message, name: str) -> str:
    """Give a header on one line with its encoded words decoded (RFC 2047), as far as they can be."""
    value = message.get(name)
    return folded(words_of(str(value))) if value is not None else ""


def words_of(value: str) -> str:
    """Decode encoded words; one in a charset that does not exist is read as what it looks like."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, LookupError):
        return value
    return "".join(
        piece if isinstance(piece, str) else text_of(piece, charset or "") for piece, charset in pieces
    )


def body_of(part: Message, most: int = 4 * MOST_TEXT) -> str:
    """Give a text part's words, so many bytes of it, its transfer encoding and charset undone, HTML made plain."""
    try:
        data = part.get_payload(decode=True)
        charset = str(part.get_param("charset") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        data, charset = str(part.get_payload()).encode("utf-8", "replace"), ""
    data = data if isinstance(data, bytes) else b""
    text = text_of(data[:most], charset)
    return plain(text) if part.get_content_subtype() == "html" else text


def plain(markup: str) -> str:
    """Make HTML plain enough to find words in it; never shown, so nothing needs to be safe."""
    text = INVISIBLE.sub(" ", markup[: 4 * MOST_TEXT])
    text = TAGS.sub(" ", LINES.sub("\n", text.replace("\n", " ")))
    return "\n".join(folded(line) for line in html.unescape(text).split("\n"))


def folded(text: str) -> str:
    """Fold white space to single blanks and leave control characters out."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
