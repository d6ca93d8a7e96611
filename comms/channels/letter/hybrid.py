"""Hand letters to a hybrid mail provider, which prints and posts them: a small HTTP API, and its errors in our words.

What is spoken (JSON answers; `Authorization: Bearer <key>` with each request):

- `POST /letters`, multipart: the file `letter` (a PDF, A4, the address in the window of a DL envelope), the fields
  `reference` (ours), `name` and `address`. `Idempotency-Key` is our entry: said again, the answer is the first one's.
  201 or 200 `{"id": "…", "status": "…"}`: taken.
  400, 413, 415, 422 `{"error": "…"}`: this letter will never be taken. 409: the key came with another letter before.
  401, 402, 403: the account is at fault. 408, 425, 429, 5xx: not now.
- `GET /letters/<id>`: 200 `{"id": "…", "status": "accepted|printed|posted|returned|failed", "at": "…"}`, 404: unknown.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests
from urllib3.exceptions import MaxRetryError

from comms.channels.base import Outcome, Outgoing

UNREACHABLE = "The hybrid mail provider could not be reached."
SILENT = "The line to the hybrid mail provider broke before it answered. It may have the letter."
NO_ID = "The hybrid mail provider took the letter and gave it no number. It may have the letter."
NOT_NOW = "The hybrid mail provider is not taking letters just now."
ACCOUNT = "The hybrid mail provider does not take letters with the key in our settings."
REFUSED = "The hybrid mail provider refused the letter."
STRANGE = "The hybrid mail provider’s answer could not be understood."
REASONS = {
    402: "The account with the hybrid mail provider has no credit left.",
    409: "The hybrid mail provider has another letter under this number.",
    413: "The letter is too large for the hybrid mail provider.",
}
ACCOUNT_AT_FAULT = (401, 402, 403)
NOT_NOW_CODES = (408, 425, 429)
CONNECTING = 10  # seconds
REPLY = 2000  # characters that are kept of an answer


@dataclass(frozen=True, slots=True)
class HybridSettings:
    url: str
    key: str = field(repr=False)
    timeout: float = 60  # seconds, for an answer


def settings_of(url: str, key: str, timeout: float = 60) -> HybridSettings | None:
    """Give the settings, or None where they are not whole: then there is no provider."""
    return HybridSettings(url.rstrip("/"), key, timeout) if url and key else None


class _Key(requests.auth.AuthBase):
    """Says who we are, and keeps a .netrc of the machine from saying otherwise."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


class HybridLine:
    """A session with the provider."""

    def __init__(self, settings: HybridSettings) -> None:
        self.settings = settings
        self.session = requests.Session()
        self.session.auth = _Key(settings.key)

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one letter, once."""
        return self.submit(outgoing.data, outgoing.to.name, outgoing.to.address, outgoing.entry)

    def submit(self, pdf: bytes, name: str, address: str, reference: str) -> Outcome:
        """Hand over a PDF under a reference of ours, which keeps it from being posted twice.

        1. Without a connection nothing was said: `deferred`.
        2. An answer means what the table above says.
        3. A break in between is `unconfirmed`: nobody can know.
        """
        try:
            answer = self.session.post(
                f"{self.settings.url}/letters",
                files={"letter": ("letter.pdf", pdf, "application/pdf")},
                data={"reference": reference, "name": name, "address": address},
                headers={"Idempotency-Key": reference},
                timeout=(CONNECTING, self.settings.timeout),
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            return _broken(fault)
        return _meaning(answer)

    def status(self, provider_id: str) -> str:
        """Ask what became of a letter, in the provider's word; "" if it does not say. Raises OSError."""
        answer = self.session.get(
            f"{self.settings.url}/letters/{quote(provider_id, safe='')}",
            timeout=(CONNECTING, self.settings.timeout),
            allow_redirects=False,
        )
        return str(_json(answer).get("status") or "") if answer.status_code == 200 else ""

    def close(self) -> None:
        self.session.close()


def _broken(fault: requests.RequestException) -> Outcome:
    words = type(fault).__name__  # its text may hold the address that was dialled
    before = isinstance(
        fault, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError
    )
    # urllib3 wraps what kept it from a connection; what broke an open one comes as it is.
    if before or (fault.args and isinstance(fault.args[0], MaxRetryError)):
        return Outcome("deferred", UNREACHABLE, words, no_line=True)
    if isinstance(
        fault, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
    ):
        return Outcome("unconfirmed", SILENT, words)
    return Outcome("deferred", UNREACHABLE, words, no_line=True)  # the URL in the settings is none


def _meaning(answer: requests.Response) -> Outcome:
    code, reply = answer.status_code, f"{answer.status_code} {answer.text[:REPLY]}"
    if code in (200, 201):
        number = _json(answer).get("id")
        if isinstance(number, str | int) and str(number):
            return Outcome("sent", "", reply, provider_id=str(number))
        return Outcome("unconfirmed", NO_ID, reply)
    if code in ACCOUNT_AT_FAULT:  # ours to put right, so the letter waits, and so do the others
        return Outcome("deferred", REASONS.get(code, ACCOUNT), reply, no_line=True)
    if code in NOT_NOW_CODES or code >= 500:
        return Outcome("deferred", NOT_NOW, reply)
    if code >= 400:
        return Outcome("failed", REASONS.get(code, REFUSED), reply)
    if 200 <= code < 300:
        return Outcome("unconfirmed", NO_ID, reply)
    return Outcome("deferred", STRANGE, reply, no_line=True)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
