"""The page of recipients: what it offers, and how it shows who is there."""

from comms.models import Recipient
from contacts.models import Contact
from portfolio.models import Block
from tests.comms.centre import address, draft, with_people


def add(client, one, **asked):
    return client.post(address(one, "recipients/"), {"role": "leaseholder", **asked})


def test_a_letter_to_one_flat_does_not_offer_the_whole_block(inside, client_of):
    one = draft(inside, unit=inside.units[0], type="message")

    response = client_of(inside.alice).get(address(one, "recipients/"))

    assert response.context["ticked"] == [str(inside.units[0].public_id)]
    assert not response.context["form"]["block"].initial


def test_ticked_flats_and_another_block_are_not_guessed_at(inside, client_of):
    other = Block.objects.create(
        organisation=inside.organisation,
        name="Maple House",
        address="2 Mill Lane",
        town="Leeds",
        postcode="LS1",
    )
    one, client = draft(inside), client_of(inside.alice)
    assert "Only some flats of Maple House" not in client.get(address(one, "recipients/")).content.decode()

    response = add(client, one, unit=[inside.units[0].public_id], block=other.public_id)

    assert response.status_code == 422 and "Flats of Acacia Court are ticked" in response.content.decode()
    assert str(inside.units[0].public_id) in response.context["ticked"]


def test_a_contact_without_an_address_is_added_and_shown_as_such(inside, client_of):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(email="")
    one = with_people(inside)

    page = client_of(inside.audrey).get(address(one, "recipients/")).content.decode()

    assert one.recipients.count() == 3 and "No email address; Flat 1, Acacia Court" in page


def test_the_list_turns_its_pages(inside, client_of):
    one = draft(inside)
    Recipient.objects.bulk_create(
        Recipient(organisation=inside.organisation, communication=one, name=f"Person {n:03}")
        for n in range(150)
    )
    client = client_of(inside.sam)

    first = client.get(address(one, "recipients/"))
    second = client.get(address(one, f"recipients/?after={first.context['next']}"))

    assert [person.name for person in second.context["shown"]] == [f"Person {n:03}" for n in range(100, 150)]
    assert client.get(address(one, "recipients/?after=nonsense")).status_code == 200
