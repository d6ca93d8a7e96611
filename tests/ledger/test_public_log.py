"""Anybody's monitor can follow a log by its public addresses: hashes and signed heads, and nothing else."""

import pytest
from django.test import Client

from comms.ledger import checkpoint, merkle, sealer, sealing
from comms.models import Checkpoint, Log, LogKey
from comms.record import entries
from tests.ledger.test_leaf import PERSONAL, entry_of
from tests.ledger.test_sealing import grow


@pytest.fixture
def log(inside, sealing_key):
    entries.write([entry_of(inside)])
    grow(inside, 600)
    sealer.run()
    return Log.objects.get()


def get(log, path):
    return Client().get(f"/log/{log.public_id.hex}/{path}")


class Monitor:
    """A stranger with the public key: fetches what it needs over HTTP and believes only what it can compute."""

    def __init__(self, log, key):
        self.log, self.key = log, key
        self.head = None

    def tile(self, level, number, width):
        name = f"{number:03}" if width == 256 else f"{number:03}.p/{width}"
        answer = get(self.log, f"tile/{level}/{name}")
        assert answer.status_code == 200 and answer["Content-Type"] == "application/octet-stream"
        assert len(answer.content) == 32 * width
        return [answer.content[at : at + 32] for at in range(0, len(answer.content), 32)]

    def perfect(self, height, index):
        level, within = divmod(height, 8)
        first = index << within
        has = min(256, (self.head.size >> 8 * level) - first // 256 * 256)
        hashes = self.tile(level, first // 256, has)[first % 256 :][: 1 << within]
        return merkle.root_of(hashes)

    def follow(self):
        note = checkpoint.read(get(self.log, "checkpoint").content.decode())
        assert note.is_signed_by(self.key)
        before, self.head = self.head, note.head
        assert merkle.root(note.head.size, self.perfect) == note.head.root
        if before:
            proof = merkle.consistency(before.size, note.head.size, self.perfect)
            merkle.check_consistency(before.size, note.head.size, before.root, note.head.root, proof)
        return note.head


def test_a_monitor_follows_the_log_as_it_grows(inside, log):
    monitor = Monitor(log, checkpoint.Key.read(LogKey.objects.get().vkey))
    sizes = [monitor.follow().size]
    for step in (1, 300, 256):
        grow(inside, step)
        sealer.run()
        sizes.append(monitor.follow().size)

    assert sizes == sorted(set(sizes)) and sizes[-1] > 1_100
    print(f"monitor: followed {len(sizes)} heads to {sizes[-1]} leaves by tiles alone")


def test_nothing_personal_can_be_fetched(log):
    for path in ("checkpoint", "tile/0/000", "tile/0/001", "tile/1/000.p/2"):
        answer = get(log, path)
        assert answer.status_code == 200
        assert not [word for word in (*PERSONAL, "larch", "Larch") if word.encode() in answer.content]
    assert get(log, "tile/entries/000").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/002",  # not full
        "tile/0/002.p/91",  # wider than what is signed
        "tile/0/002.p/256",
        "tile/0/002.p/0",
        "tile/0/2",
        "tile/0/x000/001",  # another name of 001
        "tile/0/003.p/1",
        "tile/1/000",
        "tile/1/000.p/3",
        "tile/2/000.p/1",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x",
        "tile/0/000.p/",
        "tile/0/x999/x999/x999/x999/x999/999",
        "entries",
        "",
    ],
)
def test_what_no_signed_head_covers_is_not_there(log, path):
    assert sealing.size(log) == 602

    assert get(log, path).status_code == 404


def test_what_is_sealed_and_not_signed_is_not_there(inside, log, settings):
    settings.CHECKPOINT_SECONDS = 3600
    grow(inside, 10)
    sealer.run()

    assert get(log, "tile/0/002.p/90").status_code == 200
    assert get(log, "tile/0/002.p/91").status_code == 404


def test_a_log_that_is_not_there_and_one_that_is_not_signed_look_the_same(inside, settings):
    settings.SEALING_KEY_FILE = settings.SEALING_KEY = ""
    entries.write([entry_of(inside)])
    sealer.run()

    assert get(Log.objects.get(), "checkpoint").status_code == 404
    assert Client().get(f"/log/{'0' * 32}/checkpoint").status_code == 404
    assert Client().get("/log/larch/checkpoint").status_code == 404


def test_caches_keep_tiles_for_good_and_heads_for_a_moment(log):
    assert get(log, "tile/0/000")["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get(log, "checkpoint")["Cache-Control"] == "public, max-age=3"
    assert get(log, "checkpoint").content.decode() == Checkpoint.objects.order_by("number").last().note


def test_nothing_is_taken(log):
    assert Client().post(f"/log/{log.public_id.hex}/checkpoint").status_code == 405


def test_a_large_index_is_written_in_threes():
    from comms.views.public_log import _path

    assert [_path(n) for n in (0, 999, 1000, 1234067)] == ["000", "999", "x001/000", "x001/x234/067"]
