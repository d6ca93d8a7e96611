"""Letters from the draft to the post: email where it reaches, else a letter; one print file; marked as posted."""

import datetime
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader

from comms.models import Content, LogEntry, PostingRun, Proof
from comms.reports import coverage
from comms.sending import due, handover
from contacts.models import Contact
from tests import sink as smtp
from tests.comms.centre import address, with_people
from tests.portfolio import pictures

PNG = pictures.png()
BODY = "<p>Dear {{salutation}},</p><p>Łódź, café, Ω, £5 – “quoted”.</p>"


@pytest.fixture
def post(inside, settings):
    """A notice to a block, email else post: the first has an email, the second an address, the third a bad one."""
    ours = inside.organisation
    ours.channels, ours.letter_foot = ["email", "post"], "Registered in England 01234567"
    ours.save()
    ada, bob, cat = inside.contacts
    Contact.objects.filter(pk__in=[bob.pk, cat.pk]).update(email="")
    Contact.objects.filter(pk=cat.pk).update(address="Somewhere abroad")
    one = with_people(
        inside, type="notice", subject="Lift out of service", body=BODY, rule="else", also=["post"]
    )
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=inside.alice)
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        due.start_due(timezone.now())
        handover.run(20)
        due.finish_through(timezone.now())
    one.refresh_from_db()
    return one


def test_the_check_says_before_who_gets_a_letter_and_whose_address_no_postman_finds(inside, client_of):
    inside.organisation.channels = ["email", "post"]
    inside.organisation.save()
    Contact.objects.filter(pk__in=[c.pk for c in inside.contacts[1:]]).update(email="")
    Contact.objects.filter(pk=inside.contacts[2].pk).update(address="Somewhere abroad")
    one = with_people(inside, rule="else", also=["post"])
    page = client_of(inside.alice).get(address(one, "check/")).content.decode()

    assert re.search(r"<b>1</b> person: Email", page) and re.search(r"<b>1</b> person: Letter", page)
    assert "No email address on record." in page  # of the third, whose letter could not go either


def test_one_notice_goes_by_two_channels_and_the_letters_wait_for_the_post(post, inside, client_of):
    found = {e.to_name: (e.channel, e.delivery.status) for e in LogEntry.objects.filter(communication=post)}
    assert found == {
        "Person1 OfLarch": ("email", "sent"),
        "Person2 OfLarch": ("post", "queued"),
        "Person3 OfLarch": ("email", "failed"),
    }
    letter = LogEntry.objects.get(communication=post, channel="post")
    pdf = PdfReader(io.BytesIO(letter.exact_bytes()))
    text = pdf.pages[0].extract_text()
    for words in (
        "Person2 OfLarch",
        "LS6 4QB",
        "Łódź, café, Ω, £5 – “quoted”.",
        "Larch Management",
        "Registered in England",
    ):
        assert words in text
    assert letter.to_address == "Flat 2, Acacia Court, 1 Acacia Road, Leeds, LS6 4QB"
    client = client_of(inside.audrey)
    shown = client.get(f"{letter.get_absolute_url()}letter.pdf")
    assert (
        shown.content == letter.exact_bytes()
        and "letter.pdf" in client.get(letter.get_absolute_url()).content.decode()
    )
    assert "Download .pdf" in client.get(letter.get_absolute_url()).content.decode()


def test_a_run_is_printed_tracked_posted_with_a_certificate_and_a_return_is_a_bounce(post, inside, client_of):
    client = client_of(inside.alice)
    assert "1 letter" in client.get(address(post, "by-person/")).content.decode()
    client.post(address(post, "posting/"), {"post_class": "signed_first", "duplex": "on"})
    run = PostingRun.objects.get()
    root = f"/o/larch/posting/{run.public_id}/"
    printed = PdfReader(io.BytesIO(b"".join(client.get(f"{root}print.pdf").streaming_content)))
    assert "Signed For 1st Class" in printed.pages[0].extract_text()
    assert any("Łódź" in page.extract_text() for page in printed.pages)
    again = client.post(address(post, "posting/"), {"post_class": "first"})
    assert again.status_code == 422 and "No letters wait" in again.content.decode()

    numbers = SimpleUploadedFile("t.csv", b"Person2 OfLarch,AB123456789GB\nNobody,XX1\n", "text/csv")
    page = client.post(f"{root}tracking/", {"file": numbers}, follow=True).content.decode()
    assert "1 tracking number taken." in page and "Line 2: Nobody, XX1" in page

    at = timezone.localtime()
    words = {"date": str(at.date()), "time": at.strftime("%H:%M:%S")}
    client.post(root, words | {"proof": SimpleUploadedFile("certificate.png", PNG, "image/png")})
    letter = LogEntry.objects.get(communication=post, channel="post")
    assert letter.delivery.status == "sent"
    assert (
        letter.events.get(kind="sent").reason
        == "Posted by Signed For 1st Class, tracking number AB123456789GB"
    )
    assert Proof.objects.get().event == letter.events.get(kind="sent")
    post.refresh_from_db()
    assert post.status == "sent"

    twice = client.post(root, words)
    assert twice.status_code == 422 and "marked as posted already" in twice.content.decode()
    client.post(
        f"/o/larch/recipients/{letter.recipient.public_id}/status/",
        {"status": "bounced", "reason": "Gone away", "once": str(letter.public_id), **words},
    )
    letter = LogEntry.objects.get(pk=letter.pk)
    assert (letter.delivery.status, letter.delivery.reason) == ("bounced", "Gone away")
    assert [p.group for p in coverage.cover(post, timezone.now()).people] == [
        "handed_over",
        "not_reached",
        "not_reachable",
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": "2099-01-01"}, "That is still to come"),
        ({"date": "2020-01-01"}, "That is before the letters were printed"),
        ({"date": ""}, "Give the date"),
    ],
)
def test_a_day_on_which_it_cannot_have_been_posted_is_refused(post, inside, client_of, change, sentence):
    client = client_of(inside.alice)
    client.post(address(post, "posting/"), {"post_class": "second"})
    run = PostingRun.objects.get()
    response = client.post(
        f"/o/larch/posting/{run.public_id}/", {"date": "2026-01-01", "time": "09:00"} | change
    )

    assert response.status_code == 422 and sentence in response.content.decode()
    assert PostingRun.objects.get().posted_at is None


def test_a_run_that_was_not_posted_is_taken_back_and_its_letters_wait_again(post, inside, client_of):
    client = client_of(inside.alice)
    client.post(address(post, "posting/"), {"post_class": "second"})
    root = f"/o/larch/posting/{PostingRun.objects.get().public_id}/"
    client.post(f"{root}undo/")

    assert not PostingRun.objects.exists()
    assert "1 letter" in client.get(address(post, "posting/")).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"body": "<p>An 𝄞 in the text</p>"}, "𝄞"),
        ({"file": b"%PDF-1.4 not really"}, "plan.pdf"),
    ],
)
def test_what_no_letter_can_be_made_of_is_said_before_it_is_sent(inside, client_of, change, sentence):
    inside.organisation.channels = ["post"]
    inside.organisation.save()
    one = with_people(inside, channel="post", body=change.get("body", BODY))
    if data := change.get("file"):
        kept = Content.keep(inside.organisation, data)
        one.attachments.create(
            organisation=inside.organisation, content=kept, name="plan.pdf", media_type="application/pdf"
        )
    page = client_of(inside.alice).get(address(one, "check/")).content.decode()

    assert "Letter cannot be made of this." in page and sentence in page
    assert not LogEntry.objects.exists()


@pytest.fixture
def run(post, inside, client_of):
    client_of(inside.alice).post(address(post, "posting/"), {"post_class": "second"})
    return PostingRun.objects.get()


def tracked(client, run, data):
    """Hand in a list of numbers, and give the answer and what the letter's number is then."""
    file = SimpleUploadedFile("t.csv", data, "text/csv")
    answer = client.post(f"/o/larch/posting/{run.public_id}/tracking/", {"file": file}, follow=True)
    return answer, run.letters.get().tracking


@pytest.mark.parametrize(
    "data",
    [
        b"Nobody,XX1\rPerson2 OfLarch,AB1GB\r",
        b"Nobody,XX1\r\nPerson2 OfLarch,AB1GB\r\n",
        b"Nobody,XX1\n\nPerson2 OfLarch,AB1GB",
        b"Recipient,Tracking number\nNobody,XX1\nPerson2 OfLarch,AB1GB\n",
        b"Barcode\rAB1GB\rXX1\r",
    ],
)
def test_a_list_of_numbers_is_read_whatever_its_line_ends_and_its_heading(run, inside, client_of, data):
    answer, number = tracked(client_of(inside.alice), run, data)

    page = answer.content.decode()
    assert number == "AB1GB" and "1 tracking number taken." in page
    assert page.count("XX1") == 1 and "Tracking number;" not in page and "Recipient, T" not in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'Person2 OfLarch,"' + b"A" * 150_000, "a quotation mark is not closed"),
        (b'Person2 OfLarch,"AB1GB\nNobody,XX1\n', "a quotation mark is not closed"),
        (b"Person2 OfLarch,AB\0GB", "The letters in it cannot be read"),
        ("Person2 OfLarch,AB1GB".encode("utf-16"), "The letters in it cannot be read"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_a_sentence(run, inside, client_of, data, sentence):
    answer, number = tracked(client_of(inside.alice), run, data)

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert number == ""


def test_a_number_that_is_too_long_is_said_and_not_cut(run, inside, client_of):
    answer, number = tracked(client_of(inside.alice), run, b"Person2 OfLarch," + b"1" * 41)

    assert number == "" and "Line 1: Person2 OfLarch" in answer.content.decode()


def test_no_number_changes_once_the_letters_are_marked_as_posted(run, inside, client_of):
    client, at = client_of(inside.alice), timezone.localtime()
    tracked(client, run, b"AB1GB")
    client.post(
        f"/o/larch/posting/{run.public_id}/", {"date": str(at.date()), "time": at.strftime("%H:%M:%S")}
    )

    answer, number = tracked(client, run, b"CD2GB")

    assert answer.status_code == 422 and "its numbers are in the log" in answer.content.decode()
    assert number == "AB1GB"
