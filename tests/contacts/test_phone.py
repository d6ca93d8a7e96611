import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.mistake import Mistake
from contacts.phone import parse


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "07700900123",
        "+44 7700 900123",
        "0044 7700 900123",
        "(07700) 900-123",
        "+447700900123",
    ],
)
def test_however_it_is_written_it_is_one_number(text):
    phone = parse(text)

    assert phone.e164 == str(phone) == "+447700900123"
    assert phone.international == "+44 7700 900123"
    assert phone.national == "07700 900123"
    assert phone.is_mobile


@pytest.mark.parametrize("text,e164", [("020 7946 0123", "+442079460123"), ("01632 960001", "+441632960001")])
def test_a_landline_is_not_a_mobile(text, e164):
    phone = parse(text)

    assert (phone.e164, phone.is_mobile) == (e164, False)


def test_a_number_of_another_country_needs_its_code_or_region():
    assert parse("+33 6 12 34 56 78").e164 == parse("06 12 34 56 78", region="FR").e164 == "+33612345678"


@pytest.mark.parametrize(
    "text,sentence",
    [
        ("", "Enter a phone number."),
        ("  ", "Enter a phone number."),
        ("ask her", "Write the phone number with digits only, such as 07700 900123 or +44 7700 900123."),
        ("0800 FLOWERS", "Write the phone number with digits only, such as 07700 900123 or +44 7700 900123."),
        (
            "020 7946 0123 ext 4",
            "Write the phone number with digits only, such as 07700 900123 or +44 7700 900123.",
        ),
        ("+999 123 4567", "There is no country with this code. For the UK it is +44."),
        ("07", "This has too few digits for a phone number."),
        ("7", "This is too short for a phone number."),
        ("+447700900123000", "This has too many digits for a phone number."),
        ("07700 90012", "No phone has this number. Check its digits against where you have it from."),
    ],
)
def test_what_cannot_be_dialled_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(Mistake) as refused:
        parse(text)

    assert str(refused.value) == sentence


@given(st.text())
def test_any_text_is_a_number_or_a_mistake(text):
    try:
        phone = parse(text)
    except Mistake as refused:
        assert str(refused).endswith(".")
    else:
        assert parse(phone.e164) == phone
