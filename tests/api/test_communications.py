"""The nine procedures, and each of their status rules tried for acceptance and for refusal."""

import datetime
import uuid

import pytest
from django.utils import timezone

from comms.drafting import audience
from comms.models import Communication, Delivery, LogEntry, Recipient
from comms.record import entries, events
from comms.sending import compose
from tests.api.conftest import API, problem
from tests.comms.centre import draft, with_people

MANY = f"{API}communications/"
CIRCULAR = {"communication_type": "circular", "subject": "Lift 2", "body_html": "<p>Dear {{salutation}}</p>"}


def one_of(communication, below=""):
    return f"{MANY}{communication.public_id}/{below}"


def soon(**ahead):
    return (timezone.now() + datetime.timedelta(**(ahead or {"hours": 1}))).isoformat()


def in_state(cast, state):
    """A communication with its people in each of the states."""
    one = with_people(cast)
    if state != "draft":
        one.schedule(at=timezone.now(), by=cast.alice)
    if state in ("sending", "sent", "failed"):
        one.begin(timezone.now())
    if state == "sent":
        one.finish(timezone.now())
    if state == "failed":
        one.fail("Nobody was reached.", timezone.now())
    return one


def sent(cast):
    """The first recipient of a communication whose entry is written and was handed over."""
    one = in_state(cast, "sending")
    recipient = one.recipients.first()
    (entry,) = entries.write([compose.entry_for(compose.Wording.of(one), recipient)[0]])
    events.append(entry, "sent", happened_at=timezone.now(), source="smtp", provider_event_id="1")
    Recipient.objects.filter(pk=recipient.pk).update(state="done")
    return recipient


ALL = ("draft", "scheduled", "sending", "sent", "failed")
EDITABLE = ("draft", "scheduled")


class TestCreate:
    def test_a_draft(self, inside, alice):
        response = alice.post(MANY, CIRCULAR | {"block_id": str(inside.block.public_id), "notes": "Ring Bob"})

        made = response.json()
        assert response.status_code == 201
        assert made["status"] == "draft" and made["channel"] == "email" and made["scheduled_at"] is None
        assert (
            made["recipient_count"] == 0
            and made["notes"] == "Ring Bob"
            and made["created_by"] == "Alice Marsh"
        )
        assert made["block_id"] == str(inside.block.public_id) and made["unit_id"] is None
        assert alice.get(f"{MANY}{made['id']}/").json() == made

    def test_with_a_time_it_is_scheduled(self, inside, alice):
        at = soon()

        made = alice.post(MANY, CIRCULAR | {"scheduled_at": at}).json()

        assert made["status"] == "scheduled"
        assert datetime.datetime.fromisoformat(made["scheduled_at"]) == datetime.datetime.fromisoformat(at)

    def test_what_may_not_be_sent_is_taken_out_of_the_body(self, inside, alice):
        made = alice.post(MANY, CIRCULAR | {"body_html": "<p>Hi</p><script>x()</script>"}).json()

        assert made["body_html"] == "<p>Hi</p>"

    def test_a_channel_is_ours_or_a_word_for_what_a_person_does(self, inside, alice):
        assert alice.post(MANY, CIRCULAR | {"channel": "noticeboard"}).json()["channel"] == "noticeboard"
        problem(alice.post(MANY, CIRCULAR | {"channel": "x" * 51}), 400)
        problem(alice.post(MANY, CIRCULAR | {"channel": "sms"}), 400)  # switched off here

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"communication_type": "letter"}, "communication_type"),
            ({"communication_type": "system"}, "communication_type"),
            ({"subject": ""}, "subject"),
            ({"subject": "x" * 501}, "subject"),
            ({"subject": "two\nlines"}, "subject"),
            ({"subject": "Dear {{nobody}}"}, "subject"),
            ({"body_html": "<p>{{nobody}}</p>"}, "body_html"),
            ({"block_id": "12"}, "block_id"),
            ({"block_id": str(uuid.uuid4())}, "block_id"),
            ({"unit_id": str(uuid.uuid4())}, "unit_id"),
            ({"template_id": str(uuid.uuid4())}, "template_id"),
            ({"sent_at": "2026-01-01T00:00:00Z"}, "sent_at"),
            ({"status": "sent"}, "status"),
            ({"scheduled_at": "2020-01-01T09:00:00Z"}, "scheduled_at"),
        ],
    )
    def test_what_makes_no_sense_is_named_and_nothing_is_made(self, inside, alice, wrong, field):
        found = problem(alice.post(MANY, CIRCULAR | wrong), 400)

        assert {error["field"] for error in found["errors"]} == {field}
        assert not Communication.objects.exists()

    @pytest.mark.parametrize(
        "when",
        [
            "tomorrow",
            "23/11/2026 09:00",
            "2026-11-23",
            "2026-11-23T09:00:00",
            "2026-02-31T09:00:00Z",
            1795424400,
            "9999-12-31T23:59:59Z",
            "2026-11-23T25:00:00Z",
            "",
        ],
    )
    def test_a_time_without_doubt_or_none(self, inside, alice, when):
        found = problem(alice.post(MANY, CIRCULAR | {"scheduled_at": when}), 400)

        assert found["errors"][0]["field"] == "scheduled_at"

    def test_a_block_of_somebody_else_is_not_there(self, inside, alice):
        found = problem(alice.post(MANY, CIRCULAR | {"block_id": str(inside.theirs.public_id)}), 400)

        assert "no such block" in found["detail"]


class TestList:
    def test_it_is_narrowed_by_each_filter(self, inside, alice):
        unit = inside.units[0]
        draft(inside, subject="To the block")
        draft(inside, subject="To the flat", block=None, unit=unit, type="notice")
        in_state(inside, "scheduled")

        def subjects(query):
            return [one["subject"] for one in alice.get(f"{MANY}?{query}").json()["results"]]

        assert subjects("") == ["Lift 2", "To the flat", "To the block"]
        assert subjects("communication_type=notice") == ["To the flat"]
        assert subjects(f"unit_id={unit.public_id}") == ["To the flat"]
        assert subjects(f"block_id={inside.block.public_id}") == ["Lift 2", "To the flat", "To the block"]
        assert subjects("status=scheduled") == ["Lift 2"]
        assert subjects("status=scheduled&communication_type=notice") == []
        assert subjects(f"block_id={inside.theirs.public_id}") == []

    @pytest.mark.parametrize("query", ["status=gone", "block_id=1", "communication_type=x", "type=notice"])
    def test_a_filter_that_makes_no_sense_is_named(self, inside, alice, query):
        assert problem(alice.get(f"{MANY}?{query}"), 400)["errors"][0]["field"] == query.split("=")[0]


class TestUpdate:
    @pytest.mark.parametrize("state", ALL)
    def test_only_what_is_not_being_sent_is_edited(self, inside, alice, state):
        one = in_state(inside, state)

        response = alice.patch(one_of(one), {"subject": "Lift 3", "notes": "n", "body_html": "<p>New</p>"})

        if state in EDITABLE:
            told = response.json()
            assert (told["subject"], told["notes"], told["body_html"]) == ("Lift 3", "n", "<p>New</p>")
            assert told["status"] == state
        else:
            assert "sending has begun" in problem(response, 409)["detail"]
            assert Communication.objects.get().subject == "Lift 2"

    @pytest.mark.parametrize("state", ALL)
    def test_a_time_schedules_and_null_takes_back(self, inside, alice, state):
        one = in_state(inside, state)
        answers = [alice.patch(one_of(one), {"scheduled_at": at}) for at in (soon(), soon(hours=2), None)]

        if state in EDITABLE:
            assert [a.json()["status"] for a in answers] == ["scheduled", "scheduled", "draft"]
            assert answers[-1].json()["scheduled_at"] is None
        else:
            for answer in answers:
                problem(answer, 409)
            assert Communication.objects.get().status == state

    def test_its_kind_and_its_scope_stay(self, inside, alice):
        one = draft(inside)

        for fixed in ("communication_type", "block_id", "unit_id"):
            assert problem(alice.patch(one_of(one), {fixed: None}), 400)["errors"][0]["field"] == fixed

    def test_all_or_nothing(self, inside, alice):
        one = draft(inside)

        problem(alice.patch(one_of(one), {"subject": "New", "scheduled_at": "2001-01-01T00:00:00Z"}), 400)

        assert Communication.objects.get().subject == "Lift 2"

    def test_another_channel_leaves_the_rest_as_it_is(self, inside, alice):
        one = draft(
            inside, statutory=True, type="notice", must_arrive_by=timezone.now() + datetime.timedelta(days=9)
        )

        told = alice.patch(one_of(one), {"channel": "hand"}).json()

        kept = Communication.objects.get()
        assert told["channel"] == "hand" and kept.statutory and kept.subject == "Lift 2"
        assert kept.must_arrive_by.date() == one.must_arrive_by.date()

    def test_a_channel_that_is_switched_off_is_not_scheduled(self, inside, alice):
        one = draft(inside, channel="sms")

        assert "switched off" in problem(alice.patch(one_of(one), {"scheduled_at": soon()}), 409)["detail"]


class TestMarkSent:
    @pytest.mark.parametrize("state", ALL)
    def test_from_draft_or_scheduled_only(self, inside, alice, state):
        one = in_state(inside, state)

        response = alice.post(one_of(one, "mark-sent/"), {"sent_at": "2026-01-05T10:00:00+01:00"})

        if state in EDITABLE:
            assert response.json()["status"] == "sent" and response.json()["declared"]
            assert response.json()["sent_at"] == "2026-01-05T09:00:00Z"
            assert LogEntry.objects.count() == 3
        else:
            problem(response, 409)

    def test_without_a_time_it_is_now(self, inside, alice):
        told = alice.post(one_of(with_people(inside), "mark-sent/")).json()

        at = datetime.datetime.fromisoformat(told["sent_at"])
        assert abs(timezone.now() - at) < datetime.timedelta(minutes=1)

    def test_not_without_people_and_not_in_time_to_come(self, inside, alice):
        assert "Add the people" in problem(alice.post(one_of(draft(inside), "mark-sent/")), 409)["detail"]
        problem(alice.post(one_of(with_people(inside), "mark-sent/"), {"sent_at": soon()}), 400)

    def test_twice_is_refused(self, inside, alice):
        one = with_people(inside)
        alice.post(one_of(one, "mark-sent/"))

        problem(alice.post(one_of(one, "mark-sent/")), 409)
        assert LogEntry.objects.count() == 3


@pytest.mark.parametrize("state", ALL)
def test_only_what_was_not_sent_is_deleted_with_its_people(inside, alice, state):
    one = in_state(inside, state)

    response = alice.delete(one_of(one))

    if state in EDITABLE:
        assert response.status_code == 204 and not Recipient.objects.exists()
        problem(alice.delete(one_of(one)), 404)
    else:
        problem(response, 409)
        assert Recipient.objects.count() == 3


class TestAddRecipients:
    def test_name_and_address_are_copied_and_stay(self, inside, alice):
        one = draft(inside)
        units = [str(unit.public_id) for unit in inside.units]

        told = alice.post(one_of(one, "recipients/"), {"unit_ids": units})

        assert (told.status_code, told.json()) == (201, {"added": 3, "skipped": []})
        inside.contacts[0].email = "new@simulator.example"
        inside.contacts[0].save()
        listed = alice.get(one_of(one, "recipients/")).json()["results"]
        assert [r["recipient_email"] for r in listed] == [f"person{n}@simulator.example" for n in (1, 2, 3)]
        assert [r["recipient_name"] for r in listed][0] == inside.contacts[0].name
        assert [r["unit_id"] for r in listed] == units
        assert alice.get(one_of(one)).json()["recipient_count"] == 3

    def test_who_is_skipped_is_told_with_the_reason(self, inside, alice):
        one = draft(inside)
        first, second, third = (str(unit.public_id) for unit in inside.units)
        alice.post(one_of(one, "recipients/"), {"unit_ids": [first]})
        inside.contacts[1].occupancies.all().delete()
        foreign = str(uuid.uuid4())

        told = alice.post(
            one_of(one, "recipients/"), {"unit_ids": [first, second, third, foreign, foreign]}
        ).json()

        assert told["added"] == 1
        assert [(s["unit_id"], s["reason"]) for s in told["skipped"]] == [
            (first, audience.ALREADY), (second, "no current leaseholder on record"), (foreign, "not a unit of this organisation"),
        ]  # fmt: skip

    def test_none_valid_is_refused(self, inside, alice):
        one = draft(inside)

        for ids in ([str(uuid.uuid4())], [], ["x"], "x"):
            problem(alice.post(one_of(one, "recipients/"), {"unit_ids": ids}), 400)
        assert not Recipient.objects.exists()

    @pytest.mark.parametrize("state", ALL)
    def test_nobody_is_added_once_sending_has_begun(self, inside, alice, state):
        one = in_state(inside, state)
        ids = [str(unit.public_id) for unit in inside.units]

        response = alice.post(one_of(one, "recipients/"), {"unit_ids": ids})

        assert response.json()["added"] == 0 if state in EDITABLE else problem(response, 409)

    def test_somebody_elses_units_are_skipped(self, inside, alice):
        from django_scopes import scope

        from portfolio.models import Unit

        with scope(organisation=inside.other):
            theirs = str(Unit.objects.first().public_id)

        problem(alice.post(one_of(draft(inside), "recipients/"), {"unit_ids": [theirs]}), 400)


class TestStatus:
    FINER = {
        "queued": "pending", "deferred": "pending", "sent": "pending", "unconfirmed": "pending",
        "delivered": "delivered", "spam": "delivered", "opened": "opened", "clicked": "opened",
        "bounced": "bounced", "failed": "failed", "dropped": "failed",
    }  # fmt: skip

    def listed(self, alice, recipient, query=""):
        return alice.get(one_of(recipient.communication, f"recipients/?{query}")).json()["results"]

    @pytest.mark.parametrize("status", Delivery.Status.values)
    def test_five_words_beside_our_finer_ones(self, inside, alice, status):
        recipient = sent(inside)
        Delivery.objects.update(status=status, reason="Because.")

        shown = alice.get(f"{API}recipients/{recipient.public_id}/").json()
        assert (shown["status"], shown["delivery_status"]) == (status, self.FINER[status])
        assert bool(shown["failure_reason"]) == (self.FINER[status] in ("bounced", "failed"))
        for five in ("pending", "delivered", "bounced", "failed", "opened"):
            found = {row["id"] for row in self.listed(alice, recipient, f"delivery_status={five}")}
            assert (str(recipient.public_id) in found) == (self.FINER[status] == five)
            assert len(found) == (five == self.FINER[status]) + 2 * (five == "pending")  # two wait

    def test_a_filter_that_is_no_status_is_refused(self, inside, alice):
        problem(alice.get(one_of(draft(inside), "recipients/?delivery_status=gone")), 400)

    @pytest.mark.parametrize("word", ["pending", "delivered", "bounced", "failed", "opened"])
    def test_each_can_be_set_and_its_time_is_recorded(self, inside, alice, word):
        recipient = sent(inside)
        at = (timezone.now() - datetime.timedelta(minutes=5)).isoformat()

        told = alice.patch(
            f"{API}recipients/{recipient.public_id}/",
            {"delivery_status": word, "failure_reason": "Gone away.", "at": at},
        ).json()

        assert told["delivery_status"] == word
        for name, set_by in (("delivered_at", "delivered"), ("opened_at", "opened")):
            moment = told[name] and datetime.datetime.fromisoformat(told[name])
            assert moment == (datetime.datetime.fromisoformat(at) if word == set_by else None)
        assert told["failure_reason"] == ("Gone away." if word in ("bounced", "failed") else "")
        event = recipient.entry.events.last()
        assert (event.source, event.actor) == ("person", inside.alice)

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"delivery_status": "sent"},
            {"delivery_status": "bounced"},
            {"delivery_status": "failed", "failure_reason": " "},
            {"delivery_status": "opened", "at": "2999-01-01T00:00:00Z"},
            {"delivery_status": "opened", "opened_at": "x"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, inside, alice, wrong):
        recipient = sent(inside)

        problem(alice.patch(f"{API}recipients/{recipient.public_id}/", wrong), 400)

        assert recipient.entry.events.count() == 1

    def test_before_sending_it_is_refused(self, inside, alice):
        recipient = with_people(inside).recipients.first()

        told = alice.patch(f"{API}recipients/{recipient.public_id}/", {"delivery_status": "delivered"})

        assert "not been sent" in problem(told, 409)["detail"]
