"""Who has the link of an invitation joins, once; to everybody else it says nothing."""

import datetime
import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from portfolio.models import Invitation, User
from tests.portfolio.invited import NEWCOMER, NINA, PASSWORD, invite

HOME = "/o/larch/"
GONE = "This link lets nobody in"


@pytest.fixture
def adam(inside, client_of):
    return client_of(inside.adam)


def roles(cast, email: str) -> list[str]:
    return list(cast.organisation.memberships.filter(user__email=email).values_list("role", flat=True))


def test_a_newcomer_sets_name_and_password_and_is_in(adam, inside, sink):
    path, nina = invite(adam, sink), Client()
    assert "nina@new.example" in nina.get(path).content.decode()

    response = nina.post(path, NEWCOMER | {"name": "Nina M. Wold"})

    user = User.objects.get(email="nina@new.example")
    assert response["Location"] == HOME
    assert nina.get("/o/larch/blocks/").status_code == 200
    assert user.name == "Nina M. Wold"
    assert roles(inside, user.email) == ["manager"]
    assert EmailAddress.objects.filter(user=user, email=user.email, verified=True, primary=True).count() == 1
    assert Invitation.objects.get().accepted_at


def test_the_password_that_was_set_signs_in(adam, inside, sink):
    Client().post(invite(adam, sink), NEWCOMER)

    nina = Client()
    nina.post("/accounts/login/", {"login": "Nina@new.example", "password": PASSWORD})

    assert nina.get("/o/larch/blocks/").status_code == 200


MISTAKES = [
    ("name", "", "Give your name."),
    ("name", "Nina\nWold", "Put it on one line. Take the line break out."),
    ("password", "", "Choose a password."),
    ("password", "short", "This password is too short. It must contain at least 12 characters."),
    ("password", "nina@new.example", "The password is too similar to the email."),
    ("again", "", "Type the password again."),
    ("again", "a-long-walk-at-noon", "The two passwords differ. Type the same in both."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), MISTAKES)
def test_a_mistake_makes_no_account_and_the_link_can_be_used_again(
    field, value, sentence, adam, inside, sink
):
    path, nina = invite(adam, sink), Client()
    sent = NEWCOMER | {field: value} | ({"again": value} if field == "password" else {})

    response = nina.post(path, sent)

    assert response.status_code == 422
    assert sentence in response.context["form"].errors[field]
    assert not User.objects.filter(email="nina@new.example").exists()
    assert nina.post(path, NEWCOMER).status_code == 302


def test_who_has_an_account_signs_in_and_joins_with_one_button(adam, inside, sink, client_of):
    inside.mallory.set_password(PASSWORD)
    inside.mallory.save()
    path, mallory = invite(adam, sink, email=inside.mallory.email), Client()

    page = mallory.get(path).content.decode()
    assert f'href="/accounts/login/?next={path}"' in page
    assert mallory.post(path, NEWCOMER).status_code == 200  # it takes nothing from a stranger
    assert not roles(inside, inside.mallory.email)
    back = mallory.post(
        f"/accounts/login/?next={path}", {"login": inside.mallory.email, "password": PASSWORD, "next": path}
    )
    assert back["Location"] == path
    assert "Join</button>" in mallory.get(path).content.decode()
    assert mallory.post(path)["Location"] == HOME

    assert roles(inside, inside.mallory.email) == ["manager"]


def test_somebody_else_who_has_signed_in_is_told_and_does_not_join(adam, inside, sink, client_of):
    path, mallory = invite(adam, sink), client_of(inside.mallory)
    User.objects.create_user("nina@new.example", name="Nina Wold")

    page = mallory.post(path).content.decode()

    assert "This invitation is for <b>nina@new.example</b>" in page
    assert "You are signed in as mallory@harbour.example." in page
    assert not roles(inside, inside.mallory.email)
    assert mallory.post("/accounts/logout/", {"next": path})["Location"] == path


def test_an_address_is_known_in_any_case_and_a_role_that_one_has_stays(adam, inside, sink, client_of):
    path = invite(adam, sink, email="late@new.example", role="admin")
    User.objects.filter(pk=inside.sam.pk).update(email="Late@New.example")

    client_of(inside.sam).post(path)

    assert roles(inside, "Late@New.example") == ["staff"]


def expired(path: str) -> None:
    Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))


def withdrawn(path: str) -> None:
    Invitation.objects.update(withdrawn_at=timezone.now())


def used(path: str) -> None:
    Client().post(path, NEWCOMER | {"name": "Somebody quicker"})


@pytest.mark.parametrize("dead", [expired, withdrawn, used])
def test_a_dead_link_says_nothing_and_does_nothing(dead, adam, inside, sink):
    path = invite(adam, sink)
    dead(path)
    there = User.objects.count()

    for response in (Client().get(path), Client().post(path, NEWCOMER)):
        page = response.content.decode()
        assert response.status_code == 410
        assert GONE in page
        assert "Larch" not in page and "nina@" not in page
    assert User.objects.count() == there


def test_a_link_that_never_was_looks_the_same(db):
    response = Client().get("/invitations/no-such-token/")

    assert response.status_code == 404
    assert GONE in response.content.decode()


def test_joining_twice_is_harmless(adam, inside, sink, client_of):
    path, mallory = invite(adam, sink, email=inside.mallory.email), client_of(inside.mallory)

    assert [mallory.post(path).status_code for _ in range(2)] == [302, 410]

    assert roles(inside, inside.mallory.email) == ["manager"]


@pytest.mark.parametrize("alive", [True, False])
def test_the_address_is_not_told_on_and_not_kept(alive, adam, inside, sink):
    response = Client().get(invite(adam, sink) if alive else "/invitations/x/")

    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("newcomer", [True, False])
def test_two_who_use_the_link_in_the_same_moment_make_one_member(newcomer, committed, cast, client_of, sink):
    path, start, answers = invite(client_of(cast.adam), sink), threading.Barrier(2), []
    nina = None if newcomer else User.objects.create_user(NINA["email"], name="Nina Wold")
    clients = [client_of(nina) if nina else Client() for _ in range(2)]

    def accept(client):
        start.wait()
        answers.append(client.post(path, NEWCOMER))
        connection.close()

    threads = [threading.Thread(target=accept, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert roles(cast, NINA["email"]) == ["manager"]
    assert User.objects.filter(email=NINA["email"]).count() == 1
    assert sum(answer.headers.get("Location") == HOME for answer in answers) == 1
    assert all(answer.status_code < 500 for answer in answers)
    with scope(organisation=cast.organisation):
        assert Invitation.objects.get().accepted_at
