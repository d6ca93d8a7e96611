"""People and flats as a spreadsheet, in the columns that an import knows: what goes out comes in again unchanged."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.db.models import Count, Prefetch
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from contacts.importing.columns import ADDRESS, COLUMNS
from contacts.models import Contact, Occupancy
from portfolio.models import Block, Unit

NAMES = [name for name in COLUMNS if name not in ADDRESS[1:]]
IN_MEMORY = 5_000_000  # bytes, before the file goes to disk
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rows() -> Iterator[list[str]]:
    """Give the head, each part that somebody has in a flat, then contacts without a flat and flats without people."""
    yield [COLUMNS[name].label for name in NAMES]
    in_use = Occupancy.objects.filter(unit__archived_at__isnull=True, unit__block__archived_at__isnull=True)
    parts = in_use.select_related("unit__block").order_by("since", "pk")
    names = Block.objects.in_use().order_by().values("name").annotate(n=Count("pk")).filter(n__gt=1)
    ambiguous = set(names.values_list("name", flat=True))
    mailboxes: set[str] = set()
    contacts = Contact.objects.current().prefetch_related(Prefetch("occupancies", parts), "other_addresses")
    for contact in contacts.order_by("name", "pk").iterator(chunk_size=500):
        known = contact_cells(contact) | {"shared": "yes" if contact.email.lower() in mailboxes else ""}
        mailboxes.add(contact.email.lower() or " ")
        held = list(contact.occupancies.all())
        for part in held:
            yield line(known | unit_cells(part.unit, ambiguous) | part_cells(part))
        if not held:
            yield line(known)
    taken = Occupancy.objects.filter(contact__archived_at__isnull=True).values("unit")
    for unit in Unit.objects.in_use().exclude(pk__in=taken).select_related("block"):
        yield line(unit_cells(unit, ambiguous))


def line(cells: dict[str, str]) -> list[str]:
    return [cells.get(name, "") for name in NAMES]


def unit_cells(unit: Unit, ambiguous: set[str]) -> dict[str, str]:
    """Name a flat and its block, by the block's reference where two have one name."""
    block = unit.block.reference or unit.block.name if unit.block.name in ambiguous else unit.block.name
    return {"block": block, "unit": unit.name, "unit_reference": unit.reference}


def part_cells(part: Occupancy) -> dict[str, str]:
    return {
        "role": part.get_role_display(),
        "ownership": part.ownership,
        "since": part.since.isoformat() if part.since else "",
        "until": part.until.isoformat() if part.until else "",
        "is_primary": "yes" if part.is_primary else "no",
    }


def contact_cells(contact: Contact) -> dict[str, str]:
    others = {kind: [o.shown for o in contact.others if o.kind == kind] for kind in ("email", "phone")}
    return {
        "reference": contact.reference,
        "kind": contact.get_kind_display(),
        "title": contact.title,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "name": contact.name,
        "email": contact.email,
        "other_email": next(iter(others["email"]), ""),
        "phone": contact.phone_national,
        "other_phone": next(iter(others["phone"]), ""),
        "address": contact.address,
        "preferred_channel": contact.get_preferred_channel_display(),
        "language": contact.get_language_display(),
        "large_print": "yes" if contact.large_print else "no",
        "notes": contact.notes,
    }


def write(lines: Iterable[list[Any]], kind: str) -> IO[bytes]:
    """Write a spreadsheet of text cells, "csv" or "xlsx", to a file that is at its beginning again."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (who asked for it closes it)
    if kind == "xlsx":
        _write_xlsx(lines, file)
    else:
        _write_csv(lines, file)
    file.seek(0)
    return file


def _write_csv(lines: Iterable[list[Any]], file: Any) -> None:
    file.write(b"\xef\xbb\xbf")  # without it Excel takes the letters for those of Windows
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    for cells in lines:
        writer.writerow([guarded(str(cell)) for cell in cells])
    text.detach()


def guarded(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula; an import takes the sign away again."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _write_xlsx(lines: Iterable[list[Any]], file: Any) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People and flats")
    sheet.freeze_panes = "A2"
    for cells in lines:
        sheet.append([_text(sheet, str(cell)) for cell in cells])
    book.save(file)


def _text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # also what begins like a formula
    return cell
