"""How a letter looks on paper."""

import io

import pytest
from pypdf import PdfReader

from comms.channels.letter.making import render
from tests.comms.letters import LETTERHEAD, letter, text, tool, words

LONG = "".join(
    f"<p>{number}. We will consider what you write to us. {'It matters. ' * 25}</p>" for number in range(22)
)


def flat(words_of_it: str) -> str:
    return " ".join(words_of_it.split())


def test_it_says_who_writes_to_whom_when_and_about_what():
    printed = flat(text(render(letter())))

    for piece in (
        "Harbour & Vale Block Management",
        "020 7946 0123",
        "hello@harbourvale.example",
        "Mrs Żaneta Łukasiewicz",
        "Tower B, The Granary",
        "3 March 2026",
        "Our reference: TWR-2026-0141",
        "Notice of works to the lift",
        "The lift is out of service.",
        "Registered in England and Wales no. 01234567.",
    ):
        assert piece in printed


def test_signs_beyond_ascii_come_out_as_they_are():
    signs = "Ł é Ω £ € ½ ŵ – — “quoted” ‘so’ … • ≤"
    body = f"<p>{signs}</p><p><strong>{signs}</strong></p><h2>{signs}</h2><p><em>{signs} <strong>{signs}</strong></em></p>"

    printed = flat(text(render(letter(body=body))))

    assert printed.count(signs) == 5


def test_a_sign_that_stands_apart_from_its_accent_is_joined_to_it():
    printed = text(render(letter(body="<p>Cafe\u0301 and co\u00adoperate\u200b</p>")))

    assert "Café and cooperate" in printed


def test_its_typefaces_are_in_the_file():
    lines = (
        tool("pdffonts", "-", pdf=render(letter(body="<p>a <strong>b</strong> <em>c</em></p>")))
        .decode()
        .splitlines()[2:]
    )

    used = [line for line in lines if "DejaVuSansCondensed" in line]
    assert len(used) == 3
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in used)


def test_it_is_on_a4():
    pages = PdfReader(io.BytesIO(render(letter(body=LONG)))).pages

    assert len(pages) == 3
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {(595, 842)}


def test_each_page_says_which_it_is_and_those_that_follow_whose():
    made = render(letter(body=LONG))

    for number in (1, 2, 3):
        assert f"Page {number} of 3" in text(made, number)
    for number in (2, 3):
        assert "Mrs Żaneta Łukasiewicz, 3 March 2026, Our reference TWR-2026-0141" in text(made, number)
        assert "Regulated by RICS" not in text(made, number)
    assert "Our reference TWR" not in text(made, 1)


def test_nothing_of_a_long_text_is_lost():
    made = render(letter(body=LONG))

    printed = flat("".join(text(made, number) for number in (1, 2, 3)))
    assert [f"{number}. We will consider" in printed for number in range(22)] == [True] * 22
    assert printed.count("matters.") == 22 * 25


def test_large_print_is_in_16_points():
    small, large = render(letter()), render(letter(large_print=True))

    def size(made, wanted):
        """The size of the type, in points."""
        return next((word.bottom - word.top) / 25.4 * 72 for word in words(made) if word.text == wanted)

    for word in ("service.", "March", "reference:", "Page", "Regulated"):
        assert size(large, word) == pytest.approx(16, abs=0.1)
    assert size(small, "service.") == pytest.approx(10.5, abs=0.1)
    assert size(large, "Granary") == size(small, "Granary")  # the address has to fit the window


def test_a_letterhead_may_be_little_more_than_a_name():
    bare = type(LETTERHEAD)(name="Harbour & Vale")

    printed = text(render(letter(letterhead=bare, reference="")))

    assert "Harbour & Vale" in printed
    assert "reference" not in printed


def test_what_is_in_the_words_is_not_taken_for_markup():
    printed = text(
        render(letter(subject="A < B & <b>C</b>", recipient="Smith & <Sons>", reference="<i>1</i>"))
    )

    for piece in ("A < B & <b>C</b>", "Smith & <Sons>", "<i>1</i>"):
        assert piece in printed


def test_a_table_a_list_and_a_long_word_stay_on_the_page():
    body = (
        "<ul><li>one<ul><li><p>two</p></li></ul></li></ul><ol start='3'><li>three</li></ol><hr><blockquote><p>q</p></blockquote>"
        "<table><caption>Shares</caption><thead><tr><th>Flat</th><th colspan='2'>Share</th></tr></thead><tbody>"
        "<tr><td rowspan='2'>1</td><td>£310</td><td>x</td></tr><tr><td>2</td><td>y</td></tr></tbody></table>"
        f"<p><a href='https://example.com/a'>here</a> <s>gone</s> <u>under</u> https://example.com/{'x' * 200}</p>"
    )

    found = words(render(letter(body=body)))

    assert {"one", "two", "three", "Shares", "£310", "here", "gone"} <= {word.text for word in found}
    assert all(word.left > 20 and word.right < 195 for word in found)


def test_the_same_letter_is_the_same_bytes():
    assert render(letter()) == render(letter())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"subject": "Lift 𝄞 music"},
            "“𝄞” (U+1D11E, musical symbol g clef) in the subject, after “Lift”, cannot be printed. Write it in another way.",
        ),
        (
            {"body": "<p>Dear Ada</p><p>the <em>sign 中</em></p>"},
            "“中” (U+4E2D, cjk unified ideograph-4e2d) in the text, after “Dear Ada the sign”, cannot be printed. "
            "Write it in another way.",
        ),
        (
            {"recipient": "王芳"},
            "“王” (U+738B, cjk unified ideograph-738b) in the address cannot be printed.",
        ),
        ({"reference": "\u0007"}, "A sign that is not seen (U+0007) in the reference cannot be printed."),
    ],
)
def test_a_sign_without_a_glyph_is_named_with_its_place(change, sentence):
    with pytest.raises(ValueError) as refused:
        render(letter(**change))

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "<table><tr><td>" + "<p>row</p>" * 400 + "</td></tr></table>",
            "A row of a table is taller than a page.",
        ),
        ("<table><tr>" + "<td>£1,234,567.00</td>" * 60 + "</tr></table>", "wider than the page"),
        ("<div>" * 300 + "deep" + "</div>" * 300, "The text is too long to be set as a letter."),
        ('<p><img src="data:image/png;base64,AAAA"></p>', "A picture in the text cannot be printed."),
    ],
)
def test_what_would_not_come_out_as_written_is_refused(body, sentence):
    with pytest.raises(ValueError) as refused:
        render(letter(body=body))

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"logo": b"GIF89a"}, "The logo cannot be printed. Choose it again in the settings."),
        (
            {"lines": ("A very long line of an address",) * 60},
            "The address at the head of letters is too long.",
        ),
        ({"foot": "Company number and registered office. " * 200}, "The foot of letters is too long."),
    ],
)
def test_a_letterhead_that_cannot_be_printed_is_refused(changes, sentence):
    import dataclasses

    with pytest.raises(ValueError) as refused:
        render(letter(letterhead=dataclasses.replace(LETTERHEAD, **changes)))

    assert sentence in str(refused.value)
