"""Each leaf gets its place once; the head over all of them is signed, and never one that takes anything back."""

import os
import stat

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from comms.ledger import checkpoint, keys, memory, merkle, publishing, sealer, sealing
from comms.ledger.canonical import leaf_hash
from comms.ledger.tiles import Tree
from comms.models import Checkpoint, Leaf, Log, LogEntry, LogKey, Pending, Seal, Tile
from comms.record import entries
from tests.conftest import url_of
from tests.ledger.test_leaf import entry_of


def write(cast, count=1):
    return entries.write([entry_of(cast, title=f"No {n}") for n in range(count)])


def grow(cast, count):
    """Add leaves as if of rows that there are: what is sealed is leaves."""
    data = [f'{{"n":{n}}}'.encode() for n in range(count)]
    top = Leaf.objects.filter(kind="export").count()
    Leaf.objects.bulk_create(
        Leaf(organisation=cast.organisation, kind="export", row_id=top + n + 1, data=one, hash=leaf_hash(one))
        for n, one in enumerate(data)
    )


def hashes(log):
    return [
        bytes(found) for found in Seal.objects.filter(log=log).order_by("seq").values_list("hash", flat=True)
    ]


def test_a_leaf_waits_until_it_is_sealed_once(inside):
    write(inside, 3)
    assert Pending.objects.count() == Leaf.objects.count() == 3

    assert sealing.seal(inside.organisation) == 3
    assert sealing.seal(inside.organisation) == 0

    log = Log.objects.get()
    assert not Pending.objects.exists()
    assert list(Seal.objects.order_by("seq").values_list("seq", "leaf__kind")) == [
        (0, "log"),
        (1, "entry"),
        (2, "entry"),
        (3, "entry"),
    ]
    assert Tree(log).root(4) == merkle.root_of(hashes(log))
    assert log.origin.endswith(f"/log/{log.public_id.hex}") and inside.organisation.slug not in log.origin


def test_each_organisation_has_a_log_of_its_own(cast):
    from django_scopes import scope

    for organisation in (cast.organisation, cast.other):
        with scope(organisation=organisation):
            entries.write([LogEntry(organisation=organisation, channel="email", title="A", sender_label="B")])

    assert {one.pk for one in sealing.waiting()} == {cast.organisation.pk, cast.other.pk}
    assert sealer.run()[0] == 2
    for organisation in (cast.organisation, cast.other):
        with scope(organisation=organisation):
            assert Log.objects.count() == 1 and sealing.size(Log.objects.get()) == 2


@pytest.mark.parametrize("steps", [[300, 1, 211, 600], [255], [256, 256], [66_000]])
def test_full_subtrees_are_kept_whatever_the_steps(inside, steps):
    for step in steps:
        grow(inside, step)
        sealing.seal(inside.organisation)

    log, size = Log.objects.get(), sum(steps) + 1
    found = hashes(log)
    level = {n: merkle.root_of(found[256 * n : 256 * (n + 1)]) for n in range(size // 256)}
    assert {t.index: bytes(t.hash) for t in Tile.objects.filter(level=1)} == level
    assert Tile.objects.filter(level=2).count() == size // 65_536
    tree = Tree(log)
    for at in {1, size, size // 2, size - 1, max(1, size // 256 * 256)}:
        assert tree.root(at) == merkle.root_of(found[:at])
    assert tree.tile(0, size // 256) == found[size // 256 * 256 :]


def test_a_leaf_of_another_organisation_is_not_taken(inside):
    write(inside)
    Pending.objects.update(organisation=inside.other)

    with scope(organisation=inside.other):
        sealing._batch(inside.other)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM comms_seal s JOIN comms_leaf l ON l.id = s.leaf_id WHERE l.kind = 'entry'"
        )
        assert cursor.fetchone() == (0,)


def test_a_leaf_that_waits_again_keeps_its_one_place(inside):
    (entry,) = write(inside)
    sealing.seal(inside.organisation)
    found = Leaf.objects.get(kind="entry")
    Pending.objects.create(leaf=found, organisation=inside.organisation)

    assert sealing.seal(inside.organisation) == 0
    assert Seal.objects.count() == 2 and not Pending.objects.exists()


def test_a_second_sealer_stops_at_the_lock(committed, inside):
    write(inside)
    with psycopg.connect(url_of(committed, "DATABASE_URL")) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [sealing.LOCK, inside.organisation.pk])
        assert sealing.seal(inside.organisation) == 0
    assert sealing.seal(inside.organisation) == 1


def test_a_leaf_that_is_committed_late_is_sealed_where_a_look_above_the_last_number_would_pass_it_over(
    committed, inside
):
    with psycopg.connect(url_of(committed, "DATABASE_URL")) as late:
        late.execute(
            "INSERT INTO comms_leaf (organisation_id, kind, row_id, data, hash, salts)"
            " VALUES (%s, 'export', 1, '{}', sha256('\\x00'::bytea || '{}'), '')",
            [inside.organisation.pk],
        )
        write(inside)
        assert sealing.seal(inside.organisation) == 1
        highest = Seal.objects.order_by("leaf").last().leaf_id
        late.commit()

    assert not Leaf.objects.filter(pk__gt=highest, seal__isnull=True).exists()  # what a watermark would ask
    assert sealing.seal(inside.organisation) == 1
    assert Leaf.objects.filter(seal__isnull=True).count() == 0


# ------------------------------------------------------------------------------------------------ heads


def test_nothing_is_signed_without_a_key(inside, settings):
    settings.SEALING_KEY_FILE = settings.SEALING_KEY = ""
    write(inside)

    assert sealer.run() == (1, 0)
    assert "not signed" in sealer.obstacle(inside.organisation)


def test_the_head_is_signed_recorded_and_sealed_in_its_turn(inside, sealing_key):
    write(inside, 2)

    assert sealer.run() == (2, 1)

    made, log = Checkpoint.objects.get(), Log.objects.get()
    note = checkpoint.read(made.note)
    assert (made.number, made.size, note.head.size, note.head.origin) == (1, 3, 3, log.origin)
    assert note.head.root == bytes(made.root) == merkle.root_of(hashes(log))
    assert note.is_signed_by(checkpoint.Key.read(LogKey.objects.get().vkey))
    assert sealer.run() == (2, 0 + 1)  # the key's leaf is news, the checkpoint's is not
    assert sealer.run() == (1, 0)  # the checkpoint's own leaf alone
    assert sealer.run() == (0, 0)
    assert (
        Checkpoint.objects.count() == 2
        and Leaf.objects.filter(kind="checkpoint", seal__isnull=False).count() == 2
    )
    assert sealer.obstacle(inside.organisation) == ""


def test_heads_keep_their_distance(inside, sealing_key, settings):
    settings.CHECKPOINT_SECONDS = 55
    write(inside)
    sealer.run()
    write(inside)

    assert sealer.run()[1] == 0
    assert publishing.publish(inside.organisation, timezone.now() + timezone.timedelta(seconds=54)) is None
    assert (
        publishing.publish(inside.organisation, timezone.now() + timezone.timedelta(seconds=56)).number == 2
    )


@pytest.fixture
def mighty(committed, inside):
    """Run statements as the owner with every trigger off."""
    if "SUPERUSER_DATABASE_URL" not in os.environ:
        pytest.skip("Needs the embedded server's superuser.")

    def run(*statements):
        with psycopg.connect(url_of(committed, "SUPERUSER_DATABASE_URL"), autocommit=True) as mighty:
            for table in ("seal", "checkpoint", "tile"):
                mighty.execute(f"ALTER TABLE comms_{table} DISABLE TRIGGER ALL")
            for statement in statements:
                mighty.execute(statement)

    return run


def test_a_shorter_tree_is_not_signed_and_a_new_log_goes_on(mighty, inside, sealing_key, caplog):
    write(inside, 5)
    sealer.run()
    first = Log.objects.get()
    signed = memory.text(first.origin)
    mighty("DELETE FROM comms_seal WHERE seq > 0", "DELETE FROM comms_checkpoint")
    write(inside)

    assert sealer.run()[1] == 0
    assert f"{first.origin} has" in caplog.text and "new_log" in sealer.obstacle(inside.organisation)
    assert memory.text(first.origin) == signed

    call_command("new_log", organisation="larch", reason="Restored from the backup of Monday")
    assert sealer.run()[1] == 1
    second = sealing.current(inside.organisation)
    assert (second.number, second.former, second.reason) == (2, signed, "Restored from the backup of Monday")
    assert Seal.objects.get(log=second, seq=0).leaf.kind == "log"
    assert sealing.size(first) == 4  # the entry after the restore was sealed there before the alarm


def test_an_altered_tree_is_not_signed(mighty, inside, sealing_key, caplog):
    write(inside, 5)
    sealer.run()
    mighty("UPDATE comms_seal SET hash = sha256('x') WHERE seq = 2")
    write(inside)

    assert sealer.run()[1] == 0
    assert "are not those that were signed" in caplog.text


def test_a_lost_memory_stops_the_sealer_until_somebody_decides(inside, sealing_key, caplog, capsys):
    write(inside)
    sealer.run()
    for note in memory.folder().iterdir():
        note.unlink()
    write(inside)

    assert sealer.run()[1] == 0
    assert "does not remember" in caplog.text

    call_command("seal", remember=True)
    assert "continues from its 2 leaves" in capsys.readouterr().out
    assert Checkpoint.objects.count() == 2


def test_the_memory_of_another_key_is_not_taken(inside, sealing_key):
    write(inside)
    sealer.run()
    for note in memory.folder().iterdir():
        note.unlink()
    sealing_key.unlink()
    keys.make(str(sealing_key))

    with pytest.raises(CommandError, match="not signed with the sealing key"):
        call_command("seal", remember=True)


# ------------------------------------------------------------------------------------------------ keys


def test_a_key_is_changed_with_both_signatures(inside, sealing_key):
    write(inside)
    sealer.run()
    call_command("make_sealing_key", rotate=True)
    new, old = keys.load()
    log = Log.objects.get()
    signers = []
    for _ in range(4):
        write(inside)
        assert sealer.run()[1] == 1
        note = checkpoint.read(Checkpoint.objects.order_by("number").last().note)
        signers.append([note.is_signed_by(checkpoint.public_of(key, log.origin)) for key in (old, new)])

    # Its leaf, sealed under the former key alone; then both.
    assert signers == [[True, False], [True, True], [True, True], [True, True]]
    sealing_key.write_text(sealing_key.read_text().split()[0])
    write(inside)
    assert sealer.run()[1] == 1
    note = checkpoint.read(Checkpoint.objects.order_by("number").last().note)
    assert not note.is_signed_by(checkpoint.public_of(old, log.origin))


def test_a_key_from_nowhere_does_not_sign(inside, sealing_key, caplog):
    write(inside)
    sealer.run()
    sealing_key.unlink()
    keys.make(str(sealing_key))
    write(inside)

    assert sealer.run()[1] == 0
    assert "is not one of" in caplog.text


def test_a_new_key_does_not_sign_alone_before_it_has_signed_beside_the_former(inside, sealing_key, caplog):
    write(inside)
    sealer.run()
    call_command("make_sealing_key", rotate=True)
    write(inside)
    sealer.run()
    sealing_key.write_text(sealing_key.read_text().split()[0])
    write(inside)

    assert sealer.run()[1] == 0
    assert "has not yet signed beside" in caplog.text


def test_a_key_that_others_may_read_is_not_used(inside, sealing_key, caplog):
    assert stat.S_IMODE(sealing_key.stat().st_mode) == 0o600
    sealing_key.chmod(0o640)
    write(inside)

    assert sealer.run()[1] == 0
    assert "Others may read" in caplog.text


def test_a_key_is_not_overwritten(sealing_key):
    before = sealing_key.read_text()

    with pytest.raises(CommandError, match="--rotate"):
        call_command("make_sealing_key")
    call_command("make_sealing_key", unless_there=True)

    assert sealing_key.read_text() == before


def test_the_key_may_come_from_the_environment(inside, settings, sealing_key, tmp_path):
    settings.SEALING_KEY, settings.SEALING_KEY_FILE = sealing_key.read_text().strip(), ""
    write(inside)
    assert "SEALER_MEMORY" in sealer.obstacle(inside.organisation) or sealer.run()[1] == 0

    settings.SEALER_MEMORY = str(tmp_path / "memory")
    assert sealer.run()[1] == 1


def test_the_database_holds_no_key(inside, sealing_key):
    write(inside)
    sealer.run()
    secret = keys.load()[0].private_bytes_raw()

    for model in (Log, LogKey, Checkpoint, Leaf):
        for row in model.objects.all():
            told = "".join(str(getattr(row, f.attname)) for f in model._meta.concrete_fields)
            assert secret.hex() not in told and sealing_key.read_text().strip() not in told
