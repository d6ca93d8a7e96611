import datetime

import pytest
from django.utils import timezone

from contacts.models import Contact, Occupancy

DAY = datetime.timedelta(days=1)


@pytest.fixture
def page_of(cast, client_of):
    """Give a page of the organisation as a member of its staff sees it."""

    def get(path, user=None, status=200):
        response = client_of(user or cast.sam).get(f"/o/{cast.organisation.slug}/{path}")
        assert response.status_code == status
        return response.content.decode()

    return get


def gone(cast, unit):
    """Let somebody have moved out of a flat."""
    today = timezone.localdate()
    former = Contact.objects.create(organisation=cast.organisation, name="Edith Crane")
    Occupancy.objects.create(
        organisation=cast.organisation, unit=unit, contact=former, since=today - 90 * DAY, until=today - DAY
    )


def test_blocks_lists_ours_with_counts_and_searches(page_of, inside):
    assert "Acacia Court" in page_of("blocks/") and "Quay House" not in page_of("blocks/")
    assert "Acacia Court" in page_of("blocks/?q=acacia+leeds")
    assert "No blocks match" in page_of("blocks/?q=bramley")


def test_a_search_with_a_nul_or_a_percent_sign_is_only_a_search(page_of):
    assert "No blocks match" in page_of("blocks/?q=%00%25zz")


def test_a_block_shows_its_flats_with_who_lives_there_now(inside, client_of, django_assert_max_num_queries):
    gone(inside, inside.units[0])
    client = client_of(inside.sam)
    with django_assert_max_num_queries(9):
        html = client.get(f"/o/{inside.organisation.slug}/blocks/{inside.block.public_id}/").content.decode()
    assert "Flat 1" in html and inside.contacts[0].name in html and "Edith Crane" not in html


def test_a_flat_shows_who_was_there_before(page_of, inside):
    gone(inside, inside.units[0])
    html = page_of(f"units/{inside.units[0].public_id}/")
    assert html.index(inside.contacts[0].name) < html.index("Edith Crane")


def test_only_who_may_write_is_offered_to_write(page_of, inside, cast):
    for path in (f"blocks/{cast.block.public_id}/", f"units/{cast.units[0].public_id}/"):
        assert "communications/new/" not in page_of(path) and "Record by hand" in page_of(path)
        assert "Record by hand" not in page_of(path, cast.audrey)


def test_nobody_of_another_organisation_sees_a_block_or_a_flat(page_of, inside, cast, client_of):
    for path in (f"blocks/{cast.block.public_id}/", f"units/{cast.units[0].public_id}/"):
        page_of(path, cast.mallory, status=404)
        assert client_of(cast.mallory).get(f"/o/{cast.other.slug}/{path}").status_code == 404
    page_of(f"blocks/{cast.theirs.public_id}/", status=404)


def test_without_an_organisation_there_is_nowhere_to_go(cast, client_of):
    cast.sam.memberships.all().delete()
    response = client_of(cast.sam).get("/")
    assert response.status_code == 403 and "no organisation yet" in response.content.decode()


def test_nobody_changes_the_address_they_sign_in_with(client_of, cast):
    client = client_of(cast.sam)

    assert client.get("/accounts/email/").status_code == 200
    assert client.post("/accounts/email/", {"action_add": "", "email": "eve@example.com"}).status_code == 405
