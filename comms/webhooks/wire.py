"""Tell another system once: to the address that was checked, following nowhere, and not longer than a while."""

import contextlib
import http.client
import socket
import ssl
import threading
from typing import NamedTuple

from comms.webhooks.address import Target

CONNECT, ANSWER, WHOLE = 5.0, 10.0, 20.0  # seconds: for the connection, between two pieces, for everything
KEPT = 500  # bytes of the answer that are read


class Answer(NamedTuple):
    """What came back: a status, or none and why."""

    status: int | None
    words: str

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    """Post once and give the answer. A redirect is an answer like any other: nothing goes after it."""
    try:
        line = _connect(target)
    except (OSError, ssl.SSLError) as fault:
        return Answer(None, f"No connection: {_words(fault)}")
    made = http.client.HTTPConnection(target.host, target.port, timeout=ANSWER)
    made.sock = line
    late = threading.Timer(WHOLE, _cut, [line])  # who answers a byte at a time is not waited for
    late.start()
    try:
        made.request("POST", target.path, body, {"Host": target.authority, **headers})
        response = made.getresponse()
        return Answer(response.status, response.read(KEPT).decode("utf-8", "replace").replace("\x00", ""))
    except (OSError, http.client.HTTPException, ValueError) as fault:
        return Answer(None, f"No answer: {_words(fault)}")
    finally:
        late.cancel()
        made.close()


def _connect(target: Target) -> socket.socket:
    """Connect to the first of its addresses that answers; over TLS it must prove to be the host by its name."""
    fault: OSError = OSError("there is no address")
    for address in target.addresses:
        try:
            line = socket.create_connection((address, target.port), timeout=CONNECT)
        except OSError as one:
            fault = one
            continue
        line.settimeout(ANSWER)
        if not target.secure:
            return line
        try:
            return ssl.create_default_context().wrap_socket(line, server_hostname=target.host)
        except OSError:
            line.close()
            raise
    raise fault


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _words(fault: BaseException) -> str:
    return (str(fault) or type(fault).__name__)[: KEPT - 20]
