"""What goes with a letter, on pages of its own behind it."""

import io

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, NameObject, RectangleObject

from comms.channels.base import File
from comms.channels.letter.making import render
from tests.comms.letters import ink, letter, pdf, picture, text
from tests.portfolio.pictures import claiming, turned_jpeg

US_LETTER, A3_ACROSS = (612, 792), (1190.55, 841.89)


def with_file(data: bytes, name: str = "notice.pdf") -> bytes:
    return render(letter(attachments=[File(name, "application/pdf", data)]))


def sizes(made: bytes) -> set[tuple[int, int]]:
    """The size of each page as it is seen, in points."""
    found = set()
    for page in PdfReader(io.BytesIO(made)).pages:
        shown = (round(page.cropbox.width), round(page.cropbox.height))
        found.add(shown[::-1] if page.rotation % 180 else shown)
    return found


def drawn(kind: str, size: tuple[int, int] = (300, 200)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind)
    return written.getvalue()


def test_three_pages_follow_the_letter_and_are_not_counted_as_its():
    made = with_file(pdf(3))

    assert len(PdfReader(io.BytesIO(made)).pages) == 4
    assert "Page 1 of 1" in text(made, 1)
    assert "Enclosed: notice.pdf" in text(made, 1)
    assert [f"Enclosure page {n}" in text(made, n + 1) for n in (1, 2, 3)] == [True] * 3
    assert "Page" not in text(made, 2)


def test_a_page_of_a4_stays_as_it_is():
    page = picture(with_file(pdf(1)), 2)

    edges = ink(page, 0, 0, 210, 297)
    assert edges == pytest.approx((1.6, 1.6, 208.4, 295.4), abs=0.5)


@pytest.mark.parametrize(
    ("size", "rotate"),
    [(US_LETTER, 0), (US_LETTER, 90), (A3_ACROSS, 0), ((841.89, 595.28), 0), ((300, 200), 180)],
)
def test_another_size_is_brought_to_a4_upright_and_whole(size, rotate):
    made = with_file(pdf(2, size, rotate=rotate))

    assert sizes(made) == {(595, 842)}
    left, top, right, bottom = ink(picture(made, 2), 0, 0, 210, 297)
    assert left + right == pytest.approx(210, abs=1)  # in the middle
    assert top + bottom == pytest.approx(297, abs=1)
    assert right - left > 180 or bottom - top > 280
    assert "Enclosure page 1" in text(made, 2)


def test_what_was_cropped_off_a_page_stays_off():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1))))
    writer.pages[0].cropbox = RectangleObject((0, 400, 400, 800))
    cropped = io.BytesIO()
    writer.write(cropped)

    made = with_file(cropped.getvalue())

    assert sizes(made) == {(595, 842)}
    edges = ink(picture(made, 2), 0, 0, 210, 297)
    assert edges[3] - edges[1] < 211  # the crop is square, and as wide as the page


@pytest.mark.parametrize("size", [(595.28, 841.89), US_LETTER])
def test_what_was_written_onto_a_page_is_printed(size):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(1, size))))
    writer.add_annotation(0, FreeText(text="Filled in", rect=(200, 300, 400, 340), font_size="20pt"))
    noted = io.BytesIO()
    writer.write(noted)

    plain, marked = picture(with_file(pdf(1, size)), 2), picture(with_file(noted.getvalue()), 2)

    inside = (60, 150, 160, 220)
    assert ink(plain, *inside) is None
    assert ink(marked, *inside)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_has_a_page_of_its_own(kind):
    made = with_file(drawn(kind), f"photo.{kind.lower()}")

    assert sizes(made) == {(595, 842)}
    assert ink(picture(made, 2), 0, 0, 210, 297) == pytest.approx((15, 88.5, 195, 208.5), abs=0.5)


def test_a_picture_taken_on_its_side_stands_upright():
    left, top, right, bottom = ink(picture(with_file(turned_jpeg(), "photo.jpg"), 2), 0, 0, 210, 297)

    assert bottom - top > right - left


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        (
            "plans.pdf",
            pdf(1, password="secret"),
            "“plans.pdf” has a password. Save it without one, and attach the new file.",
        ),
        ("half.pdf", pdf(3)[:-900], "“half.pdf” is damaged and cannot be printed."),
        (
            "cut.pdf",
            pdf(1) + b"9 0 obj\n<<>>\n" * 200,
            "“cut.pdf” is damaged and cannot be printed.",
        ),  # its newest words are missing
        ("bad.pdf", b"%PDF-1.7\nnothing\n%%EOF", "“bad.pdf” is damaged and cannot be printed."),
        (
            "minutes.docx",
            b"PK\x03\x04",
            "“minutes.docx” cannot go with a letter. Save it as a PDF, and attach that.",
        ),
        ("empty.pdf", b"", "“empty.pdf” cannot go with a letter."),
        ("cut.png", drawn("PNG", (900, 900))[:-60], "“cut.png” is not a whole picture."),
        ("cut.jpg", drawn("JPEG", (900, 900))[:4000], "“cut.jpg” is not a whole picture."),
        ("huge.png", claiming(20000, 20000), "“huge.png”"),
        (
            "音.pdf",
            pdf(1),
            "“音” (U+97F3, cjk unified ideograph-97f3) in the name of an attachment cannot be printed.",
        ),
    ],
)
def test_a_file_that_cannot_be_printed_is_refused(name, data, sentence):
    with pytest.raises(ValueError) as refused:
        with_file(data, name)

    assert sentence in str(refused.value)


def test_a_pdf_that_anybody_may_open_is_taken():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(2))))
    writer.encrypt("", owner_password="theirs", algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)

    made = with_file(locked.getvalue())

    assert "Enclosure page 2" in text(made, 3)


@pytest.mark.parametrize("listed", [False, True])
def test_pages_that_share_their_content_are_scaled_once_each(listed):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(2, US_LETTER))))
    common = writer.pages[0].raw_get("/Contents")
    for page in writer.pages:
        page[NameObject("/Contents")] = ArrayObject([common]) if listed else common
    shared = io.BytesIO()
    writer.write(shared)

    made = with_file(shared.getvalue())

    first, second = (ink(picture(made, number), 0, 0, 210, 297) for number in (2, 3))
    assert first == second
    assert first[2] - first[0] > 200
