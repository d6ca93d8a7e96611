"""A push service (RFC 8030), simulated, with browsers whose keys come from their names: so it can read along."""

import base64
import hashlib
import json
import re

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from comms.simulated import push_to
from comms.simulator.answers import BROKEN, Answer
from comms.simulator.kept import Kept

PATH = re.compile(r"/push/([a-z0-9-]{1,60})")
LARGEST = 4096  # bytes of a body (RFC 8030, 7.2)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-4, D.1.2.3)


def subscription(name: str, origin: str) -> str:
    """Give the subscription of the simulated browser of that name, as JSON; `origin` is where the simulator is."""
    point = _key(name).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"auth": _base64url(_secret(name)), "p256dh": _base64url(point)}
    return json.dumps(
        {"endpoint": f"{origin}/push/{name}", "expirationTime": None, "keys": keys}, sort_keys=True
    )


class Pushes:
    """Decides what each push message meets, and keeps those that are taken, as the browser reads them."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request; `headers` have their names in lower case."""
        found = PATH.fullmatch(path)
        if not found:
            return Answer(404)
        name = found[1]
        row = push_to(name)
        if row.status != 201:
            return Answer(row.status, row.words.encode(), {"Retry-After": "60"} if row.status == 429 else {})
        if refused := _unfit(headers, body):
            return refused
        try:
            key, secret = _key(name), _secret(name)
            words = http_ece.decrypt(body, private_key=key, auth_secret=secret, version="aes128gcm")
        except (http_ece.ECEException, ValueError):
            return Answer(400, b"The body cannot be opened with this browser's keys.")
        id = self.kept.keep("", [name], words, "push")
        return BROKEN if row.breaks else Answer(201, headers={"Location": f"/push-message/{id}"})


def _unfit(headers: dict[str, str], body: bytes) -> Answer | None:
    if not headers.get("ttl", "").isdigit():
        return Answer(400, b"There is no TTL.")
    if headers.get("content-encoding") != "aes128gcm":
        return Answer(415, b"The body is not encrypted as RFC 8291 has it.")
    if not headers.get("authorization", "").startswith("vapid t="):
        return Answer(401, b"There is no signature (RFC 8292).")
    return Answer(413) if len(body) > LARGEST else None


def _key(name: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(hashlib.sha256(f"simulated browser {name}".encode()).digest())
    return ec.derive_private_key(number % (ORDER - 1) + 1, ec.SECP256R1())


def _secret(name: str) -> bytes:
    return hashlib.sha256(f"simulated secret {name}".encode()).digest()[:16]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
