"""Files that go with a communication: which are taken, which are refused in a sentence, who may have them."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from comms.demo import pdf
from comms.models import Attachment, Content
from tests.comms.centre import draft, page
from tests.portfolio import pictures

PDF, PNG = pdf.page(["Plan"]), pictures.png()


def zipped(member):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(member, "<xml/>")
    return data.getvalue()


def attach(client, one, *files, **typed):
    typed = {"subject": one.subject, "body": one.body, "notes": "", **typed}
    uploads = [SimpleUploadedFile(name, data, "application/pdf") for name, data in files]
    return client.post(one.get_absolute_url(), {**typed, "attachments": uploads})


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("plan.pdf", PDF, "application/pdf"),
        ("PLAN.PDF", PDF, "application/pdf"),
        ("roof.png", PNG, "image/png"),
        ("roof.jpeg", pictures.turned_jpeg(), "image/jpeg"),
        ("roof.gif", pictures.other("GIF"), "image/gif"),
        (
            "letter.docx",
            zipped("word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("rota.txt", "Flüsse".encode(), "text/plain"),
        ("rota.csv", b"a,b\n1,2\n", "text/csv"),
    ],
)
def test_what_may_be_sent_is_kept_under_the_type_of_its_content(inside, client_of, name, data, media_type):
    one, client = draft(inside), client_of(inside.alice)

    assert attach(client, one, (name, data)).status_code == 302

    attachment = one.attachments.select_related("content").get()
    assert (attachment.name, attachment.media_type) == (name, media_type)
    assert bytes(attachment.content.data) == data
    answer = client.get(page("attachment", attachment))
    assert answer.content == data
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("page.html", b"<script>alert(1)</script>", "is of a type that is not sent"),
        ("logo.svg", b"<svg onload='alert(1)'/>", "is of a type that is not sent"),
        ("setup.exe", b"MZ\x90", "is of a type that is not sent"),
        ("noname", PDF, "is of a type that is not sent"),
        ("plan.pdf.exe", PDF, "is of a type that is not sent"),
        ("plan.pdf", b"MZ\x90", "is not what its name says"),
        ("plan.pdf", b"<script>alert(1)</script>", "is not what its name says"),
        ("roof.png", PDF, "is not what its name says"),
        ("letter.docx", zipped("xl/workbook.xml"), "is not what its name says"),
        ("letter.docx", b"PK\x03\x04 torn", "is not what its name says"),
        ("roof.png", b"\x89PNG\r\n\x1a\n picture", "is not a whole picture"),
        ("plan.pdf", b"%PDF-1.4 plan", "is damaged"),
        ("rota.txt", b"\x00\x01\x02", "is not what its name says"),
        ("plan.pdf", b"", "is empty"),
    ],
)
def test_what_may_not_be_sent_is_refused_and_the_words_are_kept(inside, client_of, name, data, said):
    one = draft(inside)

    answer = attach(client_of(inside.alice), one, (name, data), notes="Typed before")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html and name in html
    assert "Typed before" in html
    assert not one.attachments.exists()


def test_several_at_once_are_all_kept_or_none(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)

    assert attach(client, one, ("plan.pdf", PDF), ("setup.exe", b"MZ")).status_code == 422
    assert not one.attachments.exists()
    assert attach(client, one, ("plan.pdf", PDF), ("roof.png", PNG)).status_code == 302
    assert one.attachments.count() == 2


def test_a_file_and_all_together_may_not_be_too_large(inside, client_of, settings):
    settings.ATTACHMENT_MAX_BYTES, settings.ATTACHMENTS_MAX_BYTES = 2000, 3000
    one, client = draft(inside), client_of(inside.alice)

    assert attach(client, one, ("a.pdf", PDF.ljust(2001))).status_code == 422
    assert attach(client, one, ("a.pdf", PDF.ljust(1800)), ("b.pdf", PDF.ljust(1800))).status_code == 422
    assert attach(client, one, ("a.pdf", PDF.ljust(1800))).status_code == 302
    assert attach(client, one, ("b.pdf", PDF.ljust(1800))).status_code == 422
    assert one.attachments.count() == 1


def test_the_same_bytes_are_kept_once(inside, client_of):
    client = client_of(inside.alice)

    for one in (draft(inside), draft(inside)):
        attach(client, one, ("plan.pdf", PDF))

    assert Attachment.objects.count() == 2
    assert Content.objects.filter(size=len(PDF)).count() == 1


def test_removing_it_twice_is_harmless(inside, client_of):
    one, client = draft(inside), client_of(inside.alice)
    attach(client, one, ("plan.pdf", PDF), ("roof.png", PNG))
    gone = one.attachments.get(name="plan.pdf")

    for _ in range(2):
        assert attach(client, one, remove=str(gone.public_id)).status_code == 302

    assert [attachment.name for attachment in one.attachments.all()] == ["roof.png"]


def test_no_file_comes_or_goes_once_sending_has_begun(inside, client_of):
    one, client = draft(inside, people=1), client_of(inside.alice)
    attach(client, one, ("plan.pdf", PDF))
    plan = one.attachments.get()
    one.schedule(at=timezone.now(), by=inside.alice)
    one.begin(timezone.now())

    attach(client, one, ("roof.png", PNG), remove=str(plan.public_id))

    assert list(one.attachments.all()) == [plan]


def test_members_may_have_it_and_nobody_else(inside, client_of):
    one = draft(inside)
    attach(client_of(inside.alice), one, ("plan.pdf", PDF))
    address = page("attachment", one.attachments.select_related("organisation").get())

    assert client_of(inside.audrey).get(address).status_code == 200
    assert client_of(inside.mallory).get(address).status_code == 404
    assert attach(client_of(inside.sam), one, ("roof.png", PNG)).status_code == 403
    assert one.attachments.count() == 1
