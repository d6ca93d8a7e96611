"""What a text takes: by the standard's tables, with nothing cut in two."""

from decimal import Decimal

import pytest

from comms.channels.segments import BASIC, EXTENSION, Segments, count, describe, plainer

# (text, encoding, units, segments, left in the last one)
COUNTED = [
    ("", "GSM-7", 0, 0, 160),
    ("Lift", "GSM-7", 4, 1, 156),
    ("x" * 160, "GSM-7", 160, 1, 0),
    ("x" * 161, "GSM-7", 161, 2, 145),
    ("x" * 306, "GSM-7", 306, 2, 0),
    ("x" * 307, "GSM-7", 307, 3, 152),
    ("€" * 80, "GSM-7", 160, 1, 0),
    ("€" * 81, "GSM-7", 162, 2, 143),  # 76 in the first, whose last place stays empty
    ("x" * 152 + "€" + "y" * 10, "GSM-7", 164, 2, 141),
    ("a\r\nb", "GSM-7", 3, 1, 157),
    ("£ Δ Ω à Ç", "GSM-7", 9, 1, 151),
    ("ç", "UCS-2", 1, 1, 69),
    ("é" * 160, "GSM-7", 160, 1, 0),
    ("“" + "x" * 69, "UCS-2", 70, 1, 0),
    ("“" + "x" * 70, "UCS-2", 71, 2, 63),
    ("–" * 134, "UCS-2", 134, 2, 0),
    ("–" * 135, "UCS-2", 135, 3, 66),
    ("🚪" * 35, "UCS-2", 70, 1, 0),
    ("🚪" * 36, "UCS-2", 72, 2, 61),  # 33 in the first: the pair is not cut
    ("€–", "UCS-2", 2, 1, 68),
]


@pytest.mark.parametrize("text,encoding,units,segments,left", COUNTED)
def test_the_segments_of_a_text(text, encoding, units, segments, left):
    counted = count(text)

    assert (counted.encoding, counted.units, counted.segments, counted.left_in_segment) == (
        encoding,
        units,
        segments,
        left,
    )


def test_the_alphabet_is_whole():
    assert (len(BASIC), len(EXTENSION)) == (127, 10)  # 128 places, of which one is the escape


def test_what_forces_the_dearer_alphabet_is_named_once_and_in_order():
    assert count("“Ł” – €”").culprits == ("“", "Ł", "”", "–")


def test_plainer_words_take_the_cheaper_alphabet_and_keep_the_letters():
    text = "“Don’t” – wait…\u00a0Ł"

    assert plainer(text) == '"Don\'t" - wait... Ł'
    assert count(plainer(text)).culprits == ("Ł",)
    assert plainer("It's 3.30 [here] €5") == "It's 3.30 [here] €5"


@pytest.mark.parametrize(
    "text,price,line",
    [
        ("x" * 294, "4", "GSM-7, 2 segments, 12 characters left, about 8p"),
        ("x" * 159, "3.75", "GSM-7, 1 segment, 1 character left, about 3.8p"),
        ("x", "4.65", "GSM-7, 1 segment, 159 characters left, about 4.6p"),
        ("’\u200b", None, "UCS-2 because of ’ U+200B, 1 segment, 68 characters left"),
    ],
)
def test_it_is_said_in_a_line(text, price, line):
    assert describe(count(text), Decimal(price) if price else None) == line


def test_the_cost_is_exact():
    assert Segments("GSM-7", 400, 3, 59).pence(Decimal("3.75")) == Decimal("11.25")
