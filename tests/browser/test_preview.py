"""What is being written shows beside it, as the chosen recipient would get it, before anything is saved."""

import re

from django_scopes import scope
from playwright.sync_api import expect

from comms.models import Communication, Template
from tests.comms.centre import address, with_people


def typed(page, words: str) -> None:
    page.locator("[contenteditable=true]").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def test_a_draft_shows_while_it_is_written_and_nothing_of_it_is_saved(browse, product, cast):
    with scope(organisation=cast.organisation):
        one = with_people(cast, subject="Lift", body="<p>It stands still.</p>")
    page = browse(cast.alice)
    page.goto(address(one))
    frame = page.frame_locator("iframe[name=preview]")
    expect(frame.locator("body")).to_contain_text("It stands still.")

    typed(page, " Dear {{first_name}}")
    expect(frame.locator("body")).to_contain_text("Dear Person1")
    expect(page.locator("[data-live-note]")).to_have_text("As it is written now")
    page.select_option("#preview-as", index=1)
    expect(frame.locator("body")).to_contain_text("Dear Person2")

    with scope(organisation=cast.organisation):
        assert Communication.objects.get().body == "<p>It stands still.</p>"


def test_a_template_shows_while_it_is_written(browse, product, cast):
    with scope(organisation=cast.organisation):
        made = Template.objects.create(organisation=cast.organisation, name="Lift")
        made.reword("Lift", "<p>Dear {{first_name}}</p>", cast.alice)
    page = browse(cast.alice)
    page.goto(f"/o/{cast.organisation.slug}/templates/{made.public_id}/")
    frame = page.frame_locator("iframe[name=preview]")
    expect(frame.locator("body")).to_contain_text(re.compile("Dear Ada"))

    typed(page, ", the stairs are open.")
    expect(frame.locator("body")).to_contain_text("Dear Ada, the stairs are open.")
    with scope(organisation=cast.organisation):
        page.select_option("#as", str(cast.contacts[1].public_id))
    expect(frame.locator("body")).to_contain_text("Dear Person2, the stairs are open.")
