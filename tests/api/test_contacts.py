"""Contacts and their parts in units through the API, by the rules of their pages."""

import uuid

import pytest
from django_scopes import scope

from contacts.models import Contact, Occupancy
from tests.api.conftest import API, problem

CONTACTS, PARTS = f"{API}contacts/", f"{API}occupancies/"
ADA = {
    "title": "Mrs",
    "first_name": "Ada",
    "last_name": "Okafor",
    "emails": [{"value": "ada@EXAMPLE.com", "label": "Home"}, {"value": "ada@work.example"}],
    "phones": [{"value": "07700 900123"}],
}


def test_a_contact_is_added_read_and_changed(inside, alice):
    made = alice.post(CONTACTS, ADA)

    told = made.json()
    assert made.status_code == 201 and told["name"] == "Ada Okafor" and told["kind"] == "person"
    assert told["emails"][0] == {"value": "ada@example.com", "label": "Home"}
    assert told["emails"][1]["value"] == "ada@work.example" and told["phones"][0]["value"] == "+447700900123"
    path = f"{CONTACTS}{told['id']}/"
    assert alice.get(path).json() == told
    assert alice.patch(path, {"large_print": True}).json() == told | {"large_print": True}
    assert alice.patch(path, {"last_name": "Obi"}).json()["name"] == "Ada Obi"
    left = alice.patch(path, {"emails": [{"value": "ada@work.example", "label": "Work"}]}).json()
    assert (
        left["emails"] == [{"value": "ada@work.example", "label": "Work"}]
        and left["phones"] == told["phones"]
    )


def test_contacts_are_found_by_their_words_and_their_unit(inside, alice):
    def found(query):
        return [one["name"] for one in alice.get(f"{CONTACTS}?{query}").json()["results"]]

    unit = inside.units[1]
    assert found("q=person2") == found(f"unit_id={unit.public_id}") == ["Person2 OfLarch"]
    assert found("q=person3@simulator.example") == ["Person3 OfLarch"] and len(found("")) == 3
    Contact.objects.filter(name="Person3 OfLarch").update(archived_at="2026-01-01T00:00:00Z")
    assert found("archived=yes") == ["Person3 OfLarch"] and len(found("")) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"emails": [{"value": "ok@example.com"}, {"value": "nobody"}]}, "emails.1.value"),
        ({"emails": [{"value": "a@b.example"}, {"value": "a@b.example"}]}, "emails.0.value"),
        ({"emails": ["a@b.example"]}, "emails.0"),
        ({"emails": [{"value": f"a{n}@b.example"} for n in range(11)]}, "emails"),
        ({"emails": [{"value": "a@b.example", "first": True}]}, "emails.0.first"),
        ({"phones": [{"value": "12"}]}, "phones.0.value"),
        ({"first_name": "", "last_name": ""}, "name"),
        ({"first_name": "A\r\nB"}, "first_name"),
        ({"large_print": "yes"}, "large_print"),
        ({"title": 5}, "title"),
        ({"language": "xx"}, "language"),
        ({"emails": [{"value": "person1@simulator.example"}]}, ""),  # somebody else's too
        ({"email": "a@b.example"}, "email"),
    ],
)
def test_what_the_page_refuses_is_refused(inside, alice, wrong, field):
    found = problem(alice.post(CONTACTS, ADA | wrong), 400)

    assert field in {error["field"] for error in found["errors"]}
    assert Contact.objects.count() == 3


def test_an_email_may_be_shared_where_that_is_said(inside, alice):
    shared = ADA | {"emails": [{"value": "person1@simulator.example"}], "shared": True}

    assert alice.post(CONTACTS, shared).status_code == 201


def test_a_part_is_given_ended_and_taken_out(inside, alice):
    contact, unit = inside.contacts[0], inside.units[1]
    body = {"contact_id": str(contact.public_id), "unit_id": str(unit.public_id), "since": "2026-01-01"}

    made = alice.post(PARTS, body).json()

    assert made["role"] == "leaseholder" and made["until"] is None
    path = f"{PARTS}{made['id']}/"
    assert alice.patch(path, {"until": "2026-06-30"}).json() == made | {"until": "2026-06-30"}
    listed = alice.get(f"{PARTS}?contact_id={contact.public_id}&on=2026-03-01").json()["results"]
    assert made["id"] in [part["id"] for part in listed]
    assert made["id"] not in str(alice.get(f"{PARTS}?on=2026-07-01").json())
    assert made["id"] in str(alice.get(f"{CONTACTS}{contact.public_id}/").json()["occupancies"])
    assert alice.delete(path).status_code == 204
    problem(alice.get(path), 404)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"contact_id": str(uuid.uuid4())}, "contact_id"),
        ({"unit_id": str(uuid.uuid4())}, "unit_id"),
        ({"until": "2025-12-31"}, "until"),
        ({"since": "01/01/2026"}, "since"),
        ({"role": "tenant", "ownership": "sole"}, "ownership"),
        ({"is_primary": 1}, "is_primary"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(inside, alice, wrong, field):
    body = {
        "contact_id": str(inside.contacts[0].public_id),
        "unit_id": str(inside.units[1].public_id),
        "since": "2026-01-01",
    }

    assert field in {error["field"] for error in problem(alice.post(PARTS, body | wrong), 400)["errors"]}
    assert Occupancy.objects.count() == 3


def test_somebody_elses_contacts_are_not_there(inside, alice):
    with scope(organisation=inside.other):
        theirs = Contact.objects.first().public_id

    problem(alice.get(f"{CONTACTS}{theirs}/"), 404)
    problem(alice.post(PARTS, {"contact_id": str(theirs), "unit_id": str(inside.units[0].public_id)}), 400)
