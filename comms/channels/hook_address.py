"""The secret addresses at which providers tell us what became of messages: derived, and so never kept.

1. A token is base64url(id of the organisation, 16 bytes | HMAC-SHA-256(key, purpose | provider | id)): 64
   characters (RFC 2104, RFC 4648 section 5). It names the organisation and proves that we gave it out.
2. HOOKS_KEY makes the addresses. While HOOKS_KEY_OLD is set, those that it made open as well, so that they can
   be replaced at the provider one after the other.
3. A copy of the database opens nothing, and an address of one provider is none of another.

The address is the first of two locks: each provider's own signature or password is checked behind it.
"""

import base64
import binascii
import hashlib
import hmac
import uuid

from django.conf import settings

PURPOSE = b"blockpost.hooks"
ID = 16  # bytes


def token_of(organisation: uuid.UUID, provider: str, key: str = "") -> str:
    """Derive the token of an organisation and a provider."""
    said = PURPOSE + b"|" + provider.encode() + b"|" + organisation.bytes
    mac = hmac.new((key or settings.HOOKS_KEY).encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(organisation.bytes + mac).decode()


def address_of(organisation: uuid.UUID, provider: str) -> str:
    """Write the address that the provider is given. Whoever has it still needs the provider's secret."""
    return f"{settings.BASE_URL}/hooks/{provider}/{token_of(organisation, provider)}/"


def find(token: str, provider: str) -> uuid.UUID | None:
    """Give the organisation that a token names, if we made it for this provider."""
    try:
        organisation = uuid.UUID(bytes=base64.b64decode(token, altchars=b"-_", validate=True)[:ID])
    except (binascii.Error, ValueError):
        return None
    keys = filter(None, (settings.HOOKS_KEY, settings.HOOKS_KEY_OLD))
    made = [token_of(organisation, provider, key) for key in keys]
    return organisation if any([hmac.compare_digest(token.encode(), one.encode()) for one in made]) else None
