"""An admin invites people by a secret link, sends it again and takes it back."""

import datetime
import hashlib

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from comms.models import LogEntry
from portfolio.models import Invitation
from tests.portfolio.invited import INVITE, NINA, PEOPLE, invite, link_to


@pytest.fixture
def adam(inside, client_of):
    return client_of(inside.adam)


def address(invitation: Invitation, act: str, slug: str = "larch") -> str:
    return f"/o/{slug}/settings/invitations/{invitation.public_id}/{act}/"


def test_the_link_is_mailed_and_only_its_hash_is_kept(adam, inside, sink):
    token = invite(adam, sink, email="Nina@New.example".lower()).split("/")[2]

    made = Invitation.objects.get()
    assert len(token) == 43
    assert made.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert made.invited_by == inside.adam
    assert (
        datetime.timedelta(days=6, hours=23) < made.expires_at - timezone.now() <= datetime.timedelta(days=7)
    )


def test_the_log_of_the_inviter_has_the_mail_and_withholds_the_link(adam, inside, sink):
    path = invite(adam, sink)

    (kept,) = sink.to(NINA["email"])
    entry = LogEntry.objects.get(type="system")
    assert entry.to_address == NINA["email"]
    assert entry.title == "Larch Management invites you to Blockpost"
    assert path not in entry.words and path.encode() not in entry.exact_bytes()
    assert "withheld" in entry.words
    assert entry.withheld
    assert entry.sha256 == hashlib.sha256(kept.data).hexdigest()
    assert path not in adam.get(entry.get_absolute_url()).content.decode()


def test_an_invitation_of_somebody_elsewhere_is_in_no_log_but_ours(adam, inside, sink):
    invite(adam, sink, email=inside.mallory.email)

    assert LogEntry.objects.count() == 1
    with scope(organisation=inside.other):
        assert not LogEntry.objects.exists()


def test_who_is_invited_is_listed_until_when(adam, inside, sink):
    invite(adam, sink)

    page = adam.get(PEOPLE).content.decode()

    assert "Nina Wold" in page and "nina@new.example" in page and "Until" in page


LINE = "Put it on one line. Take the line break out."
MISTAKES = [
    ("name", "", "Give the person's name."),
    ("name", "Nina\nBcc: all@else.example", LINE),
    ("email", "", "Give the address."),
    ("email", "nina", "This is not an email address. One looks like office@larch.example."),
    ("email", "nina@new.example\nBcc: all@else.example", LINE),
    ("email", "ALICE@larch.example", "Alice Marsh is here already, with the role Manager."),
    ("role", "", "Choose a role."),
    ("role", "owner", "Choose a role from the list."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), MISTAKES)
def test_a_mistake_is_said_at_its_field_and_nobody_is_invited(field, value, sentence, adam, inside, sink):
    response = adam.post(INVITE, NINA | {field: value})

    assert response.status_code == 422
    assert response.context["form"].errors[field] == [sentence]
    assert not Invitation.objects.exists()
    assert not sink.kept


def test_who_is_invited_already_is_not_invited_twice(adam, inside, sink):
    invite(adam, sink)

    response = adam.post(INVITE, NINA | {"email": "NINA@new.example"})

    assert response.status_code == 422
    assert "This address is invited already." in response.context["form"].errors["email"][0]
    assert Invitation.objects.count() == len(sink.kept) == 1


def test_two_admins_invite_the_same_person_in_the_same_moment(adam, inside, sink, monkeypatch):
    invite(adam, sink)
    monkeypatch.setattr("portfolio.forms.invitations.invitations.open_ones", Invitation.objects.none)

    response = adam.post(INVITE, NINA)

    assert response.status_code == 422
    assert "This address is invited already." in response.context["form"].errors["email"][0]
    assert Invitation.objects.count() == len(sink.kept) == 1


def test_a_mail_that_could_not_be_handed_over_is_said(adam, inside, sink):
    sink.refusals["nina"] = "550 5.1.1 Nobody here"

    page = adam.post(INVITE, NINA, follow=True).content.decode()

    assert "nina@new.example is invited, but the mail could not be handed over." in page
    assert Invitation.objects.exists()


def test_another_link_lasts_another_week_and_the_one_before_is_dead(adam, inside, sink):
    first = invite(adam, sink)
    Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(days=1))
    assert "Expired" in adam.get(PEOPLE).content.decode()

    adam.post(address(Invitation.objects.get(), "resend"))

    assert Client().get(first).status_code == 404
    assert Client().get(link_to(sink)).status_code == 200
    assert Invitation.objects.get().expires_at > timezone.now() + datetime.timedelta(days=6)


def test_a_withdrawn_link_is_dead_and_is_not_sent_again(adam, inside, sink):
    path, made = invite(adam, sink), Invitation.objects.get()

    for _ in range(2):  # twice is harmless
        adam.post(address(made, "withdraw"))
    page = adam.post(address(made, "resend"), follow=True).content.decode()

    assert "That invitation is no longer open" in page
    assert Client().get(path).status_code == 410
    assert len(sink.kept) == 1
    assert "nina@new.example" not in adam.get(PEOPLE).content.decode()


def test_who_was_withdrawn_may_be_invited_anew(adam, inside, sink):
    invite(adam, sink)
    adam.post(address(Invitation.objects.get(), "withdraw"))

    assert Client().get(invite(adam, sink)).status_code == 200


@pytest.mark.parametrize("who", ["alice", "sam", "audrey"])
def test_others_invite_nobody(who, adam, inside, sink, client_of):
    invite(adam, sink)
    client, made = client_of(getattr(inside, who)), Invitation.objects.get()

    assert client.post(INVITE, NINA | {"email": "else@new.example"}).status_code == 403
    assert client.post(address(made, "resend")).status_code == 403
    assert client.post(address(made, "withdraw")).status_code == 403
    assert Invitation.objects.filter(withdrawn_at=None).count() == len(sink.kept) == 1


def test_an_admin_elsewhere_neither_sends_nor_withdraws_ours(adam, inside, sink, client_of):
    inside.other.memberships.update(role="admin")
    invite(adam, sink)
    client, made = client_of(inside.mallory), Invitation.objects.get()

    for slug in ("larch", "harbour"):
        for act in ("resend", "withdraw"):
            assert client.post(address(made, act, slug)).status_code == 404
    assert len(sink.kept) == 1
