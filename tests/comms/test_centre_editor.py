"""Writing one communication: what is saved, what is refused at its field, what is taken out."""

import re

from comms.models import Communication


def draft(cast, **facts):
    facts = {"type": "circular", "block": cast.block, "subject": "Lift 2", "body": "<p>Dear all</p>", **facts}
    return Communication.objects.create(organisation=cast.organisation, created_by=cast.alice, **facts)


def test_every_field_of_the_page_belongs_to_the_form_that_is_saved(inside, client_of):
    one = draft(inside)

    html = client_of(inside.alice).get(one.get_absolute_url()).content.decode()

    for name in ("subject", "body", "notes", "attachments"):
        tag = re.search(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', html)[0]
        assert 'form="editor"' in tag
