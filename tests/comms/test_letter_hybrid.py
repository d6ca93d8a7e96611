"""Handing letters to a hybrid mail provider, played by a server that speaks its API."""

import email
import http.server
import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from comms.channels.base import Outgoing, Party
from comms.channels.letter import hybrid
from comms.channels.letter.channel import HybridLetterChannel
from comms.channels.letter.hybrid import HybridLine, HybridSettings, settings_of
from tests.comms.letters import LETTERHEAD

PDF = b"%PDF-1.7 letter \x00\xff"
ENTRY = "5f0c7d1e-0000-4000-8000-000000000001"
BREAK, HANG = "break", "hang"


class Provider(http.server.BaseHTTPRequestHandler):
    """The documented API; `answer` overrides what it says, `taken` is what it has by idempotency key."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers, body))
        if self.server.answer == BREAK:
            return self.connection.shutdown(socket.SHUT_RDWR)
        if self.server.answer == HANG:
            return time.sleep(2)
        if self.server.answer:
            return self.say(*self.server.answer)
        if self.headers["Authorization"] != "Bearer s3cret":
            return self.say(401, {"error": "unknown key"})
        key = self.headers["Idempotency-Key"]
        seen = key in self.server.taken
        number = self.server.taken.setdefault(key, f"HM-{len(self.server.taken) + 1}")
        return self.say(200 if seen else 201, {"id": number, "status": "accepted"})

    def do_GET(self):
        number = self.path.removeprefix("/v1/letters/")
        if number in self.server.taken.values():
            return self.say(200, {"id": number, "status": "posted", "at": "2026-03-03T16:00:00Z"})
        return self.say(404, {"error": "no such letter"})

    def say(self, code, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        if 300 <= code < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextmanager
def provider(answer=None):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        server.asked, server.taken, server.answer = [], {}, answer
        server.url = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def outgoing(entry=ENTRY):
    to = Party("Mrs Żaneta Łukasiewicz", "Flat 12, London, SE1 4XX")
    return Outgoing(entry, "t0k3n", to, "", to.address, "<one@mail.example>", PDF)


def sent(url, key="s3cret", timeout=0.5):
    with HybridLetterChannel(LETTERHEAD, HybridSettings(url, key, timeout)).line() as line:
        return line.send(outgoing())


def test_a_letter_is_handed_over_with_its_address_and_our_number():
    with provider() as server:
        outcome = sent(server.url)

    (path, headers, body), *others = server.asked
    form = email.message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
    fields = {part.get_param("name", header="Content-Disposition"): part for part in form.get_payload()}
    said = {name: part.get_payload(decode=True) for name, part in fields.items()}
    assert (path, others) == ("/v1/letters", [])
    assert headers["Idempotency-Key"] == ENTRY
    assert said["letter"] == PDF
    assert said["reference"].decode() == ENTRY
    assert said["name"].decode() == "Mrs Żaneta Łukasiewicz"
    assert said["address"].decode() == "Flat 12, London, SE1 4XX"
    assert fields["letter"].get_content_type() == "application/pdf"
    assert (outcome.kind, outcome.reason, outcome.provider_id) == ("sent", "", "HM-1")
    assert json.loads(outcome.reply.removeprefix("201 ")) == {"id": "HM-1", "status": "accepted"}


def test_the_same_letter_again_is_answered_as_the_first_time():
    with provider() as server:
        line = HybridLine(HybridSettings(server.url, "s3cret"))
        first, again = (line.submit(PDF, "Ada", "London", ENTRY) for _ in range(2))
        other = line.submit(PDF, "Ada", "London", "another-entry")

    assert first.provider_id == again.provider_id == "HM-1"
    assert again.kind == "sent"
    assert other.provider_id == "HM-2"


def test_it_says_what_became_of_a_letter():
    with provider() as server:
        line = HybridLine(HybridSettings(server.url, "s3cret"))
        number = line.submit(PDF, "Ada", "London", ENTRY).provider_id

        assert line.status(number) == "posted"
        assert line.status("HM-99") == ""


@pytest.mark.parametrize(
    ("code", "kind", "reason", "no_line"),
    [
        (400, "failed", hybrid.REFUSED, False),
        (415, "failed", hybrid.REFUSED, False),
        (422, "failed", hybrid.REFUSED, False),
        (409, "failed", "The hybrid mail provider has another letter under this number.", False),
        (413, "failed", "The letter is too large for the hybrid mail provider.", False),
        (401, "deferred", hybrid.ACCOUNT, True),
        (403, "deferred", hybrid.ACCOUNT, True),
        (402, "deferred", "The account with the hybrid mail provider has no credit left.", True),
        (408, "deferred", hybrid.NOT_NOW, False),
        (429, "deferred", hybrid.NOT_NOW, False),
        (500, "deferred", hybrid.NOT_NOW, False),
        (503, "deferred", hybrid.NOT_NOW, False),
        (302, "deferred", hybrid.STRANGE, True),
        (202, "unconfirmed", hybrid.NO_ID, False),
    ],
)
def test_each_answer_has_its_meaning_and_is_kept(code, kind, reason, no_line):
    with provider((code, {"error": "their words"})) as server:
        outcome = sent(server.url)

    assert (outcome.kind, outcome.reason, outcome.no_line) == (kind, reason, no_line)
    assert outcome.reply == f'{code} {{"error": "their words"}}'
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"id": ""}', b'{"id": null}'])
def test_taken_without_a_number_is_unconfirmed(body):
    with provider((201, body)) as server:
        assert sent(server.url).reason == hybrid.NO_ID


@pytest.mark.parametrize("how", [BREAK, HANG])
def test_a_break_after_the_letter_was_said_is_unconfirmed(how):
    with provider(how) as server:
        outcome = sent(server.url)

    assert (outcome.kind, outcome.reason) == ("unconfirmed", hybrid.SILENT)
    assert len(server.asked) == 1


def test_nobody_there_is_deferred():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    for url in (f"http://127.0.0.1:{port}", "http://nowhere.invalid", "https://127.0.0.1:1", "nonsense"):
        outcome = sent(url)
        assert (outcome.kind, outcome.reason, outcome.no_line) == ("deferred", hybrid.UNREACHABLE, True)


def test_a_wrong_key_is_not_the_letters_fault():
    with provider() as server:
        assert sent(server.url, key="wrong").reason == hybrid.ACCOUNT


def test_the_key_is_in_nothing_that_is_shown():
    assert "s3cret" not in repr(HybridSettings("https://mail.example", "s3cret"))
    assert "s3cret" not in sent("http://127.0.0.1:1").reply


def test_it_is_off_without_its_settings():
    assert settings_of("", "") is None
    assert settings_of("https://mail.example/v1/", "") is None
    assert settings_of("https://mail.example/v1/", "k") == HybridSettings("https://mail.example/v1", "k")
