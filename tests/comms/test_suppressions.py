"""Addresses not sent to, the lifting of that, and copies of what did not arrive."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from comms.models import Communication, LogEntry, Outlet, Suppression
from comms.record import events
from tests.comms.centre import told
from tests.comms.test_sending import circular, send


@pytest.fixture
def bounced(inside, sink):
    """The entry of somebody to whom nothing is sent since."""
    one = circular(inside, people=inside.contacts[:1])
    send()
    entry = one.recipients.get().entry
    events.append(
        entry, "bounced", happened_at=timezone.now(), source="mailbox", bounce="hard", reason="Gone."
    )
    sink.kept.clear()
    return entry


def lift(client, cast, why="They rang"):
    block = Suppression.objects.get()
    address = reverse("comms:suppression-lift", args=[cast.organisation.slug, block.public_id])
    return client.post(address, {"why": why})


def test_the_list_says_why_and_since_which_message(cast, bounced, client_of):
    address = f"/o/{cast.organisation.slug}/contacts/blocked/"
    shown = client_of(cast.audrey).get(address).content.decode()

    assert bounced.to_address in shown and "Gone." in shown and bounced.get_absolute_url() in shown
    assert "Lift the block" not in shown

    def found(query):
        return (
            bounced.to_address
            in client_of(cast.sam).get(f"{address}?{query}").content.decode().split("<table")[-1]
        )

    assert found("q=PERSON1") and found("channel=email") and found("state=all")
    assert not found("q=person2") and not found("channel=sms") and not found("state=lifted")


def test_lifted_with_a_reason_that_stays_it_is_sent_to_again(cast, bounced, client_of, sink):
    alice = client_of(cast.alice)
    assert lift(alice, cast, "").status_code == 422

    lift(alice, cast)
    second = lift(alice, cast, "Another reason")
    circular(cast, people=cast.contacts[:1])
    send()

    block = Suppression.objects.get()
    assert (block.lifted_by, block.lifted_because) == (cast.alice, "They rang")
    assert "lifted it already" in told(second)
    assert len(sink.kept) == 1  # the new one; what was dropped is not sent by itself
    address = f"/o/{cast.organisation.slug}/contacts/blocked/?state=lifted"
    assert "They rang" in alice.get(address).content.decode()


def test_it_is_blocked_again_when_it_comes_back_once_more(cast, bounced, client_of, sink):
    lift(client_of(cast.alice), cast)
    one = circular(cast, people=cast.contacts[:1])
    send()

    entry = one.recipients.get().entry
    events.append(entry, "bounced", happened_at=timezone.now(), source="mailbox", bounce="hard")

    assert Suppression.objects.count() == 2 and Suppression.objects.standing().count() == 1


def test_who_may_not_lift_is_refused(cast, bounced, client_of):
    for person, code in ((cast.audrey, 403), (cast.sam, 403), (cast.mallory, 404)):
        assert lift(client_of(person), cast).status_code == code
    assert Suppression.objects.standing().exists()


def not_reached(cast):
    return reverse("comms:not-reached", args=[cast.organisation.slug, cast.contacts[0].public_id])


def test_after_the_address_is_corrected_copies_of_what_failed_go_to_the_new_one(
    cast, bounced, client_of, sink
):
    cast.contacts[0].email = "new@simulator.example"
    cast.contacts[0].save()
    alice = client_of(cast.alice)
    assert bounced.title in alice.get(not_reached(cast)).content.decode()

    for _ in range(2):
        alice.post(not_reached(cast), {"entry": [bounced.public_id], "channel": ""})
    send()

    assert [kept.rcpt_to for kept in sink.kept] == ["new@simulator.example"]
    assert LogEntry.objects.get(copy_of=bounced).to_address == "new@simulator.example"
    assert "Nothing is left" in alice.get(not_reached(cast)).content.decode()


def test_who_may_only_look_sends_nothing_and_what_is_not_theirs_is_not_sent(cast, bounced, client_of):
    other = circular(cast, people=cast.contacts[1:2])
    send()
    entry = other.recipients.get().entry
    events.append(entry, "failed", happened_at=timezone.now(), source="mailbox")

    assert client_of(cast.audrey).post(not_reached(cast), {"entry": [bounced.public_id]}).status_code == 403
    assert client_of(cast.alice).post(not_reached(cast), {"entry": [entry.public_id]}).status_code == 422
    assert client_of(cast.mallory).get(not_reached(cast)).status_code == 404
    assert Communication.objects.count() == 2


def test_the_page_of_a_paused_channel_says_since_when_and_until(cast, client_of, inside):
    now = timezone.now()
    Outlet.objects.create(
        channel="email",
        faults=5,
        down_since=now,
        paused_until=now + datetime.timedelta(minutes=1),
        reason="The mail server could not be reached.",
    )

    shown = client_of(cast.sam).get(f"/o/{cast.organisation.slug}/communications/").content.decode()

    assert f"Email is paused since {timezone.localtime(now, cast.organisation.zone):%H:%M}." in shown
    assert "The mail server could not be reached. We try again at" in shown
