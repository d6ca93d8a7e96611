"""Who may call: tokens are made, shown once, end, and never do more than their member may."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_scopes import scope

from portfolio import machines
from portfolio.models import ApiToken, Membership, User
from tests.api.conftest import API, client_with, problem, token_of

TOKENS = "/o/larch/settings/tokens/"


def made_on_the_page(client, **facts):
    return client.post(f"{TOKENS}new/", {"name": "Arrears run", "scope": "read", "days": "30", **facts})


def test_a_token_is_shown_once_and_only_its_hash_is_kept(cast, client_of):
    response = made_on_the_page(client_of(cast.alice))

    secret = response.context["secret"]
    with scope(organisation=cast.organisation):
        kept = ApiToken.objects.values().get()
    assert secret in response.content.decode() and secret.startswith("bp_") and len(secret) == 67
    assert not any(secret in str(value) for value in kept.values())
    assert secret not in client_of(cast.alice).get(TOKENS).content.decode()
    assert client_with(secret).get(f"{API}blocks/").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer bp_unknown", "Bearer", "Basic YTpi", "Bearer a b", "Bearer é", "Bearer " + "x" * 5000]
)
def test_without_a_known_token_nothing_is_told(cast, client, header):
    response = client.get(f"{API}blocks/", headers={"Authorization": header})

    problem(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_over_opens_nothing(cast):
    ended, late = token_of(cast.alice), token_of(cast.alice)
    with scope(organisation=cast.organisation):
        assert machines.revoke(ended[0]) and not machines.revoke(ended[0])
        ApiToken.objects.filter(pk=late[0].pk).update(expires_at=timezone.now())

    for _, secret in (ended, late):
        problem(client_with(secret).get(f"{API}blocks/"), 401)


def test_who_leaves_takes_their_tokens_with_them(cast):
    _, secret = token_of(cast.alice)
    Membership.objects.filter(user=cast.alice).delete()

    problem(client_with(secret).get(f"{API}blocks/"), 401)


def test_who_may_not_sign_in_may_not_call(cast):
    _, secret = token_of(cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)

    problem(client_with(secret).get(f"{API}blocks/"), 401)


def test_the_scope_narrows_what_the_role_may(cast):
    reader = client_with(token_of(cast.alice, "read")[1])

    assert reader.get(f"{API}blocks/").status_code == 200
    assert "takes one with the scope write" in problem(reader.post(f"{API}blocks/", {}), 403)["detail"]
    problem(client_with(token_of(cast.adam, "write")[1]).get(f"{API}tokens/"), 403)


def test_a_role_that_shrinks_shrinks_its_tokens(cast):
    _, secret = token_of(cast.alice)
    Membership.objects.filter(user=cast.alice).update(role="staff")

    assert "Staff" in problem(client_with(secret).post(f"{API}blocks/", {}), 403)["detail"]


def test_nobody_makes_a_token_above_their_role(cast, client_of):
    assert made_on_the_page(client_of(cast.audrey), scope="write").status_code == 422
    assert made_on_the_page(client_of(cast.alice), scope="admin").status_code == 422
    assert made_on_the_page(client_of(cast.sam), who="machine").context["token"].user == cast.sam


def test_a_machine_gets_a_name_of_its_own_and_leaves_with_its_token(cast, client_of):
    adam = client_of(cast.adam)
    made = made_on_the_page(adam, scope="write", who="machine").context["token"]

    assert made.user.name == "Arrears run" and not made.user.has_usable_password()
    assert Membership.objects.get(user=made.user).role == "manager"
    adam.post(f"{TOKENS}{made.public_id}/revoke/")
    assert not Membership.objects.filter(user=made.user).exists()


def test_a_machine_is_never_an_admin(cast, client_of):
    assert made_on_the_page(client_of(cast.adam), scope="admin", who="machine").status_code == 422


def test_an_admin_sees_and_ends_all_others_only_their_own(cast, client_of):
    theirs = token_of(cast.sam, name="Sams own")[0]
    alice, adam = client_of(cast.alice), client_of(cast.adam)

    assert "Sams own" not in alice.get(TOKENS).content.decode()
    assert alice.post(f"{TOKENS}{theirs.public_id}/revoke/").status_code == 404
    assert "Sams own" in adam.get(TOKENS).content.decode()
    adam.post(f"{TOKENS}{theirs.public_id}/revoke/")
    with scope(organisation=cast.organisation):
        assert not ApiToken.objects.get().is_alive


def test_the_last_use_is_noted(cast, client_of):
    token, secret = token_of(cast.alice)

    client_with(secret).get(f"{API}blocks/")

    with scope(organisation=cast.organisation):
        first = ApiToken.objects.get(pk=token.pk).last_used_at
        assert timezone.now() - first < datetime.timedelta(minutes=1)
    client_with(secret).get(f"{API}blocks/")
    with scope(organisation=cast.organisation):
        assert ApiToken.objects.get(pk=token.pk).last_used_at == first  # once a minute at most


def test_an_admins_script_lists_and_ends_tokens(cast, api):
    token, secret = token_of(cast.alice)
    adam = api(cast.adam)

    listed = adam.get(f"{API}tokens/").json()["results"]
    assert {one["member"] for one in listed} == {"Alice Marsh", "Adam Frost"}
    assert adam.delete(f"{API}tokens/{token.public_id}/").status_code == 204
    problem(client_with(secret).get(f"{API}blocks/"), 401)


def test_the_command_prints_a_token_alone(cast, capsys):
    call_command("api_token", cast.alice.email)

    secret = capsys.readouterr().out.strip()
    assert client_with(secret).get(f"{API}blocks/").status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody@larch.example"],
        ["alice@larch.example", "--scope", "admin"],
        ["alice@larch.example", "--days", "0"],
        ["alice@larch.example", "--organisation", "harbour"],
    ],
)
def test_the_command_says_what_is_wrong(cast, arguments):
    with pytest.raises(CommandError):
        call_command("api_token", *arguments)


def test_who_belongs_to_several_names_one(cast, capsys):
    Membership.objects.create(organisation=cast.other, user=cast.alice, role="staff")

    with pytest.raises(CommandError, match="harbour, larch"):
        call_command("api_token", cast.alice.email)
    call_command("api_token", cast.alice.email, "--organisation", "harbour")
    names = client_with(capsys.readouterr().out.strip()).get(f"{API}blocks/").json()["results"]
    assert [block["name"] for block in names] == ["Quay House"]
