"""The log through the API: the page's filters, pages that hold still, one entry whole, and what is recorded."""

import datetime
import uuid

import pytest
from django.utils import timezone
from django_scopes import scope

from comms.models import LogEntry
from tests.api.conftest import API, problem
from tests.api.test_communications import sent

LOG = f"{API}log/"
CALL = {
    "channel": "phone",
    "to_name": "Ada Okafor",
    "to_address": "07700 900123",
    "title": "Access for the engineer",
}


def titles(client, query=""):
    return [row["title"] for row in client.get(f"{LOG}?{query}").json()["results"]]


def record(client, title, **facts):
    made = client.post(LOG, CALL | {"title": title, **facts})
    assert made.status_code == 201, made.content
    return made.json()


def ago(**back):
    return (timezone.now() - datetime.timedelta(**back)).isoformat()


class TestList:
    def test_it_is_narrowed_by_each_filter_of_the_page(self, inside, alice):
        contact, unit = inside.contacts[0], inside.units[0]
        record(alice, "Long ago", happened_at=ago(days=400))
        record(alice, "Hand", channel="hand", reference_type="invoice", reference="INV-1")
        record(alice, "About Ada", contact_id=str(contact.public_id), text="the blue boiler")
        mail = sent(inside)

        assert titles(alice)[-1] == "Long ago" and len(titles(alice)) == 4  # all time
        assert "Long ago" not in titles(alice, "sent=7d")
        assert titles(alice, f"until={ago(days=399)[:10]}") == ["Long ago"]
        assert titles(alice, "channel=hand&channel=email") == ["Lift 2", "Hand"]
        assert titles(alice, "reference_type=invoice&reference=INV-1") == ["Hand"]
        assert titles(alice, "q=boiler") == ["About Ada"]
        assert titles(alice, f"contact={contact.public_id}&manual=yes") == ["About Ada"]
        assert titles(alice, f"unit={unit.public_id}&type=circular&status=sent") == ["Lift 2"]
        assert titles(alice, f"communication={mail.communication.public_id}") == ["Lift 2"]
        assert titles(alice, "recipient=07700900123&sort=title") == ["About Ada", "Hand", "Long ago"]
        assert titles(alice, "sender=Nobody") == []

    @pytest.mark.parametrize(
        "query",
        [
            "colour=red", "status=gone", "status=", "since=23/11/2026", "since=2026-02-31", "since=tomorrow",
            "since=2026-11-23T09:00:00Z", "until=1795424400", "block=1", "block=00000000-0000-4000-8000-000000000000", "sort=colour",
            "sent=ever", "q=%00", "manual=maybe", "after=abc", "before=abc", "per_page=1000000", "per_page=x",
            "channel=%00", "sent=7d&sent=30d", "entry=1", "reading=about",
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_named(self, inside, alice, query):
        found = problem(alice.get(f"{LOG}?{query}"), 400)

        assert found["errors"][0]["field"].partition(".")[0] == query.split("=")[0]

    @pytest.mark.parametrize("sort", ["", "&sort=sent", "&sort=title", "&sort=-recipient"])
    def test_pages_hold_still_while_entries_arrive(self, inside, alice, sort):
        for n in range(5):
            record(alice, f"Call {n}", happened_at=ago(hours=10 - n))
        first = alice.get(f"{LOG}?per_page=2{sort}").json()
        record(alice, "Meanwhile")
        second = alice.get(first["next"]).json()
        third = alice.get(second["next"]).json()

        shown = [row["title"] for page in (first, second, third) for row in page["results"]]
        assert len(set(shown)) == len(shown) and {f"Call {n}" for n in range(5)} <= set(shown)
        assert alice.get(second["previous"]).json()["results"] == first["results"]

    def test_too_many_to_sort_are_refused(self, inside, alice, monkeypatch):
        monkeypatch.setattr("comms.log.listing.SORTED", 1)
        record(alice, "One"), record(alice, "Two")

        found = problem(alice.get(f"{LOG}?sort=title"), 400)
        assert found["errors"][0]["field"] == "sort" and "add a filter" in found["detail"]

    def test_somebody_elses_entries_are_not_there(self, inside, alice, api):
        made = record(alice, "Ours")

        with scope(organisation=inside.other):
            assert titles(api(inside.mallory)) == []
            problem(api(inside.mallory).get(f"{LOG}{made['id']}/"), 404)
            problem(api(inside.mallory).get(f"{LOG}?unit={inside.units[0].public_id}"), 400)


class TestEntry:
    def test_one_whole_with_its_timeline(self, inside, alice):
        recipient = sent(inside)

        told = alice.get(f"{LOG}{recipient.entry.public_id}/").json()

        assert told["title"] == "Lift 2" and told["status"] == "sent" and told["delivery_status"] == "pending"
        assert told["text"].startswith("Dear all") and "Dear all</p>" in told["html"]
        assert told["sha256"] == recipient.entry.sha256 and told["size"] > 0
        assert [event["kind"] for event in told["events"]] == ["sent"]
        assert told["events"][0]["source"] == "smtp"
        assert told["communication_id"] == str(recipient.communication.public_id)

    def test_nothing_in_the_log_is_changed_or_deleted(self, inside, alice):
        made = record(alice, "Ours")

        for method in ("put", "patch", "delete"):
            problem(getattr(alice, method)(f"{LOG}{made['id']}/", {}), 405)


class TestRecord:
    @pytest.mark.parametrize("who", ["sam", "alice", "adam"])
    def test_all_but_auditors_record(self, inside, api, who):
        person = getattr(inside, who)

        made = record(api(person), "A call", happened_at="2026-01-05T10:00:00+01:00", text="They agree.")

        assert made["manual"] and made["sent_by"] == str(person) and made["at"] == "2026-01-05T09:00:00Z"
        assert made["to_address"] == "+447700900123" and made["text"] == "They agree."
        assert made["status"] == "sent" and made["events"][0]["actor"] == str(person)

    def test_an_auditor_does_not(self, inside, api):
        problem(api(inside.audrey, "read").post(LOG, CALL), 403)

    def test_a_correction_stands_beside_what_it_corrects(self, inside, alice):
        contact = inside.contacts[0]
        wrong = record(alice, "Tuesday", contact_id=str(contact.public_id))

        right = record(alice, "Thursday", corrects_id=wrong["id"])

        assert right["corrects"] == wrong["id"] and right["contact_id"] == str(contact.public_id)
        again = alice.get(f"{LOG}{wrong['id']}/").json()
        assert again["corrected"] and again["corrected_by"] == [right["id"]] and again["title"] == "Tuesday"

    def test_any_other_word_for_how(self, inside, alice):
        assert record(alice, "Told", channel="pigeon")["channel"] == "pigeon"

    def test_the_same_key_records_once(self, inside, alice):
        for _ in range(2):
            assert alice.post(LOG, CALL, headers={"Idempotency-Key": "c"}).status_code == 201
        problem(alice.post(LOG, CALL | {"title": "Other"}, headers={"Idempotency-Key": "c"}), 422)
        assert LogEntry.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"channel": " "}, "channel"),
            ({"channel": "x" * 51}, "channel"),
            ({"to_name": ""}, "to_name"),
            ({"title": "two\nlines"}, "title"),
            ({"happened_at": "2999-01-01T00:00:00Z"}, "happened_at"),
            ({"happened_at": (timezone.now() + datetime.timedelta(days=1)).isoformat()}, "happened_at"),
            ({"happened_at": "yesterday"}, "happened_at"),
            ({"reference": "INV-1"}, "reference_type"),
            ({"contact_id": str(uuid.uuid4())}, "contact_id"),
            ({"corrects_id": str(uuid.uuid4())}, "corrects_id"),
            ({"status": "delivered"}, "status"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, inside, alice, wrong, field):
        found = problem(alice.post(LOG, CALL | wrong), 400)

        assert {error["field"] for error in found["errors"]} == {field}
        assert not LogEntry.objects.exists()
