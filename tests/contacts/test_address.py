import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.address import PostalAddress, normalise_postcode, parse
from contacts.mistake import Mistake


@pytest.mark.parametrize(
    "text,postcode",
    [
        ("se14xx", "SE1 4XX"),
        (" Se1  4xX ", "SE1 4XX"),
        ("m1 1ae", "M1 1AE"),
        ("ec1a1bb", "EC1A 1BB"),
        ("w1a 0ax", "W1A 0AX"),
        ("DN55 1PT", "DN55 1PT"),
        ("cr2-6xh", "CR2 6XH"),
        ("gir0aa", "GIR 0AA"),
    ],
)
def test_a_postcode_is_written_as_royal_mail_does(text, postcode):
    assert normalise_postcode(text) == postcode


@pytest.mark.parametrize(
    "text", ["SE1", "SE1 4X", "1SE 4XX", "QE1 4XX", "SE1 4CX", "SE111 4XX", "75008", "SE1 4XX1"]
)
def test_what_is_no_postcode_is_refused(text):
    with pytest.raises(Mistake, match="This is not a UK postcode. One looks like SE1 4XX."):
        normalise_postcode(text)


def test_no_postcode_is_asked_for():
    with pytest.raises(Mistake, match="Enter a postcode."):
        normalise_postcode(" ")


@pytest.mark.parametrize(
    "text",
    [
        "Flat 2\n14 Mill Lane\n\nLondon\nse14xx",
        "Flat 2,\r\n14 Mill Lane,\r\nLondon SE1 4XX\r\n",
        "Flat 2, 14 Mill Lane, London, SE1 4XX",
        "Flat 2,14 Mill Lane,London se1 4xx.",
    ],
)
def test_an_address_is_read_from_lines_or_commas(text):
    address = parse(text)

    assert address == PostalAddress(("Flat 2", "14 Mill Lane", "London"), "SE1 4XX")
    assert address.one_line == "Flat 2, 14 Mill Lane, London, SE1 4XX"
    assert str(address) == "Flat 2\n14 Mill Lane\nLondon\nSE1 4XX"
    assert address.unpostable_reason() == ""


@pytest.mark.parametrize(
    "text,reason",
    [
        ("", "There is no postal address."),
        (" \n ,", "There is no postal address."),
        ("1 rue de Rivoli\n75001 Paris", "The address does not end in a UK postcode."),
        ("SE1 4XX", "The address is only a postcode. Add the street and the town."),
        ("1\n2\n3\n4\n5\n6\n7\nSE1 4XX", "The address has 8 lines. An envelope shows 7."),
        (
            "x" * 61 + "\nSE1 4XX",
            "“" + "x" * 30 + "…” is too long for one line of an envelope. Break it in two.",
        ),
    ],
)
def test_why_no_letter_can_go_there(text, reason):
    assert parse(text).unpostable_reason() == reason


def test_seven_lines_fit():
    assert parse("1\n2\n3\n4\n5\n6\nSE1 4XX").unpostable_reason() == ""


@given(st.text())
def test_reading_what_was_written_changes_nothing(text):
    address = parse(text)

    assert all(line.isprintable() and line.strip() for line in address.lines)
    if len(address.lines) > 1 or address.postcode and address.lines:
        assert parse(str(address)).one_line == address.one_line
