"""What follows from a bounce or a complaint: flags, blocked addresses, tickets."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_scopes import scope

from comms.models import Recipient, Suppression, Ticket, TicketChange, TicketMessage
from comms.record import entries, events, tickets
from comms.sending import compose
from contacts.models import AddressFlag, Contact
from portfolio.days import working_days_after
from portfolio.models import Membership
from tests.comms.test_sending import circular, send

NOW = datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)


def sent(cast, **facts):
    """A communication that was sent to all; gives the entry of the first."""
    one = circular(cast, **facts)
    send()
    return one.recipients.order_by("pk").first().entry


def heard(entry, kind, at=NOW, **facts):
    return events.append(entry, kind, happened_at=at, source="provider", **facts)


def bounce(entry, at=NOW, kind="hard"):
    return heard(entry, "bounced", at, bounce=kind, reason="There is no such address.")


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (
            "bounced",
            {"bounce": "hard", "reason": "There is no such address."},
            "a hard bounce on 20 Nov 2026",
        ),
        ("spam", {}, "marked a message as spam on 20 Nov 2026"),
    ],
)
def test_after_a_hard_bounce_or_a_complaint_the_next_one_is_dropped_and_says_why(
    inside, sink, kind, facts, words
):
    entry = sent(inside)
    event = heard(entry, kind, **facts)
    sink.kept.clear()

    again = sent(inside).delivery

    block = Suppression.objects.get()
    assert (block.channel, block.address, block.event) == ("email", entry.to_address, event)
    assert again.status == "dropped" and words in again.reason
    assert len(sink.kept) == 2  # the others get it


def test_what_is_not_for_good_blocks_nothing(inside, sink):
    bounce(sent(inside), kind="soft")

    assert not Suppression.objects.exists() and not AddressFlag.objects.exists()


def test_what_is_refused_as_spam_is_flagged_with_what_helps_and_not_blocked(inside, sink):
    entry = sent(inside, type="notice")

    bounce(entry, kind="spam")

    advice = "Ask the recipient to allow mail from larch.example, then send it again."
    assert not Suppression.objects.exists()
    assert AddressFlag.objects.get().reason.endswith(advice)
    assert Ticket.objects.get().changes.get().words.endswith(advice)


def test_a_complaint_is_flagged_too(inside, sink):
    heard(sent(inside), "spam")

    assert AddressFlag.objects.get().reason == "The recipient marked a message as spam."


def test_two_bounces_block_and_flag_once_and_the_first_is_named(inside, sink):
    one, other = sent(inside), sent(inside)

    first = bounce(one)
    bounce(other)

    assert Suppression.objects.get().event == first
    assert AddressFlag.objects.count() == 1


def test_what_is_older_than_the_lifting_blocks_no_more(inside, sink):
    one, other = sent(inside), sent(inside)
    bounce(one)
    Suppression.objects.update(lifted_at=NOW + datetime.timedelta(days=2), lifted_because="They rang")

    bounce(other, NOW + datetime.timedelta(days=1))
    assert not Suppression.objects.standing().exists()

    bounce(sent(inside), NOW + datetime.timedelta(days=3))
    assert Suppression.objects.standing().count() == 1


def test_a_flag_that_was_settled_is_not_raised_by_what_happened_before(inside, sink):
    one, other = sent(inside), sent(inside)
    bounce(one)
    AddressFlag.objects.update(settled_at=NOW + datetime.timedelta(days=2))

    bounce(other, NOW + datetime.timedelta(days=1))

    assert not AddressFlag.objects.standing().exists()


def test_a_late_bounce_flags_the_address_that_was_used_and_rewrites_nothing(inside, sink):
    entry = sent(inside)
    Contact.objects.filter(pk=entry.contact_id).update(email="new@simulator.example")

    bounce(entry)

    entry.refresh_from_db()
    assert AddressFlag.objects.get().address == Suppression.objects.get().address == entry.to_address
    assert entry.to_address == entry.recipient.email == "person1@simulator.example"
    assert Contact.objects.get(pk=entry.contact_id).email == "new@simulator.example"
    assert not Contact.objects.flagged().exists()  # nobody has the old one any more


def test_a_blocked_number_without_whatsapp_is_not_flagged_as_wrong(inside, sink):
    entry = sent(inside)
    entry.channel, entry.to_address = "whatsapp", "+447700900123"

    bounce(entry)

    assert Suppression.objects.get().channel == "whatsapp" and not AddressFlag.objects.exists()


def test_an_address_that_is_blocked_between_two_attempts_is_not_tried_again(inside, sink):
    sink.refusals["person1"] = "451 4.3.0 Later"
    entry = sent(inside)
    Suppression.objects.create(
        organisation=inside.organisation, channel="email", address=entry.to_address, reason="Complained"
    )
    Recipient.objects.filter(state="deferred").update(next_attempt_at=timezone.now())

    send()

    entry.delivery.refresh_from_db()
    assert entry.delivery.status == "failed" and "not tried again. Complained" in entry.delivery.reason
    assert entry.events.filter(kind="attempted").count() == 1


REASONS = [
    ("bounced", {"bounce": "hard"}, "hard_bounce"),
    ("bounced", {"bounce": "spam"}, "refused"),
    ("failed", {}, "failed"),
    ("dropped", {}, "dropped"),
    ("spam", {}, "complaint"),
]


@pytest.mark.parametrize(("kind", "facts", "reason"), REASONS)
def test_a_statutory_message_that_did_not_arrive_gets_a_ticket_at_once(inside, sink, kind, facts, reason):
    entry = sent(inside, type="notice")

    heard(entry, kind, **facts, provider_event_id="1")
    heard(entry, kind, **facts, provider_event_id="2")

    ticket = Ticket.objects.get()
    assert (ticket.reason, ticket.entry, ticket.assignee) == (reason, entry, inside.alice)
    assert (ticket.block, ticket.unit, ticket.contact) == (entry.block, entry.unit, entry.contact)
    assert entry.title in ticket.title and entry.to_name in ticket.title
    assert list(ticket.changes.values_list("kind", "actor")) == [("opened", None)]


def test_an_ordinary_message_gets_none_and_one_that_is_called_statutory_does(inside, sink):
    bounce(sent(inside))
    assert not Ticket.objects.exists()

    heard(sent(inside, statutory=True), "failed")
    assert Ticket.objects.filter(reason="dropped").count() == 1  # it was blocked by then


def test_a_statutory_drop_raises_its_ticket_as_it_is_dropped(inside, sink):
    bounce(sent(inside))

    sent(inside, type="agm_notice")

    assert Ticket.objects.get().reason == "dropped"
    assert "20 Nov 2026" in Ticket.objects.get().changes.get().words


def test_who_has_left_is_given_nothing_an_admin_is(inside, sink):
    entry = sent(inside, type="notice")
    Membership.objects.filter(user=inside.alice).update(role="auditor")

    bounce(entry)

    assert Ticket.objects.get().assignee == inside.adam


def test_a_day_is_set_by_which_it_is_to_be_seen_to(inside, settings):

    friday = datetime.date(2026, 11, 20)

    assert working_days_after(friday, 2) == datetime.date(2026, 11, 24)
    assert working_days_after(friday, 0) == friday


def asked(cast, kind, reason):
    """A notice of which a ticket asks what became of it."""
    entry = sent(cast, type="notice")
    heard(
        entry,
        "unconfirmed" if kind == "unconfirmed" else "bounced",
        bounce="" if kind == "unconfirmed" else kind,
    )
    return entry, tickets.raise_for(entry, reason)[0]


def test_the_question_of_a_ticket_is_answered_by_what_is_heard_later(inside, sink):
    entry, ticket = asked(inside, "soft", Ticket.Reason.DEFERRED)
    heard(entry, "opened", NOW + datetime.timedelta(days=9))
    ticket.refresh_from_db()
    assert ticket.state == "open"  # a scanner opened it; it still came back

    heard(entry, "delivered", NOW + datetime.timedelta(days=10))

    ticket.refresh_from_db()
    closed = ticket.changes.get(kind="closed")
    assert ticket.state == "closed" and closed.actor is None
    assert (closed.outcome, closed.words) == ("waived", "It is known now: opened.")


def test_a_ticket_on_which_somebody_wrote_is_not_closed_by_itself(inside, sink):
    entry = sent(inside, type="notice")
    ticket = tickets.raise_for(entry, Ticket.Reason.UNCONFIRMED)[0]
    TicketMessage.objects.create(
        organisation=inside.organisation,
        ticket=ticket,
        entry=entry,
        via="email",
        words="Is it true?",
        received_at=NOW,
    )

    heard(entry, "delivered")

    ticket.refresh_from_db()
    assert ticket.state == "open"
    assert ticket.changes.get(kind="comment").words == "It is known now: delivered."


def test_a_reply_lands_on_the_ticket_that_is_open_for_its_message(inside, sink):
    entry = sent(inside, type="notice")
    bounce(entry)

    assert tickets.for_reply(entry).reason == "hard_bounce"
    Ticket.objects.update(state="closed")
    assert tickets.for_reply(entry).reason == "reply"


def test_two_at_once_raise_one_ticket(committed, cast):
    with scope(organisation=cast.organisation):
        one = circular(cast, type="notice")

        entry, _ = compose.entry_for(compose.Wording.of(one), one.recipients.first())
        entries.write([entry])
    start, raised = threading.Barrier(2), []

    def work():
        with scope(organisation=cast.organisation):
            start.wait()
            raised.append(tickets.raise_for(entry, "unconfirmed")[1])
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with scope(organisation=cast.organisation):
        assert sorted(raised) == [False, True]
        assert Ticket.objects.count() == TicketChange.objects.count() == 1


def test_a_ticket_and_a_blocked_address_are_never_deleted_and_a_block_is_lifted_once(inside, sink):

    bounce(sent(inside, type="notice"))
    for gone in (Ticket, Suppression):
        with pytest.raises(IntegrityError), transaction.atomic():
            gone.objects.all()._raw_delete("default")
    Suppression.objects.update(lifted_at=NOW, lifted_because="They rang")
    for change in ({"lifted_because": "No"}, {"reason": "Another"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Suppression.objects.update(**change)
