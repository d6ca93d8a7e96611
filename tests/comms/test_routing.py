"""Several channels for one communication: the rule in plain words, the check and the sending say the same."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from comms.models import Communication, LogEntry, Recipient, Suppression
from comms.sending import due, handover, routing
from contacts.models import Contact
from tests.comms.centre import with_people


@pytest.fixture
def one(inside):
    """A draft to three people of whom the first has email, the second an address alone, the third neither."""
    ada, bob, cat = inside.contacts
    Contact.objects.filter(pk__in=[bob.pk, cat.pk]).update(email="")
    Contact.objects.update(preferred_channel="hand")
    made = with_people(inside)
    Recipient.objects.filter(communication=made).delete()
    for contact, email, address in ((ada, "person1@simulator.example", "1 Road\nLeeds\nLS1 4AB"), (bob, "", "2 Road\nLeeds\nLS1 4AB"), (cat, "", "")):  # fmt: skip
        Recipient.objects.create(
            organisation=inside.organisation, communication=made, contact=contact, name=contact.name,
            email=email, address=address, merge_values={"salutation": contact.name},
        )  # fmt: skip
    inside.organisation.channels = ["email", "post"]
    inside.organisation.save()
    return made


def by(one: Communication, rule: str, *also: str) -> list[tuple[str, str, str]]:
    one.rule, one.also = rule, list(also)
    one.save()
    checked = routing.check(one, one.recipients.all())
    return [(route.recipient.contact.name.split()[0], route.channel, route.word) for route in checked.routes]


def test_each_rule_sends_people_the_way_it_says(one):
    assert by(one, "only") == [
        ("Person1", "email", ""),
        ("Person2", "email", "unreachable"),
        ("Person3", "email", "unreachable"),
    ]
    assert by(one, "else", "hand") == [
        ("Person1", "email", ""),
        ("Person2", "hand", ""),
        ("Person3", "hand", ""),
    ]
    assert by(one, "each", "hand") == [
        ("Person1", "email", ""), ("Person1", "hand", ""), ("Person2", "email", "unreachable"),
        ("Person2", "hand", ""), ("Person3", "email", "unreachable"), ("Person3", "hand", ""),
    ]  # fmt: skip
    assert {channel for _, channel, _ in by(one, "preferred", "hand")} == {"hand"}


def test_a_suppressed_address_goes_the_other_way(one, inside):
    Suppression.objects.create(
        organisation=inside.organisation,
        channel="email",
        address="person1@simulator.example",
        reason="Hard bounce.",
    )

    assert by(one, "only")[0] == ("Person1", "email", "will_drop")
    assert by(one, "else", "hand")[0] == ("Person1", "hand", "")


def send(one: Communication, by_whom) -> None:
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=by_whom)
    due.start_due(timezone.now())
    handover.run(0.5)
    due.finish_through(timezone.now())
    one.refresh_from_db()


def test_what_a_person_delivers_is_on_record_and_waits_for_that_person(one, inside):
    by(one, "else", "leaflet")
    one.recipients.filter(contact=inside.contacts[0]).delete()  # the one whom a machine would reach
    send(one, inside.alice)

    assert one.status == "sending"
    assert [(e.channel, e.delivery.status) for e in LogEntry.objects.filter(communication=one)] == [
        ("leaflet", "queued"), ("leaflet", "queued"),
    ]  # fmt: skip
    assert {r.state for r in one.recipients.all()} == {"recorded"}
    assert due.at_work() == []  # nothing is left for a machine
    handover.run(0.5)
    assert LogEntry.objects.filter(communication=one).count() == 2


def test_each_channel_has_an_entry_of_its_own_and_is_chosen_once(one, inside):
    by(one, "each", "leaflet")
    one.recipients.exclude(contact=inside.contacts[2]).delete()
    send(one, inside.alice)

    assert sorted((e.channel, e.delivery.status) for e in LogEntry.objects.filter(communication=one)) == [
        ("email", "failed"), ("leaflet", "queued"),
    ]  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        one.recipients.filter(channel="leaflet").update(channel="post")


def test_beginning_twice_at_once_begins_once(one, inside):
    by(one, "each", "leaflet")
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=inside.alice)

    assert [due.start_due(timezone.now()), due.start_due(timezone.now())] == [1, 0]
    assert one.recipients.count() == 6
