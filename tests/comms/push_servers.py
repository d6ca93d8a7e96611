"""Push services on this machine: one for browsers, which opens what it is given, and Google's for apps."""

import base64
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import http_ece
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid02

from tests.comms.servers import Answer, Asked, said


def plain64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def vapid_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return plain64(key.to_bytes(32, "big"))


@dataclass
class Browser:
    """Somebody's browser: its keys, and the words that reached it."""

    name: str = "ada"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    shown: list[dict[str, str]] = field(default_factory=list)

    def subscription(self, address: str) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": plain64(point), "auth": plain64(self.secret)}
        return json.dumps({"endpoint": f"{address}/push/{self.name}", "expirationTime": None, "keys": keys})

    def open(self, body: bytes) -> dict[str, str]:
        data = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        self.shown.append(json.loads(data))
        return self.shown[-1]


def push_service(browser: Browser, script: Answer | str | None = None) -> Callable[[Asked], Answer | str]:
    """Behave as RFC 8030 (5), 8291 (4) and 8292 (2) have it, for one browser; then answer as the script says."""

    def answer(asked: Asked) -> Answer | str:
        if asked.path != f"/push/{browser.name}":
            return Answer(404)
        if not asked.headers.get("ttl", "").isdigit():
            return Answer(400, b"TTL is missing")
        if asked.headers.get("content-encoding") != "aes128gcm":
            return Answer(415)
        if len(asked.headers.get("topic", "")) > 32:
            return Answer(400, b"Topic is too long")
        if not signed(asked):
            return Answer(403, b"invalid JWT provided")
        if len(asked.body) > 4096:
            return Answer(413)
        if script:
            return script
        browser.open(asked.body)
        return Answer(201, headers={"Location": f"https://push.example/message/{len(browser.shown)}"})

    return answer


def signed(asked: Asked) -> bool:
    authorization = asked.headers.get("authorization", "")
    if not authorization.startswith("vapid t=") or not Vapid02.verify(authorization):
        return False
    token = authorization.removeprefix("vapid t=").partition(",")[0]
    claims = jwt.decode(token, options={"verify_signature": False})
    soon = time.time() < claims["exp"] <= time.time() + 24 * 60 * 60
    return soon and claims["aud"] == f"http://{asked.headers['host']}" and claims["sub"].startswith("mailto:")


class Google:
    """The token endpoint and the send method, for one service account."""

    ACCOUNT = "push@larch-app.iam.gserviceaccount.com"

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.tokens: Answer | str | None = None  # in the place of a token
        self.answer: Answer | str | None = None  # in the place of a message's name
        self.lifetime = 3599

    def service_account(self, address: str) -> str:
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        account = {"type": "service_account", "project_id": "larch-app", "client_email": self.ACCOUNT}
        return json.dumps(
            account | {"private_key": pem, "private_key_id": "k1", "token_uri": f"{address}/token"}
        )

    def __call__(self, asked: Asked) -> Answer | str:
        return self._token(asked) if asked.path == "/token" else self._send(asked)

    def _token(self, asked: Asked) -> Answer | str:
        if self.tokens:
            return self.tokens
        form = asked.form
        audience = f"http://{asked.headers['host']}/token"
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        try:
            claims = jwt.decode(form["assertion"], public, algorithms=["RS256"], audience=audience)
            headers = jwt.get_unverified_header(form["assertion"])
            good = (
                form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" and headers["kid"] == "k1"
            )
            good = good and claims["iss"] == self.ACCOUNT and claims["exp"] - claims["iat"] <= 3600
            good = good and claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        except jwt.PyJWTError:
            good = False
        if not good:
            return said(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        return said(200, {"access_token": "ya29.t", "expires_in": self.lifetime, "token_type": "Bearer"})

    def _send(self, asked: Asked) -> Answer | str:
        if asked.headers.get("authorization") != "Bearer ya29.t":
            return google_error(401, "UNAUTHENTICATED")
        if asked.path != "/v1/projects/larch-app/messages:send":
            return google_error(404, "NOT_FOUND")
        message = json.loads(asked.body)["message"]
        if not message.get("token") or not all(isinstance(v, str) for v in message["data"].values()):
            return google_error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
        return self.answer or said(200, {"name": "projects/larch-app/messages/0:1"})


def google_error(status: int, named: str, code: str = "") -> Answer:
    """Refuse as Google's interfaces do (google.rpc.Status), with FCM's own code among the details."""
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}
    error = {"code": status, "message": "Their words", "status": named, "details": [detail] if code else []}
    return said(status, {"error": error})
