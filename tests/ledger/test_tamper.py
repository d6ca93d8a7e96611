"""Whoever changes the record as the database's superuser is found: every kind of change, in many places.

With one head that was kept outside, every kind. Without one, all but those that docs/verify.md lists: who has the
key as well can make another history of the same form, and nothing inside can tell.
"""

import os
import random
import re
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from comms.ledger import checkpoint, keys, leaf, memory, outside, publishing, sealer, sealing
from comms.ledger.forms import BY_KIND
from comms.ledger.verifying import verify
from comms.models import Content, DeliveryEvent, Leaf, Log, LogEntry, Receipt, Ticket
from comms.record import entries, events, tickets
from tests.conftest import url_of
from tests.ledger.test_leaf import entry_of, fill

PLACES = int(os.environ.get("TAMPER_PLACES", "2"))  # of each kind; 25 is the whole of it
DOCUMENTED = Path(__file__).parents[2] / "docs/verify.md"
TABLES = [
    "logentry",
    "deliveryevent",
    "exportrecord",
    "ticketchange",
    "receipt",
    "content",
    "leaf",
    "seal",
    "tile",
    "checkpoint",
    "log",
    "logkey",
]

# {entry}, {event} … are keys of rows chosen by chance, {entry2} … of others. Several statements are one tampering.
ROWS = {
    "address of an entry": "UPDATE comms_logentry SET to_address = 'eve@x.example' WHERE id = {entry}",
    "name of an entry": "UPDATE comms_logentry SET to_name = 'Eve' WHERE id = {entry}",
    "title of an entry": "UPDATE comms_logentry SET title = title || '.' WHERE id = {entry}",
    "words of an entry": "UPDATE comms_logentry SET words = 'Other' WHERE id = {entry}",
    "time of recording": "UPDATE comms_logentry SET recorded_at = recorded_at - interval '30 days' WHERE id = {entry}",
    "time of happening": "UPDATE comms_logentry SET happened_at = now() - interval '30 days' WHERE id = {entry}",
    "a microsecond": "UPDATE comms_logentry SET recorded_at = recorded_at + interval '1 us' WHERE id = {entry}",
    "hash of the bytes": "UPDATE comms_logentry SET sha256 = md5('a') || md5('b') WHERE id = {entry}",
    "personal bytes": "UPDATE comms_logentry SET personal = 'x' WHERE id = {entry}",
    "order of the parts": "UPDATE comms_logentry SET layout = '[1]' WHERE id = {entry}",
    "attachments": 'UPDATE comms_logentry SET attachments = \'[{{"name": "b.pdf"}}]\' WHERE id = {entry}',
    "shared body": "UPDATE comms_logentry SET html_id = (SELECT min(id) FROM comms_content c WHERE c.id <> html_id) WHERE id = {entry}",
    "keys of shared bodies": "UPDATE comms_content SET id = -id; UPDATE comms_content SET id = CASE WHEN id = "
    "(SELECT min(id) FROM comms_content) THEN -(SELECT max(id) FROM comms_content) WHEN id = "
    "(SELECT max(id) FROM comms_content) THEN -(SELECT min(id) FROM comms_content) ELSE -id END",
    "sender": "UPDATE comms_logentry SET sender_label = 'Eve' WHERE id = {entry}",
    "flat": "UPDATE comms_logentry SET unit_label = 'Flat 9' WHERE id = {entry}",
    "contact": "UPDATE comms_logentry SET contact_id = NULL WHERE id = {entry}",
    "channel": "UPDATE comms_logentry SET channel = 'post' WHERE id = {entry}",
    "made by hand": "UPDATE comms_logentry SET manual = NOT manual WHERE id = {entry}",
    "public id": "UPDATE comms_logentry SET public_id = gen_random_uuid() WHERE id = {entry}",
    "words of two entries swapped": "UPDATE comms_logentry SET words = 'No ' || CASE id WHEN {entry} THEN 'a' ELSE 'b' END "
    "WHERE id IN ({entry}, {entry2})",
    "entry deleted": "DELETE FROM comms_logentry WHERE id = {entry}",
    "entry and leaf deleted": "DELETE FROM comms_logentry WHERE id = {entry}; DELETE FROM comms_leaf WHERE {leaf_of_entry}",
    "entry, leaf and place deleted": "DELETE FROM comms_seal WHERE leaf_id = (SELECT id FROM comms_leaf WHERE {leaf_of_entry});"
    "DELETE FROM comms_logentry WHERE id = {entry}; DELETE FROM comms_leaf WHERE {leaf_of_entry}",
    "entry added": "INSERT INTO comms_logentry SELECT (jsonb_populate_record(e, jsonb_build_object('id', 99999, 'public_id', "
    "gen_random_uuid(), 'token', NULL))).* FROM comms_logentry e WHERE id = {entry}",
    "kind of an event": "UPDATE comms_deliveryevent SET kind = 'delivered' WHERE id = {event}",
    "time of an event": "UPDATE comms_deliveryevent SET happened_at = happened_at - interval '1 day' WHERE id = {event}",
    "reply of a server": "UPDATE comms_deliveryevent SET reply = '250 ok' WHERE id = {event}",
    "reason of an event": "UPDATE comms_deliveryevent SET reason = 'None' WHERE id = {event}",
    "event of another entry": "UPDATE comms_deliveryevent SET entry_id = {entry2} WHERE id = {event} AND entry_id <> {entry2}",
    "receipt taken from its event": "UPDATE comms_deliveryevent SET receipt_id = NULL WHERE id = {event}",
    "event deleted": "DELETE FROM comms_deliveryevent WHERE id = {event}",
    "body of a receipt": "UPDATE comms_receipt SET body = '[]' WHERE id = {receipt}",
    "headers of a receipt": "UPDATE comms_receipt SET headers = '{{}}' WHERE id = {receipt}",
    "count of an export": "UPDATE comms_exportrecord SET rows = 7 WHERE id = {export}",
    "who exported": "UPDATE comms_exportrecord SET user_id = user_id + 1 WHERE id = {export}",
    "closing of a ticket": "UPDATE comms_ticketchange SET outcome = 'resent' WHERE id = {ticket}",
    "ticket's change deleted": "DELETE FROM comms_ticketchange WHERE id = {ticket}",
    "shared bytes": "UPDATE comms_content SET data = 'x' WHERE id = {content}",
    "shared bytes with their hash": "UPDATE comms_content SET data = 'x', sha256 = encode(sha256('x'), 'hex') WHERE id = {content}",
    "shared bytes deleted": "DELETE FROM comms_content WHERE id = {content}",
    "bytes of a leaf": "UPDATE comms_leaf SET data = data || ' ', hash = sha256('\\x00'::bytea || data || ' ') WHERE {leaf_of_entry}",
    "salts of a leaf": "UPDATE comms_leaf SET salts = sha256('x') || salts WHERE {leaf_of_entry}",
    "leaf deleted": "DELETE FROM comms_leaf WHERE {leaf_of_entry}",
    "leaves of two entries swapped": "UPDATE comms_leaf SET row_id = -row_id WHERE kind = 'entry' AND row_id IN ({entry}, {entry2});"
    "UPDATE comms_leaf SET row_id = CASE row_id WHEN -{entry} THEN {entry2} ELSE {entry} END WHERE row_id < 0",
    "hash at a place": "UPDATE comms_seal SET hash = sha256('x') WHERE seq = {place}",
    "two places swapped": "UPDATE comms_seal SET seq = -seq - 1 WHERE seq IN ({place}, {place2});"
    "UPDATE comms_seal SET seq = CASE seq WHEN -{place} - 1 THEN {place2} ELSE {place} END WHERE seq < 0",
    "place deleted": "DELETE FROM comms_seal WHERE seq = {place}",
    "place deleted and the gap closed": "DELETE FROM comms_seal WHERE seq = {place};"
    "UPDATE comms_seal SET seq = -seq WHERE seq > {place}; UPDATE comms_seal SET seq = -seq - 1 WHERE seq < 0",
    "last place deleted": "DELETE FROM comms_seal WHERE seq = (SELECT max(seq) FROM comms_seal)",
    "tile": "UPDATE comms_tile SET hash = sha256('x')",
    "tile deleted": "DELETE FROM comms_tile",
    "tile added": "INSERT INTO comms_tile (organisation_id, log_id, level, index, hash) "
    "SELECT organisation_id, id, 1, 7, sha256('x') FROM comms_log",
    "root of a checkpoint": "UPDATE comms_checkpoint SET root = sha256('x') WHERE number = {number}",
    "size of a checkpoint": "UPDATE comms_checkpoint SET size = size - 1 WHERE number = {number}",
    "note of a checkpoint": "UPDATE comms_checkpoint SET note = replace(note, 'A', 'B') WHERE number = {number}",
    "checkpoint deleted": "DELETE FROM comms_checkpoint WHERE number = {number}",
    "last checkpoint deleted": "DELETE FROM comms_checkpoint WHERE number = (SELECT max(number) FROM comms_checkpoint)",
    "all checkpoints deleted": "DELETE FROM comms_checkpoint",
    "checkpoint deleted and the numbers closed": "DELETE FROM comms_checkpoint WHERE number = 2;"
    "UPDATE comms_checkpoint SET number = number - 1 WHERE number > 2",
    "origin of the log": "UPDATE comms_log SET origin = origin || 'x'",
    "key of the log": "UPDATE comms_logkey SET vkey = '{other_vkey}'",
    "log deleted": "DELETE FROM comms_log",
    "waiting leaf forgotten": "DELETE FROM comms_pending",
}


@pytest.fixture
def record(committed, inside, sealing_key, settings, tmp_path):
    """A record of 300 leaves and some under five checkpoints, one of which was kept outside; and all power over it."""
    if "SUPERUSER_DATABASE_URL" not in os.environ:
        pytest.skip("Needs the embedded server's superuser.")
    ours = inside.organisation
    for n in range(3):
        content = Content.keep(ours, b"body %d" % n)
        layout = [content.sha256, 3]
        written = entries.write(
            [
                entry_of(
                    inside,
                    title=f"No {n}-{m}",
                    words=f"Words {m}",
                    html=content,
                    layout=layout,
                    personal=b"abc",
                )
                for m in range(90)
            ]
        )
        for m, entry in enumerate(written[:5]):
            receipt = Receipt.objects.create(
                organisation=ours, source="x", headers={"A": "b"}, body=b"{}", key=f"{n}{m}"
            )
            events.append(
                entry,
                "bounced",
                happened_at=timezone.now(),
                source="x",
                reply="550",
                reason="Gone",
                receipt=receipt,
            )
        ticket = Ticket.objects.create(organisation=ours, title=f"Reply {n}", entry=written[0])
        tickets.close(ticket, inside.alice, outcome="waived")
        sealer.run()
        if n == 0:
            fill(inside)
    entries.write([entry_of(inside, title=f"Late {n}") for n in range(20)])
    sealer.run()
    kept = outside.Kept((("mail of Monday", checkpoint.read(publishing.newest(Log.objects.get()).note)),))
    entries.write([entry_of(inside, title="Waits")])
    with psycopg.connect(url_of(committed, "SUPERUSER_DATABASE_URL"), autocommit=True) as mighty:
        for table in TABLES:
            mighty.execute(f"ALTER TABLE comms_{table} DISABLE TRIGGER ALL")
        mighty.execute("ALTER TABLE comms_leaf DROP CONSTRAINT comms_leaf_hashed")
    connection.close()
    user = connection.settings_dict["USER"]
    connection.settings_dict["USER"] = "postgres"
    settings.SEALER_MEMORY = str(tmp_path / "elsewhere")  # whoever changes the record has no part of it
    yield inside, kept
    connection.close()
    connection.settings_dict["USER"] = user


def chosen(rng):
    """Choose the rows that a tampering is about."""

    def two(model, **where):
        return rng.sample(list(model.objects.filter(**where).order_by("pk").values_list("pk", flat=True)), 2)

    entry, entry2 = two(LogEntry, html__isnull=False)
    place, place2 = rng.sample(range(1, 290), 2)
    return {
        "entry": entry,
        "entry2": entry2,
        "event": two(DeliveryEvent, receipt__isnull=False)[0],
        "receipt": two(Receipt)[0],
        "export": two(BY_KIND["export"].model)[0],
        "ticket": two(BY_KIND["ticket"].model, kind="closed")[0],
        "content": two(Content)[0],
        "place": place,
        "place2": place2,
        "number": rng.randrange(1, 5),
        "leaf_of_entry": f"kind = 'entry' AND row_id = {entry}",
        "other_vkey": checkpoint.Key("a", bytes(32)).vkey(),
    }


def run(sql, facts):
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**facts).replace("%", "%%"))


def found_after(inside, kept, tamper):
    """Tamper, verify, and take it all back; give the findings."""
    with transaction.atomic():
        tamper()
        found = verify(inside.organisation, kept=kept, memory=False, guard=False).findings
        transaction.set_rollback(True)
    return found


# Several rows, or one that has no name any more, or an order, of which only the subtree is known.
SEVERAL = (
    "keys of shared bodies",
    "public id",
    "entry added",
    "event of another entry",
    "two places swapped",
    "place deleted and the gap closed",
)


def naming(inside, kind, facts):
    """Give the words by which the findings should name the row, where it is one row that was changed."""
    if kind in ("entry and leaf deleted", "entry, leaf and place deleted"):
        return {
            str(Leaf.objects.get(kind="entry", row_id=facts["entry"]).seal.seq)
        }  # nothing is left but the gap
    if kind in SEVERAL:
        return set()
    if "entry" in kind or kind in list(ROWS)[:20]:
        return {str(LogEntry.objects.get(pk=facts["entry"]).public_id), f"entry number {facts['entry']}"}
    if "place" in kind and "last" not in kind:
        return {f" {facts['place']}"}
    return set()


def test_a_record_that_nobody_touched_has_no_findings(record):
    inside, kept = record

    report = verify(inside.organisation, kept=kept, memory=False, guard=False)

    assert report.findings == []
    assert report.leaves > 300 and report.outside == 1 and report.checkpoints >= 4


def test_every_tampering_is_found_even_without_a_head_from_outside(record):
    inside, kept = record
    rng, trials, named, of_one = random.Random(41), 0, 0, 0
    unseen: dict[str, int] = {}
    for kind, sql in ROWS.items():
        for _ in range(PLACES):
            facts = chosen(rng)
            words = naming(inside, kind, facts)
            found = found_after(inside, outside.Kept(), lambda sql=sql, facts=facts: run(sql, facts))
            trials += 1
            if not found:
                unseen[kind] = unseen.get(kind, 0) + 1
            if words:
                of_one += 1
                hit = any(word in one.about for one in found for word in words)
                named += hit
                if not hit:
                    print(kind, words, found[:2])

    print(
        f"tampering: {len(ROWS)} kinds, {trials} trials, {sum(unseen.values())} not found; "
        f"row named in {named} of {of_one}"
    )
    assert unseen == {}
    assert len(ROWS) >= 40 and named >= 0.95 * of_one


# ---------------------------------------------------------- who has the key as well can make another history


def make_again(inside, key=None):
    """Seal and sign all leaves anew, as if it had always been so."""
    log = Log.objects.get()
    for sql in (
        "DELETE FROM comms_checkpoint; DELETE FROM comms_seal; DELETE FROM comms_tile; DELETE FROM comms_logkey; "
        "DELETE FROM comms_leaf WHERE kind IN ('key', 'checkpoint'); DELETE FROM comms_pending",
        "INSERT INTO comms_pending (leaf_id, organisation_id) SELECT id, organisation_id FROM comms_leaf",
    ):
        run(sql, {})
    sealing.seal(inside.organisation)
    for note in memory.folder().glob("*"):
        note.unlink()
    publishing.publish(inside.organisation)
    run("INSERT INTO comms_pending (leaf_id, organisation_id) SELECT l.id, l.organisation_id FROM comms_leaf l "
        "LEFT JOIN comms_seal s ON s.leaf_id = l.id WHERE s.leaf_id IS NULL", {})  # fmt: skip
    sealing.seal(inside.organisation)
    return log


def remake_leaf(entry):
    row = BY_KIND["entry"].rows().get(pk=entry)
    run(f"DELETE FROM comms_leaf WHERE kind = 'entry' AND row_id = {entry}", {})
    leaf.write([row])


def change(inside, facts):
    run("UPDATE comms_logentry SET recorded_at = recorded_at - interval '30 days' WHERE id = {entry}", facts)
    remake_leaf(facts["entry"])
    make_again(inside)


def delete(inside, facts):
    run(ROWS["entry and leaf deleted"], facts)
    make_again(inside)


def insert(inside, facts):
    run(ROWS["entry added"], facts)
    remake_leaf(99999)
    make_again(inside)


def other_key(inside, facts):
    if not os.path.exists(f"{memory.folder()}-key"):
        keys.make(f"{memory.folder()}-key")
    from django.test import override_settings

    with override_settings(SEALING_KEY_FILE=f"{memory.folder()}-key"):
        change(inside, facts)


def end_taken_away(inside, facts):
    """As a restore does it: everything after a checkpoint is gone, with the checkpoint's own leaf."""
    log = Log.objects.get()
    last = publishing.newest(log)
    before = log.checkpoints.get(number=last.number - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.kind, l.row_id FROM comms_leaf l LEFT JOIN comms_seal s ON s.leaf_id = l.id"
            " WHERE s.seq >= %s OR s.seq IS NULL",
            [before.size],
        )
        for kind, row_id in cursor.fetchall():
            cursor.execute(f"DELETE FROM {BY_KIND[kind].model._meta.db_table} WHERE id = %s", [row_id])
        cursor.execute("DELETE FROM comms_checkpoint WHERE number >= %s", [before.number])
    run(f"DELETE FROM comms_seal WHERE seq >= {before.size}; DELETE FROM comms_tile WHERE (index + 1) * 256 > {before.size};"
        "DELETE FROM comms_pending; DELETE FROM comms_leaf l WHERE NOT EXISTS (SELECT 1 FROM comms_seal s WHERE s.leaf_id = l.id)", {})  # fmt: skip


WITH_THE_KEY = {
    "a row changed and all signed again with the stolen key": change,
    "a row deleted and all signed again with the stolen key": delete,
    "a row added and all signed again with the stolen key": insert,
    "a row changed and all signed again with another key": other_key,
    "the end taken away with its checkpoints": end_taken_away,
}


def test_what_nothing_inside_can_tell_is_what_the_documentation_says(record):
    inside, kept = record
    rng = random.Random(5)
    unseen, missed = set(), set()
    for kind, tamper in WITH_THE_KEY.items():
        for _ in range(PLACES):
            facts = chosen(rng)
            if not found_after(
                inside, outside.Kept(), lambda tamper=tamper, facts=facts: tamper(inside, facts)
            ):
                unseen.add(kind)
            if not found_after(inside, kept, lambda tamper=tamper, facts=facts: tamper(inside, facts)):
                missed.add(kind)

    section = DOCUMENTED.read_text().split("## Only an outside copy shows")[1].split("\n## ")[0]
    documented = set(re.findall(r"^- (.+?)[;.]$", section, re.MULTILINE))
    print(
        f"only an outside copy shows: {len(unseen)} of {len(WITH_THE_KEY)}; with one, {len(missed)} not found"
    )
    assert unseen == documented == set(WITH_THE_KEY)
    assert missed == set()


def test_the_memory_of_the_sealer_is_as_good_as_an_outside_copy(record, settings, sealing_key):
    """As long as it is out of reach of whoever holds the database."""
    inside, _ = record
    rng = random.Random(6)
    facts = chosen(rng)
    with transaction.atomic():
        change(inside, facts)
        settings.SEALER_MEMORY = ""  # the sealer's own again
        found = verify(inside.organisation, guard=False).findings
        transaction.set_rollback(True)

    assert {one.kind for one in found} <= {"outside", "shorter"} and found
