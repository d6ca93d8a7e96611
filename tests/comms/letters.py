"""Letters to try, and eyes for what came out of them."""

import datetime
import io
import os
import re
import shutil
import subprocess
from typing import NamedTuple

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter

from comms.channels.letter.values import Letter, Letterhead

DPI = 100
MM = 25.4


class Word(NamedTuple):
    """A word and where it stands, in mm from the left and the top."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def logo() -> bytes:
    picture, written = Image.new("RGBA", (400, 110), (0, 0, 0, 0)), io.BytesIO()
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((0, 0, 110, 110), fill=(14, 90, 100))
    drawing.rectangle((130, 30, 400, 80), fill=(14, 90, 100))
    picture.save(written, "PNG")
    return written.getvalue()


LETTERHEAD = Letterhead(
    name="Harbour & Vale Block Management",
    lines=("4 Bishopsgate Court", "12 Tooley Street", "London", "SE1 2TU"),
    phone="020 7946 0123",
    email="hello@harbourvale.example",
    foot="Harbour & Vale Ltd. Registered in England and Wales no. 01234567.\nRegulated by RICS.",
    logo=logo(),
)
ADDRESS = ("Flat 12", "Tower B, The Granary", "14 Shad Thames", "London", "SE1 4XX")


def letter(**changes) -> Letter:
    given = {
        "letterhead": LETTERHEAD,
        "recipient": "Mrs Żaneta Łukasiewicz",
        "address": ADDRESS,
        "date": datetime.date(2026, 3, 3),
        "subject": "Notice of works to the lift",
        "body": "<p>Dear Mrs Łukasiewicz</p><p>The lift is out of service.</p>",
        "reference": "TWR-2026-0141",
    }
    return Letter(**(given | changes))


def tool(name: str, *arguments: str, pdf: bytes) -> bytes:
    """Run one of poppler's tools on a PDF; without them a test is skipped, unless they must be there."""
    if not shutil.which(name):
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(f"{name} is missing: apt install poppler-utils")
        pytest.skip(f"{name} of poppler-utils is not installed")
    return subprocess.run([name, *arguments], input=pdf, capture_output=True, check=True, timeout=60).stdout


def text(pdf: bytes, page: int | None = None) -> str:
    chosen = ["-f", str(page), "-l", str(page)] if page else []
    return tool("pdftotext", *chosen, "-layout", "-", "-", pdf=pdf).decode()


def words(pdf: bytes, page: int = 1) -> list[Word]:
    found = tool("pdftotext", "-bbox", "-f", str(page), "-l", str(page), "-", "-", pdf=pdf).decode()
    boxes = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', found)
    return [Word(word, *(float(side) * MM / 72 for side in sides)) for *sides, word in boxes]


def picture(pdf: bytes, page: int = 1) -> Image.Image:
    """Print a page as shades of grey."""
    drawn = tool("pdftoppm", "-r", str(DPI), "-f", str(page), "-l", str(page), "-png", "-", pdf=pdf)
    return Image.open(io.BytesIO(drawn)).convert("L")


def ink(page: Image.Image, left: float, top: float, right: float, bottom: float):
    """Give the edges of what is printed in a place, in mm on the sheet, or None where nothing is."""
    corner = (left / MM * DPI, top / MM * DPI)
    part = page.crop((*map(round, corner), round(right / MM * DPI), round(bottom / MM * DPI)))
    edges = part.point(lambda shade: 255 * (shade < 250)).getbbox()
    return edges and tuple((edge + corner[at % 2]) * MM / DPI for at, edge in enumerate(edges))


def pdf(
    pages: int = 1, size: tuple[float, float] = (595.28, 841.89), password: str = "", rotate: int = 0
) -> bytes:
    """A PDF as somebody else makes them, each page with its number and a frame."""
    from reportlab.pdfgen.canvas import Canvas

    drawn, written = io.BytesIO(), io.BytesIO()
    canvas = Canvas(drawn, pagesize=size)
    for number in range(pages):
        canvas.drawString(50, 50, f"Enclosure page {number + 1}")
        canvas.rect(5, 5, size[0] - 10, size[1] - 10)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(drawn))
    for page in writer.pages:
        page.rotate(rotate)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    writer.write(written)
    return written.getvalue()
