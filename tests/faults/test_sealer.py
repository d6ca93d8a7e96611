"""Writers that roll back and commit late, several sealers, and kill -9 on them: each row is sealed once, none is left out."""

import os
import random
import signal
import time
from collections.abc import Callable

import psycopg
from django.db import connection, transaction
from django_scopes import scope

from comms.ledger import checkpoint, keys, memory, sealer
from comms.ledger.verifying import verify
from comms.models import Checkpoint, Leaf, Log, LogEntry, Pending, Seal
from comms.record import entries
from tests.conftest import url_of
from tests.ledger.test_leaf import entry_of

WRITERS, SEALERS = 6, 3
KILLS = int(os.environ.get("SEALER_KILLS", "150"))
KEPT = []  # what a child must not close: it is its parent's


def forked(work: Callable[[], None]) -> int:
    """Run something in a process of its own, with a connection of its own; give its number."""
    child = os.fork()
    if child:
        return child
    KEPT.append(connection.connection)
    connection.connection = None
    try:
        work()
    finally:
        os._exit(0)


def write_until_told(cast, seed: int) -> None:
    """Write entries, 15 % of which are taken back, with commits that come late and in any order."""
    rng = random.Random(seed)
    with scope(organisation=cast.organisation):
        while True:
            with transaction.atomic():
                entries.write([entry_of(cast, title=f"{seed}") for _ in range(rng.randrange(1, 4))])
                time.sleep(rng.random() * 0.05)
                transaction.set_rollback(rng.random() < 0.15)


def seal_until_killed() -> None:
    while True:
        sealer.run()


def test_sealers_that_are_killed_leave_no_row_out_and_seal_none_twice(committed, inside, tmp_path, settings):
    settings.SEALING_KEY_FILE, settings.SEALER_MEMORY = str(tmp_path / "key"), str(tmp_path / "memory")
    settings.SEALING_KEY, settings.CHECKPOINT_SECONDS = "", 0
    keys.make(settings.SEALING_KEY_FILE)
    entries.write([entry_of(inside)])
    rng = random.Random(6)
    begun = time.monotonic()
    writers = [forked(lambda seed=seed: write_until_told(inside, seed)) for seed in range(WRITERS)]
    sealers = [forked(seal_until_killed) for _ in range(SEALERS)]
    try:
        for _ in range(KILLS):
            time.sleep(rng.random() * 0.15)
            place = rng.randrange(SEALERS)
            stop(sealers[place])
            sealers[place] = forked(seal_until_killed)
    finally:
        for child in [*writers, *sealers]:
            stop(child)
    took = time.monotonic() - begun

    wait_for_the_servers_side(committed)
    for _ in range(3):
        sealer.run()

    log = Log.objects.get()
    places = list(Seal.objects.order_by("seq").values_list("seq", flat=True))
    signed = [checkpoint.read(note).head for note in Checkpoint.objects.values_list("note", flat=True)]
    report = verify(inside.organisation)
    print(
        f"sealer: {KILLS} kills in {took:.0f} s, {LogEntry.objects.count()} entries committed, {len(places)} leaves sealed, "
        f"{len(signed)} heads signed, {len(report.findings)} findings"
    )
    assert places == list(range(Leaf.objects.count())) and not Pending.objects.exists()
    assert report.findings == []
    assert len({head.size for head in signed}) == len(signed) > 1
    remembered = memory.last(log.origin)
    assert remembered and remembered.head == max(signed, key=lambda head: head.size)
    assert LogEntry.objects.count() > KILLS


def stop(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def wait_for_the_servers_side(name: str) -> None:
    """Wait until the database has noticed that the killed are gone; what they had committed stays."""
    with psycopg.connect(url_of(name), autocommit=True) as owner:
        for _ in range(100):
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND state LIKE 'idle in%%'"
            row = owner.execute(others, [name]).fetchone()
            if row and row[0] == 0:
                return
            time.sleep(0.1)
