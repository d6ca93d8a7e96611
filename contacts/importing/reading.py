"""Read a spreadsheet that a stranger made into rows of text, or say in a sentence why not. Knows no database."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from contacts.mistake import Mistake

MAX_BYTES = 10 * 1000 * 1000
MAX_UNPACKED = 60 * 1000 * 1000  # an honest workbook of this many rows is a tenth of it
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 5_000
MAX_LINES = 25_000  # with the empty ones
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
ENCODINGS = {
    "": "Find out (UTF-8, UTF-16)",
    "cp1252": "Windows, Western Europe",
    "mac_roman": "Mac, older",
}


class Table(NamedTuple):
    """The rows with something in them, cut to the width of the head; `first_row` is the head's number in the file."""

    rows: list[list[str]]
    first_row: int


def read(name: str, data: bytes, encoding: str = "") -> Table:
    """Read a CSV or XLSX file. Raises Mistake."""
    if not data:
        raise Mistake("The file is empty.")
    if len(data) > MAX_BYTES:
        raise Mistake(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it, or leave columns out.")
    if data[:4] == b"PK\x03\x04" or name.lower().endswith((".xlsx", ".xlsm")):
        cells = _xlsx(data)
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Mistake("This is a workbook of the old kind (.xls). Save it as .xlsx or CSV.")
    else:
        cells = _csv(data, encoding)
    return _table(cells)


def _table(cells: Iterable[list[str]]) -> Table:
    rows: list[list[str]] = []
    first_row, blank = 0, 0
    for number, row in enumerate(cells, 1):
        while row and not row[-1]:
            row.pop()
        if number > MAX_LINES:
            raise Mistake(f"The file has more than {MAX_ROWS:,} rows. Split it into several.")
        if not row:
            blank += 1
            continue
        if not rows and row[0].lower().startswith("sep="):
            continue  # a hint to Excel
        if not rows:
            first_row, blank = number, 0
        if len(row) > MAX_COLUMNS:
            raise Mistake(
                f"Row {number} has {len(row)} columns; {MAX_COLUMNS} are the most. Leave out what is not needed."
            )
        rows += [[] for _ in range(blank)]  # so that each keeps its number
        blank = 0
        rows.append(row)
        if len(rows) > MAX_ROWS + 1:
            raise Mistake(f"The file has more than {MAX_ROWS:,} rows. Split it into several.")
    if not rows:
        raise Mistake("There is nothing in the file.")
    if len(rows) < 2:
        raise Mistake(
            "There is only one row. The first row names the columns; the people and flats come below it."
        )
    widest = max(map(len, rows))
    rows[0] += [f"Column {n + 1}" for n in range(len(rows[0]), widest)]  # what stands right of the last name
    return Table(rows, first_row)


def _csv(data: bytes, encoding: str) -> Iterable[list[str]]:
    text = _decoded(data, encoding)
    if "\x00" in text:
        raise Mistake("This is not a text file. Save the spreadsheet as CSV or .xlsx.")
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
        dialect.doublequote = True
    except csv.Error:
        dialect = csv.excel
    try:
        yield from (
            [_tidy(cell, n) for cell in row]
            for n, row in enumerate(csv.reader(io.StringIO(text), dialect, strict=True), 1)
        )
    except csv.Error as error:
        raise Mistake("The file is not well formed: a quotation mark is opened and never closed.") from error


def _decoded(data: bytes, encoding: str) -> str:
    if not encoding:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Mistake(
            f"The letters in line {line} cannot be read this way. Save the file as “CSV UTF-8”, "
            "or say below how it is encoded: from Excel on Windows it is mostly “Windows, Western Europe”."
        ) from error
    except LookupError as error:
        raise Mistake("Choose how it is encoded from the list.") from error


def _xlsx(data: bytes) -> Iterable[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
            if unpacked > MAX_UNPACKED:
                raise Mistake(
                    f"Unpacked, the file is {unpacked // 1_000_000:,} MB large, which no list of people is. "
                    "Copy its cells into a new workbook."
                )
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
    except Mistake:
        raise
    except Exception as error:
        raise Mistake("The workbook cannot be opened. Save it anew as .xlsx, without a password.") from error
    try:
        for number, row in enumerate(
            sheet.iter_rows(max_row=MAX_LINES + 1, max_col=MAX_COLUMNS + 1, values_only=True), 1
        ):
            yield [_tidy(_text(cell), number) for cell in row]
    except Mistake:
        raise
    except Exception as error:
        raise Mistake("The workbook is damaged. Open it, save it anew, and try again.") from error


def _text(cell: Any) -> str:
    """Write a cell of a workbook as one would type it."""
    if cell is None:
        return ""
    if isinstance(cell, ArrayFormula | DataTableFormula):
        return "=…"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return "=…" if str(cell) in ERRORS else str(cell)


def _tidy(text: str, row: int) -> str:
    if len(text) > MAX_CELL:
        raise Mistake(f"A cell in row {row} has more than {MAX_CELL:,} characters. Shorten it.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\x00", "")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
