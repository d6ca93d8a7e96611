"""The statement tells all that is known, the bad with the good, on numbered pages; the certificate claims no more."""

import io
import re

import pytest
from django.utils import timezone
from pypdf import PdfReader

from comms.ledger import sealer
from comms.models import Communication
from comms.record import entries, events
from tests.ledger.test_leaf import entry_of
from tests.pack.altering import newest
from tests.pack.conftest import ALL, files_of, post, zipped


def pages(files, name="statement.pdf"):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(files[name])).pages]


def whole(files, name="statement.pdf"):
    return " ".join(pages(files, name))


def test_the_statement_tells_what_became_of_each_message(made):
    said = whole(made)

    for words in (
        "Message 1: Your arrears",
        "Bounced: for good",
        "In their words: 550 no",
        "Their own notice of it is in the pack.",
        "Closed: Posted or handed over",
        "Posted on Friday",
        "It corrects the entry “Your arrears”",
        "It was corrected by an entry of",
        "door.png (added by a person; not sealed)",
        "2 days after it is said to have happened",
        "A secret link in it was withheld",
        "Accounts.pdf",
        "(time-stamp by https://time.example/tsr), ",
        "(mailed to keeper@out.example), ",
    ):
        assert words in said, words


def test_its_index_and_schedule_name_the_pages(made):
    found = pages(made)
    index = re.findall(
        r"(\d)\. [^\d]+? (\d+)(?= \d\.| What became)", found[0].partition("Index Part Page")[2]
    )

    assert [part for part, _ in index] == ["1", "2", "3", "4"]
    for part, page in index:
        assert found[int(page) - 1].startswith(f"{part}. "), part
    starts = {int(n): at for at, text in enumerate(found, 1) for n in re.findall(r"Message (\d+): ", text)}
    rows = re.search(r"1\. Schedule of messages(.*)", found[1])[1]
    assert set(starts) == {1, 2, 3, 4, 5} and all(f" {page}" in rows for page in starts.values())
    assert all(text.endswith(f"Page {at} of {len(found)}") for at, text in enumerate(found, 1))


def test_each_page_names_the_head_that_it_rests_on(made):
    origin, size, root = made[newest(made)].decode().split("\n")[:3]

    for text in pages(made) + pages(made, "certificate-of-service.pdf"):
        assert f"Log …{origin[-12:]} · head of {int(size):,} rows · root {root}" in text


def test_the_certificate_claims_what_was_handed_over_and_nothing_else(made):
    said = whole(made, "certificate-of-service.pdf")
    one, _, two = said.partition("Schedule 1: to whom")[2].partition("Schedule 2: for whom")

    assert (
        "2 Ann Ellery Flat 1 By hand, recorded by hand" in one and " 1 Ann" not in one and " 5 Ann" not in one
    )
    assert "1 Ann Ellery Flat 1 Email ann@home.example Bounced" in two
    assert "Recorded by hand, and no document was kept" in two
    assert "IN THE FIRST-TIER TRIBUNAL PROPERTY CHAMBER" in said
    assert (
        "I believe that the facts stated in this certificate of service are true. I understand that proceedings for "
        "contempt of court may be brought against anyone who makes, or causes to be made, a false statement in a "
        "document verified by a statement of truth without an honest belief in its truth."
    ) in said
    assert "made at the time" not in said and "were recorded more than an hour after" in said


def test_the_certificate_says_at_the_time_where_it_was(told):
    entry = post(told, "A notice", bytearray(b"Notice"))
    events.append(entry, "sent", happened_at=timezone.now(), source="smtp", reply="250 ok")
    said = whole(files_of(zipped(told, {"entry": [str(entry.public_id)]})), "certificate-of-service.pdf")

    assert "made at the time, which I have checked" in said and "Schedule 2: for whom" not in said
    assert "Nothing has been heard since." in said


@pytest.mark.parametrize(
    ("status", "words"),
    [("unconfirmed", "Not known"), ("failed", "Not handed over"), ("deferred", "Not handed over")],
)
def test_what_is_not_known_to_have_gone_is_not_certified(told, status, words):
    entry = post(told, "A notice", bytearray(b"Notice"))
    events.append(entry, status, happened_at=timezone.now(), source="smtp", reason="The line broke")
    files = files_of(zipped(told, {"entry": [str(entry.public_id)]}))

    assert words in whole(files)
    assert "I do not certify that anything was sent" in whole(files, "certificate-of-service.pdf")


def test_a_document_is_shown_as_somebody_got_it_and_not_as_it_was_written_for_one_who_did_not(told):
    one = Communication.objects.create(organisation=told.organisation, created_by=told.alice, subject="Rota")
    facts = {"communication": one, "words": "The rota."}
    never = post(told, "Rota", bytearray(b"1"), to_name="Nobody Reached", **facts)
    events.append(never, "failed", happened_at=timezone.now(), source="blockpost", reason="No address.")
    alone = whole(files_of(zipped(told, {"communication": [str(one.public_id)]})))
    sent = post(told, "Rota", bytearray(b"2"), to_name="Ann Reached", **facts)
    events.append(sent, "sent", happened_at=timezone.now(), source="smtp")

    both = whole(files_of(zipped(told, {"communication": [str(one.public_id)]})))

    assert "As written for Nobody Reached" in alone and "As sent to" not in alone
    assert "As sent to Ann Reached" in both and "As written for" not in both


def test_nothing_in_a_message_breaks_the_statement_or_gets_into_it_as_markup(told):
    """Very long words, signs that no typeface has, and HTML; each is shown as it is, or as a question mark."""
    entry = post(
        told,
        "<b>Bold</b> & \u6f22 " + "x" * 300,
        bytearray(b"x"),
        to_name="y" * 190,
        to_address="z" * 400,
        words="<img src=x>\n\n" + "w" * 4_000 + "\n" * 300 + "end\x00".replace("\x00", ""),
    )
    events.append(
        entry, "bounced", happened_at=timezone.now(), source="smtp", reply="r" * 9_000, reason="q" * 480
    )
    sealer.run()
    said = whole(files_of(zipped(told, {"entry": [str(entry.public_id)]})))

    assert "<b>Bold</b> & ?" in said and "<img src=x>" in said
    assert "(the rest is in disclosed.json)" in said


def test_a_schedule_of_many_pages_and_several_runs_is_one(told, monkeypatch):
    monkeypatch.setattr("comms.pack.statement.document.AT_ONCE", 7)
    monkeypatch.setattr("comms.pack.statement.making.ROWS", 9)
    entries.write([entry_of(told, title=f"Arrears {n}") for n in range(20)])

    found = pages(files_of(zipped(told, {**ALL, "channel": ["email"]})))
    numbers = [int(n) for text in found for n in re.findall(r"Message (\d+): ", text)]
    assert numbers == list(range(1, 24))
