"""One notice to a block of forty: by email where it reaches, else a letter whose address shows in the window."""

import datetime
import io

import pytest
from django.utils import timezone
from PIL import ImageDraw
from pypdf import PdfReader

from comms.channels.letter.window import CLEAR, SEEN
from comms.drafting import audience
from comms.models import Attachment, Communication, Content, Delivery, LogEntry, PostingRun
from comms.models.communication import Refused
from comms.sending import due, handover, posting
from contacts.models import Contact, Occupancy
from portfolio.models import Block, Unit
from tests import sink as smtp
from tests.comms.centre import address
from tests.comms.letters import DPI, MM, ink, pdf, picture, text, words

BODY = "<p>Dear {{salutation}},</p><p>Ł é Ω £ – “ ” are all on this page.</p>"
BY_POST = range(5, 40, 5)  # every fifth has no email: seven of forty


@pytest.fixture
def forty(inside, settings) -> Communication:
    ours = inside.organisation
    ours.channels = ["email", "post"]
    ours.save()
    block = Block.objects.create(
        organisation=ours, name="Maple House", address="14 Mill Lane\nLondon", postcode="SE1 4XX"
    )
    for number in range(1, 41):
        unit = Unit.objects.create(organisation=ours, block=block, name=f"Flat {number}", position=number)
        person = Contact.objects.create(
            organisation=ours,
            first_name="Żaneta",
            last_name=f"Number{number}",
            name=f"Żaneta Number{number}",
            email="" if number in BY_POST else f"number{number}@simulator.example",
        )
        Occupancy.objects.create(
            organisation=ours, unit=unit, contact=person, role="leaseholder", since=datetime.date(2020, 1, 1)
        )
    one = Communication.objects.create(
        organisation=ours, created_by=inside.alice, type="notice", block=block, subject="Notice of works",
        body=BODY, rule="else", also=["post"],
    )  # fmt: skip
    content = Content.keep(ours, pdf(pages=3))
    Attachment.objects.create(
        organisation=ours, communication=one, content=content, name="plan.pdf", media_type="application/pdf"
    )
    units = Unit.objects.filter(block=block).select_related("block")
    audience.add(audience.plan(one, units, "leaseholder", timezone.localdate()))
    one.schedule(at=timezone.now() - datetime.timedelta(seconds=1), by=inside.alice)
    with smtp.running() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        due.start_due(timezone.now())
        handover.run(60)
    assert len(sink.kept) == 40 - len(BY_POST)
    return one


def test_the_log_shows_forty_entries_on_two_channels_and_the_print_file_the_right_addresses(
    forty, inside, client_of, tmp_path
):
    found = list(Delivery.objects.filter(communication=forty).values_list("channel", "status"))
    assert sorted(set(found)) == [("email", "sent"), ("post", "queued")] and len(found) == 40
    assert found.count(("post", "queued")) == len(BY_POST)

    client = client_of(inside.alice)
    client.post(address(forty, "posting/"), {"post_class": "second", "duplex": ""})
    run = PostingRun.objects.get()
    printed = b"".join(client.get(f"/o/larch/posting/{run.public_id}/print.pdf").streaming_content)
    pages = PdfReader(io.BytesIO(printed)).pages
    a_letter = 1 + 3  # the page of words, and the plan of three pages
    assert len(pages) == 1 + a_letter * len(BY_POST)  # and the cover sheet
    assert all(
        abs(float(page.mediabox.width) - 595.28) < 1 and abs(float(page.mediabox.height) - 841.89) < 1
        for page in pages
    )

    for place, number in enumerate(BY_POST):
        at = 2 + place * a_letter
        shown = [
            word.text
            for word in words(printed, page=at)
            if word.right > CLEAR.left
            and word.left < CLEAR.right
            and word.bottom > CLEAR.top
            and word.top < CLEAR.bottom
        ]
        assert (
            " ".join(shown) == f"Żaneta Number{number} Flat {number} Maple House 14 Mill Lane London SE1 4XX"
        )
        assert "Ł é Ω £ – “ ” are all on this page." in text(printed, page=at)
        assert "Enclosure page 3" in text(printed, page=at + 3)

    sheet = picture(printed, page=2)
    left, top, right, bottom = ink(sheet, SEEN.left, SEEN.top, SEEN.right, SEEN.bottom)
    assert SEEN.left < left < right < SEEN.right and SEEN.top < top < bottom < SEEN.bottom
    overlay = sheet.convert("RGB")
    drawn = ImageDraw.Draw(overlay)
    for box, colour in ((CLEAR, "orange"), (SEEN, "red")):
        drawn.rectangle(
            [side / MM * DPI for side in (box.left, box.top, box.right, box.bottom)], outline=colour, width=2
        )
    overlay.save(tmp_path / "window.png")
    inside_window = overlay.crop(
        [round(side / MM * DPI) for side in (SEEN.left, SEEN.top, SEEN.right, SEEN.bottom)]
    )
    assert inside_window.convert("L").point(lambda shade: 255 * (shade < 60)).getbbox()


def test_each_letter_is_an_entry_with_its_own_exact_bytes(forty):
    letters = LogEntry.objects.filter(communication=forty, channel="post")

    assert len({entry.sha256 for entry in letters}) == len(BY_POST)
    assert all(
        entry.exact_bytes().startswith(b"%PDF-") and entry.size == len(entry.exact_bytes())
        for entry in letters
    )


def test_the_print_file_of_many_is_made_by_the_worker_and_the_page_says_so_meanwhile(
    forty, inside, client_of, monkeypatch
):
    monkeypatch.setattr(posting, "AT_ONCE", 3)
    client = client_of(inside.alice)
    made = client.post(address(forty, "posting/"), {"post_class": "second"}, follow=True).content.decode()
    run = PostingRun.objects.get()
    root = f"/o/larch/posting/{run.public_id}/"

    assert f"The print file of {len(BY_POST)} letters is being made." in made
    assert client.get(f"{root}print.pdf").status_code == 404
    with pytest.raises(Refused, match="not made yet"):
        posting.posted(run, timezone.now(), inside.alice, [])

    assert (posting.print_waiting(), posting.print_waiting()) == (1, 0)
    page = client.get(root).content.decode()
    assert "Download the print file" in page and "is being made" not in page
    assert b"".join(client.get(f"{root}print.pdf").streaming_content).startswith(b"%PDF-")
