"""What is wrong with one communication stays with that one."""

import base64
import datetime
import json

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from comms.drafting import html, saving
from comms.models import Communication, Delivery, LogEntry
from comms.record import entries, events
from comms.sending import compose, due, handover, reconcile, routing
from portfolio.models import Membership
from tests import sink as smtp
from tests.comms.centre import address, draft, with_people

# Braces that only meet once the markup between them is gone.
HIDDEN = "<p>{<strong>{</strong>foo}<strong>}</strong></p>"


def test_a_field_that_hides_in_markup_is_refused_while_writing(inside, client_of):
    one = with_people(inside)
    assert html.clean(HIDDEN).html == HIDDEN
    response = client_of(inside.alice).post(address(one), {"subject": "Lift", "body": HIDDEN, "notes": ""})

    assert response.status_code == 422 and "There is no field {{foo}}" in response.content.decode()


def test_one_that_was_saved_before_is_on_the_check_page_and_fails_with_its_reason(inside, client_of):
    one = with_people(inside, body=HIDDEN)
    assert {route.word for route in routing.check(one, one.recipients.all()).routes} == {"empty_field"}
    entry, why = compose.entry_for(compose.Wording.of(one), one.recipients.first())
    assert "A field has nothing to fill it with: foo" in why and entry.words
    response = client_of(inside.alice).post(
        address(one, "mark-sent/"), {"date": "2026-01-05", "time": "09:00"}
    )
    assert response.status_code == 302


@pytest.mark.parametrize("where", ["recording", "beginning"])
def test_a_fault_in_one_does_not_hold_up_another_organisation(
    committed, inside, cast, settings, monkeypatch, where
):
    bad = with_people(inside, subject="Bad")
    with scope(organisation=cast.other):
        mallory = cast.mallory
        good = Communication.objects.create(
            organisation=cast.other, created_by=mallory, subject="Good", body="<p>Hello</p>"
        )
        good.recipients.create(organisation=cast.other, name="Ann", email="ann@simulator.example")
        good.schedule(at=timezone.now(), by=mallory)
    bad.schedule(at=timezone.now() - datetime.timedelta(minutes=5), by=inside.alice)
    broken = compose.Wording.of if where == "recording" else routing.assign

    def fault(communication, *args):
        if communication.subject == "Bad":
            raise RuntimeError("a fault of ours")
        return broken(communication, *args)

    if where == "recording":
        monkeypatch.setattr(compose.Wording, "of", staticmethod(fault))
    else:
        monkeypatch.setattr(routing, "assign", fault)
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        with scopes_disabled():
            due.start_due(timezone.now())
            handover.run(3)
            due.finish_through(timezone.now())

    assert [kept.rcpt_to for kept in sink.kept] == ["ann@simulator.example"]
    with scope(organisation=cast.other):
        assert Communication.objects.get(pk=good.pk).status == "sent"


def test_the_alert_of_a_failure_is_the_matter_of_one_organisation(committed, inside, cast, settings):
    Membership.objects.create(organisation=cast.other, user=inside.alice, role="manager")
    one = draft(inside)
    one.schedule(at=timezone.now(), by=inside.alice)
    with smtp.running() as sink:
        settings.EMAIL_BACKEND = "comms.sending.system_mail.LoggedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        due.start_due(timezone.now())
        Membership.objects.filter(organisation=inside.organisation, user=inside.alice).delete()
        other = draft(inside, subject="Another")
        other.schedule(at=timezone.now(), by=inside.alice)
        due.start_due(timezone.now())

    assert [kept.rcpt_to for kept in sink.kept] == [inside.alice.email, inside.adam.email]
    assert LogEntry.objects.filter(type="system").count() == 2
    with scope(organisation=cast.other):
        assert not LogEntry.objects.exists()


def test_a_message_without_recipient_that_broke_off_in_the_dial_is_unconfirmed(inside, settings):
    (entry,) = entries.write(
        [
            LogEntry(
                organisation=inside.organisation,
                channel="email",
                title="Reset",
                sender_label="B",
                type="system",
            )
        ]
    )
    events.append(entry, "attempted", happened_at=timezone.now(), source="blockpost", attempt=1)
    assert reconcile.give_up_lapsed(timezone.now()) == 0
    later = timezone.now() + datetime.timedelta(seconds=settings.SENDING_LEASE_SECONDS + 1)
    assert [reconcile.give_up_lapsed(later), reconcile.give_up_lapsed(later)] == [1, 0]

    assert Delivery.objects.get(entry=entry).status == "unconfirmed"


def test_the_list_of_the_unconfirmed_empties_when_somebody_says_what_became_of_it(inside, client_of):
    one = with_people(inside)
    one.schedule(at=timezone.now(), by=inside.alice)
    due.start_due(timezone.now())
    recipient = one.recipients.first()
    entry, _ = compose.entry_for(compose.Wording.of(one), recipient)
    entries.write([entry])
    events.append(entry, "unconfirmed", happened_at=timezone.now(), source="blockpost")
    client = client_of(inside.alice)
    assert recipient.name in client.get("/o/larch/unconfirmed/").content.decode()

    events.append(entry, "delivered", happened_at=timezone.now(), source="person", actor=inside.alice)

    assert "Nothing is in doubt" in client.get("/o/larch/unconfirmed/").content.decode()


def test_who_says_what_became_of_a_deferred_one_has_it_tried_no_more(inside, client_of):
    one = with_people(inside)
    one.schedule(at=timezone.now(), by=inside.alice)
    due.start_due(timezone.now())
    recipient = one.recipients.first()
    entry, _ = compose.entry_for(compose.Wording.of(one), recipient)
    entries.write([entry])
    events.append(entry, "deferred", happened_at=timezone.now(), source="smtp")
    one.recipients.filter(pk=recipient.pk).update(state="deferred", next_attempt_at=timezone.now())
    at = timezone.localtime()
    client_of(inside.alice).post(
        f"/o/larch/recipients/{recipient.public_id}/status/",
        {
            "status": "delivered",
            "reason": "She rang.",
            "date": str(at.date()),
            "time": "00:00",
            "once": str(entry.public_id),
        },
    )

    recipient.refresh_from_db()
    assert (recipient.state, recipient.next_attempt_at) == ("done", None)


# ---------------------------------------------------------------------------------------- at the doors


def test_any_in_add_filter_is_no_filter(inside, client_of):
    page = (
        client_of(inside.sam).get("/o/larch/log/?block=&template=&type=&status=&q=&sender=").content.decode()
    )

    assert "was left out" not in page


@pytest.mark.parametrize("value", ["\ud800", "x\x00", ["x"]])
def test_a_forged_place_is_no_place_in_orders_of_words_either(inside, client_of, value):
    forged = base64.urlsafe_b64encode(json.dumps(["title", value, 1]).encode()).decode().rstrip("=")
    response = client_of(inside.sam).get(f"/o/larch/log/?sort=title&after={forged}")

    assert response.status_code == 200


def test_nobody_has_mail_sent_to_an_address_that_is_not_ours(db, client, settings):
    with smtp.running() as sink:
        settings.EMAIL_BACKEND = "comms.sending.system_mail.LoggedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        response = client.post("/accounts/password/reset/", {"email": "stranger@elsewhere.example"})

    assert response.status_code == 302 and sink.kept == []


def test_the_admins_own_door_leads_to_ours(client, db):
    response = client.get("/admin/login/")

    assert response.status_code == 302 and "/accounts/login/" in response["Location"]


def test_a_save_between_look_and_save_is_not_written_over(inside, client_of, monkeypatch):
    one = with_people(inside, body="<p>Mine</p>")
    real = saving.save

    def slow(communication, changes, **rest):
        Communication.objects.filter(pk=communication.pk).update(
            body="<p>Theirs</p>", updated_at=timezone.now()
        )
        real(communication, changes, **rest)

    monkeypatch.setattr(saving, "save", slow)
    response = client_of(inside.alice).post(
        address(one),
        {"subject": "Lift", "body": "<p>Mine again</p>", "notes": "", "seen": one.updated_at.isoformat()},
    )

    assert response.status_code == 422 and "Somebody else saved it" in response.content.decode()
    assert Communication.objects.get(pk=one.pk).body == "<p>Theirs</p>"


def test_who_is_skipped_when_a_draft_begins_is_said(inside, client_of):
    inside.contacts[0].occupancies.all().delete()
    page = (
        client_of(inside.alice)
        .post(
            "/o/larch/communications/new/",
            {"type": "circular", "block": inside.block.public_id, "people": "leaseholder", "subject": "Lift"},
            follow=True,
        )
        .content.decode()
    )

    assert "1 skipped, no current leaseholder on record: Flat 1." in page
