import csv
import hashlib
import io

import pytest

from comms.models import ExportRecord
from tests.comms.logbook import days_ago, happen, write

# The file is read through a connection of its own, which sees only what is committed.
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def export(inside, client_of):
    """Take the log as a file, as Audrey or as somebody else."""

    def take(by=None, **filters):
        path = f"/o/{inside.organisation.slug}/log/export.csv"
        return client_of(by or inside.audrey).post(path, {"sent": "all", **filters})

    return take


def rows(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_holds_exactly_what_is_filtered_in_the_pages_order(inside, export):
    for n in range(5):
        write(inside.organisation, title=f"Message {n}", at=days_ago(n), channel=["email", "sms"][n % 2])

    assert [row["title"] for row in rows(export(channel="email"))] == ["Message 0", "Message 2", "Message 4"]
    assert [row["title"] for row in rows(export(sort="sent"))] == [f"Message {n}" for n in (4, 3, 2, 1, 0)]
    assert [row["title"] for row in rows(export(sort="-title"))] == [f"Message {n}" for n in (4, 3, 2, 1, 0)]
    assert [row["title"] for row in rows(export(sent="today"))] == ["Message 0"]


def test_writes_every_column(inside, export):
    entry = write(
        inside.organisation,
        at=days_ago(1).replace(month=7, year=2026, day=1, hour=12, minute=0, second=0, microsecond=0),
        block=inside.block,
        unit=inside.units[0],
        contact=inside.contacts[0],
        regarding=inside.contacts[1],
        reference_type="invoice",
        reference="SC-1",
        template_label="Demand, version 1",
        type="notice",
        title='Fire "doors", first\nnotice',
    )
    happen(entry, "bounced", entry.happened_at, bounce="hard", reason="no mailbox")

    (row,) = rows(export())

    assert row["entry"] == str(entry.public_id)
    assert row["sent_at_utc"] == "2026-07-01T12:00:00Z"
    assert row["sent_at_local"] == "2026-07-01T13:00:00+01:00"
    assert row["title"] == 'Fire "doors", first\nnotice'
    assert (row["block"], row["unit"]) == ("Acacia Court", "Flat 1")
    assert (row["contact"], row["regarding"]) == (inside.contacts[0].name, inside.contacts[1].name)
    assert (row["reference_type"], row["reference"]) == ("invoice", "SC-1")
    assert (row["status"], row["bounce"], row["reason"]) == ("Bounced", "hard", "no mailbox")
    assert (row["type"], row["template"], row["manual"]) == ("Notice", "Demand, version 1", "no")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_nothing_in_it_is_a_formula(inside, export, start):
    text = f'{start}HYPERLINK("http://evil.example")'
    write(inside.organisation, title=text, to_name=text, reference=text, sender_label=text)

    (row,) = rows(export())

    for column in ("title", "recipient", "reference", "sent_by"):
        assert row[column] == "'" + text


def test_british_phones_are_written_nationally(inside, export):
    write(inside.organisation, to_address="+447700900142", channel="sms")
    write(inside.organisation, to_address="+35315550000", channel="sms", at=days_ago(1))

    assert [row["address"] for row in rows(export())] == ["07700900142", "'+35315550000"]


def test_values_that_look_like_sql_or_formats_are_only_values(inside, export):
    write(inside.organisation, reference="100%s'; --")

    assert len(rows(export(reference="100%s'; --"))) == 1
    assert rows(export(q="50% %s {x}")) == []


def test_is_recorded_at_its_start_and_its_end(inside, export):
    write(inside.organisation)

    response = export(channel="email")
    assert ExportRecord.objects.get().phase == "started"
    data = b"".join(response.streaming_content)
    end, start = ExportRecord.objects.all()

    assert (start.phase, end.phase) == ("started", "finished")
    assert start.user == inside.audrey and start.filters["channel"] == ["email"]
    assert (end.rows, end.size) == (1, len(data))
    assert end.sha256 == hashlib.sha256(data).hexdigest()


def test_a_download_that_is_broken_off_is_recorded_as_such(inside, export, monkeypatch):
    monkeypatch.setattr("comms.reports.export.PIECE", 10)
    for _ in range(50):
        write(inside.organisation)

    response = export()
    next(iter(response.streaming_content))
    response.close()

    assert ExportRecord.objects.first().phase == "broken_off"
    assert ExportRecord.objects.first().sha256 == ""


def test_its_name_says_whose_and_when(inside, export):
    name = export()["Content-Disposition"]

    assert name.startswith('attachment; filename="blockpost-log-larch-20')


def test_who_may(inside, cast, export, client_of):
    for person in (inside.alice, inside.audrey, inside.adam):
        assert export(by=person).status_code == 200
    assert export(by=inside.sam).status_code == 403
    assert export(by=cast.mallory).status_code == 404
    assert client_of(inside.audrey).get("/o/larch/log/export.csv").status_code == 405
    assert client_of(inside.sam).get("/o/larch/log/exports/").status_code == 403


def test_a_filter_that_makes_no_sense_exports_nothing(inside, export):
    response = export(block="7b9b5a10-0000-4000-8000-000000000000")

    assert response.status_code == 302
    assert not ExportRecord.objects.exists()


def test_nothing_of_another_organisation_is_in_it(inside, cast, export):
    write(inside.organisation, title="Ours")
    write(cast.other, title="Theirs")

    assert [row["title"] for row in rows(export())] == ["Ours"]


def test_the_list_of_exports_says_who_what_and_how_much(inside, export, client_of):
    write(inside.organisation)
    b"".join(export(channel="email", block=str(inside.block.public_id)).streaming_content)

    html = client_of(inside.alice).get("/o/larch/log/exports/").content.decode()

    assert "Audrey Quinn" in html
    assert "Channel: Email" in html and "Block: Acacia Court" in html and "Sent: All time" in html
    assert ExportRecord.objects.first().sha256 in html
