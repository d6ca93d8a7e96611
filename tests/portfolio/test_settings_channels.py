"""Channels are switched on and off; one stays on."""

import pytest

from portfolio.models import Organisation

PAGE = "/o/larch/settings/channels/"


@pytest.fixture
def adam(cast, client_of):
    return client_of(cast.adam)


def switched_on(cast) -> list[str]:
    return Organisation.objects.get(pk=cast.organisation.pk).channels


def test_what_is_ticked_is_on_in_the_order_of_the_list(adam, cast):
    adam.post(PAGE, {"channels": ["sms", "post", "email"]})

    assert switched_on(cast) == ["email", "post", "sms"]


def test_the_page_ticks_what_is_on(adam):
    page = adam.get(PAGE).content.decode()

    assert page.count("checked") == 1


def test_the_last_one_stays_on(adam, cast):
    response = adam.post(PAGE, {})

    assert response.status_code == 422
    assert "Leave at least one channel on." in response.content.decode()
    assert switched_on(cast) == ["email"]


def test_an_unknown_one_is_refused(adam, cast):
    response = adam.post(PAGE, {"channels": ["email", "pigeon"]})

    assert response.status_code == 422
    assert "There is no such channel." in response.content.decode()
    assert switched_on(cast) == ["email"]
