"""Providers on this machine: they speak the documented interface, or break where a test says so."""

import base64
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

CLOSE, RESET, HANG = "close", "reset", "hang"  # in the place of an answer
HANG_SECONDS = 1.5


@dataclass
class Asked:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {
            name: value for name, (value,) in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    then_close: bool = False  # without a word, as servers do with idle connections


@dataclass
class Server:
    address: str
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0


def said(status: int, body: object, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


@contextmanager
def serving(answer: Callable[[Asked], Answer | str]) -> Iterator[Server]:
    """Serve HTTP on a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept
        timeout = 5

        def setup(self):
            server.connections += 1
            super().setup()

        def do_GET(self):
            self.do_POST()

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            server.asked.append(asked)
            given = answer(asked)
            if isinstance(given, str):
                self._break(given)
                return
            self.send_response(given.status)
            for name, value in {**given.headers, "Content-Length": str(len(given.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.body)
            self.close_connection = self.close_connection or given.then_close

        def _break(self, how):
            self.close_connection = True
            if how == HANG:
                time.sleep(HANG_SECONDS)
            elif how == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server = Server(f"http://127.0.0.1:{http.server_address[1]}")
        threading.Thread(target=http.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield server
        finally:
            http.shutdown()


def nobody() -> str:
    """Give an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


ACCOUNT, TOKEN = "AC" + "0" * 32, "a secret token"


def refused(status: int, code: int, message: str) -> Answer:
    """Refuse as Twilio does (https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions)."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return said(status, {"code": code, "message": message, "more_info": more, "status": status})


def twilio(script: dict[str, Answer | str] | None = None) -> Callable[[Asked], Answer | str]:
    """Behave as the Messages resource does: check the request, then answer as the script has it for the number.

    https://www.twilio.com/docs/messaging/api/message-resource#create-a-message
    """

    def answer(asked: Asked) -> Answer | str:
        form = asked.form
        kind, _, given = asked.headers.get("authorization", "").partition(" ")
        if kind != "Basic" or base64.b64decode(given).decode() != f"{ACCOUNT}:{TOKEN}":
            return refused(401, 20003, "Authenticate")
        if asked.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return refused(404, 20404, f"The requested resource {asked.path} was not found")
        if asked.headers.get("content-type") != "application/x-www-form-urlencoded":
            return refused(400, 20001, "Unknown parameters")
        if not form.get("To"):
            return refused(400, 21604, "A 'To' phone number is required.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return refused(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required.")
        if not form.get("Body") and not form.get("ContentSid"):
            return refused(400, 21602, "Message body is required.")
        return (script or {}).get(form["To"]) or said(201, _message(form))

    return answer


def _message(form: dict[str, str]) -> dict[str, object]:
    sid = "SM" + "1" * 32
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        "date_sent": None,
        "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "accepted" if "MessagingServiceSid" in form else "queued",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media.json"},
        "to": form["To"],
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
    }
