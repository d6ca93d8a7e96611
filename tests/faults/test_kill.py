"""2,000 recipients, 200 kill -9, a crash of the database and an emptied broker: nobody is lost, nobody doubled."""

import collections
import os
import random
import threading
import time
from email import message_from_bytes
from pathlib import Path

import pytest
import redis
from django.db import connection
from django.utils import timezone

from comms.models import Communication, LogEntry, Recipient
from config import embedded
from tests import sink as smtp
from tests.conftest import url_of
from tests.workers import Crew

PEOPLE = int(os.environ.get("FAULT_PEOPLE", "2000"))
KILLS = int(os.environ.get("FAULT_KILLS", "200"))
LATENCY = 0.1  # seconds: what a mail server far away takes, and what gives a kill something to hit
SILENT = 20  # people after whose message the line breaks without an answer


def big_circular(cast):
    communication = Communication.objects.create(
        organisation=cast.organisation,
        block=cast.block,
        subject="Water off on Monday",
        body="<p>Dear {{first_name}},</p><p>the water is off.</p>",
        created_by=cast.alice,
    )
    Recipient.objects.bulk_create(
        Recipient(
            organisation=cast.organisation,
            communication=communication,
            name=f"Person {n}",
            email=f"{'silent' if n < SILENT else 'person'}{n}@simulator.example",
            merge_values={"first_name": f"Person {n}"},
        )
        for n in range(PEOPLE)
    )
    communication.schedule(at=timezone.now(), by=cast.alice)
    return communication


def test_nobody_is_lost_and_nobody_is_doubled(committed, inside, tmp_path):
    if "EMBEDDED_PGDATA" not in os.environ:
        pytest.skip("The database can only be crashed where it is the embedded one.")
    rng = random.Random(20261121)
    communication = big_circular(inside)
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
            for kill in range(KILLS):
                if kill == KILLS // 3:
                    redis.Redis.from_url(broker).flushall()
                if kill == KILLS // 2:
                    crash = threading.Thread(target=crash_the_database)
                    crash.start()
                crew.kill_one(rng)
                time.sleep(rng.uniform(0.1, 0.5))
            crash.join()
            connection.close()
            wait_for(lambda: is_through(communication), 300, tmp_path)
            took = time.monotonic() - begun
        finally:
            crew.stop()
        report(communication, sink, took)


def crash_the_database() -> None:
    embedded.control(Path(os.environ["EMBEDDED_PGDATA"]).parent, "restart", "-m", "immediate")


def is_through(communication: Communication) -> bool:
    communication.refresh_from_db()
    return (
        communication.status == "sent"
        and not communication.recipients.exclude(state__in=["done", "unconfirmed"]).exists()
    )


def wait_for(condition, seconds: float, folder: Path) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            logs = "\n".join(path.read_text()[-3000:] for path in folder.glob("*.log"))
            pytest.fail(f"It did not come about in {seconds} seconds.\n{logs}")
        time.sleep(0.5)


def report(communication: Communication, sink: smtp.Sink, took: float) -> None:
    arrived = collections.Counter(message_from_bytes(kept.data)["X-Blockpost-Entry"] for kept in sink.kept)
    states = dict(
        LogEntry.objects.filter(communication=communication).values_list("public_id", "delivery__status")
    )
    by_status = collections.Counter(states.values())
    doubled = {entry: times for entry, times in arrived.items() if times > 1}
    lost = [str(entry) for entry, status in states.items() if status == "sent" and str(entry) not in arrived]
    print(
        f"\n{PEOPLE} people, {KILLS} kills, 1 crash of the database, 1 emptied broker: {took:.0f} s, "
        f"{dict(by_status)}, doubled {len(doubled)}, said to be sent and not there {len(lost)}, "
        f"unconfirmed that had arrived {sum(states[e] == 'unconfirmed' and str(e) in arrived for e in states)}"
    )

    assert len(states) == PEOPLE
    assert not doubled
    assert not lost
    assert set(by_status) <= {"sent", "unconfirmed"}
    assert by_status["unconfirmed"] <= KILLS + SILENT + 4  # 4 were dialling when the database crashed
    assert set(arrived) <= {str(entry) for entry in states}
