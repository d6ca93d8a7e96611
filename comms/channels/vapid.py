"""Our key for push messages (RFC 8292): the half that pages give to browsers."""

from functools import lru_cache

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, b64urlencode


@lru_cache(maxsize=2)
def public_key(private_key: str) -> str:
    """Give what PushManager.subscribe() takes as its applicationServerKey, in base64url.

    Raises ValueError where the key in the settings is none.
    """
    try:
        public = Vapid02.from_string(private_key).public_key
    except Exception as fault:  # the library lets through what base64, DER and the curve each raise
        raise ValueError("VAPID_PRIVATE_KEY is not a key of P-256 in base64url.") from fault
    return str(b64urlencode(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)))
