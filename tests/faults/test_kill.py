"""Thousands of recipients, kill -9, crashes of the database, an emptied broker: nobody is lost, nobody doubled."""

import datetime
import os
import random
import threading
import time
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from comms.models import Ticket
from comms.sending import follow_up
from config import embedded
from tests import sink as smtp
from tests.conftest import url_of
from tests.faults.load import Sum, is_through, scheduled, wait_for
from tests.workers import Crew

PEOPLE = int(os.environ.get("FAULT_PEOPLE", "2000"))
KILLS = int(os.environ.get("FAULT_KILLS", "200"))
CRASHES = int(os.environ.get("FAULT_CRASHES", "1"))
LATENCY = 0.1  # seconds: what a mail server far away takes, and what gives a kill something to hit
SILENT = PEOPLE // 100  # people after whose message the line breaks without an answer


def test_nobody_is_lost_and_nobody_is_doubled(committed, inside, tmp_path):
    if "EMBEDDED_PGDATA" not in os.environ:
        pytest.skip("The database can only be crashed where it is the embedded one.")
    rng = random.Random(20261121)
    names = ("silent" if number < SILENT else "person" for number in range(PEOPLE))
    notice = scheduled(
        inside,
        (f"{name}{number}@simulator.example" for number, name in enumerate(names)),
        type="notice",
        statutory=True,
    )
    broker = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/9"
    with smtp.running() as sink:
        sink.latency, sink.silent = LATENCY, {"silent"}
        crew = Crew(
            {
                "DATABASE_URL": url_of(committed, "DATABASE_URL"),
                "REDIS_URL": broker,
                "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
                "EMAIL_TIMEOUT": "3",
                "SENDING_LEASE_SECONDS": "10",
                "SENDING_BATCH": "20",
            },
            tmp_path,
        ).start()
        try:
            begun = time.monotonic()
            wait_for(lambda: len(sink.kept) > 20, 60, tmp_path)
            crashes = trouble(crew, rng, broker, sink)
            for crash in crashes:
                crash.join()
            connection.close()
            wait_for(lambda: is_through(notice), max(600, PEOPLE // 4), tmp_path)
            took = time.monotonic() - begun
        finally:
            crew.stop()

    found = Sum(notice, sink)
    later = timezone.now() + datetime.timedelta(minutes=settings.TICKET_UNCONFIRMED_MINUTES, seconds=1)
    while follow_up.raise_overdue(later):
        pass
    ticketed = Ticket.objects.filter(entry__communication=notice, reason="unconfirmed").count()
    print(
        f"\n{PEOPLE} people, {KILLS} kills, {CRASHES} crashes of the database, 1 emptied broker, {SILENT} lines "
        f"broken after the data: {took:.0f} s, {found}, tickets {ticketed}"
    )
    found.holds(PEOPLE, unconfirmed=KILLS + SILENT + 4 * CRASHES)  # 4 were dialling when the database crashed
    assert ticketed == found.by_status["unconfirmed"]


def trouble(crew: Crew, rng: random.Random, broker: str, sink: smtp.Sink) -> list[threading.Thread]:
    """Kill workers, crash the database now and then, and empty the broker once; give the crashes that go on.

    Each kill waits until mail is on its way again, for at most two seconds: a kill of the idle proves nothing.
    """
    crashes = []
    when = {KILLS * (number + 1) // (CRASHES + 1) for number in range(CRASHES)}
    for kill in range(KILLS):
        if kill == KILLS // 3:
            redis.Redis.from_url(broker).flushall()
        if kill in when:
            crashes.append(threading.Thread(target=crash_the_database))
            crashes[-1].start()
        seen, ends = len(sink.kept), time.monotonic() + 2
        while len(sink.kept) == seen and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, LATENCY))
        crew.kill_one(rng)
    return crashes


def crash_the_database() -> None:
    embedded.control(Path(os.environ["EMBEDDED_PGDATA"]).parent, "restart", "-m", "immediate")
