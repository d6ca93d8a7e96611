"""Hand mail over through the interface of any provider that django-anymail speaks to, once, and know what came of it.

1. The message is made of the kept bytes (provider_message.py); where the provider takes them whole, they go whole.
2. Before the request is written nothing can have been accepted: `deferred`. From then on, without an answer,
   nobody can know: `unconfirmed` (comms.channels.wire).
3. An answer that refuses means what its status says; 2xx names the message, and its receipts come under that name.

The answer is kept with the request's size and SHA-256, so that it can be shown which request was answered.
"""

import hashlib
import json
import logging
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailImproperlyInstalled,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.utils.module_loading import import_string

from comms.channels import wire
from comms.channels.base import Outcome, Outgoing
from comms.channels.provider_message import KeptMail, mail_of
from comms.channels.provider_raw import WHOLE

log = logging.getLogger(__name__)
PROVIDERS = (
    *(
        "amazon_ses",
        "brevo",
        "mailersend",
        "mailgun",
        "mailjet",
        "mailtrap",
        "mandrill",
        "postal",
        "postmark",
    ),
    *("resend", "sendgrid", "sparkpost", "unisender_go"),
)
BEFORE = frozenset(
    {"EndpointConnectionError", "ConnectTimeoutError", "SSLError", "ProxyConnectionError"}
    | {"NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ParamValidationError"}
)
UNSENDABLE = "The provider's interface cannot take this message as it is."
NOT_SET_UP = "The settings for the provider are not whole. An admin can put it right."
NO_SUCH_ADDRESS = "The provider says that the address has not the form of one."
BLOCKED = "The provider does not send to this address: mail to it came back or was marked as spam before."


class Once(requests.Session):
    """Asks each thing once: follows nowhere, repeats nothing, takes no password from a file on the machine."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = wire.as_it_is
        self.said = ""  # the last request, as it is kept beside its answer
        self.begun = False  # whether a request of this message has begun to leave

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one request. Raises wire.Broke where no answer comes."""
        written: Any = request.body or b""
        data: bytes = written.encode() if isinstance(written, str) else written
        digest = hashlib.sha256(data).hexdigest()
        self.said = (
            f"{request.method} {(request.url or '').partition('?')[0]} {len(data)} bytes, SHA-256 {digest}"
        )
        body = wire.Body(data)
        request.body = body
        try:
            return super().send(request, **{**options, "allow_redirects": False})
        except (requests.RequestException, OSError) as fault:
            raise wire.Broke(wire.broken(body.begun, fault)) from fault
        finally:
            self.begun = body.begun


class OnceBackend(AnymailRequestsBackend):
    def create_session(self) -> Once:
        return Once()


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider by django-anymail's name, with the arguments of its backend."""

    provider: str
    options: dict[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 30  # seconds, for the connection and for each piece of the answer

    dials = ""  # django-anymail knows

    def line(self) -> "ProviderLine":
        return ProviderLine(self)

    def backend(self) -> Any:
        """Make django-anymail's backend. Raises ValueError with a sentence where it cannot be."""
        if self.provider not in PROVIDERS:
            raise ValueError(f"EMAIL_PROVIDER names no provider that we know: “{self.provider[:40]}”.")
        try:
            made = WHOLE.get(self.provider) or import_string(f"anymail.backends.{self.provider}.EmailBackend")
            if issubclass(made, AnymailRequestsBackend):
                made = type(made.__name__, (OnceBackend, made), {})
            return made(**self._arguments())
        except (AnymailConfigurationError, AnymailImproperlyInstalled, ImportError) as fault:
            words = " ".join(str(fault).split())[:300]
            raise ValueError(f"The settings for {self.provider} are not whole. {words}") from fault

    def _arguments(self) -> dict[str, Any]:
        """Give the backend's arguments; values that are JSON objects as such."""
        given: dict[str, Any] = {
            name: json.loads(value) if value.lstrip().startswith("{") else value
            for name, value in self.options.items()
        }
        if self.provider != "amazon_ses":
            return {"timeout": self.timeout, **given}
        # boto3 would ask up to five times.
        client = given.get("client_params", {})
        times = {"connect_timeout": self.timeout, "read_timeout": self.timeout}
        once = {**times, **client.get("config", {}), "retries": {"total_max_attempts": 1}}
        return {**given, "client_params": {**client, "config": once}}


class ProviderLine:
    """An account with a provider, its connection kept from message to message."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self._backend: Any = None

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message, once."""
        try:
            self._backend = self._backend or self.settings.backend()
            self._backend.open()
        except Exception as fault:
            return Outcome("deferred", NOT_SET_UP, str(fault)[: wire.LONGEST_REPLY], no_line=True)
        session = getattr(self._backend, "session", None)
        if session is not None:
            session.said, session.begun = "", False
        try:
            outcome = self._sent(mail_of(outgoing, self.settings.provider))
        except wire.Broke as broke:
            outcome = broke.outcome
        except Exception as fault:
            log.warning(
                "%s: a message could not be handed over: %s", self.settings.provider, type(fault).__name__
            )
            outcome = _puzzling(getattr(session, "begun", True), fault)
        return _with_request(outcome, session)

    def close(self) -> None:
        """Let the connection go."""
        if self._backend is not None:
            self._backend.close()

    def _sent(self, mail: KeptMail) -> Outcome:
        try:
            self._backend.send_messages([mail])
        except AnymailRecipientsRefused:
            return _refused(mail)
        except AnymailAPIError as fault:
            return _answered(fault)
        except AnymailInvalidAddress as fault:
            return Outcome("bounced", NO_SUCH_ADDRESS, _short(fault), "hard")
        except AnymailError as fault:  # what this provider's interface has no word for
            return Outcome("failed", UNSENDABLE, _short(fault))
        status, words = mail.anymail_status, _words_of(mail)  # type: ignore[attr-defined]
        if not status.message_id or not status.status & {"queued", "sent"}:
            return Outcome("unconfirmed", wire.ODD, words)
        return Outcome("sent", "", words, provider_id=str(status.message_id))


def _refused(mail: KeptMail) -> Outcome:
    status = mail.anymail_status.status  # type: ignore[attr-defined]
    if "invalid" in status:
        return Outcome("bounced", NO_SUCH_ADDRESS, _words_of(mail), "hard")
    if "rejected" not in status:  # it names nobody
        return Outcome("unconfirmed", wire.ODD, _words_of(mail))
    return Outcome("failed", BLOCKED, _words_of(mail))


def _answered(fault: AnymailAPIError) -> Outcome:
    """Say what an answer means that was no promise; one that promised and cannot be read may be one."""
    response = fault.response
    if isinstance(response, requests.Response):
        if response.ok and 200 <= response.status_code < 300:
            return Outcome(
                "unconfirmed", wire.ODD, f"{response.status_code} {response.text}"[: wire.LONGEST_REPLY]
            )
        return wire.by_status(response.status_code, response.text)
    if isinstance(response, dict):  # SES, by boto3
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return (
            wire.by_status(int(status), _short(fault))
            if status
            else Outcome("unconfirmed", wire.SILENT, _short(fault))
        )
    # boto3 again: these are its words for what breaks before a request is written.
    unsaid = type(fault.__cause__).__name__ in BEFORE
    return wire.broken(not unsaid, fault)


def _puzzling(begun: bool, fault: Exception) -> Outcome:
    if begun:
        return Outcome("unconfirmed", wire.ODD, type(fault).__name__)
    return Outcome("failed", UNSENDABLE, type(fault).__name__)


def _words_of(mail: KeptMail) -> str:
    response = mail.anymail_status.esp_response  # type: ignore[attr-defined]
    if isinstance(response, requests.Response):
        return f"{response.status_code} {response.text}"[: wire.LONGEST_REPLY]
    return str(response)[: wire.LONGEST_REPLY]


def _with_request(outcome: Outcome, session: Any) -> Outcome:
    said = getattr(session, "said", "")
    if not said or not outcome.reply:
        return outcome
    return replace(outcome, reply=f"{outcome.reply}\n{said}")


def _short(fault: Exception) -> str:
    return str(fault)[: wire.LONGEST_REPLY]
