"""People, flats and spreadsheets by the keyboard alone, and a large spreadsheet through a real worker."""

import re

from django_scopes import scope

from contacts.models import Contact, ContactRelation, Import, Occupancy
from portfolio.models import Block
from tests.contacts.test_import import as_csv, people


def tab_to(page, selector: str, most: int = 150) -> None:
    """Press Tab until what has the focus is what is wanted."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def write(page, name: str, text: str) -> None:
    tab_to(page, f"[name='{name}']")
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def press(page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def labelled(page, words: str) -> str:
    """Give a selector of the link or button with some words, for the keyboard to look for."""
    found = page.locator(f"main a:has-text('{words}'), main button:has-text('{words}')").first
    found.evaluate("element => element.setAttribute('data-wanted', 'yes')")
    return "[data-wanted=yes]"


def test_a_block_with_flats_a_contact_and_a_sale_by_keyboard(browse, product, cast):
    page = browse(cast.alice)
    slug = cast.organisation.slug
    page.goto(f"/o/{slug}/blocks/")
    press(page, labelled(page, "Add a block"))
    for name, text in (
        ("name", "Skyline Tower"),
        ("address", "1 Granary Wharf"),
        ("town", "Leeds"),
        ("postcode", "ls1 4bn"),
    ):
        write(page, name, text)
    tab_to(page, "[name=address_style]")
    page.keyboard.press("ArrowDown")
    press(page, labelled(page, "Add the block"))
    write(page, "last", "3")
    press(page, labelled(page, "Add the flats"))
    assert "3 flats added." in page.inner_text("main")

    page.goto(f"/o/{slug}/contacts/new/")
    for name, text in (
        ("first_name", "Zoë"),
        ("last_name", "Ahmed"),
        ("email-0-value", "zoe@simulator.example"),
        ("phone-0-value", "07700 900456"),
    ):
        write(page, name, text)
    press(page, labelled(page, "Add the contact"))
    assert "Zoë Ahmed" in page.inner_text("h1")

    press(page, labelled(page, "Add a flat"))
    page.keyboard.type("flat 2 skyline")  # the search has the focus
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "table a.open")
    write(page, "since", "")
    page.keyboard.type("05052020")
    press(page, labelled(page, "Save"))
    assert "Zoë Ahmed is on record as leaseholder of Flat 2" in page.inner_text("main")

    press(page, labelled(page, "Sale or move"))
    write(page, "new-0-name", "Ben Carter")
    write(page, "new-0-email", "ben@simulator.example")
    press(page, labelled(page, "Record it"))
    assert "Zoë Ahmed left, Ben Carter came" in page.inner_text("main")

    with scope(organisation=cast.organisation):
        assert Block.objects.get(name="Skyline Tower").address_style == "house"
        zoe = Occupancy.objects.get(contact__email="zoe@simulator.example")
        assert zoe.since.isoformat() == "2020-05-05" and zoe.until is not None
        assert Occupancy.objects.get(contact__name="Ben Carter").unit == zoe.unit


def test_relation_merge_and_edit_by_keyboard(browse, product, cast):
    page = browse(cast.alice)
    ada, bob, cat = cast.contacts
    page.goto(f"/o/{cast.organisation.slug}/contacts/{ada.public_id}/")
    press(page, labelled(page, "Add who acts for"))
    page.keyboard.type("person2")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "table a.open")
    tab_to(page, "[name=kind]")
    page.keyboard.type("Attorney")
    tab_to(page, "[name=copies]")
    page.keyboard.press("Space")
    press(page, labelled(page, "Save"))
    press(page, labelled(page, "Same as another contact"))
    page.keyboard.type("person3")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "table a.open")
    press(page, labelled(page, "Make them one"))
    press(page, labelled(page, "Edit"))
    write(page, "notes", "Rings at noon")
    press(page, labelled(page, "Save"))

    assert "Rings at noon" in page.inner_text("main")
    with scope(organisation=cast.organisation):
        relation = ContactRelation.objects.get()
        assert (relation.contact, relation.acts_for, relation.copies) == (bob, ada, True)
        assert Contact.objects.get(pk=cat.pk).merged_into == ada


def test_settings_and_an_invitation_by_keyboard(browse, product, cast):
    page = browse(cast.adam)
    page.goto(f"/o/{cast.organisation.slug}/settings/")
    write(page, "phone", "0113 496 0199")
    press(page, labelled(page, "Save the settings"))
    press(page, labelled(page, "People"))
    press(page, labelled(page, "Invite somebody"))
    write(page, "name", "Nora Bell")
    write(page, "email", "nora@simulator.example")
    tab_to(page, "[name=role]")
    page.keyboard.type("Staff")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    if page.locator("main [name=email]").count():
        press(page, labelled(page, "invitation"))

    assert "nora@simulator.example" in page.inner_text("main")
    cast.organisation.refresh_from_db()
    assert cast.organisation.phone == "0113 496 0199"
    assert any(b"nora@simulator.example" in kept.data for kept in product.sink.kept)


def test_a_large_spreadsheet_is_checked_and_let_in_by_the_worker(browse, product, cast):
    page = browse(cast.alice)
    page.goto(f"/o/{cast.organisation.slug}/imports/")
    page.set_input_files(
        "[name=file]", {"name": "residents.csv", "mimeType": "text/csv", "buffer": as_csv(people(400))}
    )
    press(page, labelled(page, "Read it"))
    press(page, labelled(page, "Check 400 rows"))
    assert "Checking 400 rows" in page.inner_text("main")
    page.wait_for_selector("text=Import 400 rows", timeout=120_000)
    press(page, labelled(page, "Import 400 rows"))
    page.wait_for_selector("text=Imported by Alice Marsh", timeout=120_000)

    assert re.search(r"400\s+new", page.inner_text(".tallies"))
    with scope(organisation=cast.organisation):
        assert Import.objects.get().state == "done"
        assert Contact.objects.filter(reference__startswith="R").count() == 400


def test_it_goes_without_javascript_too(browse, product, cast):
    page = browse(cast.alice, javascript=False)
    page.goto(f"/o/{cast.organisation.slug}/imports/")
    page.set_input_files(
        "[name=file]", {"name": "residents.csv", "mimeType": "text/csv", "buffer": as_csv(people(5))}
    )
    page.click("text=Read it")
    page.click("text=Check 5 rows")
    page.click("text=Import 5 rows")

    assert "Imported by Alice Marsh" in page.inner_text("main")
    unit = cast.units[0]
    page.goto(f"/o/{cast.organisation.slug}/units/{unit.public_id}/move/")
    page.click("text=See what is still to be sent")
    assert "Nothing that is scheduled" in page.inner_text("main")
