"""Join the letters of a posting run into one file for the printer, behind a cover sheet that says what is in it."""

import datetime
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from pypdf import PdfReader, PdfWriter

from comms.channels.letter import printing
from comms.channels.letter.making import written
from comms.channels.letter.typeface import FACES, plain, printable

PASSES = 2  # what is in the file once, first; then what differed only in which copy of it was meant (a logo's mask)


@dataclass(frozen=True, slots=True)
class Cover:
    """What the cover sheet says of the run."""

    title: str
    post_class: str  # in words: "1st class"
    date: datetime.date
    organisation: str = ""
    duplex: bool = False  # printed on both sides of the paper


def print_file(letters: Iterable[tuple[str, bytes]], cover: Cover) -> bytes:
    """Make one PDF of letters (recipient, PDF), each on a sheet of its own, with the cover in front.

    What letters share (the typeface, the logo, attachments) is in the file once. Raises ValueError where there is
    none.
    """
    found = [(name, PdfReader(io.BytesIO(data))) for name, data in letters]
    if not found:
        raise ValueError("There are no letters to print.")
    writer = PdfWriter()
    for reader in (PdfReader(io.BytesIO(_cover(cover, found))), *(reader for _, reader in found)):
        writer.append(reader, import_outline=False)
        if cover.duplex and len(reader.pages) % 2:
            writer.add_blank_page()
    writer.metadata = {"/Title": plain(cover.title), "/Producer": "Blockpost"}
    return _compressed(writer)


def sheets(pages: int, duplex: bool) -> int:
    """Say how many sheets of paper pages need."""
    return (pages + 1) // 2 if duplex else pages


def _cover(cover: Cover, letters: list[tuple[str, PdfReader]]) -> bytes:
    """Make the cover sheet; a sign that the typeface has not becomes a question mark, as nobody is written to here."""
    rows = [(printable(name), len(reader.pages)) for name, reader in letters]
    document = render_to_string(
        "outbound/print_cover.html",
        {
            "faces": FACES,
            "title": printable(cover.title),
            "organisation": printable(cover.organisation),
            "post_class": printable(cover.post_class),
            "date": written(cover.date),
            "duplex": cover.duplex,
            "rows": rows,
            "pages": sum(pages for _, pages in rows),
            "sheets": sum(sheets(pages, cover.duplex) for _, pages in rows),
        },
    )
    return printing.made(
        document,
        title=printable(cover.title),
        author=cover.organisation,
        date=printing.midnight(cover.date),
        seconds=printing.SECONDS,
    )


def _compressed(writer: PdfWriter) -> bytes:
    for page in writer.pages:
        page.compress_content_streams()
    for _ in range(PASSES):
        writer.compress_identical_objects()
    written_to = io.BytesIO()
    writer.write(written_to)
    return written_to.getvalue()
