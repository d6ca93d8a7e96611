"""Receipts: kept first, read after, matched whenever their message is there, and never lost."""

import datetime
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope

from comms.models import DeliveryEvent, Receipt, ReceiptParsing
from comms.receipts import parsing, raw, sources
from comms.receipts.heard import Heard, Ignored, Odd, Source, key_of
from comms.record import events
from tests.comms.logbook import write

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
OUR_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


def spoken(receipt):
    """A provider that says what stands in the receipt, a line each: {"kind": …}, or a reason."""
    for said in json.loads(bytes(receipt.body)):
        if isinstance(said, str):
            yield {"i": Ignored, "o": Odd}[said[0]](said)
        else:
            at = said.pop("at", None)
            yield Heard(**said, happened_at=datetime.datetime.fromisoformat(at) if at else None)


@pytest.fixture(autouse=True)
def speaker(monkeypatch):
    monkeypatch.setitem(sources.SOURCES, "speaker", Source(spoken, "speaker"))
    monkeypatch.setitem(sources.SOURCES, "speaker asked", Source(spoken, "speaker"))


@pytest.fixture
def entry(inside):
    made = write(inside.organisation, token="t" * 32, at=NOW)
    events.append(made, "attempted", happened_at=NOW, source="blockpost", attempt=1)
    return made


def come_in(organisation, *said, source="speaker", key=""):
    return raw.keep(organisation, source, headers={}, body=json.dumps(said).encode(), key=key)


def kinds(entry):
    return [event.kind for event in entry.events.all() if event.kind != "attempted"]


def status(entry):
    entry.delivery.refresh_from_db()
    return entry.delivery.status


def row_of(receipt):
    return ReceiptParsing.objects.get(receipt=receipt)


def later(row, **pause):
    """Let time pass for one receipt."""
    pause = datetime.timedelta(**pause)
    row.refresh_from_db()
    row.received_at, row.next_at = row.received_at - pause, timezone.now()
    row.save()


def test_what_comes_in_is_kept_as_it_came_and_waits(inside):
    kept = raw.keep(inside.organisation, "speaker", headers={"X": "1"}, body=b"\x00\xffodd", key="k")

    found = Receipt.objects.get()
    assert found == kept
    assert (bytes(found.body), found.headers, found.key) == (b"\x00\xffodd", {"X": "1"}, "k")
    assert found.parsing.state == "waiting"
    assert found.parsing.received_at == found.received_at


def test_the_same_again_is_there_already(inside):
    assert raw.keep(inside.organisation, "speaker", headers={}, body=b"x")
    assert raw.keep(inside.organisation, "speaker", headers={"other": "time"}, body=b"x") is None
    assert raw.keep(inside.organisation, "other", headers={}, body=b"x")
    with scope(organisation=inside.other):
        assert raw.keep(inside.other, "speaker", headers={}, body=b"x")

    assert (Receipt.objects.count(), ReceiptParsing.objects.count()) == (2, 2)


def test_headers_that_a_database_cannot_hold_are_mended_rather_than_lost(inside):
    kept = raw.keep(inside.organisation, "s", headers={"A\x00": "b\x00\ud800"}, body=b"", key="x" * 900)

    assert kept.headers == {"A�": "b�?"}
    assert len(kept.key) == 64


def test_a_receipt_becomes_an_event_of_its_entry(inside, entry):
    receipt = come_in(inside.organisation, {"kind": "delivered", "token": entry.token, "at": NOW.isoformat()})

    assert parsing.run(5) == 1

    event = entry.events.get(kind="delivered")
    assert (event.source, event.happened_at, event.receipt) == ("speaker", NOW, receipt)
    assert status(entry) == "delivered"
    row = row_of(receipt)
    assert (row.state, row.entry, row.next_at, row.reason) == ("done", entry, None, "")


@pytest.mark.parametrize("name", ["token", "entry", "message_id", "provider_message_id"])
def test_the_entry_is_found_by_each_of_its_names(name, inside, entry):
    events.append(entry, "sent", happened_at=NOW, source="p", attempt=1, provider_message_id="SM1")
    names = {
        "token": entry.token,
        "entry": str(entry.public_id),
        "message_id": f"<{entry.public_id}@demo.example>",
        "provider_message_id": "SM1",
    }
    come_in(inside.organisation, {"kind": "deferred", name: names[name]})

    parsing.run(5)

    assert "deferred" in kinds(entry)


def test_two_messages_under_one_id_of_the_provider_are_told_apart_by_their_address(inside, entry):
    other = write(inside.organisation, to_address="Ada@Example.com", at=NOW)
    for one in (entry, other):
        events.append(one, "sent", happened_at=NOW, source="p", attempt=1, provider_message_id="batch")
    come_in(
        inside.organisation,
        {"kind": "deferred", "provider_message_id": "batch", "address": "ada@example.com"},
        {"kind": "delivered", "provider_message_id": "batch", "address": "nobody@example.com"},
    )

    parsing.run(5)

    assert kinds(other) == ["sent", "deferred"]
    assert kinds(entry) == ["sent"]


def test_an_event_belongs_to_the_attempt_that_went_under_its_id(inside, entry):
    events.append(entry, "sent", happened_at=NOW, source="p", attempt=1, provider_message_id="first")
    events.append(entry, "attempted", happened_at=NOW, source="blockpost", attempt=2)
    come_in(inside.organisation, {"kind": "bounced", "bounce": "soft", "provider_message_id": "first"})

    parsing.run(5)

    assert entry.events.get(kind="bounced").attempt == 1
    assert status(entry) == "deferred"  # the second attempt has its own fate


def test_an_event_of_the_last_attempt_names_none_so_that_what_came_back_is_tried_again(inside, entry):
    events.append(entry, "sent", happened_at=NOW, source="p", attempt=1, provider_message_id="first")
    come_in(inside.organisation, {"kind": "bounced", "bounce": "soft", "provider_message_id": "first"})

    parsing.run(5)

    assert entry.events.get(kind="bounced").attempt is None


def test_somebody_elses_entry_is_not_found(inside, entry, cast):
    with scope(organisation=cast.other):
        receipt = come_in(
            cast.other,
            {"kind": "delivered", "token": entry.token, "entry": str(entry.public_id)},
        )
        parsing.run(5)
        assert row_of(receipt).state == "waiting"

    assert kinds(entry) == []


def test_one_that_comes_before_its_message_waits_and_is_matched_later(inside):
    receipt = come_in(inside.organisation, {"kind": "delivered", "entry": OUR_ID})
    parsing.run(5)
    row = row_of(receipt)
    assert (row.state, row.attempts, row.reason) == (
        "waiting",
        1,
        "It tells of a message that is not in this log.",
    )
    assert timezone.now() < row.next_at < timezone.now() + datetime.timedelta(seconds=6)

    entry = write(inside.organisation, public_id=OUR_ID)
    assert parsing.run(5) == 0  # it is not its time yet
    later(row, seconds=5)
    parsing.run(5)

    assert kinds(entry) == ["delivered"]
    assert row_of(receipt).state == "done"


def test_the_pauses_grow_and_after_a_day_it_is_unmatched_and_can_be_tried_again(inside):
    receipt = come_in(inside.organisation, {"kind": "delivered", "entry": OUR_ID})
    pauses = []
    for _ in range(7):
        parsing.run(5)
        row = row_of(receipt)
        pauses.append(round((row.next_at - timezone.now()).total_seconds(), -1))
        later(row, hours=3)
    assert pauses == sorted(pauses)
    assert pauses[-1] == 3600

    later(row, hours=24)
    parsing.run(5)
    row.refresh_from_db()
    assert (row.state, row.next_at) == ("unmatched", None)

    entry = write(inside.organisation, public_id=OUR_ID)
    assert parsing.try_again(row)
    assert not parsing.try_again(row)  # twice is harmless
    parsing.run(5)
    assert kinds(entry) == ["delivered"]


def test_a_repeat_is_known_by_the_providers_id_or_by_what_it_says(inside, entry):
    said = {"kind": "deferred", "token": entry.token, "at": NOW.isoformat()}
    for number in range(3):
        come_in(inside.organisation, {**said}, {**said, "event_id": "e1"}, key=str(number))
    come_in(inside.organisation, {**said}, source="speaker asked")

    parsing.run(5)

    assert kinds(entry) == ["deferred", "deferred"]  # the one without an id, and e1
    assert not ReceiptParsing.objects.exclude(state="done").exists()


def test_the_key_of_an_event_is_as_long_as_can_be_kept():
    heard = Heard("deferred", event_id="e" * 500)

    assert len(key_of(heard, "")) == 64
    assert key_of(heard, "") != key_of(replace(heard, event_id="e" * 501), "")
    assert key_of(Heard("deferred", NOW), "a") != key_of(Heard("deferred", NOW), "b")


@pytest.mark.parametrize(
    "said",
    ["2099-01-01T00:00:00+00:00", "1999-01-01T00:00:00", (NOW - datetime.timedelta(1)).isoformat()],
    ids=["ahead", "long ago", "before it was sent"],
)
def test_a_time_that_cannot_be_is_the_time_we_heard_and_says_so(said, inside, entry):
    receipt = come_in(
        inside.organisation, {"kind": "delivered", "token": entry.token, "at": said, "reply": "250 ok"}
    )

    parsing.run(5)

    event = entry.events.get(kind="delivered")
    assert event.happened_at == receipt.received_at
    assert event.reply.startswith("250 ok\n(The time given, ")
    assert said[:10] in event.reply


def test_a_clock_that_is_a_little_off_is_believed(inside, entry):
    said = NOW - datetime.timedelta(minutes=2)
    come_in(inside.organisation, {"kind": "delivered", "token": entry.token, "at": said.isoformat()})

    parsing.run(5)

    assert entry.events.get(kind="delivered").happened_at == said


def test_what_is_not_understood_is_parked_and_the_rest_of_it_counts(inside, entry):
    receipt = come_in(
        inside.organisation,
        "o: a word that nobody documented",
        {"kind": "sent to the moon", "token": entry.token},
        {"kind": "delivered", "token": entry.token},
        "i: somebody subscribed",
    )

    parsing.run(5)

    row = row_of(receipt)
    assert row.state == "parked"
    assert "nobody documented" in row.reason
    assert "“sent to the moon” is no kind" in row.reason
    assert kinds(entry) == ["delivered"]


def test_what_says_nothing_is_read_and_says_why(inside):
    receipt = come_in(inside.organisation, "i: somebody subscribed")

    parsing.run(5)

    assert (row_of(receipt).state, row_of(receipt).reason) == ("done", "i: somebody subscribed")


@pytest.mark.parametrize("body", [b"not json", b"[{}]", b"\xff\xfe", b""])
def test_a_parser_that_stumbles_parks_its_receipt_and_stops_nobody(body, inside, entry):
    bad = raw.keep(inside.organisation, "speaker", headers={}, body=body)
    come_in(inside.organisation, {"kind": "delivered", "token": entry.token})

    assert parsing.run(5) == 2

    assert row_of(bad).state == "parked"
    assert row_of(bad).reason.startswith("It could not be read: ")
    assert kinds(entry) == ["delivered"]


def test_a_source_without_a_parser_is_parked(inside):
    receipt = come_in(inside.organisation, source="carrier pigeon")

    parsing.run(5)

    assert (row_of(receipt).state, row_of(receipt).reason) == ("parked", parsing.NO_PARSER)


def test_an_event_that_cannot_be_added_keeps_back_neither_the_others_nor_the_receipt(inside, entry):
    receipt = come_in(
        inside.organisation,
        {"kind": "bounced", "bounce": "a bounce of a kind too long", "token": entry.token},
        {"kind": "delivered", "token": entry.token, "reply": "odd \x00 \ud800 bytes"},
    )

    parsing.run(5)

    assert kinds(entry) == ["delivered"]
    assert row_of(receipt).state == "parked"


def test_two_workers_never_read_the_same_receipt(committed, inside, entry):
    come_in(inside.organisation, {"kind": "delivered", "token": entry.token})
    with transaction.atomic():
        list(ReceiptParsing.objects.select_for_update())
        with ThreadPoolExecutor(1) as other:
            assert other.submit(elsewhere).result(10) == 0

    assert parsing.run(5) == 1


def elsewhere():
    try:
        return parsing.run(2)
    finally:
        connection.close()


def test_an_admin_sees_what_was_not_understood_and_has_it_read_again(inside, client_of, monkeypatch):
    raw.keep(inside.organisation, "pigeon", headers={"X-Wing": "<b>left</b>"}, body=b"<script>coo()</script>")
    parsing.run(5)
    client = client_of(inside.adam)
    page = client.get(f"/o/{inside.organisation.slug}/settings/receipts/").content.decode()
    assert parsing.NO_PARSER in page
    row = ReceiptParsing.objects.get()
    at = f"/o/{inside.organisation.slug}/settings/receipts/{row.public_id}/"

    shown = client.get(at).content.decode()
    assert "&lt;script&gt;coo()&lt;/script&gt;" in shown
    assert "&lt;b&gt;left&lt;/b&gt;" in shown
    assert "<script>coo" not in shown

    monkeypatch.setitem(sources.SOURCES, "pigeon", Source(lambda receipt: [Ignored("Coo.")], "pigeon"))
    assert client.post(f"{at}again/", follow=True).status_code == 200
    parsing.run(5)
    assert ReceiptParsing.objects.get().state == "done"
    assert "Try again" not in client.get(at).content.decode()


def test_an_admin_sees_at_once_that_some_wait_for_their_message(inside, client_of):
    client, at = client_of(inside.adam), f"/o/{inside.organisation.slug}/settings/receipts/"
    come_in(inside.organisation, {"kind": "delivered", "entry": OUR_ID})
    assert "for its message" not in client.get(at).content.decode()  # nobody has looked yet
    parsing.run(5)

    assert "1 receipt waits for its message" in client.get(at).content.decode()
    come_in(inside.organisation, {"kind": "bounced", "entry": OUR_ID})
    parsing.run(5)
    assert "2 receipts wait for their message" in client.get(at).content.decode()
    assert "for their message<" not in client.get(at, {"show": "waiting"}).content.decode()

    write(inside.organisation, public_id=OUR_ID)
    for row in ReceiptParsing.objects.all():
        later(row, seconds=5)
    parsing.run(5)
    assert "message</a>" not in client.get(at).content.decode()


def test_the_list_of_receipts_goes_page_by_page(inside, client_of):
    for number in range(60):
        raw.keep(inside.organisation, "pigeon", headers={}, body=str(number).encode())
    client, at = client_of(inside.adam), f"/o/{inside.organisation.slug}/settings/receipts/"

    first = client.get(at, {"show": "waiting"})
    second = client.get(at, {"show": "waiting", "after": first.context["page"].after})

    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 10
    assert "Nothing to look at" in client.get(at).content.decode()


def test_events_of_receipts_are_permanent_with_their_receipt(inside, entry):
    come_in(inside.organisation, {"kind": "delivered", "token": entry.token})
    parsing.run(5)

    assert DeliveryEvent.objects.get(kind="delivered").receipt == Receipt.objects.get()
