"""Hand texts and WhatsApp messages to Twilio with its library, over a line whose breaks we understand."""

import json
import logging
from typing import Any
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from comms.channels import wire
from comms.channels.base import Outcome, Outgoing
from comms.channels.twilio_request import TwilioSettings
from comms.channels.twilio_words import refusal

# Twilio's fields, as the library calls them.
ARGUMENTS = {
    "To": "to",
    "From": "from_",
    "MessagingServiceSid": "messaging_service_sid",
    "Body": "body",
    "ContentSid": "content_sid",
    "ContentVariables": "content_variables",
    "StatusCallback": "status_callback",
}


class Http(HttpClient):
    """The library's way out, over our wire. It writes nothing into the log: a URL has the account in it."""

    def __init__(self, timeout: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout)
        self.wire = wire.Wire(timeout)
        self.last = Response(0, "")  # the library's errors keep only a part of it

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Post what the library has put together. Raises Broke."""
        answer = self.wire.post(uri, urlencode(data or {}, doseq=True).encode(), headers or {}, auth)
        self.last = Response(answer.status_code, answer.text, answer.headers)
        return self.last


class TwilioLine:
    """One account's connection, kept from message to message."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._http = Http(settings.timeout)
        self._client = Client(settings.account, settings.token, http_client=self._http)
        self._client.api.base_url = settings.api

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message, once: never repeated by the library, nor by us."""
        fields: dict[str, str] = json.loads(outgoing.data)
        try:
            made = self._client.messages.create(**{ARGUMENTS[name]: value for name, value in fields.items()})
        except wire.Broke as broke:
            return broke.outcome
        except TwilioException:
            return _refused(self._http.last)
        except (ValueError, TypeError, AttributeError):  # a 2xx whose body is no message
            return Outcome("unconfirmed", wire.ODD, _raw(self._http.last))
        return _taken(made)

    def close(self) -> None:
        self._http.wire.close()


def _refused(answer: Response) -> Outcome:
    """Read a refusal: {"code": 21211, "message": …}, or in the newer form "title" and "detail" (RFC 9457)."""
    try:
        said = json.loads(answer.text)
        words = " ".join(str(said[name]) for name in ("message", "title", "detail") if said.get(name))
        return refusal(answer.status_code, int(said["code"]), words)
    except (ValueError, TypeError, KeyError, AttributeError):  # somebody else's page: a proxy's, say
        return refusal(answer.status_code, None, answer.text)


def _raw(answer: Response) -> str:
    return f"{answer.status_code} {answer.text}"[: wire.LONGEST_REPLY]


def _taken(made: Any) -> Outcome:
    """Read the message that Twilio says it has made."""
    if made.error_code:
        return refusal(400, int(made.error_code), made.error_message or "")
    if not made.sid:
        return Outcome("unconfirmed", wire.ODD)
    return Outcome("sent", "", f"201 {made.status} {made.sid}", provider_id=made.sid)
