"""A worker that is told to stop finishes the message in its hands, takes no more, and leaves nothing unclear."""

import os
import signal
import time

import pytest
from django.db import connection
from django.utils import timezone

from comms.models import Communication, Delivery, Recipient
from tests.conftest import url_of
from tests.workers import Crew

LATENCY = 1.0  # seconds that the mail server takes, so that the signal falls into a dial


def schedule(cast, people: int) -> None:
    communication = Communication.objects.create(
        organisation=cast.organisation,
        block=cast.block,
        subject="Lift out of order",
        body="<p>The lift is out of order.</p>",
        created_by=cast.alice,
    )
    Recipient.objects.bulk_create(
        Recipient(
            organisation=cast.organisation,
            communication=communication,
            name=f"Person {n}",
            email=f"person{n}@simulator.example",
            merge_values={},
        )
        for n in range(people)
    )
    communication.schedule(at=timezone.now(), by=cast.alice)


@pytest.mark.parametrize("told", ["main process", "process group"])
def test_a_stopping_worker_leaves_nothing_unclear(committed, inside, sink, tmp_path, told):
    schedule(inside, people=20)
    sink.latency = LATENCY
    crew = Crew(
        {
            "DATABASE_URL": url_of(committed, "DATABASE_URL"),
            "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/8",
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        },
        tmp_path,
        size=1,
    ).start()
    worker = crew.workers[0]
    try:
        ends = time.monotonic() + 30
        while len(sink.kept) < 2 and time.monotonic() < ends:
            time.sleep(0.05)
        (os.kill if told == "main process" else os.killpg)(worker.pid, signal.SIGTERM)
        code = worker.wait(20)
    finally:
        crew.stop()
    connection.close()

    assert code == 0
    assert 2 <= len(sink.kept) < 20
    assert Delivery.objects.filter(status="sent").count() == len(sink.kept)
    assert not Recipient.objects.filter(state__in=["handing_over", "unconfirmed"]).exists()
    assert not Recipient.objects.filter(leased_until__isnull=False).exclude(state="done").exists()
