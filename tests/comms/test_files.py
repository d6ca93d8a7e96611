"""What a file is, told by what is in it."""

import io
import zipfile

import pytest

from comms.drafting import files

PDF = b"%PDF-1.7\n%hello"


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
        ("plan.PNG", b"\x89PNG\r\n\x1a\nx", "image/png"),
        ("plan.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("plan.webp", b"RIFF\x04\x00\x00\x00WEBPVP8 ", "image/webp"),
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
