"""Post to FCM with an access token, which a service account gets for a request that it has signed.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest (RFC 7523); the errors are those of
https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
"""

import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import jwt

from comms.channels import wire
from comms.channels.base import Outcome, Outgoing
from comms.channels.fcm import FcmSettings

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
HOUR = 3600  # seconds: the longest that a signed request may be good for
EARLY = 60  # seconds before its end in which a token is no longer used
GONE = "The app is no longer on this phone."
OTHERS = "This phone is registered with another app."
NOT_OURS = "The phone's maker refused the app's credentials. An admin can renew them with the provider."

# By FCM's own code, or else by the status of Google's interfaces.
MEANINGS = {
    "UNREGISTERED": Outcome("failed", GONE),
    "SENDER_ID_MISMATCH": Outcome("failed", OTHERS),
    "INVALID_ARGUMENT": Outcome("failed", wire.REFUSED),
    "QUOTA_EXCEEDED": Outcome("deferred", wire.TOO_FAST),
    "UNAVAILABLE": Outcome("deferred", wire.AWAY),
    "INTERNAL": Outcome("deferred", wire.AWAY),
    "THIRD_PARTY_AUTH_ERROR": Outcome("deferred", NOT_OURS),
}


class FcmLine:
    """A project's connection, with its access token for as long as that is good."""

    def __init__(self, settings: FcmSettings) -> None:
        self.settings = settings
        self._wire = wire.Wire(settings.timeout)
        self._token, self._until = "", 0.0

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message, once."""
        if refused := self._sign_in():
            return refused
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json; charset=UTF-8",
        }
        try:
            answer = self._wire.post(
                f"{self.settings.api}/v1/projects/{self.settings.project}/messages:send",
                addressed(outgoing),
                headers,
            )
        except wire.Broke as broke:
            return broke.outcome
        if answer.status_code == 401:
            self._token = ""
        found = meaning(answer.status_code, answer.text)
        return replace(found, gone=(outgoing.envelope_to,)) if found.reason in (GONE, OTHERS) else found

    def close(self) -> None:
        self._wire.close()

    def _sign_in(self) -> Outcome | None:
        """Get a token where there is none that is still good; give what kept us from it."""
        if self._token and time.monotonic() < self._until:
            return None
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            form = urlencode({"grant_type": GRANT, "assertion": self._assertion()}).encode()
            answer = self._wire.post(self.settings.token_uri, form, headers)
        except (ValueError, jwt.PyJWTError) as unusable:  # the private key in the settings
            return Outcome("deferred", wire.CREDENTIALS, str(unusable), no_line=True)
        except wire.Broke as broke:  # the message itself had not begun to leave
            return Outcome("deferred", wire.UNREACHABLE, broke.outcome.reply, no_line=True)
        try:
            given = json.loads(answer.text)
            self._token, self._until = given["access_token"], time.monotonic() + given["expires_in"] - EARLY
        except (ValueError, TypeError, KeyError):
            reason = wire.AWAY if answer.status_code >= 500 else wire.CREDENTIALS
            return Outcome("deferred", reason, f"{answer.status_code} {answer.text[:500]}", no_line=True)
        return None

    def _assertion(self) -> str:
        now, settings = int(time.time()), self.settings
        claims = {
            "iss": settings.account,
            "scope": SCOPE,
            "aud": settings.token_uri,
            "iat": now,
            "exp": now + HOUR,
        }
        headers = {"kid": settings.key_id} if settings.key_id else None
        return jwt.encode(claims, settings.private_key, algorithm="RS256", headers=headers)


def addressed(outgoing: Outgoing) -> bytes:
    """Put the token of a phone into the request: what was kept is the same for all of a recipient's phones."""
    request = json.loads(outgoing.data)
    request["message"] = {"token": outgoing.envelope_to} | request["message"]
    return json.dumps(request, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def meaning(status: int, text: str) -> Outcome:
    """Say what FCM's answer means."""
    said = _read(text)
    if status == 200:
        name = said.get("name")
        if not isinstance(name, str):
            return Outcome("unconfirmed", wire.ODD, f"{status} {text[: wire.LONGEST_REPLY]}")
        return Outcome("sent", "", f"200 {name}", provider_id=name)
    code = _code(said)
    if code not in MEANINGS:
        return wire.by_status(status, text)
    found = MEANINGS[code]
    return replace(found, reply=f"{status} {code} {_words(said)}")


def _read(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _error(said: dict[str, Any]) -> dict[str, Any]:
    error = said.get("error")
    return error if isinstance(error, dict) else {}


def _code(said: dict[str, Any]) -> str:
    details = _error(said).get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("fcm.v1.FcmError"):
            return str(detail.get("errorCode", ""))
    return str(_error(said).get("status", ""))


def _words(said: dict[str, Any]) -> str:
    return str(_error(said).get("message", ""))[: wire.LONGEST_REPLY]
