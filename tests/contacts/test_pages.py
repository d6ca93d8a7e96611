import pytest

from contacts.models import Contact, ContactRelation


@pytest.fixture
def page_of(cast, client_of):
    """Give a page of the organisation as a member of its staff sees it."""

    def get(path, user=None, status=200):
        response = client_of(user or cast.sam).get(f"/o/{cast.organisation.slug}/{path}")
        assert response.status_code == status
        return response.content.decode()

    return get


def named(cast, count):
    """Make contacts whose names come before all others, two of each name."""
    return Contact.objects.bulk_create(
        Contact(organisation=cast.organisation, name=f"Aaron {n // 2:03}") for n in range(count)
    )


def shown(page_of, path):
    """List the ids of the contacts on a page in their order."""
    return [row.split("/")[0] for row in page_of(path).split("/contacts/")[1:] if row[8:9] == "-"]


def test_contacts_are_ours_and_found_by_name_email_and_phone(page_of, inside):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(phone="+447700900123")
    assert "OfHarbour" not in page_of("contacts/")
    for q in ("person1", "person1@simulator", "07700+900123", "%2B44+7700+900"):
        html = page_of(f"contacts/?q={q}")
        assert "Person1 OfLarch" in html and "Person2 OfLarch" not in html, q


def test_paging_neither_skips_nor_repeats_and_goes_back(page_of, inside):
    made = [str(contact.public_id) for contact in named(inside, 101)]
    first = shown(page_of, "contacts/")
    second = shown(page_of, f"contacts/?after={first[-1]}")
    third = shown(page_of, f"contacts/?after={second[-1]}")
    assert list(dict.fromkeys(first + second + third))[:101] == made
    assert not set(first) & set(second) and len(second) == 50
    assert shown(page_of, f"contacts/?before={second[0]}") == first


def test_a_place_that_is_not_there_gives_the_first_page(page_of, inside, cast):
    assert "Person1 OfLarch" in page_of("contacts/?after=nonsense")
    assert "Person1 OfLarch" in page_of("contacts/?after=3b241101-e2bb-4255-8caf-4136c566a962")


def test_a_contact_shows_how_to_reach_them_their_flats_and_who_acts_for_them(page_of, inside):
    ada, son = inside.contacts[:2]
    Contact.objects.filter(pk=ada.pk).update(phone="+447700900123", notes="Prefers letters.")
    ContactRelation.objects.create(
        organisation=inside.organisation, contact=son, acts_for=ada, kind=ContactRelation.Kind.ATTORNEY
    )
    html = page_of(f"contacts/{ada.public_id}/")
    for piece in ("07700 900123", "person1@simulator.example", "Flat 1", "Prefers letters.", son.name):
        assert piece in html
    assert ada.name in page_of(f"contacts/{son.public_id}/")


def test_nobody_of_another_organisation_sees_a_contact(page_of, inside, cast, client_of):
    path = f"contacts/{inside.contacts[0].public_id}/"
    page_of(path, cast.mallory, status=404)
    assert client_of(cast.mallory).get(f"/o/{cast.other.slug}/{path}").status_code == 404
