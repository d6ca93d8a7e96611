import datetime

import pytest
from django.utils import timezone

from portfolio.templatetags import look

SUMMER = datetime.datetime(2026, 7, 1, 8, 12, 41, tzinfo=datetime.UTC)


def test_a_status_is_icon_word_and_reason():
    shown = look.status("bounced", "Hard: no mailbox")

    assert 'data-status="bounced"' in shown
    assert "Bounced</span><small>Hard: no mailbox</small>" in shown


def test_what_is_shown_is_escaped():
    assert "<script>" not in look.status("<script>", "<script>")
    assert "<script>" not in look.channel("<script>")


def test_times_are_local_with_the_offset_and_utc_on_hover():
    with timezone.override("Europe/London"):
        assert look.when(SUMMER) == (
            '<time datetime="2026-07-01T08:12:41Z" title="2026-07-01 08:12:41 UTC">1 Jul 2026, 09:12 +01:00</time>'
        )


def test_any_word_is_a_channel():
    assert "Carrier pigeon" in look.channel("carrier_pigeon")


@pytest.mark.parametrize(("size", "shown"), [(0, "0 bytes"), (182_000, "182 kB"), (5_250_000, "5.2 MB")])
def test_sizes(size, shown):
    assert look.filesize_si(size) == shown
