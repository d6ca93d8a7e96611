"""Bytes that anybody can make again from the same values, and commitments that give nothing away.

JSON restricted to a subset of RFC 8785: keys of ASCII letters in lower case, sorted; text as it was written, not
normalised; integers below 2^53, booleans, lists; no floats, no nulls, no white space; times in UTC with microseconds.
"""

import datetime
import hashlib
import hmac
import json
import re
import uuid
from typing import Any

SALT_BYTES = 32
KEY = re.compile(r"[a-z][a-z0-9_]*")
LARGEST = 2**53


def canonical(value: Any) -> bytes:
    """Give the bytes of a value. Raises TypeError for what has no canonical form here."""
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: Any) -> Any:
    """Turn times and ids into words and leave out what is not there; a null and an absence are the same."""
    if value is True or value is False or isinstance(value, str):
        return value
    if isinstance(value, int) and -LARGEST < value < LARGEST:
        return value
    if isinstance(value, dict):
        if not all(isinstance(key, str) and KEY.fullmatch(key) for key in value):
            raise TypeError("A key of a leaf is a word of ASCII letters in lower case.")
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, datetime.date | uuid.UUID):
        return str(value)
    raise TypeError(f"A leaf has no place for a {type(value).__name__}.")


def commitment(salt: bytes, field: str, value: Any) -> str:
    """Commit to a value: HMAC-SHA-256 with 32 random bytes over the field's name, a zero byte and the value."""
    return hmac.digest(salt, field.encode() + b"\0" + canonical(value), "sha256").hex()


def leaf_hash(data: bytes) -> bytes:
    """Give the hash of a leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\0" + data).digest()


def sha256(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()
