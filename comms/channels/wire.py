"""Post a request to a provider once, and know what a broken line means (RFC 9110).

The body is handed to the socket only after the connection is made, the certificate checked and the headers
written. Before that nothing can have been accepted; from then on nobody can know.
"""

import io

import requests

from comms.channels.base import Outcome

UNREACHABLE = "The provider could not be reached."
SILENT = "The provider was given the message and gave no answer. It may have arrived."
ODD = "The provider's answer could not be understood. It may have arrived."
CREDENTIALS = "The provider refused the user name or password in our settings. An admin can put it right."
ELSEWHERE = "The provider's address in our settings leads elsewhere. An admin can put it right."
TOO_FAST = "The provider asks us to send more slowly."
AWAY = "The provider has a fault and takes nothing for now."
REFUSED = "The provider refused the message."
LONGEST_REPLY = 4000  # characters of an answer that are kept: a page of a proxy in between can be any length


class Broke(Exception):
    """Raised when no answer came; carries what that means."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reply)
        self.outcome = outcome


class Body(io.BytesIO):
    """The bytes of a request, which know whether they began to leave."""

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.begun = True
        return super().read(size)


class Wire:
    """Connections to providers, kept from one message to the next. Follows nowhere, repeats nothing."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout  # seconds, for the connection and for each piece of the answer
        self._session = requests.Session()

    def post(
        self, url: str, data: bytes, headers: dict[str, str], auth: tuple[str, str] | None = None
    ) -> requests.Response:
        """Post once and give the answer, whatever its status. Raises Broke where none came."""
        body = Body(data)
        try:
            return self._session.post(
                url,
                data=body,
                headers=headers,
                auth=auth or as_it_is,  # or else a .netrc would be asked
                timeout=self.timeout,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError) as fault:
            raise Broke(broken(body.begun, fault)) from fault

    def close(self) -> None:
        self._session.close()


def broken(begun: bool, fault: BaseException) -> Outcome:
    """Say what it means that no answer came: all depends on whether the request had begun to leave."""
    if begun:
        return Outcome("unconfirmed", SILENT, innermost(fault))
    return Outcome("deferred", UNREACHABLE, innermost(fault), no_line=True)


def by_status(status: int, words: str) -> Outcome:
    """Say what an answer that is no 2xx means where only its status tells.

    504 is a broken line too, only further away: whoever waited there handed our request on.
    """
    reply = f"{status} {words[:LONGEST_REPLY]}".strip()
    if status in (401, 403):
        return Outcome("deferred", CREDENTIALS, reply, no_line=True)
    if status == 429:
        return Outcome("deferred", TOO_FAST, reply)
    if status == 504:
        return Outcome("unconfirmed", SILENT, reply)
    if status >= 500 or status == 408:
        return Outcome("deferred", AWAY, reply)
    if status < 400:
        return Outcome("deferred", ELSEWHERE, reply, no_line=True)
    return Outcome("failed", REFUSED, reply)


def innermost(fault: BaseException) -> str:
    """Name what really happened, without the address that the outer ones repeat."""
    while inner := fault.__cause__ or fault.__context__:
        fault = inner
    return f"{type(fault).__name__}: {fault}"


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no password to a request, from wherever."""
    return request
