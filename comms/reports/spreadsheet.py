"""The log as XLSX, row by row, so that memory stays flat; a sheet is split where Excel's rows end.

Each cell is text: nothing in it is run, no phone loses its zero, no date is turned round. The first sheet says
what the file is.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO

import xlsxwriter

from comms.reports.columns import COLUMNS

LIMIT = 1_048_576  # rows of a sheet (ECMA-376), the heads among them
WIDTH = 22  # characters
EVERY = 1_000  # rows between two words on how far it is


def write(
    out: BinaryIO,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    about: Callable[[], Sequence[tuple[str, str]]],
    said: Callable[[int], None] = lambda done: None,
) -> int:
    """Write a workbook; give how many rows it has. `about` is asked at the end, when the rows are counted."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": False})
    book.use_zip64()
    try:
        front = book.add_worksheet("About")
        count = _rows(book, columns, rows, said)
        front.set_column(0, 1, WIDTH)
        for line, (label, value) in enumerate(about()):
            front.write_string(line, 0, label)
            front.write_string(line, 1, value)
    finally:
        book.close()  # its scratch files go with it
    return count


def _rows(
    book: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]], said: Callable[[int], None]
) -> int:
    count, line, number = 0, LIMIT, 0
    sheet: Any = None
    for row in rows:
        if line >= LIMIT:
            number, line = number + 1, 1
            sheet = _sheet(book, "Log" if number == 1 else f"Log {number}", columns)
        for place, value in enumerate(row):
            if value not in (None, ""):
                sheet.write_string(line, place, str(value))
        count, line = count + 1, line + 1
        if count % EVERY == 0:
            said(count)
    if not number:
        _sheet(book, "Log", columns)
    return count


def _sheet(book: Any, name: str, columns: Sequence[str]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(columns) - 1, WIDTH)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, COLUMNS[column].heading)
    return sheet
