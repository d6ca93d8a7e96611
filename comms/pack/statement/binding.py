"""Put the parts of the statement together: an index with pages, numbered pages, and the head of the log at the foot of each."""

import io
import re
from collections.abc import Iterable
from typing import IO

from pypdf import PdfReader, PdfWriter
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from comms.channels.letter.typeface import FACES, MM

A4 = (595.28, 841.89)  # points
FACE = "BlockpostFoot"
SIZE = 7.0  # points
INK, LINE = HexColor("#54514a"), HexColor("#c9c4b8")
MARK = re.compile(r"Message (\d+)\b")


def pages_of(files: Iterable[IO[bytes]]) -> int:
    return sum(len(PdfReader(file).pages) for file in files)


def numbers_on(files: Iterable[IO[bytes]]) -> dict[int, int]:
    """Find on which page, counted from 0, each message begins."""
    found: dict[int, int] = {}
    place = 0
    for file in files:
        for page in PdfReader(file).pages:
            for line in page.extract_text().split("\n"):
                if begins := MARK.match(line.strip()):
                    found.setdefault(int(begins[1]), place)
            place += 1
    return found


def bound(parts: list[tuple[str, list[IO[bytes]]]], foot: list[str], facts: dict[str, str]) -> bytes:
    """Make one PDF of parts (title, PDFs), with bookmarks, and a foot with the page's number on each page."""
    writer = PdfWriter()
    for title, files in parts:
        begins = len(writer.pages)
        for file in files:
            file.seek(0)
            writer.append(PdfReader(file), import_outline=False)
        writer.add_outline_item(title=title, page_number=begins)
    feet = PdfReader(io.BytesIO(_feet(len(writer.pages), foot)))
    for page, below in zip(writer.pages, feet.pages, strict=True):
        page.merge_page(below)
    writer.metadata = {f"/{name}": value for name, value in facts.items()}
    for page in writer.pages:
        page.compress_content_streams()
    writer.compress_identical_objects()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _feet(count: int, lines: list[str]) -> bytes:
    """Draw the feet of so many pages."""
    if FACE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FACE, str(FACES["regular"])))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for number in range(1, count + 1):
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        canvas.line(20 * MM, 17 * MM, 190 * MM, 17 * MM)
        canvas.setFont(FACE, SIZE)
        canvas.setFillColor(INK)
        for place, line in enumerate(lines):
            canvas.drawString(20 * MM, 13.5 * MM - place * 9, line)
        canvas.drawRightString(190 * MM, 13.5 * MM, f"Page {number} of {count}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def as_file(data: bytes) -> IO[bytes]:
    return io.BytesIO(data)
