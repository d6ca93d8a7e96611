"""Blocks and flats: found, added, changed, put away; never deleted."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from comms.models import Ticket
from portfolio.models import Block, Unit
from tests.contacts.test_editing import office

__all__ = ["office"]
BLOCK = {
    "name": "Skyline Tower",
    "reference": "ST",
    "address": "1 Granary Wharf",
    "town": "Leeds",
    "postcode": "ls14bn",
    "address_style": "numbered",
}


def test_a_block_is_added_with_its_flats_and_their_addresses(office, inside):
    response = office.post("blocks/new/", **BLOCK)
    made = Block.objects.get(reference="ST")
    assert response["Location"].endswith(f"blocks/{made.public_id}/units/new/")
    office.post(f"blocks/{made.public_id}/units/new/", word="Flat", first="11", last="15", without_13="on")

    assert [unit.name for unit in made.units.all()] == ["Flat 11", "Flat 12", "Flat 14", "Flat 15"]
    page = office.get(f"blocks/{made.public_id}/")
    assert "11 Skyline Tower, 1 Granary Wharf, Leeds, LS1 4BN" in page


@pytest.mark.parametrize(
    ("style", "line"),
    [("named", "Flat 4, Skyline Tower"), ("house", "Flat 4"), ("numbered", "4 Skyline Tower")],
)
def test_an_address_is_written_in_the_style_of_its_block(inside, style, line):
    block = Block(organisation=inside.organisation, **BLOCK | {"address_style": style, "postcode": "LS1 4BN"})

    assert Unit(block=block, name="Flat 4").address_lines == [line, "1 Granary Wharf", "Leeds", "LS1 4BN"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"postcode": "12345"}, "This is not a UK postcode"),
        ({"name": ""}, "Give the block a name"),
        ({"address": "a\nb\nc\nd"}, "Use three lines at most"),
        ({"address": "x" * 61}, "longer than 60 characters"),
        ({"reference": "ac"}, "Another block has this reference"),
        ({"address_style": "baroque"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_block_is_said_and_nothing_typed_is_lost(office, inside, change, sentence):
    Block.objects.filter(pk=inside.block.pk).update(reference="AC")
    page = office.post("blocks/new/", status=422, **BLOCK | {"town": "Otley-on-Wharfe"} | change)

    assert sentence in page and "Otley-on-Wharfe" in page
    assert Block.objects.count() == 1


def test_two_organisations_may_use_one_reference(office, inside, cast):
    Block.objects.filter(pk=inside.block.pk).update(reference="")
    with scope(organisation=cast.other):
        Block.objects.filter(pk=cast.theirs.pk).update(reference="ST")
    office.post("blocks/new/", **BLOCK)

    assert Block.objects.filter(reference="ST").count() == 1


def test_a_reference_that_somebody_gave_a_moment_before_is_a_sentence_too(office, inside, monkeypatch):
    Block.objects.filter(pk=inside.block.pk).update(reference="ST")
    monkeypatch.setattr(Block, "validate_constraints", lambda *args, **kwargs: None)

    assert "a moment ago" in office.post("blocks/new/", status=422, **BLOCK)


def test_the_list_is_narrowed_by_words_town_tickets_and_state(office, inside):
    make = lambda name, town: Block.objects.create(  # noqa: E731
        organisation=inside.organisation, name=name, address="1 Road", town=town, postcode="LS1 4BN"
    )
    york, gone = make("Micklegate", "York"), make("Old House", "Leeds")
    Block.objects.filter(pk=gone.pk).update(archived_at=datetime.datetime.now(datetime.UTC))
    Ticket.objects.create(organisation=inside.organisation, title="Bounced", block=york)
    Ticket.objects.create(organisation=inside.organisation, title="Old", block=inside.block, state="closed")

    def named(query: str) -> list[str]:
        page = office.get(f"blocks/?{query}")
        return [name for name in ("Acacia Court", "Micklegate", "Old House") if f">{name}</a>" in page]

    assert named("") == ["Acacia Court", "Micklegate"]
    assert named("town=York") == named("q=mickle") == named("tickets=open") == ["Micklegate"]
    assert named("archived=yes") == ["Old House"]
    assert named("archived=all&town=Leeds") == ["Acacia Court", "Old House"]
    assert named("town=Paris") == named("archived=perhaps") == []
    assert "No blocks match" in office.get("blocks/?q=nowhere")


def test_counts_are_of_flats_in_use_people_of_today_and_open_tickets(inside):
    Ticket.objects.create(organisation=inside.organisation, title="Bounced", block=inside.block)
    Unit.objects.filter(pk=inside.units[2].pk).update(archived_at=datetime.datetime.now(datetime.UTC))
    inside.contacts[1].occupancies.update(until=datetime.date(2020, 1, 1))

    block = Block.objects.with_counts(datetime.date(2026, 11, 21)).get()

    assert (block.units_count, block.people_count, block.tickets_count) == (2, 1, 1)


def test_a_page_of_blocks_asks_as_often_for_fifty_as_for_one(office, inside):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            office.get("blocks/")
        return len(asked)

    few = queries()
    Block.objects.bulk_create(
        Block(organisation=inside.organisation, name=f"B{n}", address="1", town="Leeds", postcode="LS1 4BN")
        for n in range(49)
    )

    assert queries() == few


def test_an_archived_block_leaves_the_lists_and_comes_back(office, inside):
    root = f"blocks/{inside.block.public_id}/"
    assert "Archive Acacia Court?" in office.get(f"{root}archive/")
    office.post(f"{root}archive/")
    office.get(root)  # says that it was done

    assert "Acacia Court" not in office.get("blocks/")
    assert "Acacia Court" not in office.get("communications/new/")
    assert "Archived" in office.get(root)
    office.post(f"{root}restore/")
    assert "Acacia Court" in office.get("blocks/")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"first": "5", "last": "2"}, "This comes before 5"),
        ({"first": "1", "last": "900"}, "900 flats at once are too many"),
        ({"first": "2", "last": "9"}, "There already: Flat 2, Flat 3"),
        ({"first": "", "last": "2"}, "Give a number"),
        ({"first": "one", "last": "2"}, "Give a whole number"),
    ],
)
def test_flats_that_cannot_be_added_are_refused_in_a_sentence(office, inside, asked, sentence):
    page = office.post(f"blocks/{inside.block.public_id}/units/new/", status=422, word="Flat", **asked)

    assert sentence in page
    assert inside.block.units.count() == 3


def test_a_flat_is_added_changed_and_only_archived_when_nobody_has_a_part_in_it(office, inside):
    office.post(
        f"blocks/{inside.block.public_id}/units/new/one/", name="Garage 7", reference="G7", position=""
    )
    made = Unit.objects.get(name="Garage 7")
    assert made.position == 4
    page = office.post(
        f"units/{made.public_id}/edit/", status=422, name="flat 1", reference="g7", position="4"
    )
    assert "Another flat of this block has this name" in page

    office.post(f"units/{inside.units[0].public_id}/archive/")
    assert Unit.objects.get(pk=inside.units[0].pk).archived_at is None
    office.post(f"units/{made.public_id}/archive/")
    assert "Archived: <a" in office.get(f"blocks/{inside.block.public_id}/")
    office.post(f"units/{made.public_id}/archive/")
    assert Unit.objects.get(pk=made.pk).archived_at is None


def test_a_flat_cannot_be_put_into_a_block_of_another_organisation(office, inside, cast):
    office_client = office.client
    response = office_client.post(
        f"/o/{inside.organisation.slug}/blocks/{cast.theirs.public_id}/units/new/one/", {"name": "Flat 9"}
    )

    assert response.status_code == 404


def test_pages_of_blocks_go_on_and_back(office, inside):
    Block.objects.bulk_create(
        Block(
            organisation=inside.organisation,
            name=f"Block {n:03}",
            address="1",
            town="Leeds",
            postcode="LS1 4BN",
        )
        for n in range(120)
    )
    first = office.get("blocks/")
    after = first.split("after=")[1].split('"')[0]
    second = office.get(f"blocks/?after={after}")
    before = second.split("before=")[1].split('"')[0]

    assert "Block 048" in first and "Block 049" not in first and "Block 049" in second
    assert "Block 000" in office.get(f"blocks/?before={before}")
