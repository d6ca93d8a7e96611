"""Every row of the record has a leaf, in its own transaction, that gives nothing personal away."""

import json
import random

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comms.ledger import leaf, sealer
from comms.ledger.canonical import canonical, commitment, leaf_hash
from comms.ledger.forms import BY_KIND, FORMS
from comms.models import DeliveryEvent, ExportRecord, Leaf, LogEntry, Receipt, Ticket
from comms.record import entries, events, tickets
from comms.reports.asked import Asked
from tests.conftest import url_of

PERSONAL = (
    "Ann Ellery",
    "ann@home.example",
    "Your arrears",
    "You owe 500 pounds",
    "Flat 1",
    "Person1",
    "Alice Marsh",
)


def entry_of(cast, **facts):
    return LogEntry(
        **{
            "organisation": cast.organisation,
            "channel": "email",
            "to_name": "Ann Ellery",
            "to_address": "ann@home.example",
            "title": "Your arrears",
            "words": "You owe 500 pounds",
            "sender": cast.alice,
            "sender_label": "Alice Marsh",
            "unit": cast.units[0],
            "contact": cast.contacts[0],
            **facts,
        }
    )


def fill(cast):
    """One row of each kind that people and machines make."""
    (entry,) = entries.write([entry_of(cast)])
    receipt = Receipt.objects.create(
        organisation=cast.organisation, source="postmark", headers={"X": "1"}, body=b"{}", key="1"
    )
    events.append(
        entry,
        "bounced",
        happened_at=timezone.now(),
        source="postmark",
        reply="550 ann@home.example",
        receipt=receipt,
    )
    ticket = Ticket.objects.create(organisation=cast.organisation, title="Reply", entry=entry)
    tickets.close(ticket, cast.alice, outcome="waived", words="Ann Ellery rang")
    filters = {"sent": ["all"], "Recipient-é": ["Ann Ellery"]}
    taking = Asked(filters).taking(cast.organisation, cast.alice, timezone.now()).start()
    list(taking.stream())
    return entry


def rows_of(form) -> QuerySet:
    return form.rows()


def test_every_row_has_a_leaf_that_is_made_of_it(inside, sealing_key):
    fill(inside)
    sealer.run()

    for form in FORMS:
        leaves = {one.row_id: one for one in Leaf.objects.filter(kind=form.kind)}
        rows = list(rows_of(form))
        assert rows and {row.pk for row in rows} == set(leaves)
        for row in rows:
            found = leaves[row.pk]
            assert leaf.make(row, bytes(found.salts))[0] == bytes(found.data)
            assert bytes(found.hash) == leaf_hash(bytes(found.data))


def test_a_leaf_is_canonical_and_says_nothing_personal(inside):
    fill(inside)

    for found in Leaf.objects.all():
        data = bytes(found.data)
        said = json.loads(data)
        assert canonical(said) == data
        assert (said["t"], said["v"]) == (f"comms-log/{found.kind}", len(BY_KIND[found.kind].versions))
        assert not [word for word in PERSONAL if word.encode() in data]


def test_the_same_row_twice_has_two_leaves_that_nobody_can_compare(inside):
    (entry,) = entries.write([entry_of(inside)])

    (one, salts), (other, _) = leaf.make(entry), leaf.make(entry)

    assert json.loads(one)["to"] != json.loads(other)["to"]
    value = {"name": entry.to_name, "address": entry.to_address}
    place = sorted(BY_KIND["entry"].versions[-1](entry)[1]).index("to")
    assert commitment(salts[32 * place :][:32], "to", value) == json.loads(one)["to"]


def other_value(row, field):
    """Give a value that a column could have instead of the one it has."""
    old = getattr(row, field.attname)
    if field.get_internal_type() == "UUIDField":
        return row.organisation.public_id
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return old + 1
    if isinstance(old, str):
        return old + "x"
    if isinstance(old, list):
        return [*old, 1]
    if isinstance(old, dict):
        return {**old, "x": "y"}
    if isinstance(old, bytes | memoryview):
        return bytes(old) + b"x"
    return timezone.now() if "date" in field.get_internal_type().lower() else 7


DERIVED = {"id"}
ABOUT_OTHERS = {"entry_id", "receipt_id", "ticket_id", "log_id"}  # in the leaf by what they lead to


def test_each_column_of_each_table_is_in_the_leaf(inside, sealing_key):
    """So that no column can be changed without its leaf telling."""
    fill(inside)
    sealer.run()

    for form in FORMS:
        row = rows_of(form).last()
        data, salts = leaf.make(row)
        for field in form.model._meta.concrete_fields:
            old = getattr(row, field.attname)
            if field.attname in DERIVED or (form.brings and field.attname in ABOUT_OTHERS):
                continue
            row.__dict__[field.attname] = other_value(row, field)
            assert leaf.make(row, salts)[0] != data, f"{form.kind}: {field.attname}"
            row.__dict__[field.attname] = old


def test_an_event_names_its_entry_and_its_receipt(inside):
    entry = fill(inside)
    event = DeliveryEvent.objects.select_related("entry", "receipt").get()
    data, salts = leaf.make(event)
    (other,) = entries.write([entry_of(inside)])

    event.receipt.body = b"{ }"
    changed, _ = leaf.make(event, salts)
    event.receipt.body = b"{}"
    event.entry = other
    moved, _ = leaf.make(event, salts)

    assert str(entry.public_id).encode() in data
    assert data not in (changed, moved)


@pytest.mark.parametrize("value", [1.5, b"x", {"Name": 1}, {1: 1}, 2**53, {"a": {1}}, float("nan")])
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_the_form_is_that_of_rfc_8785():
    """Section 3.2.2's string, and the escapes of 3.2.2.2 for control characters."""
    text = '\u20ac$\u000f\nA\'B"\\\\"/\u2028\x7f'
    assert canonical(text) == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u2028\x7f"'.encode()
    assert canonical({"b": [], "a": {"d": True, "c": None}}) == b'{"a":{"d":true},"b":[]}'


def test_a_row_without_its_leaf_cannot_be_committed(committed, inside):
    """At the commit, so that the two may come in either order. The control: with it, the same row goes in."""
    for make in (
        lambda: LogEntry.objects.bulk_create([entry_of(inside)]),
        lambda: ExportRecord.objects.create(
            organisation=inside.organisation,
            export=inside.organisation.public_id,
            phase="started",
            user=inside.alice,
        ),
    ):
        with pytest.raises(IntegrityError, match="has no leaf"):
            make()

    assert not LogEntry.objects.exists() and not ExportRecord.objects.exists()
    with transaction.atomic():
        leaf.write(LogEntry.objects.bulk_create([entry_of(inside)]))
    assert LogEntry.objects.count() == Leaf.objects.count() == 1


@pytest.mark.parametrize("kind", [form.kind for form in FORMS])
def test_the_database_asks_for_the_leaf_of_every_kind(inside, kind):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'leaf_written' AND tgrelid = %s::regclass AND tgdeferrable",
            [BY_KIND[kind].model._meta.db_table],
        )
        assert cursor.fetchone() == (1,)


def test_a_leaf_whose_hash_is_not_that_of_its_bytes_is_refused(inside):
    with pytest.raises(IntegrityError, match="comms_leaf_hashed"), transaction.atomic():
        Leaf.objects.create(
            organisation=inside.organisation, kind="entry", row_id=1, data=b"{}", hash=b"0" * 32
        )


def test_rows_from_before_get_their_leaves_once(committed, inside, capsys):
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        owner.execute("ALTER TABLE comms_logentry DISABLE TRIGGER leaf_written")
        LogEntry.objects.bulk_create([entry_of(inside, title=f"No {n}") for n in range(3)])
        owner.execute("ALTER TABLE comms_logentry ENABLE TRIGGER leaf_written")
    entries.write([entry_of(inside)])

    call_command("make_leaves")
    call_command("make_leaves")

    assert capsys.readouterr().out == "3 rows have got their leaf.\nEvery row has its leaf.\n"
    assert Leaf.objects.filter(kind="entry").count() == LogEntry.objects.count() == 4
    for found in Leaf.objects.all():
        assert leaf.make(LogEntry.objects.get(pk=found.row_id), bytes(found.salts))[0] == bytes(found.data)


def test_leaves_of_many_rows_take_one_statement(inside):
    asked = []
    for size in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            entries.write([entry_of(inside, title=f"No {n}") for n in range(size)])
        asked.append([query["sql"][:30] for query in queries])

    assert len(asked[0]) == len(asked[1])
    assert sum("comms_leaf" in sql for sql in asked[1]) == 1


def test_random_values_keep_their_order_and_types():
    rng = random.Random(7)
    for _ in range(500):
        value = {
            f"k{rng.randrange(99)}": rng.choice(["é\n", 5, True, [1, "x"], {"b": 1, "a": 2}])
            for _ in range(9)
        }
        assert json.loads(canonical(value)) == value
        shuffled = dict(sorted(value.items(), key=lambda _: rng.random()))
        assert canonical(shuffled) == canonical(value)
