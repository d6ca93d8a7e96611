"""What is sent is what the editor can make, and nothing that acts by itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.drafting import html, merge

BODY = (
    "<h2>Lift 2</h2><p>Dear <strong>{{salutation}}</strong>,</p><ul><li><p>one</p></li><li>two</li></ul>"
    '<ol start="3"><li>x</li></ol><table><tbody><tr><th colspan="2">a</th></tr><tr><td>b</td><td>c</td></tr></tbody>'
    '</table><blockquote><p><em>q</em> <u>u</u> <s>s</s></p></blockquote><hr><p>See <a href="https://x.example/a">it</a>'
    '<br><a href="mailto:a@b.example">mail</a> <a href="tel:+442079460123">ring</a></p>'
)


def test_what_the_editor_makes_stays_and_nothing_is_said():
    assert html.clean(BODY) == html.Cleaned(BODY, [])


@pytest.mark.parametrize(
    "dirty,clean,removed",
    [
        ("<p>a<script>b()</script></p>", "<p>a</p>", ["a script"]),
        ('<p onclick="x()">a</p>', "<p>a</p>", ["an event handler"]),
        ('<p>a<IMG SRC="http://x.example/1.gif"></p>', "<p>a</p>", ["an image kept on another site"]),
        ('<p>a<img src="data:image/gif;base64,AA"></p>', "<p>a</p>", ["an image"]),
        ("<form action=x><input><button>Go</button></form>", "Go", ["a form"]),
        ("<iframe src=//x.example></iframe>a", "a", ["a page of another site"]),
        ("<style>p{}</style><p>a</p>", "<p>a</p>", ["a style sheet"]),
        (
            "<svg onload=x><script>y</script></svg><p>a</p>",
            "<p>a</p>",
            ["a drawing", "an event handler", "a script"],
        ),
        *(
            (
                f'<a href="{href}">a</a>',
                "<a>a</a>",
                ["a link that is not to a web page, an email address or a phone"],
            )
            for href in (
                "javascript:x()",
                "JaVa\nScript:x()",
                " javascript:x()",
                "data:text/html,x",
                "/inside",
                "//x.example",
                "{{email}}",
                "file:///etc",
            )
        ),
    ],
)
def test_what_acts_by_itself_is_taken_out_and_named(dirty, clean, removed):
    assert html.clean(dirty) == html.Cleaned(clean, removed)


def test_pasted_words_keep_their_bold_and_lose_their_looks_without_a_word():
    pasted = '<div class="x"><h1>T</h1><p style="color:red" class="MsoNormal"><B>a</B> <i>b</i> <span>c</span></p></div>'

    assert html.clean(pasted) == html.Cleaned("<h2>T</h2><p><strong>a</strong> <em>b</em> c</p>", [])


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "script",
                "b",
                "a href=",
                '"',
                "'",
                "/",
                "!--",
                "-->",
                " onx=",
                "p",
                "\x00",
                "&",
                "é",
                "![if x]",
                "svg",
                "style",
                "javascript:",
            ]
        )
    ).map("".join)
)
def test_cleaning_twice_changes_nothing_and_nothing_breaks(text):
    cleaned = html.clean(text).html

    assert html.clean(cleaned).html == cleaned
    assert not re.search(r"<(script|style|svg|img)|<[^>]*\son\w+=", cleaned)
    assert isinstance(html.to_text(cleaned), str)


def test_the_text_part_reads_like_a_letter():
    text = html.to_text(BODY)

    assert text == (
        "Lift 2\n\nDear {{salutation}},\n\n  * one\n  * two\n\n 3. x\n\na\nb  c\n\nq u s\n\n"
        "See it (https://x.example/a)\nmail (a@b.example) ring (+442079460123)"
    )


def test_a_link_that_shows_its_address_is_not_told_twice():
    link = '<p><a href="https://x.example/">https://x.example</a> <a href="mailto:a@b.example">a@b.example</a></p>'

    assert html.to_text(link) == "https://x.example a@b.example"


@pytest.mark.parametrize("nothing", ["", "  ", "<p></p>", "<hr>"])
def test_nothing_written_is_no_text(nothing):
    assert html.to_text(nothing) == ""


@given(st.text())
def test_plain_words_come_through(text):
    words = re.sub(r"[^\w ]", "", text)

    assert html.to_text(f"<p>{words}</p>").split() == words.split()


def test_a_mail_is_a_whole_document_with_its_sender_above_and_below():
    document = html.wrap_for_mail(
        BODY, organisation_name="Mill & Co", footer_lines=["4 Mill Lane", "LS1 <4AB>"]
    )

    assert document.startswith('<!DOCTYPE html><html lang="en-GB">')
    assert document.count("Mill &amp; Co") == 3
    assert "4 Mill Lane<br>LS1 &lt;4AB&gt;" in document
    assert '<p style="margin: 0 0 16px;">Dear <strong>{{salutation}}</strong>' in document


def test_a_mail_is_quiet_in_the_dark_and_loads_nothing():
    document = html.wrap_for_mail("<p>a</p>", organisation_name="A", footer_lines=[])

    assert "prefers-color-scheme: dark" in document
    assert not re.search(r"<(link|img|script)|url\(|https?:", document)


def test_the_whole_document_can_be_filled():
    document = html.wrap_for_mail(BODY, organisation_name="A", footer_lines=[], title="To {{salutation}}")

    filled = merge.fill_html(document, {"salutation": "Mrs <Okafor>"})

    assert filled.count("Mrs &lt;Okafor&gt;") == 2
    assert "{{" not in filled
