"""Files that are made in the background, and spreadsheets."""

import datetime
import hashlib

import pytest
from django.db import connection, transaction
from django.utils import timezone

from comms.exports import making
from comms.models import Export, ExportRecord
from comms.reports import spreadsheet
from comms.reports.asked import Asked
from comms.reports.export import SESSION
from tests.comms.exported import body, files, made, sheets
from tests.comms.logbook import days_ago, write

# The file is read through a connection of its own, which sees only what is committed.
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    """An empty store of the test's own."""
    storages = {**settings.STORAGES}
    storages["exports"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path},
    }
    settings.STORAGES = storages


@pytest.fixture
def choose(inside, client_of):
    """Fill in the form on which columns and format are chosen, as Audrey or as somebody else."""

    def press(by=None, **values):
        path = f"/o/{inside.organisation.slug}/log/export/"
        data = {"sent": "all", "columns": ["entry", "title"], "format": "csv", **values}
        return client_of(by or inside.audrey).post(path, data)

    return press


@pytest.fixture
def file_of(inside, client_of):
    def take(export, by=None):
        path = f"/o/{inside.organisation.slug}/log/exports/{export.public_id}/file"
        return client_of(by or inside.audrey).get(path)

    return take


def test_a_file_is_made_in_the_background_and_handed_to_who_asked(inside, choose, file_of):
    for n in range(3):
        write(inside.organisation, title=f"Message {n}", at=days_ago(n))

    assert choose(when="later", channel="email").status_code == 302
    export = Export.objects.get()
    assert (export.state, export.requested_by) == ("waiting", inside.audrey)
    assert made() == 1
    export.refresh_from_db()
    data = body(file_of(export))

    assert data.decode().splitlines()[0] == "entry,title"
    assert [line.split(",")[1] for line in data.decode().splitlines()[1:]] == [
        f"Message {n}" for n in range(3)
    ]
    assert (export.rows, export.size, export.sha256) == (3, len(data), hashlib.sha256(data).hexdigest())
    end, start = ExportRecord.objects.all()
    assert start.export == end.export == export.public_id and start.filters["channel"] == ["email"]
    assert (end.phase, end.rows, end.size, end.sha256) == ("finished", 3, export.size, export.sha256)


def test_the_file_is_the_one_that_the_page_streams(inside, choose):
    for n in range(5):
        write(inside.organisation, title=f"Message {n}", at=days_ago(n))
    streamed = hashlib.sha256(body(choose())).hexdigest()

    choose(when="later")
    made()

    assert Export.objects.get().sha256 == streamed


def test_it_has_as_many_rows_as_the_page_says(inside, choose, client_of):
    for n in range(7):
        write(inside.organisation, at=days_ago(n), channel=["email", "sms"][n % 2])
    page = client_of(inside.audrey).get("/o/larch/log/?sent=all&channel=email").content.decode()

    choose(when="later", channel="email")
    made()

    assert "Export 4 rows" in page and Export.objects.get().rows == 4


def test_only_who_asked_gets_it_and_only_for_30_days(inside, choose, file_of):
    write(inside.organisation)
    choose(when="later")
    made()
    export = Export.objects.get()

    assert file_of(export, inside.adam).status_code == 404
    assert file_of(export, inside.alice).status_code == 404
    Export.objects.update(readers=[inside.alice.pk])
    assert file_of(export, inside.alice).status_code == 200
    assert 29.9 < (export.expires_at - timezone.now()) / datetime.timedelta(days=1) <= 30
    assert making.expire(timezone.now() + datetime.timedelta(days=29)) == 0 and list(files())
    assert making.expire(timezone.now() + datetime.timedelta(days=31)) == 1
    assert list(files()) == []
    assert file_of(export).status_code == 404
    assert Export.objects.get().state == "expired"


def test_the_time_being_over_counts_before_anybody_takes_it_away(inside, choose, file_of):
    write(inside.organisation)
    choose(when="later")
    made()
    Export.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))

    assert file_of(Export.objects.get()).status_code == 404


def test_one_that_was_cancelled_is_never_made(inside, choose, client_of):
    write(inside.organisation)
    choose(when="later")
    export = Export.objects.get()
    path = f"/o/{inside.organisation.slug}/log/exports/{export.public_id}/cancel/"

    assert client_of(inside.adam).post(path).status_code == 404
    assert client_of(inside.audrey).post(path).status_code == 302
    assert made() == 0
    assert (Export.objects.get().state, list(files())) == ("cancelled", [])


def test_one_that_is_cancelled_under_way_stops_and_leaves_nothing(inside, choose, monkeypatch):
    write(inside.organisation)
    choose(when="later")
    monkeypatch.setattr(making, "SAID_EVERY", 0)
    reached = []

    def cancelled_meanwhile(export, out, progress):
        progress(1, 10)
        assert (Export.objects.get().done, Export.objects.get().percent) == (1, 10)
        Export.objects.get().cancel()
        progress(2, 10)
        reached.append("what comes after")

    making.work({"log": cancelled_meanwhile}, 60)

    assert (Export.objects.get().state, list(files()), reached) == ("cancelled", [], [])


def test_one_whose_worker_died_is_made_again_three_times_at_most(inside, choose):
    write(inside.organisation)
    choose(when="later")

    for _ in range(making.ATTEMPTS):
        assert making._take(timezone.now())
        assert making._take(timezone.now()) is None  # somebody has it
        Export.objects.update(seen_at=timezone.now() - datetime.timedelta(minutes=6))
    made()

    export = Export.objects.get()
    assert export.state == "failed" and "each time" in export.problem


def test_a_worker_that_was_given_up_does_not_finish_anothers_attempt(inside, choose):
    write(inside.organisation)
    choose(when="later")

    def slow(export, out, progress):
        Export.objects.update(started_at=timezone.now())  # another has taken it up meanwhile
        out.write(b"mine")
        return making.Made("a.csv", "text/csv", 1)

    making.work({"log": slow}, 60)

    assert (Export.objects.get().state, list(files())) == ("running", [])


def test_one_that_breaks_off_says_so(inside, choose, file_of, client_of):
    write(inside.organisation)
    choose(when="later")

    def broken(export, out, progress):
        raise making.Refused("The draft is gone. Choose another one.")

    making.work({"log": broken}, 60)

    page = client_of(inside.audrey).get(f"/o/{inside.organisation.slug}/log/exports/").content.decode()
    assert "Could not be made" in page and "Choose another one" in page
    assert file_of(Export.objects.get()).status_code == 404


def test_a_short_spreadsheet_is_handed_out_at_once(inside, choose):
    write(inside.organisation, title="=1+1", to_address="+447700900142", channel="sms")
    columns = ["title", "address", "sent_at_local"]

    data = body(choose(format="xlsx", columns=columns))

    found = sheets(data)
    assert found["Log"][0] == ("Sent at (local)", "Address", "Title")
    assert found["Log"][1] == ("2026-11-21T09:00:00+00:00", "+447700900142", "=1+1")
    about = dict(found["About"])
    assert about["Rows"] == "1" and about["Taken by"] == str(inside.audrey)
    assert "Europe/London" in about["Time zone"]
    end = ExportRecord.objects.first()
    assert (end.rows, end.size, end.sha256) == (1, len(data), hashlib.sha256(data).hexdigest())


def test_every_cell_of_a_spreadsheet_is_text(inside, choose):
    write(inside.organisation, title="0044", reference="1/2", reference_type="invoice")

    data = body(choose(format="xlsx", columns=["title", "reference", "sent_at_utc"]))

    assert all(isinstance(value, str) for row in sheets(data)["Log"] for value in row)


def test_a_long_spreadsheet_is_made_in_the_background(inside, choose, settings, file_of):
    settings.EXPORT_NOW_ROWS = 2
    for n in range(3):
        write(inside.organisation, title=f"Message {n}", at=days_ago(n))

    assert choose(format="xlsx").status_code == 302
    made()

    export = Export.objects.get()
    found = sheets(body(file_of(export)))
    assert [row[1] for row in found["Log"][1:]] == ["Message 0", "Message 1", "Message 2"]
    assert dict(found["About"])["Rows"] == "3"
    assert ExportRecord.objects.first().sha256 == export.sha256


def test_a_sheet_is_split_where_its_rows_end(inside, choose, monkeypatch):
    monkeypatch.setattr(spreadsheet, "LIMIT", 3)
    for n in range(5):
        write(inside.organisation, title=f"Message {n}", at=days_ago(n))

    found = sheets(body(choose(format="xlsx", columns=["title"])))

    assert list(found) == ["About", "Log", "Log 2", "Log 3"]
    assert [len(found[name]) for name in ("Log", "Log 2", "Log 3")] == [3, 3, 2]
    assert all(found[name][0] == ("Title",) for name in ("Log", "Log 2", "Log 3"))
    assert found["Log 3"][1] == ("Message 4",)


def test_what_makes_no_sense_is_said_at_the_form_and_takes_nothing(inside, choose):
    write(inside.organisation)

    for values, words in (
        ({"format": "pdf"}, "“pdf”"),
        ({"columns": ["title", "salary"]}, "“salary”"),
        ({"columns": []}, "Tick at least one column"),
        ({"sent": "sometime"}, "“Sent” was left out"),
        ({"sort": "salary"}, "no such column"),
    ):
        response = choose(**values)
        assert response.status_code == 422 and words in response.content.decode(), values
    assert not ExportRecord.objects.exists() and not Export.objects.exists()


def test_who_put_an_entry_right_is_found_by_its_index(inside):
    """Each row of a million asks for it: the whole log must not be read for each."""
    taking = Asked({"sent": ["all"]}).taking(inside.organisation, inside.audrey, timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SESSION, ["UTC"])
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {taking.query[0]}", taking.query[1])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Cond: (corrects_id = e.id)" in plan and "Filter: (corrects_id" not in plan


def test_a_file_that_explains_another(inside, choose, client_of):
    write(inside.organisation, channel="sms")
    data = body(choose(channel="sms", sort="-title"))
    taken = ExportRecord.objects.first().export

    about = client_of(inside.adam).get(f"/o/{inside.organisation.slug}/log/exports/{taken}/about.txt")

    words = about.content.decode()
    for said in (
        "Channel: SMS",
        "Sent: All time",
        "Title, Z to A",
        "Europe/London",
        "Rows: 1",
        str(inside.audrey),
    ):
        assert said in words
    assert hashlib.sha256(data).hexdigest() in words
    assert "Columns: Entry, Title" in words


def test_the_list_says_who_took_what_in_which_format(inside, choose, client_of):
    write(inside.organisation)
    body(choose(format="xlsx", sent="7d"))

    page = client_of(inside.adam).get(f"/o/{inside.organisation.slug}/log/exports/").content.decode()

    assert "Excel (XLSX)" in page and "Audrey" in page and "Last 7 days (from" in page
    assert "Your files" not in page
