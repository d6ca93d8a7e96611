import datetime

import pytest
from django.utils import timezone
from django_scopes import scope
from rest_framework.test import APIClient

from portfolio import machines
from portfolio.models import Membership

API = "/api/v1/"
MOST = {"staff": "write", "auditor": "read", "manager": "write", "admin": "admin"}


def token_of(user, scope_word=None, **facts):
    """Make a token of somebody with the most that their role may; gives it and its secret."""
    membership = Membership.objects.select_related("organisation", "user").get(user=user)
    facts = {"expires_at": timezone.now() + datetime.timedelta(days=1), "name": "Script", **facts}
    with scope(organisation=membership.organisation):
        return machines.make_token(membership, scope=scope_word or MOST[membership.role], **facts)


def client_with(secret):
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def api(cast):
    """Give a client that calls the API with a token of somebody."""
    return lambda user, scope_word=None: client_with(token_of(user, scope_word)[1])


@pytest.fixture
def alice(api, cast):
    return api(cast.alice)


def problem(response, status):
    """The problem details of a refusal, once it is one."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["detail"] and body["title"]
    return body
