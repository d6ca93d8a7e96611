"""Journey 2, step by step, in this process, over a real SMTP line."""

import datetime
import uuid

import pytest
from django.utils import timezone

from comms.models import Communication, Recipient, Suppression
from comms.sending import due, handover, reconcile, stopping


def circular(cast, people=None, **changes):
    """A circular to some people of the block, due now."""
    communication = Communication.objects.create(
        organisation=cast.organisation,
        block=cast.block,
        subject="Lift 2 out of service",
        body="<p>Dear {{salutation}},</p><p>Lift 2 is out of service on <strong>Tuesday</strong>.</p>",
        created_by=cast.alice,
        **changes,
    )
    for contact, unit in zip(cast.contacts if people is None else people, cast.units, strict=False):
        Recipient.objects.create(
            organisation=cast.organisation,
            communication=communication,
            contact=contact,
            unit=unit,
            name=contact.name,
            email=contact.email,
            merge_values={"salutation": contact.salutation},
        )
    communication.schedule(at=timezone.now(), by=cast.alice)
    return communication


def send() -> None:
    """What one ring of the bell does."""
    due.start_due(timezone.now())
    handover.run(20)
    due.finish_through(timezone.now())


def statuses(communication):
    return list(communication.recipients.values_list("entry__delivery__status", flat=True))


def test_everyone_gets_one_message_and_one_entry(inside, sink):
    communication = circular(inside)

    send()

    communication.refresh_from_db()
    assert communication.status == "sent"
    assert statuses(communication) == ["sent"] * 3
    assert sorted(kept.rcpt_to for kept in sink.kept) == [f"person{n}@simulator.example" for n in (1, 2, 3)]
    assert len({kept.mail_from for kept in sink.kept}) == 3


def test_what_arrived_is_what_the_log_keeps(inside, sink):
    communication = circular(inside)

    send()

    for recipient in communication.recipients.select_related("entry"):
        (kept,) = sink.to(recipient.email)
        assert kept.data == recipient.entry.exact_bytes()
        assert recipient.entry.token in kept.mail_from
        assert kept.message["Message-ID"] == recipient.entry.message_id
        assert f"Dear {recipient.merge_values['salutation']}" in recipient.entry.words


def test_the_entry_is_committed_before_the_line_is_opened(inside, sink, settings):
    settings.EMAIL_PORT = 1  # nobody listens there
    communication = circular(inside)

    send()

    recipient = communication.recipients.select_related("entry__delivery").first()
    assert sorted(communication.recipients.values_list("state", flat=True)) == [
        "deferred",
        "recorded",
        "recorded",
    ]
    assert recipient.entry.delivery.status == "deferred"
    assert [event.kind for event in recipient.entry.events.all()] == ["attempted", "deferred"]


def test_sending_twice_is_harmless(inside, sink):
    circular(inside)

    send()
    send()

    assert len(sink.kept) == 3


def test_a_refusal_for_now_is_tried_again_with_the_same_bytes(inside, sink):
    sink.refusals["person1"] = "451 4.7.1 Greylisted, come back later"
    communication = circular(inside)
    send()
    recipient = communication.recipients.select_related("entry__delivery").get(email__startswith="person1")
    assert recipient.entry.delivery.status == "deferred"
    assert "Greylisted" in recipient.entry.events.last().reply
    before = recipient.entry.exact_bytes()

    sink.refusals.clear()
    Recipient.objects.filter(pk=recipient.pk).update(next_attempt_at=timezone.now())
    send()

    recipient.refresh_from_db()
    recipient.entry.delivery.refresh_from_db()
    assert recipient.state == "done"
    assert recipient.entry.delivery.status == "sent"
    assert [kept.data for kept in sink.to(recipient.email)] == [before]


def test_after_72_hours_it_has_failed(inside, sink, settings):
    settings.RETRY_FOR_HOURS = 0
    sink.refusals["person"] = "451 4.3.0 Later"
    communication = circular(inside)

    send()

    communication.refresh_from_db()
    assert communication.status == "failed"
    assert statuses(communication) == ["failed"] * 3
    reason = communication.recipients.first().entry.events.last().reason
    assert reason.startswith("Given up after 0 hours")


def test_a_refusal_for_good_is_a_hard_bounce(inside, sink):
    sink.refusals["person2"] = "550 5.1.1 No such user here"
    communication = circular(inside)

    send()

    bounced = communication.recipients.get(email__startswith="person2").entry.delivery
    assert (bounced.status, bounced.bounce) == ("bounced", "hard")
    communication.refresh_from_db()
    assert communication.status == "sent"  # the others were reached


def test_silence_after_the_message_is_unconfirmed_and_never_sent_again(inside, sink):
    sink.silent.add("person3")
    communication = circular(inside)

    send()
    send()

    recipient = communication.recipients.select_related("entry__delivery").get(email__startswith="person3")
    assert recipient.state == "unconfirmed"
    assert recipient.entry.delivery.status == "unconfirmed"
    assert len(sink.to(recipient.email)) == 1


def test_a_suppressed_address_is_dropped(inside, sink):
    Suppression.objects.create(
        organisation=inside.organisation,
        channel="email",
        address="person1@simulator.example",
        reason="A hard bounce on 2 Oct 2026: no such mailbox.",
    )
    communication = circular(inside)

    send()

    dropped = communication.recipients.get(email__startswith="person1").entry.delivery
    assert (dropped.status, dropped.reason) == ("dropped", "A hard bounce on 2 Oct 2026: no such mailbox.")
    assert not sink.to("person1@simulator.example")


def test_who_has_no_address_fails_and_says_so(inside, sink):
    inside.contacts[0].email = ""
    communication = circular(inside)

    send()

    failed = communication.recipients.get(email="").entry.delivery
    assert failed.status == "failed"
    assert "email" in failed.reason


def test_a_missing_merge_value_stops_that_row_before_sending(inside, sink):
    communication = circular(inside)
    recipient = communication.recipients.first()
    communication.recipients.exclude(pk=recipient.pk).delete()
    communication.recipients.create(
        organisation=inside.organisation,
        name="No Salutation",
        email="none@simulator.example",
        merge_values={},
    )

    send()

    failed = communication.recipients.get(name="No Salutation").entry.delivery
    assert failed.status == "failed"
    assert "nothing to fill it with" in failed.reason
    assert len(sink.kept) == 1


def test_nobody_to_send_to_is_failed_and_told(inside, sink):
    communication = circular(inside, people=[])

    send()

    communication.refresh_from_db()
    assert communication.status == "failed"
    assert communication.failure_reason == due.NOBODY
    (alert,) = sink.to(inside.alice.email)
    assert alert.message["Subject"] == "Not sent: Lift 2 out of service"


def test_what_is_not_due_waits(inside, sink):
    communication = circular(inside)
    communication.schedule(at=timezone.now() + datetime.timedelta(hours=1), by=inside.alice)

    send()

    communication.refresh_from_db()
    assert communication.status == "scheduled"
    assert not sink.kept


def test_a_worker_lost_before_the_dial_is_taken_over(inside, sink):
    communication = circular(inside)
    due.start_due(timezone.now())
    handover.claim(communication, communication.recipients.first().channel, uuid.uuid4())  # and then it dies
    Recipient.objects.update(leased_until=timezone.now() - datetime.timedelta(seconds=1))

    send()

    assert statuses(communication) == ["sent"] * 3
    assert len(sink.kept) == 3


def test_a_lease_that_stands_is_respected(inside, sink):
    communication = circular(inside)
    due.start_due(timezone.now())
    handover.claim(communication, communication.recipients.first().channel, uuid.uuid4())

    send()

    assert not sink.kept


def test_a_worker_lost_during_the_dial_leaves_it_unconfirmed(inside, sink):
    communication = circular(inside)
    due.start_due(timezone.now())
    token = uuid.uuid4()
    recipient, entry = handover.claim(communication, communication.recipients.first().channel, token)[0]
    assert handover._begin(recipient, entry, token, attempt=1)
    Recipient.objects.update(leased_until=timezone.now() - datetime.timedelta(seconds=1))

    reconcile.give_up_lapsed(timezone.now())
    reconcile.give_up_lapsed(timezone.now())
    send()

    entry.delivery.refresh_from_db()
    assert entry.delivery.status == "unconfirmed"
    assert not sink.to(recipient.email)
    assert entry.events.filter(kind="unconfirmed").count() == 1


def test_a_late_outcome_settles_an_unconfirmed_one(inside, sink):
    communication = circular(inside)
    due.start_due(timezone.now())
    token = uuid.uuid4()
    recipient, entry = handover.claim(communication, communication.recipients.first().channel, token)[0]
    handover._begin(recipient, entry, token, attempt=1)
    Recipient.objects.update(leased_until=timezone.now() - datetime.timedelta(seconds=1))
    reconcile.give_up_lapsed(timezone.now())

    handover.note(recipient, entry, token, 1, handover.Outcome("sent", "Handed over.", "250 Ok"))

    recipient.refresh_from_db()
    entry.delivery.refresh_from_db()
    assert (recipient.state, entry.delivery.status) == ("done", "sent")


def test_a_worker_that_stops_gives_back_what_it_claimed(inside, sink, monkeypatch):
    communication = circular(inside)
    due.start_due(timezone.now())
    monkeypatch.setattr(handover, "stopping", lambda: True)
    handover.hand_over(communication, ends=float("inf"))
    monkeypatch.undo()

    send()

    assert statuses(communication) == ["sent"] * 3
    assert not stopping.stopping()


def test_what_one_worker_holds_another_does_not_claim(inside, sink):
    communication = circular(inside)
    due.start_due(timezone.now())

    first, second = (
        handover.claim(communication, communication.recipients.first().channel, uuid.uuid4()),
        handover.claim(communication, communication.recipients.first().channel, uuid.uuid4()),
    )

    assert (len(first), len(second)) == (3, 0)


def test_who_lost_the_lease_does_not_dial(inside, sink):
    communication = circular(inside)
    due.start_due(timezone.now())
    mine = uuid.uuid4()
    recipient, entry = handover.claim(communication, communication.recipients.first().channel, mine)[0]
    Recipient.objects.update(lease_token=uuid.uuid4())  # it lapsed, and somebody else took over

    channel = handover.registry.get("email")
    with channel.line() as line:
        assert handover.hand_over_one(channel, line, recipient, entry, mine) is None

    assert not sink.kept
    assert not entry.events.exists()


@pytest.mark.parametrize(
    ("ours", "expected"),
    [("", "office@larch.example"), ("replies@demo.example", "replies+{token}@demo.example")],
)
def test_answers_go_to_the_office_or_where_the_installation_takes_them(
    inside, sink, settings, ours, expected
):
    settings.REPLY_ADDRESS = ours
    inside.organisation.reply_to = "office@larch.example"
    inside.organisation.save()

    one = circular(inside, inside.contacts[:1])
    send()

    token = one.recipients.get().entry.token
    assert sink.kept[0].message["Reply-To"] == expected.format(token=token)
