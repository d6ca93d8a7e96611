"""What changed, by whom, from what to what: whichever way it was changed."""

import re

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.models import Contact, Import, OtherAddress
from tests.conftest import url_of
from tests.contacts.test_editing import form, office, rows
from tests.contacts.test_import import as_csv

__all__ = ["office"]


def lines(page: str) -> list[str]:
    """Give the lines of an Activity page as plain text."""
    body = page.split("</thead>")[1].split("</table>")[0]
    body = re.sub(r"<svg[^>]*aria-label=\"(\w+)\".*?</svg>", r"\1", body)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_activity_shows_a_change_by_page_by_import_by_queryset_and_by_sql(committed, inside, office):
    office.post("contacts/new/", **form(reference="C-7"))
    made = Contact.objects.get(reference="C-7")
    root = f"contacts/{made.public_id}/"
    changed = rows("email", "new@simulator.example", "work@simulator.example")
    office.post(f"{root}edit/", **form(reference="C-7", **changed))
    slug = inside.organisation.slug
    data = as_csv([["C-7", "07700 900999"]], head=["Reference", "Phone"])
    office.client.post(f"/o/{slug}/imports/", {"file": SimpleUploadedFile("moved.csv", data)})
    job = Import.objects.get()
    office.post(f"imports/{job.public_id}/", **{k: str(v) for k, v in job.matching.items()})
    office.post(f"imports/{job.public_id}/confirm/")
    Contact.objects.filter(pk=made.pk).update(notes="Rings at noon")
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        owner.execute("UPDATE contacts_contact SET large_print = true WHERE id = %s", [made.pk])

    found = lines(office.get(f"{root}activity/"))

    sql, queryset, imported, other, page, added = found
    assert "Large print: No became Yes" in sql and sql.endswith("Outside the pages")
    assert "Notes: nothing became Rings at noon" in queryset
    assert "Phone: +447700900123 became +447700900999" in imported
    assert imported.endswith("Alice Marsh, by importing moved.csv")
    assert "Added: Other email work@simulator.example" in other and other.endswith("Alice Marsh")
    assert "Email: sian@simulator.example became new@simulator.example" in page and page.endswith(
        "Alice Marsh"
    )
    assert "Added: Siân O’Neill-Okafor" in added


def test_activity_of_a_flat_and_a_block_has_their_people_and_flats(inside, office):
    unit, ada = inside.units[0], inside.contacts[0]
    office.post(f"units/{unit.public_id}/edit/", name="Flat 1A", reference="", position="1")
    held = ada.occupancies.get()
    office.post(f"occupancies/{held.public_id}/", role="leaseholder", since="2011-03-04")

    flat = lines(office.get(f"units/{unit.public_id}/activity/"))
    assert (
        "Since: nothing became 4 Mar 2011" in flat[0] and "Person1 OfLarch, leaseholder of Flat 1A" in flat[0]
    )
    assert "Name: Flat 1 became Flat 1A" in flat[1]
    block = lines(office.get(f"blocks/{inside.block.public_id}/activity/"))
    assert "Name: Flat 1 became Flat 1A" in block[0]


def test_activity_is_read_page_by_page(inside, office):
    ada = inside.contacts[0]
    for n in range(120):
        Contact.objects.filter(pk=ada.pk).update(notes=f"note {n:03}")
    path, seen = f"contacts/{ada.public_id}/activity/", []
    for _ in range(4):
        page = office.get(path)
        seen += lines(page)
        older = page.split('href="?from=')
        if len(older) == 1:
            break
        path = f"contacts/{ada.public_id}/activity/?from={older[1].split(chr(34))[0]}"

    notes = [line for line in seen if "Notes:" in line]
    assert len(notes) == len(set(notes)) == 120
    assert "note 119" in notes[0]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "2026-01-01|1|a",
        "|||",
        "2026-13-45T00:00:00+00:00|1|a",
        "%00",
        "2026-01-01T00:00:00+00:00|99999999999999999999|a",
    ],
)
def test_a_cursor_that_is_none_shows_the_first_page(inside, office, cursor):
    assert "Person1 OfLarch" in office.get(f"contacts/{inside.contacts[0].public_id}/activity/?from={cursor}")


def test_what_was_typed_is_escaped(inside, office):
    ada = inside.contacts[0]
    Contact.objects.filter(pk=ada.pk).update(notes="<script>alert(1)</script>")
    OtherAddress.objects.create(organisation=inside.organisation, contact=ada, kind="email", value="<b>x</b>")

    assert "<script>alert" not in office.get(f"contacts/{ada.public_id}/activity/")
