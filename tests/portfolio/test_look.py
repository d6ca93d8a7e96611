import datetime
import re
from pathlib import Path

import pytest
from django import forms
from django.template.loader import get_template, render_to_string
from django.utils import timezone

from portfolio.templatetags import look

ROOT = Path(__file__).resolve().parents[2]
SUMMER = datetime.datetime(2026, 7, 1, 8, 12, 41, tzinfo=datetime.UTC)


class Letter(forms.Form):
    subject = forms.CharField(help_text="What people see first.")
    note = forms.CharField(required=False)


def test_a_status_is_icon_word_and_reason():
    shown = look.status("bounced", "Hard: no mailbox")

    assert 'data-status="bounced"' in shown
    assert "Bounced</span><small>Hard: no mailbox</small>" in shown


@pytest.mark.parametrize(
    ("name", "word"), [("met", "Met"), ("open", "Open"), ("at_risk", "At risk"), ("missed", "Missed")]
)
def test_a_day_to_arrive_by_has_its_states(name, word):
    assert word in look.status(name)
    assert look.status_help(name)


def test_an_unknown_status_is_shown_as_it_is():
    assert "Gone astray" in look.status("gone_astray")
    assert look.status_help("gone_astray") == ""


def test_what_is_shown_is_escaped():
    assert "<script>" not in look.status("<script>", "<script>")
    assert "<script>" not in look.channel("<script>")
    assert "<script>" not in look.icon("envelope", label="<script>")


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in look.icon("envelope")
    assert 'role="img" aria-label="Close"' in look.icon("x", "sm", "Close")


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'id="i-([\w-]+)"', (ROOT / "templates/_icons.html").read_text()))
    named = {shown.icon for shown in [*look.STATUSES.values(), *look.CHANNELS.values()]}
    for page in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([\w-]+)"', page.read_text()))

    assert named <= drawn


def test_times_are_local_with_the_offset_and_utc_on_hover():
    with timezone.override("Europe/London"):
        assert look.when(SUMMER) == (
            '<time datetime="2026-07-01T08:12:41Z" title="2026-07-01 08:12:41 UTC">1 Jul 2026, 09:12 +01:00</time>'
        )


def test_a_date_is_the_one_where_the_organisation_is():
    late = datetime.datetime(2026, 6, 30, 23, 30, tzinfo=datetime.UTC)

    with timezone.override("Europe/London"):
        assert (look.on(late), look.at(late)) == ("1 Jul 2026", "00:30 +01:00")
    assert look.on(datetime.date(2026, 11, 5)) == "5 Nov 2026"


def test_no_time_is_nothing():
    assert look.when(None) == look.on(None) == look.at(None) == look.utc(None) == ""


def test_any_word_is_a_channel():
    assert "Carrier pigeon" in look.channel("carrier_pigeon")


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (182_000, "182 kB"),
        (999_700, "1.0 MB"),
        (5_250_000, "5.2 MB"),
        (2_000_000_000, "2.0 GB"),
    ],
)
def test_sizes(size, shown):
    assert look.filesize_si(size) == shown


def test_mistakes_are_counted_in_words_and_lead_to_their_fields():
    form = Letter({})
    form.add_error(None, "Choose who it is for.")

    shown = render_to_string("_form_errors.html", {"form": form})

    assert "Two things to put right" in shown
    assert '<a href="#id_subject">Subject:' in shown


def test_a_field_says_its_hint_its_mistake_and_what_is_optional():
    form = Letter({})

    wrong = render_to_string("_field.html", {"field": form["subject"]})
    fine = render_to_string("_field.html", {"field": form["note"]})

    described = re.search(r'aria-describedby="([^"]+)"', wrong)
    assert described and all(f'id="{name}"' in wrong for name in described[1].split())
    assert 'aria-invalid="true"' in wrong and "(optional)" not in wrong
    assert "(optional)" in fine and "mistakes" not in fine


def test_the_page_for_what_broke_needs_nothing():
    assert "Something broke on our side" in get_template("500.html").render()
