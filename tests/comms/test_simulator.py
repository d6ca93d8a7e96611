"""The simulator as a process of its own, spoken to over real sockets."""

import json
import os
import re
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAIL = "From: a@b.example\r\nSubject: Água <b>off</b>\r\n\r\nDear all\r\n.hidden dot\r\n\r\n".encode()


@dataclass
class Simulator:
    process: subprocess.Popen
    port: int
    inbox: str
    folder: Path

    def send(self, to: str, data: bytes = MAIL) -> tuple[int, bytes]:
        """Hand one message over and give the answer, of whichever step was the last."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as line:
            line.ehlo("test")
            line.mail("bounces+1@b.example", ["SMTPUTF8", "BODY=8BITMIME"])
            answer = line.rcpt(to)
            return line.data(data) if answer[0] == 250 else answer

    def kept(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]

    def get(self, path: str) -> str:
        return urllib.request.urlopen(self.inbox + path, timeout=5).read().decode()


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Simulator]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "simulator", "--port=0", "--http-port=0", f"--dir={folder}", *options],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        port, inbox = re.search(r"SMTP 127\.0\.0\.1:(\d+), inbox (\S+),", line).groups()
        yield Simulator(process, int(port), inbox, folder)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("sink")) as simulator:
        yield simulator


def test_keeps_every_byte_and_the_envelope(simulator):
    code, text = simulator.send("person+flat3@simulator.example")

    kept = simulator.kept()[-1]
    assert (code, text) == (250, f"2.0.0 Ok queued as {kept['id']}".encode())
    assert (simulator.folder / f"{kept['id']}.eml").read_bytes() == MAIL
    assert kept["mail_from"] == "bounces+1@b.example"
    assert kept["rcpt_to"] == ["person+flat3@simulator.example"]
    assert kept["received_at"].endswith("+00:00")


@pytest.mark.parametrize(
    ("to", "code", "status"),
    [
        ("bounce@simulator.example", 550, b"5.1.1"),
        ("Bounce-7+tag@Simulator.Example", 550, b"5.1.1"),
        ("full@simulator.example", 452, b"4.2.2"),
        ("spam.me@simulator.example", 554, b"5.7.1"),
        ("person+bounce@simulator.example", 250, b"2.0.0"),
        ("bounce@elsewhere.example", 250, b"2.0.0"),
    ],
)
def test_answers_by_the_address(simulator, to, code, status):
    before = len(simulator.kept())

    answer = simulator.send(to)

    assert (answer[0], answer[1][:5]) == (code, status)
    assert len(simulator.kept()) == before + (code == 250)


def test_greylists_each_address_twice(simulator):
    answers = [simulator.send("grey1@simulator.example")[0] for _ in range(3)]

    assert answers == [451, 451, 250]
    assert simulator.send("grey2@simulator.example")[0] == 451


def test_is_slow(simulator):
    begun = time.monotonic()

    assert simulator.send("slow@simulator.example")[0] == 250
    assert 3 <= time.monotonic() - begun < 6


def test_hangs_up_without_an_answer_having_kept_the_message(simulator):
    with pytest.raises(smtplib.SMTPServerDisconnected):
        simulator.send("drop@simulator.example")

    assert simulator.kept()[-1]["rcpt_to"] == ["drop@simulator.example"]


def test_takes_eight_bit_mail_and_says_how_much(simulator):
    with smtplib.SMTP("127.0.0.1", simulator.port) as line:
        line.ehlo("test")

        assert line.has_extn("smtputf8") and line.has_extn("8bitmime")
        assert line.esmtp_features["size"] == str(40 * 1024 * 1024)


def test_shows_what_left_and_escapes_it(simulator):
    simulator.send("reader@simulator.example")
    id = simulator.kept()[-1]["id"]

    assert "reader@simulator.example" in simulator.get("")
    assert "<b>off" not in simulator.get("") + simulator.get(id)
    assert ".hidden dot" in simulator.get(id)
    assert simulator.get(f"{id}/raw").encode() == MAIL


def test_shows_nothing_outside_its_folder(simulator):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        simulator.get("..%2f..%2fetc%2fpasswd/raw")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        simulator.get("00000000000000000000-000000")


def test_drops_the_same_replies_for_the_same_seed(tmp_path):
    def answered(folder: Path) -> list[bool]:
        with running(folder, "--drop-replies=0.5", "--seed=7") as simulator:
            return [answers(simulator, f"p{n}@simulator.example") for n in range(12)]

    first, second = answered(tmp_path / "1"), answered(tmp_path / "2")

    assert first == second and True in first and False in first
    assert len(list((tmp_path / "1").glob("*.eml"))) == 12


def answers(simulator: Simulator, to: str) -> bool:
    try:
        return simulator.send(to)[0] == 250
    except smtplib.SMTPServerDisconnected:
        return False


def test_lets_the_open_line_come_to_an_end_when_told_to_stop(tmp_path):
    with running(tmp_path) as simulator:
        line = smtplib.SMTP("127.0.0.1", simulator.port, timeout=10)
        line.ehlo("test")
        simulator.process.terminate()
        time.sleep(0.3)
        line.mail("a@b.example")
        line.rcpt("person@simulator.example")

        assert line.data(MAIL.replace("Á".encode(), b"A"))[0] == 250
        line.quit()
        assert simulator.process.wait(3) == 0
