"""What a close reading found: people who must not be mistaken for one another, races, and files that are traps."""

import datetime
import io

import pytest
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from comms.drafting import audience, moves
from comms.models import Communication
from contacts.importing import intake, reading
from contacts.merging import merge
from contacts.mistake import Mistake
from contacts.models import AddressFlag, Contact, ContactRelation, Import, Occupancy, OtherAddress
from portfolio.models import Block, Unit
from tests.contacts import test_import
from tests.contacts.test_editing import form, rows
from tests.contacts.test_editing import office as pages
from tests.contacts.test_import import as_csv, counts
from tests.contacts.test_occupancies import newcomers

__all__ = ["pages"]
DAY = datetime.date
office = test_import.office
HEAD = ["Block", "Flat", "Name", "Email", "Phone", "First contact"]


def test_two_blocks_of_one_name_are_asked_about(office, inside):
    Block.objects.create(organisation=inside.organisation, name="acacia court", reference="AC2", address="9 Road", town="Leeds", postcode="LS1 4AB")  # fmt: skip
    job = office.check(office.upload(as_csv([["Acacia Court", "Flat 1", "Ann", "", "", ""], ["ac2", "Flat 9", "Bob", "", "", ""]], head=HEAD)))  # fmt: skip

    assert counts(job) == (1, 0, 0, 1) and "2 blocks are called Acacia Court" in job.problems[0]["why"]


def test_father_and_son_are_not_made_one(office, inside):
    both = [["Acacia Court", "Flat 7", "John Kin", "father@simulator.example", "", "yes"],
            ["Acacia Court", "Flat 7", "John Kin", "son@simulator.example", "", ""],
            ["Acacia Court", "Flat 8", "Jo Lee", "", "07700 900001", ""],
            ["Acacia Court", "Flat 9", "Jo Lee", "", "07700 900002", ""]]  # fmt: skip
    job = office.bring(as_csv(both, head=HEAD))

    assert counts(job) == (3, 0, 0, 1) and "has another email or phone" in job.problems[0]["why"]
    assert Contact.objects.get(name="John Kin").email == "father@simulator.example"
    assert Contact.objects.filter(name="Jo Lee").count() == 2
    again = office.bring(as_csv(both, head=HEAD))
    assert counts(again) == (0, 0, 3, 1)


def test_a_flat_has_one_first_contact_in_a_file(office):
    both = [
        ["Acacia Court", "Flat 7", "Ann", "", "", "yes"],
        ["Acacia Court", "Flat 7", "Bob", "", "", "yes"],
    ]
    job = office.check(office.upload(as_csv(both, head=HEAD)))

    assert (
        counts(job) == (1, 0, 0, 1) and "An earlier row makes Ann the first contact" in job.problems[0]["why"]
    )


def test_rows_that_say_otherwise_of_one_contact_are_refused(office, inside):
    Contact.objects.create(organisation=inside.organisation, name="Ann Webb", reference="R1")
    both = [["R1", "07700 900001"], ["R1", "07700 900002"]]
    job = office.bring(as_csv(both, head=["Reference", "Phone"]))

    assert counts(job) == (0, 1, 0, 1) and "Row 2 says otherwise of Ann Webb" in job.problems[0]["why"]


def test_an_archived_flat_takes_nobody(office, pages, inside):
    Unit.objects.filter(pk=inside.units[0].pk).update(archived_at=timezone.now())
    job = office.check(office.upload(as_csv([["Acacia Court", "Flat 1", "Ann", "", "", ""]], head=HEAD)))
    assert "Flat 1 is archived" in job.problems[0]["why"]
    unit, bob = inside.units[0], inside.contacts[1]
    pages.post(f"occupancies/new/?unit={unit.public_id}&contact={bob.public_id}", role="tenant")
    pages.post(f"units/{unit.public_id}/move/", on="2026-01-01", role="tenant", **newcomers({"name": "Ann"}))
    assert not Occupancy.objects.filter(unit=unit, role="tenant").exists()
    assert "communications/new/" not in pages.get(f"units/{unit.public_id}/")


def test_only_one_large_import_is_worked_on_at_a_time(office, inside):
    first, second = (office.upload(as_csv([["Ann"]], head=["Name"])) for _ in range(2))
    Import.objects.update(state="checking", leased_until=None)
    now = timezone.now()

    assert intake.claim(now) == first.pk and intake.claim(now) is None
    intake.work(first.pk)
    assert intake.claim(now) == second.pk


# ------------------------------------------------------------------------------------ files that are traps


def xlsx(*values) -> bytes:
    book = Workbook()
    book.active.append(["Name"])
    for value in values:
        book.active.append([value])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_array_formulas_and_errors_of_a_sheet_are_no_names(office):
    job = office.check(office.upload(xlsx(ArrayFormula("A2:A2", "=1+1"), "#N/A", "Ann"), "a.xlsx"))

    assert counts(job) == (1, 0, 0, 2) and all("formula" in problem["why"] for problem in job.problems)


def test_a_quotation_mark_that_is_never_closed_is_said(office):
    page = office.upload(b'Name,Email\n"Ann,ann@simulator.example\nBob,bob@simulator.example\n', status=422)
    assert "opened and never closed" in page.content.decode()
    assert office.upload(b'Name\n5" Pipes Ltd\n').rows[1] == ['5" Pipes Ltd']


def test_a_file_of_blank_lines_and_one_of_far_cells_end_soon():
    with pytest.raises(Mistake, match="more than 20,000 rows"):
        reading.read("a.csv", b"Name\n" + b"\n" * 3_000_000)
    book = Workbook()
    for row in range(1, 60):
        book.active.cell(row=row, column=16_000, value="x")
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(Mistake):
        reading.read("a.xlsx", file.getvalue())


def test_what_stands_right_of_the_last_name_is_not_lost(office):
    job = office.upload(b"sep=,\nName,Email\nAnn,ann@simulator.example,07700 900123\n")

    assert job.rows == [["Name", "Email", "Column 3"], ["Ann", "ann@simulator.example", "07700 900123"]]


# ------------------------------------------------------------------------------------ making one of two


def test_whoever_comes_second_in_a_race_of_merges_finds_it_done(inside):
    ada, bob, _ = inside.contacts
    merge(ada, bob)
    with pytest.raises(Mistake, match="a moment ago"):
        merge(bob, ada)

    assert Contact.objects.get(pk=ada.pk).archived_at is None


def test_parts_that_overlap_become_one(inside):
    ada, bob, _ = inside.contacts
    Occupancy.objects.filter(contact__in=[ada, bob]).delete()
    part = {"organisation": inside.organisation, "unit": inside.units[0]}
    Occupancy.objects.create(contact=ada, since=DAY(2020, 1, 1), **part)
    Occupancy.objects.create(contact=bob, until=None, is_primary=True, ownership="joint", **part)
    Contact.objects.filter(pk=bob.pk).update(language="pl")
    merge(ada, bob)

    one = Occupancy.objects.get(contact=ada)
    assert (one.since, one.until, one.is_primary, one.ownership) == (DAY(2020, 1, 1), None, True, "joint")
    assert one.mistake() == ("", "") and Contact.objects.get(pk=ada.pk).language == "pl"


# ------------------------------------------------------------------------------------ sales


def test_a_namesake_is_not_given_anothers_flat_and_an_email_that_is_shared_is_asked_about(pages, inside):
    unit, root = inside.units[0], f"units/{inside.units[0].public_id}/move/"
    known = Contact.objects.create(organisation=inside.organisation, name="Ben Carter")
    data = {"on": "2026-11-01", "role": "tenant"}
    pages.post(root, **data, **newcomers({"name": "Ben Carter", "email": "other@simulator.example"}))
    assert Occupancy.objects.get(unit=unit, role="tenant").contact != known

    page = pages.post(
        root, status=422, **data, **newcomers({"name": "Zoe", "email": inside.contacts[1].email})
    )
    assert "Person2 OfLarch has the email" in page
    pages.post(root, **data, **newcomers({"name": " ".join(["Long"] * 38)}))


def test_a_sale_never_lengthens_a_part_nor_takes_the_first_contact_from_who_stays(pages, inside):
    unit, held = inside.units[0], Occupancy.objects.get(unit=inside.units[0])
    other = Occupancy.objects.create(organisation=inside.organisation, unit=unit, contact=inside.contacts[1], role="tenant", until=DAY(2026, 12, 31))  # fmt: skip
    pages.post(f"units/{unit.public_id}/move/", on="2027-06-01", role="tenant", leaving=[str(other.public_id)], **newcomers({"name": "Ben"}))  # fmt: skip

    other.refresh_from_db()
    held.refresh_from_db()
    assert other.until == DAY(2026, 12, 31) and held.is_primary
    assert not Occupancy.objects.get(contact__name="Ben").is_primary


def test_newcomers_have_their_copies_and_a_passer_by_stays(inside):
    unit, (ada, bob, cat) = inside.units[0], inside.contacts
    draft = Communication.objects.create(
        organisation=inside.organisation, subject="Lift", created_by=inside.alice
    )
    audience.add(audience.plan_people(draft, [ada, cat], unit))  # cat has never had a part in this flat
    ContactRelation.objects.create(
        organisation=inside.organisation, contact=cat, acts_for=bob, kind="agent", copies=True
    )
    today = timezone.localdate()
    Occupancy.objects.filter(unit=unit).update(until=today - datetime.timedelta(days=1))
    Occupancy.objects.create(organisation=inside.organisation, unit=unit, contact=bob, since=today)
    (one,) = moves.affected(unit, today)
    assert [r.contact for r in one.leaving] == [ada]
    moves.put_right(one, unit)

    assert {(r.contact, r.regarding) for r in draft.recipients.all()} == {
        (cat, None),
        (bob, None),
        (cat, bob),
    }


# ------------------------------------------------------------------------------------ contacts


def test_a_second_address_that_came_back_is_in_the_list_too(pages, inside):
    ada = inside.contacts[0]
    OtherAddress.objects.create(
        organisation=inside.organisation, contact=ada, kind="email", value="Old@simulator.example"
    )
    AddressFlag.objects.create(
        organisation=inside.organisation, kind="email", address="old@simulator.example", reason="Gone"
    )

    assert ada.name in pages.get("contacts/flagged/")


@pytest.mark.parametrize("words", ["person1 07700900455", "+44 (0)7700 900455", "OfLarch 900455"])
def test_pieces_of_name_and_phone_are_found_together(pages, inside, words):
    Contact.objects.filter(pk=inside.contacts[0].pk).update(phone="+447700900455")
    page = pages.get(f"contacts/?q={words.replace('+', '%2B').replace(' ', '+')}")

    assert "Person1 OfLarch" in page and "Person2 OfLarch" not in page


def test_a_name_is_one_line(pages):
    page = pages.post(
        "contacts/new/", status=422, **form(**rows("email", ""), name="New\r\nBcc: x@y.example")
    )

    assert "Put it on one line" in page
