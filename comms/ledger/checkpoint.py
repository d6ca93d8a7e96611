"""Signed heads of a log: notes that anybody's tools can read and check.

The body is a C2SP tlog-checkpoint: origin, size, root in base64, each on a line. Around it is a C2SP signed note:
an empty line, and a line for each signature with the key's name and, in base64, four bytes that tell keys apart and
the Ed25519 signature (RFC 8032) of the body. Source: https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\1"  # the algorithm's byte in the key id and in the vkey
MARK = "\N{EM DASH} "


class Unreadable(ValueError):
    """Raised for what is no signed checkpoint."""


@dataclass(frozen=True, slots=True)
class Head:
    """How large a log is, and the root over all of it."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name, as a log gives it to the world (vkey)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256 over name, line feed, algorithm and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def signed(self, body: str, signature: bytes) -> bool:
        """Say whether a signature of a body is of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, body.encode())
        except InvalidSignature:
            return False
        return True

    @classmethod
    def read(cls, vkey: str) -> "Key":
        """Read a vkey. Raises Unreadable."""
        try:
            name, number, packed = vkey.strip().split("+", 2)
            data = base64.b64decode(packed, validate=True)
        except (ValueError, binascii.Error) as wrong:
            raise Unreadable("This is no public key of a log.") from wrong
        key = cls(name, data[1:])
        if data[:1] != ED25519 or len(data) != 33 or key.id.hex() != number or not named(name):
            raise Unreadable("This is no Ed25519 key of a log.")
        return key


@dataclass(frozen=True, slots=True)
class Note:
    """A signed head: its exact body, and what each name signed it with."""

    head: Head
    body: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def is_signed_by(self, key: Key) -> bool:
        """Say whether a key signed it; signatures of others are nobody's business here."""
        return any(
            name == key.name and number == key.id and key.signed(self.body, signature)
            for name, number, signature in self.signatures
        )


def named(name: str) -> bool:
    """Say whether a name can be that of a key: not empty, without spaces and plus signs."""
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def public_of(private: Ed25519PrivateKey, name: str) -> Key:
    """Give the public half of a key under a name."""
    return Key(name, private.public_key().public_bytes_raw())


def sign(head: Head, *keys: Ed25519PrivateKey) -> str:
    """Give the note of a head, signed with each key under the log's own name."""
    body = head.body()
    lines = [
        f"{MARK}{head.origin} {base64.b64encode(public_of(key, head.origin).id + key.sign(body.encode())).decode()}\n"
        for key in keys
    ]
    return f"{body}\n{''.join(lines)}"


def read(text: str) -> Note:
    """Read a signed note that is a checkpoint. Raises Unreadable. It says nothing yet of who signed it."""
    body, blank, after = text.rpartition("\n\n")
    if not blank or any(ord(c) < 32 and c != "\n" for c in text) or not after.endswith("\n"):
        raise Unreadable("This is no signed note.")
    body += "\n"
    return Note(_head(body), body, tuple(_signature(line) for line in after[:-1].split("\n")))


def _head(body: str) -> Head:
    lines = body.split("\n")
    if len(lines) < 4 or not lines[0] or not lines[1].isascii() or not lines[1].isdigit():
        raise Unreadable("This note is no checkpoint.")
    if str(int(lines[1])) != lines[1] or not all(lines[:-1]):
        raise Unreadable("The size of a checkpoint is a number without leading zeros.")
    return Head(lines[0], int(lines[1]), _base64(lines[2], 32))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, packed = line.removeprefix(MARK).partition(" ")
    if not line.startswith(MARK) or not space or not named(name):
        raise Unreadable("A line of a signature is not of its form.")
    data = _base64(packed)
    if len(data) < 5:
        raise Unreadable("A signature is too short.")
    return name, data[:4], data[4:]


def _base64(text: str, length: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as wrong:
        raise Unreadable("There is a line that is not base64.") from wrong
    if base64.b64encode(data).decode() != text or (length is not None and len(data) != length):
        raise Unreadable("A hash or a signature has not the length that it should have.")
    return data
