"""What shows in the window of a DL envelope, measured on the printed page."""

import pytest

from comms.channels.letter.making import render
from comms.channels.letter.window import lines, obstacle
from tests.comms.letters import DPI, LETTERHEAD, MM, ink, letter, picture, words

# Written down once more, as the envelope has it: 220 × 110 mm, its window 90 × 35 mm, 20 mm from the left, 18 mm up.
LEFT, TOP, RIGHT, BOTTOM = 20, 110 - 18 - 35, 20 + 90, 110 - 18
ACROSS, DOWN = 220 - 210, 110 - 105  # how far the folded sheet can slip
LONGEST = (
    "Apartment 114, Featherstonehaugh House East",
    "The Old Brewery Quarter, Building C",
    "200–214 Great Western Dockside Street",
    "Bermondsey Riverside",
    "Greater London",
    "London",
    "SE16 7XX",
)
LETTERS = {
    "ordinary": letter(),
    "longest": letter(recipient="Mrs Żaneta Łukasiewicz-Featherstonehaugh", address=LONGEST),
    "large print": letter(large_print=True),
    "no logo, long sender": letter(
        letterhead=type(LETTERHEAD)(
            "A Very Long Name of a Managing Agent (South East) Ltd", ("One", "Two") * 6, "1", "a@b.example"
        )
    ),
}


@pytest.fixture(params=LETTERS.values(), ids=LETTERS.keys())
def written(request):
    return request.param


def test_wherever_the_sheet_slips_the_whole_address_shows_and_nothing_else(written):
    page = picture(render(written))

    for right in (0, ACROSS):
        for down in (0, DOWN):
            window = (LEFT - right, TOP - down, RIGHT - right, BOTTOM - down)
            shown = ink(page, *window)
            assert shown, "nothing shows in the window"
            # One point of the picture at each edge: what touches it may go on behind it.
            assert all(abs(edge - side) > MM / DPI for edge, side in zip(shown, window, strict=True))


def test_the_words_in_the_window_are_the_name_and_the_address(written):
    found = words(render(written))

    reach = (
        LEFT - ACROSS,
        TOP - 11,
        RIGHT + 3,
        BOTTOM,
    )  # folded in equal thirds, too, and BS 4264's wider window
    shown = [
        word.text
        for word in found
        if word.right > reach[0] and word.left < reach[2] and word.bottom > reach[1] and word.top < reach[3]
    ]
    assert " ".join(shown) == " ".join((written.recipient, *written.address))


def test_the_folds_are_marked_at_the_edge():
    page = picture(render(letter()))

    for fold in (105, 210):
        left, top, right, bottom = ink(page, 0, fold - 3, 20, fold + 3)
        assert abs((top + bottom) / 2 - fold) < 0.7
        assert 3 < left < right < 10
    assert ink(page, 0, 0, 20, 100) is None


def test_a_name_that_is_the_addresss_first_line_is_there_once():
    made = render(
        letter(recipient="The Granary RTM Ltd", address=("The Granary RTM Ltd", "London", "SE1 4XX"))
    )

    assert [word.text for word in words(made)].count("RTM") == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("Flat 1\n2 High Street\nLondon\nSE1 4XX", ""),
        ("\n".join(LONGEST), ""),
        ("Flat 1, London", "The address does not end in a UK postcode."),
        ("", "There is no postal address."),
        (
            "\n".join(("One", "Two", "Three", "Four", "Five", "Six", "Seven", "SE1 4XX")),
            "The address has 8 lines.",
        ),
        (
            "Flat 王\nLondon\nSE1 4XX",
            "“王” (U+738B, cjk unified ideograph-738b) in the address, after “Flat”, cannot",
        ),
        (
            "\n".join(("Wide WWWWWWWWW WWWWWWWWW WWWWWWWWW WWWWWWWWW WWWW",) * 6 + ("SE1 4XX",)),
            "too long for the window",
        ),
    ],
)
def test_an_address_that_no_letter_can_go_to_is_named(address, sentence):
    said = obstacle(address, "Mrs Żaneta Łukasiewicz")

    assert said.startswith(sentence) if sentence.startswith("“") else sentence in said
    assert bool(said) == bool(sentence)


def test_an_address_read_back_from_one_line_still_fits():
    kept = "Flat 1, Second Floor\nTower B, The Granary\n14, Shad Thames\nLondon, Southwark\nSE1 4XX"

    found = lines(", ".join(kept.splitlines()))

    assert len(found) <= 7
    assert ", ".join(found) == ", ".join(kept.splitlines())
    assert not obstacle(", ".join(kept.splitlines()))
