"""The rule of each route of the API, tried with each role's token, a stranger's, and none."""

import itertools

import pytest
from django.urls import reverse

from tests.api.conftest import client_with, problem, token_of
from tests.api.rules import API, METHODS
from tests.test_permissions import PEOPLE, export_of, ids  # noqa: F401 (a fixture)

ROUTES = sorted(name for name in API if name != "api:nowhere")


def address(name, ids):  # noqa: F811
    of = API[name][0]
    return reverse(name, args=[ids[of]] if of else [])


@pytest.mark.parametrize(("name", "role"), itertools.product(ROUTES, PEOPLE))
def test_a_token_may_what_the_rule_says(name, role, cast, ids, api):  # noqa: F811
    if API[name][0] == "export":
        ids["export"] = export_of(getattr(cast, PEOPLE[role]), cast.organisation)
    path, rules = address(name, ids), API[name][1]
    client = api(getattr(cast, PEOPLE[role]))
    for method in METHODS:
        response = getattr(client, method)(path)
        if method not in rules:
            problem(response, 405)
        elif role in rules[method]:
            assert response.status_code not in (401, 403, 404, 405, 500), (method, response.content)
        else:
            problem(response, 403)


@pytest.mark.parametrize("name", ROUTES)
def test_another_organisations_token_finds_nothing(name, cast, ids):  # noqa: F811
    cast.other.memberships.update(role="admin")
    client = client_with(token_of(cast.mallory)[1])
    of, rules = API[name]
    for method in rules:
        if of:
            problem(getattr(client, method)(address(name, ids)), 404)
        elif method == "get":
            assert "Acacia Court" not in client.get(address(name, ids)).content.decode()


@pytest.mark.parametrize("name", ROUTES)
def test_without_a_token_nothing_opens(name, cast, ids):  # noqa: F811
    for method in METHODS:
        if method in API[name][1]:
            problem(getattr(client_with(""), method)(address(name, ids)), 401)
