"""Post as a channel: to whom a letter can go, and the bytes that go."""

import datetime
from types import SimpleNamespace

import pytest

from comms.channels.base import File, Message, Party, Unreachable
from comms.channels.letter.channel import HybridLetterChannel, LetterChannel
from comms.channels.letter.hybrid import HybridSettings
from tests.comms.letters import LETTERHEAD, pdf, text

ADDRESS = "Flat 12\nTower B, The Granary\n14 Shad Thames\nLondon\nSE1 4XX"


def snapshot(address=ADDRESS, name="Mrs Żaneta Łukasiewicz"):
    return SimpleNamespace(name=name, email="", phone="", address=address)


def message(**changes):
    given = {
        "subject": "Notice of works",
        "html": "<html><body>a mail with its head and foot</body></html>",
        "text": "",
        "sender": Party("Harbour & Vale", "office@harbourvale.example"),
        "to": Party("Mrs Żaneta Łukasiewicz", LetterChannel(LETTERHEAD).address(snapshot())),
        "message_id": "<one@mail.example>",
        "date": datetime.datetime(2026, 3, 3, 9, tzinfo=datetime.UTC),
        "body": "<p>The lift is out of service.</p>",
    }
    return Message(**(given | changes))


def made(**changes) -> str:
    parts = LetterChannel(LETTERHEAD).compose(message(**changes))
    return " ".join(text(b"".join(part.data for part in parts)).split())


def test_the_address_is_on_one_line():
    assert (
        LetterChannel(LETTERHEAD).address(snapshot())
        == "Flat 12, Tower B, The Granary, 14 Shad Thames, London, SE1 4XX"
    )


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "There is no postal address."),
        ("12 High Street\nLondon", "The address does not end in a UK postcode."),
        ("1\n2\n3\n4\n5\n6\n7\nSE1 4XX", "The address has 8 lines. An envelope shows 7."),
        (
            "Flat 王\nLondon\nSE1 4XX",
            "“王” (U+738B, cjk unified ideograph-738b) in the address, after “Flat”,",
        ),
    ],
)
def test_an_address_that_cannot_be_posted_to_is_unreachable(address, reason):
    with pytest.raises(Unreachable) as unreachable:
        LetterChannel(LETTERHEAD).address(snapshot(address))

    assert str(unreachable.value).startswith(reason)


def test_a_message_becomes_a_letter_of_its_words_alone():
    printed = made(reference="TWR-1", attachments=[File("plan.pdf", "application/pdf", pdf(1))])

    for piece in (
        "14 Shad Thames",
        "SE1 4XX",
        "3 March 2026",
        "Our reference: TWR-1",
        "Notice of works",
        "out of service",
    ):
        assert piece in printed
    assert "Enclosure page 1" in printed
    assert "a mail with" not in printed


def test_large_print_is_asked_for_by_a_header():
    plain, large = (LetterChannel(LETTERHEAD).compose(message(large_print=large)) for large in (False, True))

    assert plain != large


def test_a_letter_to_nowhere_is_not_made():
    with pytest.raises(ValueError, match="does not end in a UK postcode"):
        made(to=Party("Ada", "12 High Street, London"))


def test_without_a_letterhead_addresses_are_checked_and_no_letter_is_made():
    assert LetterChannel().address(snapshot()).endswith("SE1 4XX")
    with pytest.raises(ValueError, match="There is no letterhead"):
        LetterChannel().compose(message())


def test_a_person_posts_it_unless_there_is_a_provider():
    with pytest.raises(NotImplementedError, match="A person hands it over"), LetterChannel(LETTERHEAD).line():
        pass

    assert LetterChannel(LETTERHEAD).by_person
    assert not HybridLetterChannel(LETTERHEAD, HybridSettings("http://127.0.0.1:1", "key")).by_person
