"""The sealing key: outside the database, readable by the sealer alone.

A file of mode 0600 (SEALING_KEY_FILE), or the environment (SEALING_KEY): a line with the key, and while it is being
changed a second one with the former key. A line is the 32 bytes of an Ed25519 private key (RFC 8032) in base64.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

MAKE = "`manage.py make_sealing_key` makes one."


class KeyUnusable(RuntimeError):
    """Raised where there is a key that must not or cannot be used; says what to do."""


def load() -> list[Ed25519PrivateKey]:
    """Give the current key and, while it is being changed, the former; nothing where none is set."""
    text = settings.SEALING_KEY or _read(settings.SEALING_KEY_FILE)
    return [_key(line) for line in text.split()]


def _read(name: str) -> str:
    if not name:
        return ""
    try:
        mode = os.stat(name).st_mode
    except FileNotFoundError as gone:
        raise KeyUnusable(f"There is no sealing key in {name}. {MAKE}") from gone
    if mode & 0o077:
        raise KeyUnusable(f"Others may read the sealing key in {name}: chmod 600 it, and change the key.")
    return Path(name).read_text()


def _key(line: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(line, validate=True))
    except (ValueError, binascii.Error) as wrong:
        raise KeyUnusable("The sealing key is not the base64 of 32 bytes.") from wrong


def make(name: str, *, rotate: bool = False) -> Ed25519PrivateKey:
    """Make a key in a file, with the former one behind it where it is changed. Raises KeyUnusable, FileExistsError."""
    former = _read(name).split()[:1] if rotate else []
    if not rotate and os.path.exists(name):
        raise FileExistsError(name)
    made = Ed25519PrivateKey.generate()
    Path(name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = f"{name}.making"
    with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join([base64.b64encode(made.private_bytes_raw()).decode(), *former, ""]))
        file.flush()
        os.fsync(file.fileno())
    os.rename(making, name)
    return made
