"""Keep the secret of a link to a residents' page out of what the log keeps, and put it back before it leaves.

Whoever may read the log must not be able to open a resident's page and answer in their name. So the kept bytes hold
a stand-in of the token's length, made of the public id of its link, and the token is derived again when the message
is handed over. The SHA-256 that is kept is that of the bytes that leave.

In a mail the stand-in may be broken by quoted-printable's soft line breaks ("=" at the end of a line; RFC 2045, 6.7);
token and stand-in are made of the same characters and equally long, so one takes the place of the other letter by
letter and no line becomes longer.
"""

import re
import uuid

from comms.models import PortalLink
from comms.portal import links

LENGTH = 43  # characters of a token
START = "withheld-"
SOFT = rb"(?:=\r?\n)?"
STAND_IN = re.compile(
    SOFT.join(re.escape(one.encode()) for one in START) + (SOFT + rb"[0-9a-f]") * 32 + (SOFT + rb"-") * 2
)


def stand_in(link: PortalLink) -> str:
    """Give what stands in the log for the token of a link."""
    return f"{START}{link.public_id.hex}--"


def hide(data: bytes, link: PortalLink) -> bytes:
    """Put the stand-in in the place of the token, wherever it stands."""
    token = links.token_of(link).encode()
    there = re.compile(SOFT.join(re.escape(bytes([one])) for one in token))
    return there.sub(lambda match: _letter_by_letter(match[0], stand_in(link)), data)


def reveal(data: bytes) -> bytes:
    """Put the tokens back. Where a link was revoked meanwhile its stand-in stays: it would open nothing anyway."""
    found = {_id(match[0]) for match in STAND_IN.finditer(data)}
    if not found:
        return data
    standing = PortalLink.objects.standing().in_bulk(found, field_name="public_id")

    def put_back(match: re.Match[bytes]) -> bytes:
        link = standing.get(_id(match[0]))
        return _letter_by_letter(match[0], links.token_of(link)) if link else match[0]

    return STAND_IN.sub(put_back, data)


def _id(written: bytes) -> uuid.UUID:
    return uuid.UUID(re.sub(rb"=\r?\n", b"", written).decode()[len(START) : -2])


def _letter_by_letter(written: bytes, by: str) -> bytes:
    """Write other letters in the places of those that are there, around the soft line breaks between them."""
    letters = iter(by)
    return re.sub(rb"=\r?\n|.", lambda m: m[0] if len(m[0]) > 1 else next(letters).encode(), written)
