"""What came back for now is tried again: the same entry, the same bytes, for 72 hours."""

import datetime
import uuid

from django.utils import timezone

from comms.models import DeliveryEvent, Recipient
from comms.record import events, retry
from comms.sending import again, due, handover
from tests.comms.test_sending import circular, send


def one_sent(cast):
    one = circular(cast, people=cast.contacts[:1])
    send()
    return one.recipients.get()


def returned(recipient, **facts):
    facts = {"kind": "bounced", "bounce": "soft", "reason": "The mailbox is full.", **facts}
    events.append(recipient.entry, happened_at=timezone.now(), source="mailbox", **facts)
    recipient.refresh_from_db()


def status(recipient):
    recipient.entry.delivery.refresh_from_db()
    return recipient.entry.delivery.status


def test_a_soft_bounce_that_comes_later_is_tried_again_with_the_same_bytes(inside, sink):
    recipient = one_sent(inside)

    returned(recipient)
    assert status(recipient) == "bounced"
    assert recipient.state == "deferred" and recipient.next_attempt_at > timezone.now()
    Recipient.objects.update(next_attempt_at=timezone.now())
    send()

    first, second = sink.kept
    assert first == second
    assert status(recipient) == "sent"
    assert list(recipient.entry.events.filter(kind="attempted").values_list("attempt", flat=True)) == [1, 2]


def test_the_same_bounce_twice_is_one(inside, sink):
    recipient = one_sent(inside)
    returned(recipient, provider_event_id="1")
    Recipient.objects.update(next_attempt_at=timezone.now())
    send()

    returned(recipient, provider_event_id="1")

    assert recipient.state == "done" and status(recipient) == "sent"


def test_what_is_for_good_or_has_arrived_is_not_tried_again(inside, sink):
    for kind, facts in (("bounced", {"bounce": "hard"}), ("delivered", {})):
        recipient = one_sent(inside)
        events.append(
            recipient.entry,
            kind,
            happened_at=timezone.now() + datetime.timedelta(hours=1),
            source="mailbox",
            **facts,
        )

        returned(recipient)

        assert recipient.state == "done", kind
        inside.contacts[:1], inside.contacts[1:] = inside.contacts[1:2], inside.contacts[2:]


def test_a_full_mailbox_that_says_so_at_once_is_tried_again(inside, sink):
    sink.refusals["person1"] = "552 5.2.2 Mailbox full"

    recipient = one_sent(inside)

    assert status(recipient) == "bounced" and recipient.state == "deferred"


def test_a_bounce_that_is_quicker_than_our_own_note_is_not_forgotten(inside, sink):

    from comms.sending.claiming import claim

    one, token = circular(inside, people=inside.contacts[:1]), uuid.uuid4()

    due.start_due(timezone.now())
    ((recipient, entry),) = claim(one, "email", token)
    handover._begin(recipient, entry, token, 1)
    events.append(entry, "bounced", happened_at=timezone.now(), source="mailbox", bounce="soft")
    handover.note(recipient, entry, token, 1, handover.Outcome("sent", "", "250 Ok"))

    recipient.refresh_from_db()
    assert recipient.state == "deferred" and recipient.next_attempt_at


def test_when_the_time_is_over_it_has_failed_and_nothing_is_sent(inside, sink, monkeypatch):
    recipient = one_sent(inside)
    long_ago = timezone.now() - datetime.timedelta(hours=71, minutes=59, seconds=59)
    monkeypatch.setattr(retry, "first_attempt", lambda entry: long_ago)
    returned(recipient)
    assert recipient.next_attempt_at == retry.ends(long_ago)
    long_ago -= datetime.timedelta(seconds=2)
    Recipient.objects.update(next_attempt_at=timezone.now())

    send()

    recipient.refresh_from_db()
    assert recipient.state == "done" and status(recipient) == "failed"
    assert recipient.entry.delivery.reason == "Given up after 72 hours. The mailbox is full."
    assert len(sink.kept) == 1


def test_pauses_are_spread_by_a_fifth(settings):
    now = timezone.now()
    settings.RETRY_PAUSES_SECONDS = [100]

    pauses = {(retry.next_attempt(1, now, now) - now).total_seconds() for _ in range(200)}

    assert 80 <= min(pauses) < 90 and 110 < max(pauses) <= 120


def test_a_letter_that_came_back_waits_for_a_person(inside, sink):
    one = circular(inside, people=inside.contacts[:1])
    send()
    recipient = one.recipients.get()
    Recipient.objects.update(attempts=0)  # as of those that a person handed over

    returned(recipient)

    assert recipient.state == "done" and DeliveryEvent.objects.filter(bounce="soft").exists()


def test_the_entrys_page_says_when_it_is_tried_next(inside, sink, client_of):
    recipient = one_sent(inside)
    page = recipient.entry.get_absolute_url()
    assert "Next attempt" not in client_of(inside.sam).get(page).content.decode()

    returned(recipient)

    shown = client_of(inside.sam).get(page).content.decode()
    local = timezone.localtime(recipient.next_attempt_at, inside.organisation.zone)
    assert shown.count("Next attempt") == 2 and f"{local:%H:%M}" in shown


def in_doubt(cast, sink, settings):
    """One that was taken, and whose answer never came."""
    settings.EMAIL_TIMEOUT, sink.silent = 1, {cast.contacts[0].email.partition("@")[0]}
    recipient = one_sent(cast)
    assert recipient.state == "unconfirmed"
    sink.silent = set()
    return recipient


def test_a_soft_bounce_of_one_in_doubt_settles_it_and_is_tried_again(inside, sink, settings):
    recipient = in_doubt(inside, sink, settings)

    returned(recipient)

    assert recipient.state == "deferred" and recipient.next_attempt_at > timezone.now()
    Recipient.objects.update(next_attempt_at=timezone.now())
    send()
    assert status(recipient) == "sent" and len(sink.kept) == 2


def test_what_a_person_has_sent_again_is_not_tried_again_by_itself(inside, sink, settings):
    recipient = in_doubt(inside, sink, settings)
    again.send(recipient.entry, inside.alice, "email", timezone.now())

    returned(recipient)

    assert recipient.state == "done" and recipient.next_attempt_at is None


def test_a_report_that_comes_later_lets_the_recipient_wait_no_longer(inside, sink, settings):
    recipient = in_doubt(inside, sink, settings)

    events.append(recipient.entry, "delivered", happened_at=timezone.now(), source="provider")

    recipient.refresh_from_db()
    assert recipient.state == "done" and status(recipient) == "delivered"
