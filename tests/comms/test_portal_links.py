"""The secret of a resident's page: derived and never kept, one standing link each, dead once it is revoked."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django_scopes import scope

from comms.models import PortalLink, PortalPushSubscription
from comms.portal import links
from tests.comms.residents import link_of, page, phone


def test_the_database_holds_nothing_by_which_a_link_could_be_written(inside, settings):
    link = link_of(inside)
    token = links.token_of(link)

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)  # 256 bits
    row = PortalLink.objects.filter(pk=link.pk).values().get()
    assert not any(token in str(value) for value in row.values())
    settings.PORTAL_KEY = "another key"
    assert links.token_of(link) != token


def test_the_link_does_not_hang_on_the_key_of_the_sessions(inside, settings):
    settings.PORTAL_KEY = "of its own"
    link = link_of(inside)
    url = links.portal_url(link)
    settings.SECRET_KEY = "changed"

    assert links.portal_url(link) == url
    assert phone().get(page(link)).status_code == 200


def test_the_address_can_be_written_again_and_opens_the_page(inside, settings):
    settings.BASE_URL = "https://blockpost.example"
    link_of(inside)

    url = links.portal_url(link_of(inside))

    assert PortalLink.objects.count() == 1
    assert url.startswith("https://blockpost.example/p/") and url.endswith("/")
    assert phone().get(url.removeprefix("https://blockpost.example")).status_code == 200


def test_each_person_and_flat_has_one_standing_link(inside):
    ada, bob, _ = inside.contacts
    one, two, _ = inside.units
    keys = [(ada.pk, one.pk), (ada.pk, two.pk), (ada.pk, None), (bob.pk, one.pk)]
    first = links.of_all(inside.organisation, keys)

    again = links.of_all(inside.organisation, keys)

    assert {key: link.pk for key, link in first.items()} == {key: link.pk for key, link in again.items()}
    assert len({links.token_of(link) for link in first.values()}) == 4 == PortalLink.objects.count()
    for unit in (one.pk, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            PortalLink.objects.create(
                organisation=inside.organisation, contact=ada, unit_id=unit, token_sha256=f"x{unit}"
            )


def test_many_links_take_few_queries(inside, django_assert_max_num_queries):
    keys = [(contact.pk, unit.pk) for contact in inside.contacts for unit in inside.units]

    with django_assert_max_num_queries(6):
        made = links.of_all(inside.organisation, keys)

    assert len(made) == 9


def test_a_revoked_link_is_dead_for_good_and_the_next_one_is_another(inside):
    link = link_of(inside)
    address = page(link)
    subscription = PortalPushSubscription.objects.create(
        organisation=inside.organisation, link=link, endpoint="https://fcm.googleapis.com/1"
    )

    assert links.revoke(link, inside.alice)
    assert not links.revoke(link, inside.adam)  # twice is harmless

    link.refresh_from_db()
    subscription.refresh_from_db()
    assert (link.revoked_by, link.nonce) == (inside.alice, "")
    assert subscription.removal == "revoked"
    with pytest.raises(ValueError):
        links.token_of(link)
    assert phone().get(address).status_code == 410
    fresh = link_of(inside)
    assert fresh.pk != link.pk and page(fresh) != address
    assert phone().get(page(fresh)).status_code == 200
    assert phone().get(address).status_code == 410


def test_after_the_key_was_changed_old_links_open_and_the_next_mail_has_a_new_one(inside, settings):
    link = link_of(inside)
    address = page(link)
    settings.PORTAL_KEY = "another key"

    assert phone().get(address).status_code == 200
    fresh = link_of(inside)

    assert fresh.pk != link.pk and phone().get(page(fresh)).status_code == 200


def test_a_link_cannot_lead_into_another_organisation(cast):
    with scope(organisation=cast.other):
        theirs = cast.theirs.units.first()
    with scope(organisation=cast.organisation), pytest.raises(IntegrityError), transaction.atomic():
        links.of_all(cast.organisation, [(cast.contacts[0].pk, theirs.pk)])
        connection.check_constraints()
