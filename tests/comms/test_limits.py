"""How large files may be together, by channel."""

import pytest

from comms.channels import registry
from comms.models import Content
from comms.sending import limits
from portfolio.models import CHANNELS
from tests.comms.centre import draft

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("email", 18 * MB, ""),
        ("email", 18 * MB + 60_000, "The files come to 18.1 MB, and Email takes 18 MB."),
        ("post", 20 * MB, ""),
        ("portal", 22 * MB, "Portal takes 20 MB."),
        ("sms", 1, "SMS takes no files."),
        ("noticeboard", 20 * MB, ""),
        ("noticeboard", 22 * MB, "noticeboard takes 20 MB."),
    ],
)
def test_each_channel_says_how_much_it_takes(inside, name, size, sentence):
    found = limits.refusal(name, size)

    assert sentence in found and bool(sentence) == bool(found)


def test_what_takes_no_file_is_no_matter_where_there_is_none(inside):
    one = draft(inside)
    assert limits.over(one, "sms") == ""

    kept = Content.keep(inside.organisation, b"Rota")
    one.attachments.create(
        organisation=inside.organisation, content=kept, name="rota.txt", media_type="text/plain"
    )
    assert limits.over(one, "sms").startswith("SMS takes no files") and limits.over(one, "email") == ""


def test_no_channel_takes_more_than_is_kept_for_all(inside, settings):
    assert all(registry.get(name).attachments_most <= settings.ATTACHMENTS_MAX_BYTES for name in CHANNELS)
