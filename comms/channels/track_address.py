"""The addresses in a watched mail that tell us of opens and clicks: derived, and so never kept.

1. A picture's token is base64url(id of the entry, 16 bytes | MAC, 16 bytes): 43 characters; a link's has the id of
   its target between the two: 64 characters (RFC 4648 section 5, without padding).
2. MAC = the first 128 bits of HMAC-SHA-256(PORTAL_KEY, purpose | the ids) (RFC 2104, truncated as its section 5 has it).
   Nobody who has not got the mail can tell us that it was opened, or make us lead anywhere.
3. The token says nothing of who the recipient is or where the link leads to whoever has no access to the log.

The key is that of residents' pages, which outlives SECRET_KEY: links in old mails go on leading where they led.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from typing import NamedTuple

from django.conf import settings

PURPOSE = b"blockpost.track|"
ID, MAC = 16, 16  # bytes


class Read(NamedTuple):
    """What a token names: an entry, and the target of a link in it where it is a link's."""

    entry: uuid.UUID
    target: uuid.UUID | None = None


def picture(entry: uuid.UUID) -> str:
    """Write the address of the picture by which a mail tells that it is opened."""
    return f"{settings.BASE_URL}/t/{_token(entry.bytes)}.gif"


def link(entry: uuid.UUID, target: uuid.UUID) -> str:
    """Write the address that stands in a mail in the place of a link."""
    return f"{settings.BASE_URL}/t/{_token(entry.bytes + target.bytes)}"


def read(token: str) -> Read | None:
    """Give what a token names, if we made it."""
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    ids = whole[:-MAC]
    if len(ids) not in (ID, 2 * ID) or not hmac.compare_digest(_token(ids).encode(), token.encode()):
        return None
    target = uuid.UUID(bytes=ids[ID:]) if len(ids) > ID else None
    return Read(uuid.UUID(bytes=ids[:ID]), target)


def _token(ids: bytes) -> str:
    mac = hmac.new(settings.PORTAL_KEY.encode(), PURPOSE + ids, hashlib.sha256).digest()[:MAC]
    return base64.urlsafe_b64encode(ids + mac).rstrip(b"=").decode()
