"""Who gets a communication: adding by block and by flat, what is skipped and why, removing."""

import datetime
import uuid

from django.utils import timezone

from comms.models import Recipient
from contacts.models import Contact, Occupancy
from portfolio.models import Unit
from tests.comms.centre import draft, page


def add(client, one, **typed):
    return client.post(page("recipients", one), {"role": "leaseholder", **typed}, follow=True)


def add_block(client, one, block):
    return add(client, one, block=str(block.public_id))


def joint_owner(cast):
    joint = Contact.objects.create(organisation=cast.organisation, name="Priya Raman", first_name="Priya")
    Occupancy.objects.create(organisation=cast.organisation, unit=cast.units[0], contact=joint)
    return joint


def test_a_block_brings_its_current_leaseholders_joint_owners_each(inside, client_of):
    one, joint = draft(inside), joint_owner(inside)

    answer = add_block(client_of(inside.alice), one, inside.block)

    assert set(one.recipients.values_list("contact", flat=True)) == {
        joint.pk,
        *(contact.pk for contact in inside.contacts),
    }
    assert "4 people added." in answer.content.decode()


def test_what_is_known_is_copied_and_stays(inside, client_of):
    one, ada = draft(inside), inside.contacts[0]
    add_block(client_of(inside.alice), one, inside.block)

    Contact.objects.filter(pk=ada.pk).update(name="Somebody Else", email="else@simulator.example")

    copied = one.recipients.get(contact=ada)
    assert (copied.name, copied.email) == ("Person1 OfLarch", "person1@simulator.example")
    assert copied.address.splitlines() == [
        "Flat 1, Acacia Court",
        "1 Acacia Road",
        "Leeds",
        "LS6 4QB",
    ]
    assert copied.merge_values["salutation"] == "Ms OfLarch"
    assert copied.merge_values["unit_name"] == "Flat 1"
    assert all(isinstance(value, str) for value in copied.merge_values.values())


def test_a_contacts_own_address_comes_before_the_flats(inside, client_of):
    one = draft(inside)
    Contact.objects.filter(pk=inside.contacts[0].pk).update(address="PO Box 7\nYork")

    add_block(client_of(inside.alice), one, inside.block)

    assert one.recipients.get(contact=inside.contacts[0]).address == "PO Box 7\nYork"


def test_adding_twice_is_harmless(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)

    add_block(client, one, inside.block)
    answer = add_block(client, one, inside.block)

    assert answer.status_code == 200
    assert one.recipients.count() == 3
    assert "already among the recipients" in answer.content.decode()


def test_a_flat_without_such_a_person_is_skipped_with_the_reason(inside, client_of):
    one, today = draft(inside), timezone.localdate()
    moved_out = today - datetime.timedelta(days=1)
    Occupancy.objects.filter(unit=inside.units[1]).update(until=moved_out)
    Occupancy.objects.filter(unit=inside.units[2]).update(role="tenant")

    answer = add_block(client_of(inside.alice), one, inside.block)

    assert one.recipients.count() == 1
    assert "2 skipped, no current leaseholder on record: Flat 2, Flat 3." in answer.content.decode()


def test_who_moves_out_today_is_still_there_and_who_comes_tomorrow_not_yet(inside, client_of):
    one, today = draft(inside), timezone.localdate()
    Occupancy.objects.filter(unit=inside.units[0]).update(until=today)
    Occupancy.objects.filter(unit=inside.units[1]).update(since=today + datetime.timedelta(days=1))

    add_block(client_of(inside.alice), one, inside.block)

    assert set(one.recipients.values_list("unit__name", flat=True)) == {"Flat 1", "Flat 3"}


def test_another_role_can_be_chosen(inside, client_of):
    one = draft(inside)
    Occupancy.objects.filter(unit=inside.units[0]).update(role="director")

    add(client_of(inside.alice), one, role="director", block=str(inside.block.public_id))

    assert [recipient.unit_id for recipient in one.recipients.all()] == [inside.units[0].pk]


def test_only_the_ticked_flats_are_added(inside, client_of):
    one = draft(inside)

    add(client_of(inside.alice), one, unit=[str(unit.public_id) for unit in inside.units[:2]])

    assert set(one.recipients.values_list("unit__name", flat=True)) == {"Flat 1", "Flat 2"}


def test_flats_of_somebody_else_are_counted_and_nothing_is_told_of_them(inside, client_of):
    one = draft(inside)
    theirs = Unit._base_manager.filter(block_id=inside.theirs.pk).first()

    answer = add(
        client_of(inside.alice), one, unit=[str(inside.units[0].public_id), str(theirs.public_id), "no-id"]
    )

    html = answer.content.decode()
    assert one.recipients.count() == 1
    assert "2 skipped: not a flat of this organisation." in html
    assert "OfHarbour" not in html and "Quay House" not in html


def test_when_no_flat_can_be_added_it_is_a_mistake_of_the_form(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)

    for typed in (
        {},
        {"unit": str(uuid.uuid4())},
        {"block": str(inside.theirs.public_id)},
        {"block": "no-id"},
        {"role": "emperor", "block": str(inside.block.public_id)},
    ):
        assert add(client, one, **typed).status_code == 422, typed

    assert not one.recipients.exists()


def test_removing_twice_is_harmless(inside, client_of):
    one, client = draft(inside, people=2), client_of(inside.alice)
    gone = one.recipients.first()

    for _ in range(2):
        answer = client.post(f"{page('recipients', one)}{gone.public_id}/remove/")
        assert answer.status_code == 302

    assert one.recipients.count() == 1


def test_nobody_is_removed_through_another_communication(inside, client_of):
    one, other = draft(inside, people=1), draft(inside)
    recipient = one.recipients.get()

    client_of(inside.alice).post(f"{page('recipients', other)}{recipient.public_id}/remove/")

    assert one.recipients.exists()


def test_once_sending_has_begun_nobody_is_added_or_removed(inside, client_of):
    one, client = draft(inside, people=1), client_of(inside.alice)
    recipient = one.recipients.get()
    one.schedule(at=timezone.now(), by=inside.alice)
    one.begin(timezone.now())

    assert add_block(client, one, inside.block).status_code == 200
    client.post(f"{page('recipients', one)}{recipient.public_id}/remove/")

    assert list(one.recipients.all()) == [recipient]


def test_readers_see_the_list_and_cannot_change_it(inside, client_of):
    one = draft(inside, people=1)

    for reader in (inside.sam, inside.audrey):
        client = client_of(reader)
        html = client.get(page("recipients", one)).content.decode()
        assert "Person1 OfLarch" in html
        assert "Add people" not in html and "Remove" not in html.replace(">Remove</span>", "")
        assert client.post(page("recipients", one), {"role": "leaseholder"}).status_code == 403
    assert client_of(inside.mallory).get(page("recipients", one)).status_code == 404


def test_a_block_of_ten_thousand_takes_few_queries(inside, client_of, django_assert_max_num_queries):
    one, client = draft(inside), client_of(inside.alice)
    units = Unit.objects.bulk_create(
        Unit(organisation=inside.organisation, block=inside.block, name=f"Studio {n}", position=n)
        for n in range(10_000)
    )
    contacts = Contact.objects.bulk_create(
        Contact(organisation=inside.organisation, name=f"Tenant {n}") for n in range(10_000)
    )
    Occupancy.objects.bulk_create(
        Occupancy(organisation=inside.organisation, unit=unit, contact=contact)
        for unit, contact in zip(units, contacts, strict=True)
    )

    with django_assert_max_num_queries(30):
        client.post(page("recipients", one), {"role": "leaseholder", "block": str(inside.block.public_id)})

    assert Recipient.objects.filter(communication=one).count() == 10_003
