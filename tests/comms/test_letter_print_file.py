"""The file that goes to the printer: all letters of a run behind their cover."""

import datetime
import io

import pytest
from pypdf import PdfReader

from comms.channels.base import File
from comms.channels.letter.making import render
from comms.channels.letter.print_file import Cover, print_file
from tests.comms.letters import letter, pdf, text

LONG = "".join(f"<p>{number}. {'We will consider what you write. ' * 20}</p>" for number in range(8))


def cover(**changes) -> Cover:
    given = {"title": "Lift notice, Tower B", "post_class": "1st class", "date": datetime.date(2026, 3, 3)}
    return Cover(**(given | changes))


@pytest.fixture(scope="module")
def letters():
    return [
        ("Mrs Żaneta Łukasiewicz", render(letter())),
        ("Smith & <Sons>", render(letter(recipient="Smith & <Sons>", body=LONG))),
        ("王芳", render(letter(recipient="Ms Wang", body="<p>The third.</p>"))),
    ]


def pages(made: bytes) -> list[str]:
    return [
        " ".join(text(made, number).split())
        for number in range(1, len(PdfReader(io.BytesIO(made)).pages) + 1)
    ]


def test_the_cover_says_what_is_in_it(letters):
    first = pages(print_file(letters, cover(organisation="Harbour & Vale")))[0]

    assert "Harbour & Vale Lift notice, Tower B Date 3 March 2026 Class of post 1st class" in first
    assert "Letters 3 Pages 4 Sheets 4, printed on one side" in first
    assert "No. Recipient Pages 1 Mrs Żaneta Łukasiewicz 1 2 Smith & <Sons> 2 3 ?? 1" in first


def test_letters_follow_in_their_order(letters):
    found = pages(print_file(letters, cover()))

    assert len(found) == 5
    assert "Mrs Żaneta Łukasiewicz" in found[1]
    assert "Page 1 of 1" in found[1]
    assert "Page 1 of 2" in found[2]
    assert "Page 2 of 2" in found[3]
    assert "The third." in found[4]


def test_printed_on_both_sides_each_letter_begins_on_a_sheet_of_its_own(letters):
    found = pages(print_file(letters, cover(duplex=True)))

    assert "Letters 3 Pages 4 Sheets 3, printed on both sides" in found[0]
    assert [found[at] for at in (1, 3, 7)] == ["", "", ""]
    assert "Page 1 of 1" in found[2]
    assert "Page 1 of 2" in found[4]
    assert "The third." in found[6]


def test_every_page_is_a4(letters):
    reader = PdfReader(io.BytesIO(print_file(letters, cover(duplex=True))))

    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {
        (595, 842)
    }


def test_what_letters_share_is_in_it_once():
    enclosed = [File("budget.pdf", "application/pdf", pdf(3))]
    many = [(f"Person {n}", render(letter(recipient=f"Person {n}", attachments=enclosed))) for n in range(20)]

    made = print_file(many, cover())

    def kept(at: int, name: str) -> set[int]:
        """Give the objects that are the content, or the pictures, of a page of each letter."""
        pages = PdfReader(io.BytesIO(made)).pages[1 + at :: 4]
        if name == "/Contents":
            return {page.raw_get(name).idnum for page in pages}
        return {ref.idnum for page in pages for ref in page["/Resources"]["/XObject"].values()}

    assert len(kept(0, "/XObject")) == 1  # the logo
    assert len(kept(1, "/Contents")) == 1  # the first page of the attachment
    assert len(kept(0, "/Contents")) == 20  # each letter's own
    assert len(made) < sum(len(data) for _, data in many) / 3
    assert "Enclosure page 3" in pages(made)[-1]


def test_a_long_list_of_recipients_goes_on_over_the_page():
    one = render(letter())

    found = pages(print_file([(f"Person {n}", one) for n in range(60)], cover()))

    assert "Cover, page 1 of 2" in found[0]
    assert "No. Recipient Pages" in found[1]
    assert "60 Person 59 1" in found[1]


def test_no_letters_are_no_file():
    with pytest.raises(ValueError, match="There are no letters to print."):
        print_file([], cover())
