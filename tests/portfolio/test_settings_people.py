"""An admin sees who belongs here, changes roles and removes people; an admin is always left."""

import threading

import pytest
from django.db import connection, transaction

from portfolio import people
from portfolio.models import Membership
from tests.portfolio.invited import PEOPLE


@pytest.fixture
def adam(cast, client_of):
    return client_of(cast.adam)


def page_of(cast, user) -> str:
    return f"{PEOPLE}{membership(cast, user).pk}/"


def membership(cast, user) -> Membership:
    return Membership.objects.get(organisation=cast.organisation, user=user)


def role(cast, user) -> str:
    return membership(cast, user).role


def test_everybody_is_listed_with_role_and_last_sign_in(adam, cast):
    page = adam.get(PEOPLE).content.decode()

    for user in (cast.alice, cast.sam, cast.audrey, cast.adam):
        assert user.name in page and user.email in page
    assert page.count("Not yet") == 3  # adam has signed in
    assert cast.mallory.name not in page


def test_a_role_is_changed(adam, cast):
    page = adam.post(page_of(cast, cast.sam), {"role": "auditor"}, follow=True).content.decode()

    assert role(cast, cast.sam) == "auditor"
    assert "Sam Ellery has the role Auditor now." in page


@pytest.mark.parametrize("sent", [{}, {"role": "owner"}])
def test_a_role_that_is_none_is_refused(sent, adam, cast):
    response = adam.post(page_of(cast, cast.sam), sent)

    assert response.status_code == 422
    assert "Choose a role" in response.content.decode()
    assert role(cast, cast.sam) == "staff"


def test_the_confirm_page_says_what_removal_means_and_removes_nobody(adam, cast):
    page = " ".join(adam.get(f"{page_of(cast, cast.sam)}remove/").content.decode().split())

    assert "They lose access to Larch Management at once." in page
    assert "What they wrote and sent stays in the log, under their name." in page
    assert membership(cast, cast.sam)


def test_who_is_removed_is_out_at_once_and_the_account_stays(adam, cast, client_of):
    sam, address = client_of(cast.sam), f"{page_of(cast, cast.sam)}remove/"
    assert sam.get("/o/larch/blocks/").status_code == 200

    adam.post(address)

    cast.sam.refresh_from_db()
    assert sam.get("/o/larch/blocks/").status_code == 404
    assert adam.post(address).status_code == 404  # twice is harmless


def test_the_last_admin_is_not_demoted(adam, cast):
    response = adam.post(page_of(cast, cast.adam), {"role": "staff"})

    assert response.status_code == 422
    assert "Adam Frost is the only admin." in response.content.decode()
    assert role(cast, cast.adam) == "admin"


def test_the_last_admin_is_not_removed(adam, cast):
    response = adam.post(f"{page_of(cast, cast.adam)}remove/")

    assert response.status_code == 422
    assert "Adam Frost is the only admin." in response.content.decode()
    assert role(cast, cast.adam) == "admin"


def test_an_admin_who_cannot_sign_in_and_one_elsewhere_do_not_count(adam, cast):
    cast.other.memberships.update(role="admin")
    cast.organisation.memberships.filter(user=cast.alice).update(role="admin")
    cast.alice.is_active = False
    cast.alice.save()

    assert adam.post(page_of(cast, cast.adam), {"role": "staff"}).status_code == 422


def test_one_of_two_admins_may_leave_and_is_led_out(adam, cast):
    adam.post(page_of(cast, cast.alice), {"role": "admin"})

    response = adam.post(f"{page_of(cast, cast.adam)}remove/")

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert not cast.organisation.memberships.filter(user=cast.adam).exists()


def test_two_admins_who_demote_each_other_leave_one(committed, cast):
    """The first holds its locks; the second waits for them, and then finds that it is the last."""
    cast.organisation.memberships.filter(user=cast.alice).update(role="admin")
    told: list[str] = []

    def demote_alice():
        try:
            people.change_role(membership(cast, cast.alice), "staff")
        except people.LastAdmin as refused:
            told.append(str(refused))
        finally:
            connection.close()

    second = threading.Thread(target=demote_alice)
    with transaction.atomic():
        people.change_role(membership(cast, cast.adam), "staff")
        second.start()
        second.join(1)
        assert second.is_alive()
    second.join(10)

    assert role(cast, cast.alice) == "admin"
    assert told == [
        "Alice Marsh is the only admin. Make somebody else an admin first, so that one is always left."
    ]


@pytest.mark.parametrize("who", ["alice", "sam", "audrey"])
def test_others_make_nobody_an_admin(who, cast, client_of):
    user = getattr(cast, who)
    client = client_of(user)

    assert client.get(PEOPLE).status_code == 403
    assert client.post(page_of(cast, user), {"role": "admin"}).status_code == 403
    assert client.post(f"{page_of(cast, cast.adam)}remove/").status_code == 403
    assert role(cast, cast.adam) == "admin"


def test_an_admin_elsewhere_changes_nobody_here(cast, client_of):
    cast.other.memberships.update(role="admin")
    client, address = client_of(cast.mallory), page_of(cast, cast.sam)

    for path in (address, address.replace("larch", "harbour")):
        assert client.post(path, {"role": "admin"}).status_code == 404
        assert client.post(f"{path}remove/").status_code == 404
    assert role(cast, cast.sam) == "staff"
