"""The page on which one communication is written."""

import re

from tests.comms.centre import address, draft, with_people


def test_every_field_of_the_page_belongs_to_the_form_that_is_saved(inside, client_of):
    html = client_of(inside.alice).get(address(draft(inside))).content.decode()

    for name in ("subject", "body", "notes", "attachments"):
        tag = re.search(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', html)[0]
        assert 'form="editor"' in tag


def test_the_preview_shows_one_persons_words(inside, client_of):
    one = with_people(inside, body="<p>Dear {{salutation}}, the lift at {{block_name}} stands still.</p>")
    second = one.recipients.all()[1]
    type(inside.contacts[1]).objects.filter(pk=inside.contacts[1].pk).update(last_name="Renamed")

    page = client_of(inside.sam).get(address(one, f"preview/?recipient={second.pk}"))

    assert "Dear Ms OfLarch, the lift at Acacia Court stands still." in page.content.decode()
    assert page.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
