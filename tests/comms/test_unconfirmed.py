"""What nobody knows the end of: the evidence, and the two choices."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from comms.log import evidence
from comms.models import Communication, Delivery, LogEntry, Recipient, Suppression, Ticket
from comms.models.communication import Refused
from comms.record import events, tickets
from comms.sending import again
from portfolio.models import Organisation
from tests.comms.centre import told
from tests.comms.logbook import write
from tests.comms.test_sending import circular, send


@pytest.fixture
def doubt(inside, sink):
    """A message after which the line broke, among two that went well."""
    sink.silent.add("person1")
    one = circular(inside, type="notice")
    send()
    sink.silent.clear()
    sink.kept.clear()
    return one.recipients.order_by("pk").first().entry


def page(name, entry):
    return reverse(f"comms:{name}", args=[entry.organisation.slug, entry.public_id])


def status(entry):
    return Delivery.objects.get(pk=entry.pk).status


def test_the_page_shows_both_sides(cast, doubt, client_of):
    others = LogEntry.objects.exclude(pk=doubt.pk)
    events.append(others.first(), "delivered", happened_at=timezone.now(), source="provider")

    shown = client_of(cast.audrey).get(f"/o/{cast.organisation.slug}/unconfirmed/").content.decode()

    assert "The whole message was handed over; only the answer to it is missing." in shown
    assert "Of 2 others that went with it, 1 were reported as delivered" in shown
    assert "Attempt 1:" in shown and "Broke off:" in shown
    assert "treat-as-sent" not in shown  # an auditor only looks


def test_a_later_message_to_the_same_address_speaks_too(inside, doubt):
    again = circular(inside, people=inside.contacts[:1])
    send()
    later = again.recipients.get().entry

    events.append(later, "delivered", happened_at=timezone.now(), source="provider")
    assert any("A later message" in words for words in evidence.of(doubt.delivery).arrived)

    events.append(later, "bounced", happened_at=timezone.now(), source="provider", bounce="hard")
    assert any("came back for good" in words for words in evidence.of(doubt.delivery).lost)


def test_what_was_sent_before_and_only_written_down_later_says_nothing(inside, doubt):
    before = doubt.delivery.at - datetime.timedelta(days=1)
    earlier = write(
        inside.organisation,
        at=before,
        to_address=doubt.to_address,
        contact=doubt.contact,
        channel=doubt.channel,
    )

    events.append(earlier, "delivered", happened_at=before, source="provider")

    assert earlier.pk > doubt.pk
    assert not any("A later message" in words for words in evidence.of(doubt.delivery).arrived)


def test_a_receipt_that_comes_later_settles_it_by_itself(cast, doubt, client_of):
    assert status(doubt) == "unconfirmed"

    events.append(doubt, "delivered", happened_at=timezone.now(), source="provider")

    assert status(doubt) == "delivered"
    assert (
        doubt.title
        not in client_of(cast.alice).get(f"/o/{cast.organisation.slug}/unconfirmed/").content.decode()
    )


def test_treated_as_sent_by_a_person_with_a_reason_and_nothing_leaves(cast, doubt, client_of, sink):
    alice = client_of(cast.alice)
    assert alice.post(page("treat-as-sent", doubt), {"why": ""}).status_code == 422

    alice.post(page("treat-as-sent", doubt), {"why": "She rang to say that she has it"})
    second = alice.post(page("treat-as-sent", doubt), {"why": "Once more"})

    event = doubt.events.get(source="person")
    assert (event.kind, event.actor) == ("sent", cast.alice) and "She rang" in event.reason
    assert status(doubt) == "sent" and Recipient.objects.get(pk=doubt.recipient_id).state == "done"
    assert "not unconfirmed any more" in told(second)
    assert not sink.kept


def test_what_is_heard_after_a_persons_word_still_counts(cast, doubt, client_of):
    client_of(cast.alice).post(page("treat-as-sent", doubt), {"why": "She rang"})

    events.append(doubt, "bounced", happened_at=timezone.now(), source="mailbox", bounce="hard")

    assert status(doubt) == "bounced"


def test_sent_again_as_a_copy_that_names_the_first(cast, doubt, client_of, sink):
    alice = client_of(cast.alice)
    assert "This is a copy of the notice dated" in alice.get(page("send-again", doubt)).content.decode()

    for _ in range(2):
        alice.post(page("send-again", doubt), {"channel": "email"})
    send()

    copy = LogEntry.objects.get(copy_of=doubt)
    assert Communication.objects.count() == 2
    assert copy.type == "notice" and copy.title.startswith("Copy: ")
    assert copy.words.startswith("This is a copy of the notice dated")
    assert "Lift 2 is out of service" in copy.words and f"Dear {cast.contacts[0].salutation}" in copy.words
    assert [kept.rcpt_to for kept in sink.kept] == [doubt.to_address]
    assert status(doubt) == "unconfirmed" and status(copy) == "sent"
    assert page("entry", copy) in alice.get(page("entry", doubt)).content.decode()
    assert page("entry", doubt) in alice.get(page("entry", copy)).content.decode()


def test_what_was_sent_again_is_listed_apart(cast, doubt, client_of):
    alice, address = client_of(cast.alice), f"/o/{cast.organisation.slug}/unconfirmed/"
    alice.post(page("send-again", doubt), {"channel": "email"})

    assert doubt.title not in alice.get(address).content.decode()
    assert "Sent again as" in alice.get(f"{address}?again=yes").content.decode()
    assert (
        "unconfirmed.</b>" not in alice.get(f"/o/{cast.organisation.slug}/communications/").content.decode()
    )


def test_a_copy_goes_to_the_address_of_today_and_the_first_keeps_its_own(cast, doubt, client_of, sink):
    cast.contacts[0].email = "new@simulator.example"
    cast.contacts[0].save()
    assert "new@simulator.example" in client_of(cast.alice).get(page("send-again", doubt)).content.decode()

    client_of(cast.alice).post(page("send-again", doubt), {"channel": "email"})
    send()

    assert [kept.rcpt_to for kept in sink.kept] == ["new@simulator.example"]
    doubt.refresh_from_db()
    assert doubt.to_address == doubt.recipient.email == "person1@simulator.example"


def test_the_ticket_of_the_first_says_so_and_the_copy_belongs_to_it(cast, doubt, client_of):
    ticket, _ = tickets.raise_for(doubt, "unconfirmed")

    client_of(cast.alice).post(page("send-again", doubt), {"channel": "email"})
    send()

    assert LogEntry.objects.get(copy_of=doubt).ticket == ticket
    assert ticket.changes.filter(kind="sent_again", actor=cast.alice).count() == 1
    assert Ticket.objects.get().state == "open"  # closing it needs a person


def test_the_page_says_by_which_channel_it_would_not_arrive(cast, doubt, client_of):
    Suppression.objects.create(
        organisation=cast.organisation,
        channel="email",
        address=doubt.to_address,
        reason="A bounce on 2 Oct 2026",
    )

    shown = client_of(cast.alice).get(page("send-again", doubt)).content.decode()

    assert "Will be dropped: A bounce on 2 Oct 2026" in shown


def test_what_arrived_or_is_still_tried_or_was_not_sent_from_here_is_not_sent_again(cast, doubt, client_of):
    alice = client_of(cast.alice)
    arrived = LogEntry.objects.exclude(pk=doubt.pk).first()
    Recipient.objects.filter(pk=doubt.recipient_id).update(state="deferred")

    for entry in (arrived, doubt):
        alice.post(page("send-again", entry), {"channel": "email"})

    assert Communication.objects.count() == 1


def test_what_was_heard_while_the_page_was_open_is_looked_at_before_it_is_sent(cast, doubt):
    events.append(doubt, "delivered", happened_at=timezone.now(), source="provider")
    doubt.refresh_from_db()

    with pytest.raises(Refused):
        again.send(doubt, cast.alice, "email", timezone.now())

    assert Communication.objects.count() == 1


def test_only_channels_that_can_be_sent_by_are_offered(cast, doubt, client_of):
    Organisation.objects.update(channels=["email", "post", "sms"])  # texts are not set up here

    shown = client_of(cast.alice).get(page("send-again", doubt)).content.decode()

    assert 'value="email"' in shown and 'value="post"' in shown and 'value="sms"' not in shown


def test_a_channel_that_is_switched_off_is_refused(cast, doubt, client_of):
    response = client_of(cast.alice).post(page("send-again", doubt), {"channel": "push"})

    assert response.status_code == 422 and Communication.objects.count() == 1


@pytest.mark.parametrize("name", ["treat-as-sent", "send-again"])
def test_who_may_not_is_refused(cast, doubt, client_of, name):
    for person, code in ((cast.audrey, 403), (cast.sam, 403), (cast.mallory, 404)):
        response = client_of(person).post(page(name, doubt), {"why": "x", "channel": "email"})
        assert response.status_code == code
    nowhere = reverse(f"comms:{name}", args=[cast.organisation.slug, uuid.uuid4()])
    assert client_of(cast.alice).get(nowhere).status_code == 404
    assert status(doubt) == "unconfirmed"


def test_a_channel_that_does_not_reach_them_cannot_be_chosen(cast, doubt, client_of):
    Organisation.objects.filter(pk=cast.organisation.pk).update(channels=["email", "post"])
    Suppression.objects.create(
        organisation=cast.organisation, channel="email", address=doubt.to_address, reason="A bounce"
    )
    doubt.contact.address = "1 Mill Lane\nLeeds\nLS1 4AB"
    doubt.contact.save()
    alice = client_of(cast.alice)

    shown = alice.get(page("send-again", doubt)).content.decode()
    refused = alice.post(page("send-again", doubt), {"channel": "email"})

    assert 'value="email" disabled' in shown and 'value="post" checked' in shown
    assert refused.status_code == 422
    assert not Recipient.objects.filter(copy_of=doubt).exists()
