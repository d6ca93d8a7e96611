"""Spreadsheets of people and flats: what is right goes in whole, what is wrong is named by row and column."""

import csv
import datetime
import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from contacts.importing import intake
from contacts.models import Contact, Import, Occupancy, OtherAddress
from portfolio.models import Unit

HEAD = ["Block", "Flat", "Ref", "Title", "Forename", "Surname", "Email", "Mobile", "Address", "Postcode", "Role",
        "Sole or joint", "Start date", "End date", "Language", "Large print"]  # fmt: skip
# Where each fault is planted: the row of the data (0 is the first below the head), what it makes of a cell, the
# column that the page must name, and a piece of the sentence.
FAULTS = {
    7: ("Email", "no.at.sign", "Email", "no @"),
    21: ("Email", "two@@simulator.example", "Email", "more than one @"),
    33: ("Email", "space in@simulator.example", "Email", "space"),
    48: ("Mobile", "07700", "Phone", "No phone has this number"),
    60: ("Mobile", "call my son", "Phone", "digits only"),
    77: ("Mobile", "+999 123456789", "Phone", "no country"),
    95: ("Block", "Nowhere House", "Block", "no such block"),
    110: ("Block", "", "Block", "which block"),
    133: ("Flat", "", "Flat", "which flat"),
    150: ("Surname", None, "Name", "Give a name"),
    171: ("Role", "Landlady", "Role", "no such word"),
    190: ("Sole or joint", "both", "Ownership", "no such word"),
    205: ("Start date", "31/02/2024", "Since", "not a date"),
    222: ("Start date", "soon", "Since", "not a date"),
    240: ("End date", "2019-01-01", "Until", "ends before it starts"),
    261: ("Postcode", "ZZ99 9ZZZ", "Postal address", "not a UK postcode"),
    280: ("Language", "Klingon", "Language", "no such word"),
    301: ("Large print", "perhaps", "Large print", "yes or no"),
    322: ("Surname", "=HYPERLINK(\"http://evil.example\")", "Last name", "formula"),
    350: ("Email", "resident10@simulator.example", "Email", "has this email too"),
    377: ("Flat", "Flat 301", "Ownership", "no sole owner"),
    400: ("Email", "x" * 65 + "@simulator.example", "Email", "longer than 64"),
    450: ("Ref", "R0003", "Contact reference", ""),
}  # fmt: skip


def people(count: int = 500) -> list[list[str]]:
    """Five hundred residents as an office would list them; each owns a flat of their own."""
    return [
        ["Acacia Court", f"Flat {n + 100}", f"R{n:04}", "Ms", f"Resident{n}", f"Ng-O’Brien {n}", f"resident{n}@simulator.example",
         f"07700 900{n:03}", f"{n} Lordship Lane\nLondon" if n % 3 == 0 else "", "SE22 8HF" if n % 3 == 0 else "", "Leaseholder",
         "Sole", f"{n % 28 + 1:02}/03/2020", "", "", ""]
        for n in range(count)
    ]  # fmt: skip


def with_faults() -> list[list[str]]:
    rows = people()
    for n, (column, value, _, _) in FAULTS.items():
        if value is None:
            rows[n][HEAD.index("Forename")] = rows[n][HEAD.index("Surname")] = ""
        else:
            rows[n][HEAD.index(column)] = value
            if column == "Postcode":
                rows[n][HEAD.index("Address")] = "1 High Street"
    rows[450][HEAD.index("Ref")] = "R" * 41
    return rows


def as_csv(rows, encoding="utf-8-sig", head=HEAD) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode(encoding)


def as_xlsx(rows, head=HEAD) -> bytes:
    book = Workbook()
    for row in [head, *rows]:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def office(inside, client_of):
    """The manager's browser, and how it brings a file in."""

    class Office:
        client = client_of(inside.alice)
        root = f"/o/{inside.organisation.slug}/"

        def upload(self, data: bytes, name: str = "residents.csv", status: int = 302, **more):
            file = SimpleUploadedFile(name, data)
            response = self.client.post(f"{self.root}imports/", {"file": file, **more})
            assert response.status_code == status, response.content.decode()
            return response if status != 302 else Import.objects.latest("pk")

        def check(self, job: Import, **matching: str):
            chosen = {name: str(place) for name, place in (job.matching | matching).items() if place != ""}
            response = self.client.post(f"{self.root}imports/{job.public_id}/", chosen)
            assert response.status_code == 302, response.content.decode()
            return self.through(job)

        def confirm(self, job: Import):
            self.client.post(f"{self.root}imports/{job.public_id}/confirm/")
            return self.through(job)

        def through(self, job: Import):
            """Do what a worker would, if the job was too large to be done at once."""
            job.refresh_from_db()
            if job.state in Import.WORKING:
                assert intake.claim(timezone.now()) == job.pk
                intake.work(job.pk)
                job.refresh_from_db()
            return job

        def page(self, job: Import) -> str:
            return self.client.get(f"{self.root}imports/{job.public_id}/").content.decode()

        def bring(self, data: bytes, name: str = "residents.csv") -> Import:
            return self.confirm(self.check(self.upload(data, name)))

    return Office()


def counts(job: Import) -> tuple[int, int, int, int]:
    return tuple(job.counts[name] for name in ("new", "changed", "same", "refused"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_five_hundred_rows_with_faults_are_named_mended_and_come_in_once(office, inside, kind):
    write = as_csv if kind == "csv" else as_xlsx
    before = Contact.objects.count()
    job = office.check(office.upload(write(with_faults()), f"residents.{kind}"))

    assert counts(job) == (477, 0, 0, 23)
    assert {(p["row"], p["field"]) for p in job.problems} == {
        (n + 2, field) for n, (_, _, field, _) in FAULTS.items()
    }
    for problem in job.problems:
        assert FAULTS[problem["row"] - 2][3] in problem["why"], problem
    page = office.page(job)
    for n, (_, _, field, _) in FAULTS.items():
        assert re.search(rf"{n + 2}</td>\s*<td[^>]*>{field}</td>", page), (n, field)
    assert Contact.objects.count() == before and "Nothing is written yet" in page

    job = office.confirm(job)
    assert counts(job) == (477, 0, 0, 23) and job.state == "done"
    assert Contact.objects.count() == before + 477
    assert Occupancy.objects.filter(ownership="sole").count() == 477

    refused = office.client.get(f"{office.root}imports/{job.public_id}/refused/")
    rows = sheet(b"".join(refused.streaming_content), kind)
    assert len(rows) == 24 and rows[0][-2:] == ["Row", "What to put right"]
    right = {row[HEAD.index("Ref")]: row for row in people()}
    mended = [[*people()[int(row[len(HEAD)]) - 2], *row[len(HEAD) :]] for row in rows[1:]]
    assert len(right) == 500
    second = office.bring(write(mended, head=rows[0]), f"residents-refused.{kind}")
    assert counts(second) == (23, 0, 0, 0)
    assert Contact.objects.count() == before + 500

    third = office.check(office.upload(write(people()), f"residents.{kind}"))
    assert counts(third) == (0, 0, 500, 0)
    assert "All of it is on record already" in office.page(third)


def sheet(data: bytes, kind: str) -> list[list[str]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    rows = load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True)
    return [[cell or "" for cell in row] for row in rows]


def test_what_differs_is_changed_and_empty_cells_leave_what_is_there(office):
    office.bring(as_csv(people(3)))
    rows = people(3)
    rows[0][HEAD.index("Email")] = "married@simulator.example"
    rows[0][HEAD.index("Mobile")] = ""

    job = office.bring(as_csv(rows))

    changed = Contact.objects.get(reference="R0000")
    assert counts(job) == (0, 1, 2, 0)
    assert (changed.email, changed.phone) == ("married@simulator.example", "+447700900000")


def test_what_is_exported_comes_in_again_unchanged(office, inside):
    office.bring(as_csv(people(5)))
    someone = Contact.objects.get(reference="R0001")
    OtherAddress.objects.create(
        organisation=inside.organisation, contact=someone, kind="email", value="work@simulator.example"
    )
    Contact.objects.filter(pk=someone.pk).update(notes="=1+1", name="+Sign")
    for kind in ("csv", "xlsx"):
        out = office.client.get(f"{office.root}contacts/export/?as={kind}")
        data = b"".join(out.streaming_content)
        job = office.check(office.upload(data, f"export.{kind}"))
        lines = len(sheet(data, kind)) - 1
        expected = lines if kind == "csv" else lines - 1  # as a formula, a note of XLSX is asked about
        assert counts(job)[:3] == (0, 0, expected), job.problems


def test_a_row_in_which_anything_is_wrong_writes_nothing_at_all(office, inside):
    row = people(1)[0]
    row[HEAD.index("Start date")] = "soon"
    job = office.bring(as_csv([row]))

    assert counts(job) == (0, 0, 0, 1)
    assert not Unit.objects.filter(name="Flat 100").exists()
    assert not Contact.objects.filter(reference="R0000").exists()


def test_a_block_of_another_organisation_is_no_block(office, inside):
    row = people(1)[0]
    row[0] = inside.theirs.name
    job = office.check(office.upload(as_csv([row])))

    assert "no such block in this organisation" in job.problems[0]["why"]


def test_flats_alone_and_people_alone_come_in(office, inside):
    flats = office.bring(as_csv([["Acacia Court", "Garage 7"]], head=["Building", "Unit"]))
    alone = office.bring(as_csv([["Zofia Łukasik", "zofia@simulator.example"]], head=["Name", "E-mail"]))

    assert counts(flats) == counts(alone) == (1, 0, 0, 0)
    assert Unit.objects.get(name="Garage 7").block == inside.block
    assert Contact.objects.get(name="Zofia Łukasik").email == "zofia@simulator.example"


def test_two_of_one_name_are_asked_about(office, inside):
    for _ in range(2):
        Contact.objects.create(organisation=inside.organisation, name="John Smith")
    job = office.check(office.upload(as_csv([["John Smith", "07700 900111"]], head=["Name", "Phone"])))

    assert "2 contacts are called John Smith" in job.problems[0]["why"]


def test_a_couple_may_share_a_mailbox_if_they_say_so(office):
    rows = [["Ann Webb", "webb@simulator.example", ""], ["Bob Webb", "webb@simulator.example", "yes"]]
    job = office.bring(as_csv(rows, head=["Name", "Email", "Shares the email"]))

    assert counts(job) == (2, 0, 0, 0)


BOMB = b"PK\x03\x04"


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return file.getvalue()


BAD_FILES = {
    "empty": (lambda: b"", "list.csv", "The file is empty"),
    "only a head": (lambda: b"Name,Email\n", "list.csv", "only one row"),
    "wrong encoding": (lambda: "Name\nZoë Müller\n".encode("cp1252"), "list.csv", "letters in line 2 cannot be read"),
    "200,000 rows": (lambda: b"Name\n" + b"Ann\n" * 200_000, "list.csv", "more than 20,000 rows"),
    "400 columns": (lambda: (",".join(f"c{n}" for n in range(400)) + "\n" + "x," * 400).encode(), "list.csv", "has 400 columns"),
    "a zip bomb": (bomb, "list.xlsx", "no list of people is"),
    "not a workbook": (lambda: BOMB + b"nonsense", "list.xlsx", "cannot be opened"),
    "a text named xlsx": (lambda: b"Name\nAnn", "list.xlsx", "cannot be opened"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "list.xls", "Save it as .xlsx or CSV"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0", "list.csv", "cannot be read this way"),
    "zeros": (lambda: b"Name\0\n\0Ann\n", "list.csv", "not a text file"),
    "an endless cell": (lambda: b"Name\n" + b"A" * 6000, "list.csv", "more than 5,000 characters"),
    "eleven megabytes": (lambda: b"Name\n" + b"Ann\n" * 2_800_000, "list.csv", "larger than 10 MB"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_is_none_is_refused_in_a_sentence(office, what):
    make, name, sentence = BAD_FILES[what]
    page = office.upload(make(), name, status=422).content.decode()

    assert sentence in page
    assert not Import.objects.exists()


def test_the_encoding_can_be_said(office):
    job = office.upload("Name\nZoë Müller\n".encode("cp1252"), encoding="cp1252")

    assert job.rows[1] == ["Zoë Müller"]


def test_rows_are_counted_as_the_spreadsheet_counts_them(office):
    data = b"\n\nName,Email\nAnn,ann@simulator.example\n\n\nBob,nonsense\n"
    job = office.check(office.upload(data))

    assert [problem["row"] for problem in job.problems] == [7]


def test_columns_can_be_matched_by_hand_and_must_make_sense(office):
    job = office.upload(b"Wer,Wo\nAnn Webb,ann@simulator.example\n")
    assert job.matching == {}
    root = f"{office.root}imports/{job.public_id}/"

    assert "at least the column of the names" in office.client.post(root, {}).content.decode()
    twice = office.client.post(root, {"name": "0", "email": "0"})
    assert twice.status_code == 422 and "chosen twice" in twice.content.decode()
    office.client.post(root, {"name": "0", "email": "1"})
    job.refresh_from_db()
    assert counts(job) == (1, 0, 0, 0)


def test_confirming_twice_is_harmless(office):
    job = office.check(office.upload(as_csv(people(2))))
    office.confirm(job)
    office.confirm(job)

    assert Contact.objects.filter(reference__startswith="R").count() == 2


def test_an_import_that_was_broken_off_wrote_nothing_and_says_so(office, inside):
    job = office.upload(as_csv(people(2)))
    Import.objects.filter(pk=job.pk).update(
        state="importing", leased_until=timezone.now() - datetime.timedelta(seconds=1)
    )
    assert intake.claim(timezone.now()) is None
    job.refresh_from_db()

    assert job.state == "failed" and "nothing was written" in office.page(job)


def test_a_mistake_of_ours_writes_nothing_and_is_said(office, monkeypatch):
    job = office.check(office.upload(as_csv(people(3))))
    monkeypatch.setattr(intake.Run, "through", lambda *args: 1 / 0)
    job = office.confirm(job)

    assert job.state == "failed" and "nothing was written" in office.page(job)
    assert not Contact.objects.filter(reference__startswith="R").exists()
