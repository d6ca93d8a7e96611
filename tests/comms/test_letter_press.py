"""The process that sets letters: cut off from everything, ended when it hangs."""

import http.server
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comms.channels.letter import printing
from comms.channels.letter.making import render
from tests.comms.letters import letter, text

ROOT = Path(printing.__file__).resolve().parents[3]
ENDLESS = "<p>A long notice. </p>" * 60_000


@pytest.fixture
def asked():
    """A server that notes who asks it for anything."""
    requests = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()


@pytest.mark.parametrize(
    "body",
    [
        '<p><img src="{url}/pixel.png"></p>',
        '<p style="background-image: url({url}/pixel.png)">x</p>',
        '<link rel="stylesheet" href="{url}/style.css"><p>x</p>',
        "<style>@font-face {{ font-family: Far; src: url({url}/far.ttf) }}</style><p style='font-family: Far'>x</p>",
    ],
)
def test_nobody_is_asked_for_anything_and_the_letter_fails(asked, body):
    url, requests = asked

    with pytest.raises(ValueError):
        render(letter(body=body.format(url=url)))

    assert requests == []


@pytest.mark.parametrize("place", ["/etc/hostname", "file:///etc/hostname", "../../../../../../etc/hostname"])
def test_no_file_of_the_machine_is_read(place):
    with pytest.raises(ValueError, match="A picture in the text cannot be printed"):
        render(letter(body=f'<p><img src="{place}"></p>'))


def inside(code: str) -> subprocess.CompletedProcess:
    """Run a line of Python in a room that was shut."""
    shut = f"import sys; sys.path.append({str(ROOT)!r})\nfrom comms.channels.letter.press import room\nimport {{}}\nroom.shut()\n"
    needs = "socket, subprocess, ctypes, os"
    return subprocess.run(
        [sys.executable, "-I", "-c", shut.format(needs) + code], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("socket.socket()", "PermissionError"),
        ("socket.getaddrinfo('localhost', 80)", "PermissionError"),
        ("subprocess.run(['true'])", "PermissionError"),
        ("os.system('true')", "PermissionError"),
        ("os.fork()", "PermissionError"),
        ("ctypes.CDLL(None)", "PermissionError"),
        ("bytearray(2 * 1024 ** 3)", "MemoryError"),
    ],
)
def test_the_room_is_shut(code, fault):
    ran = inside(code)

    assert ran.returncode == 1
    assert fault in ran.stderr.splitlines()[-1]
    assert inside("print(1)").stdout == "1\n"


def test_it_does_not_get_our_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not-for-letters")
    monkeypatch.setattr(printing, "_idle", [])
    render(letter())  # it has begun once it has answered

    environment = Path(f"/proc/{printing._idle[-1].process.pid}/environ").read_bytes()

    printing._idle[-1].end()
    assert b"not-for-letters" not in environment


def test_a_letter_that_hangs_is_stopped_and_the_next_is_made():
    render(letter())  # so that a process waits
    press = printing._idle[-1]
    begun = time.monotonic()

    with pytest.raises(ValueError, match="took too long to set"):
        render(letter(body=ENDLESS), seconds=1)

    assert time.monotonic() - begun < 10
    assert press.process.returncode is not None
    assert "out of service" in text(render(letter()))


def test_a_process_that_was_killed_while_it_waited_is_replaced():
    render(letter())
    press = printing._idle[-1]
    press.process.kill()
    press.process.wait()

    assert "out of service" in text(render(letter()))


def test_a_process_that_dies_over_a_letter_fails_it_with_a_sentence():
    render(letter())
    press = printing._idle[-1]
    killer = threading.Timer(0.5, press.process.kill)
    killer.start()

    with pytest.raises(ValueError, match="could not be set"):
        render(letter(body=ENDLESS))

    killer.cancel()


def test_a_refused_letter_does_not_cost_the_process():
    render(letter())
    press = printing._idle[-1]

    with pytest.raises(ValueError):
        render(letter(body="<p><img src='x.png'></p>"))

    assert printing._idle[-1] is press


def test_two_at_once_get_their_own_letters():
    def made(number):
        return f"Letter {number} " in text(render(letter(body=f"<p>Letter {number} here</p>")))

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(made, range(12)))

    assert len(printing._idle) == printing.KEPT


def test_a_forked_worker_does_not_share_it():
    render(letter())
    mine = printing._idle[-1].process.pid
    reader, writer = os.pipe()

    if not (child := os.fork()):
        try:
            render(letter())
            os.write(writer, str(printing._idle[-1].process.pid).encode())
            printing._idle[-1].end()
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert int(os.read(reader, 20)) != mine
    assert "out of service" in text(render(letter()))
