"""What a file is, told by what is in it."""

import io
import re
import zipfile

import pytest

from comms.demo import pdf
from comms.drafting import files, whole
from tests.comms import letters
from tests.portfolio import pictures

PDF = pdf.page(["Hello"])
PNG = pictures.png()


def archive(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for member in members:
            file.writestr(member, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("Programme.pdf", PDF, "application/pdf"),
        ("plan.PNG", PNG, "image/png"),
        ("plan.jpeg", pictures.turned_jpeg(), "image/jpeg"),
        ("plan.webp", pictures.other("WEBP"), "image/webp"),
        ("plan.gif", pictures.other("GIF"), "image/gif"),
        ("locked.pdf", letters.pdf(password="secret"), "application/pdf"),
        ("costs.csv", "Flat,£\n1,2".encode(), "text/csv"),
        ("survey.docx", archive("[Content_Types].xml", "word/document.xml"), None),
        ("costs.xlsx", archive("xl/workbook.xml"), None),
        ("survey.odt", archive("mimetype", "content.xml"), None),
    ],
)
def test_ordinary_files_are_let_in(name, data, media_type):
    found = files.media_type(name, data)

    assert media_type is None or found == media_type


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("run.exe", b"MZ\x90"),
        ("page.html", b"<script>x()</script>"),
        ("drawing.svg", b"<svg/>"),
        ("Programme.pdf", b"MZ\x90"),
        ("survey.docx", archive("xl/workbook.xml")),
        ("survey.docx", b"PK\x03\x04 no archive"),
        ("plan.webp", b"RIFF\x04\x00\x00\x00WAVEfmt "),
        ("costs.csv", b"\xff\xfe\x00\x01"),
        ("nothing.pdf", b""),
        ("none", PDF),
    ],
)
def test_other_files_are_refused_by_name(name, data):
    with pytest.raises(ValueError, match=name):
        files.media_type(name, data)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("plan.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "is not a whole picture"),
        ("plan.png", PNG[:-20], "is not a whole picture"),
        ("plan.png", PNG[:40] + b"\xff" + PNG[41:], "is not a whole picture"),
        ("plan.jpg", b"\xff\xd8\xff\xe0 words and no picture", "is not a whole picture"),
        ("plan.jpg", pictures.turned_jpeg()[:-100], "is not a whole picture"),
        ("plan.gif", b"GIF89a picture", "is not a whole picture"),
        ("plan.webp", pictures.other("WEBP")[:30], "is not a whole picture"),
        ("plan.png", pictures.wordy(), "is not a whole picture"),
        ("plan.png", pictures.claiming(10_000, 10_000), "has more than 50 million pixels"),
        ("plan.png", pictures.claiming(60_000, 60_000), "has more than 50 million pixels"),
        ("plan.pdf", b"%PDF-1.4 plan", "is damaged"),
        ("plan.pdf", b"%PDF-1.7\nnothing\n%%EOF", "is damaged"),
        ("plan.pdf", PDF[:300], "is damaged"),
        ("plan.pdf", PDF.replace(b"/Count 1", b"/Count 0").replace(b"[3 0 R]", b"[]"), "is damaged"),
    ],
)
def test_what_only_begins_like_a_picture_or_a_pdf_is_refused(name, data, sentence):
    with pytest.raises(ValueError, match=f"“{re.escape(name)}” {sentence}"):
        files.media_type(name, data)


def test_a_picture_as_large_as_a_telephone_takes_is_let_in():
    data = io.BytesIO()
    whole.Image.new("L", (8000, 6000)).save(data, "JPEG")

    assert files.media_type("roof.jpg", data.getvalue()) == "image/jpeg"
