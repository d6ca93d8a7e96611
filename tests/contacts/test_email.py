import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.email import parse
from contacts.mistake import Mistake


@pytest.mark.parametrize(
    "text,address",
    [
        ("Ada.Okafor@Example.COM", "Ada.Okafor@example.com"),
        ("o'neil+flat-2@mail.example.co.uk", "o'neil+flat-2@mail.example.co.uk"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("zoë@example.com", "zoë@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_keeps_its_name_and_gets_a_plain_domain(text, address):
    assert parse(text) == parse(address) == address


@pytest.mark.parametrize(
    "text,part",
    [
        ("", "Enter an email address."),
        ("ada", "There is no @ in it."),
        ("@example.com", "nothing before the @"),
        ("ada@", "nothing after the @"),
        ("ada@localhost", "is not a whole domain"),
        ("ada@127.0.0.1", "is not a whole domain"),
        ("ada@[127.0.0.1]", "cannot be a domain"),
        ("ada@b@example.com", "more than one @"),
        ("ada@example.com,bob@example.com", "one address only"),
        ("ada@example.com;bob@example.com", "one address only"),
        ("Ada <ada@example.com>", "without a name"),
        ('"bob@example.com" <ada@example.com>', "without a name"),
        ('"ada"@example.com', "without a name"),
        ("ada(boss)@example.com", "without a name"),
        ("ada okafor@example.com", "a space"),
        (" ada@example.com", "a space"),
        ("ada@example.com\n", "cannot be seen"),
        ("ada@example.com\r\nBcc: bob@example.com", "cannot be seen"),
        ("ada\x00@example.com", "cannot be seen"),
        ("ada\u200b@example.com", "cannot be seen"),
        ("ada\u2028@example.com", "cannot be seen"),
        (".ada@example.com", "cannot stand before the @"),
        ("ada..o@example.com", "cannot stand before the @"),
        ("a" * 65 + "@example.com", "longer than 64"),
        ("ada@example..com", "cannot be a domain"),
        ("ada@-example.com", "cannot be a domain"),
        ("ada@exa_mple.com", "cannot be a domain"),
        ("ada@exam\u2044ple.com", "cannot be a domain"),
        ("ada@" + ".".join(["d" * 60] * 5) + ".example", "longer than 254"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text, part):
    with pytest.raises(Mistake) as refused:
        parse(text)

    assert part in str(refused.value)
    assert str(refused.value).endswith(".")


@given(st.one_of(st.text(), st.emails(), st.builds("{}@{}".format, st.text(), st.text())))
def test_what_is_let_in_is_one_address_and_stays_as_it_is(text):
    try:
        address = parse(text)
    except Mistake:
        return

    assert address.isprintable() and address.count("@") == 1 and not set(address) & set(' <>",;:\\[]()')
    assert address.partition("@")[2].isascii()
    assert parse(address) == address
