"""Merge fields: a closed list, filled once, never run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.drafting import merge

EXAMPLES = {name: field.example for name, field in merge.FIELDS.items()}


def test_fields_are_listed_once_in_their_order_known_or_not():
    text = "{{ unit_name }} {{first_name}} {{unit_name}} {{nickname}}"

    assert merge.fields_in(text) == ["unit_name", "first_name", "nickname"]
    assert merge.unknown_fields(text) == ["nickname"]


@pytest.mark.parametrize(
    "text", ["{{first name}}", "{{user.password}}", "{{}}", "{{first_name|safe}}", "{{7*7}}"]
)
def test_what_is_no_field_is_unknown_and_never_run(text):
    assert merge.unknown_fields(text) == merge.missing(text, EXAMPLES) == [text.strip("{}")]
    with pytest.raises(merge.MissingValue):
        merge.fill_text(text, EXAMPLES)


@pytest.mark.parametrize(
    "text,places",
    [
        ("Dear {{first_name}}", []),
        ("Dear {{first_name}", ["Dear {{first_name}"]),
        ("Dear first_name}}", ["r first_name}}"]),
        ("{{{first_name}}}", ["{{{first_name}", "{{first_name}}}"]),
        ("{ {first_name} }", []),
    ],
)
def test_braces_that_open_or_close_no_field_are_shown(text, places):
    assert merge.unclosed(text) == places


def test_a_field_without_a_value_is_missing():
    text = "{{salutation}} {{first_name}} {{last_name}} {{nickname}}"

    lacking = merge.missing(text, {"salutation": "Mrs Okafor", "first_name": "  ", "nickname": "Addie"})

    assert lacking == ["first_name", "last_name", "nickname"]


def test_filling_with_a_value_missing_is_refused_and_names_it():
    with pytest.raises(
        merge.MissingValue, match="A field has nothing to fill it with: First name, nickname."
    ) as lack:
        merge.fill_html("<p>{{first_name}} {{nickname}}</p>", {})

    assert lack.value.fields == ["first_name", "nickname"]


def test_every_field_can_be_filled():
    text = " ".join(f"{{{{{name}}}}}" for name in merge.FIELDS)

    assert merge.fill_text(text, EXAMPLES) == " ".join(EXAMPLES.values())


def test_a_value_is_words_in_html_never_markup():
    filled = merge.fill_html("<p>{{full_name}}</p>", {"full_name": "<b>O'Neil & Sons</b>"})

    assert filled == "<p>&lt;b&gt;O&#x27;Neil &amp; Sons&lt;/b&gt;</p>"


def test_lines_of_a_value_stay_lines_in_html_and_become_one_in_a_subject():
    values = {"block_address": "14 Mill Lane\r\nLondon"}

    assert merge.fill_html("<p>{{block_address}}</p>", values) == "<p>14 Mill Lane<br>London</p>"
    assert merge.fill_line("Works at  {{block_address}}", values) == "Works at 14 Mill Lane London"


def test_a_value_inside_a_link_is_part_of_its_address():
    html = '<a href="https://pay.example/?r={{unit_reference}}">{{unit_reference}}</a>'

    filled = merge.fill_html(html, {"unit_reference": 'MH/1 "><script>'})

    assert filled == (
        '<a href="https://pay.example/?r=MH%2F1%20%22%3E%3Cscript%3E">MH/1 &quot;&gt;&lt;script&gt;</a>'
    )


@given(st.text(min_size=1).filter(str.strip))
def test_whatever_is_in_a_value_it_is_put_in_once_and_not_read(value):
    value = value + "{{email}}"

    assert merge.fill_text("a{{first_name}}b", {"first_name": value, "email": "no"}) == f"a{value}b"
    assert "no" not in merge.fill_html("{{first_name}}", {"first_name": "{{email}}", "email": "no"})


@given(st.text(min_size=1).filter(str.strip))
def test_no_value_ever_opens_a_tag(value):
    filled = merge.fill_html("{{first_name}}", {"first_name": value})

    assert not set(filled.replace("<br>", "")) & set("<>\"'")


@given(st.text(alphabet="{} ab<>", max_size=40))
def test_a_text_in_which_nothing_is_unclosed_has_no_double_braces_left_when_filled(text):
    values = dict.fromkeys(merge.fields_in(text), "x")

    if not merge.unclosed(text) and not merge.unknown_fields(text):
        assert "{{" not in merge.fill_text(text, values)


@given(st.text())
def test_a_text_without_fields_stays_as_it_is(text):
    if not merge.fields_in(text):
        assert merge.fill_text(text, {}) == merge.fill_html(text, {}) == text
