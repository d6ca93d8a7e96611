"""Set HTML as A4 pages, and refuse whatever would not come out as it was written."""

import io
import logging
import re
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from reportlab import rl_config
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessPolicy
from xhtml2pdf.xhtml2pdf_reportlab import PmlParagraph

from comms.channels.letter.press.refused import Refused

A4 = (595.28, 841.89)  # points
SMALLEST = 5.5  # points: what is set smaller was squeezed, or is not there to be read
SLACK = 2.0  # points that a sign's place may be off the sheet by rounding
TALL = "A row of a table is taller than a page. Break it into several rows."
WIDE = "Something in the text is wider than the page. Take out columns, or shorten its words."
PICTURE = "A picture in the text cannot be printed. Take it out of the text, and attach it as a file."
FAULTS = (  # in xhtml2pdf's words, and ours
    (
        r"No font this document has can draw",
        "A sign in the letter cannot be printed. Write it in another way.",
    ),
    (r"[Ii]mage|resource policy", PICTURE),
    (
        r"static frame",
        "The head or the foot of the letter is too long for its place. Shorten it in the settings.",
    ),
    (r"availWidth", WIDE),
    (r"too large on page|[Ll]ayout", TALL),
    (
        r"limit|may (have|hold)|levels",
        "The text is too long to be set as a letter. Shorten it, or attach it as a file.",
    ),
)
# A paragraph's last line does not begin a page alone, and the same letter is the same bytes.
PmlParagraph.allowWidows = 0
rl_config.invariant = 1


class _Heard(logging.Handler):
    """Keeps what xhtml2pdf warns of: that is the only sign that something is missing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())


def pages(html: str, fonts: Path) -> PdfReader:
    """Set a document, which can read nothing but the folder of fonts. Raises Refused."""
    policy = ResourceAccessPolicy.server(fonts, extra_roots=(fonts,), allow_remote=False)
    heard, written, log = _Heard(), io.BytesIO(), logging.getLogger("xhtml2pdf")
    log.addHandler(heard)
    try:
        result = pisa.CreatePDF(html, dest=written, path=str(fonts / "letter.html"), resource_policy=policy)
    except (RenderLimitError, RecursionError) as fault:
        raise Refused(ours(f"limit {fault}")) from fault
    except MemoryError:
        raise
    except Exception as fault:  # ReportLab raises what it likes
        raise Refused(ours(f"{type(fault).__name__}: {fault}")) from fault
    finally:
        log.removeHandler(heard)
    if heard.words or result.err or result.warn:
        raise Refused(ours((heard.words or ["it gave no reason"])[0]))
    reader = PdfReader(written)
    _see(reader)
    return reader


def ours(words: str) -> str:
    """Say in our words what xhtml2pdf says in its own."""
    found = next((ours for theirs, ours in FAULTS if re.search(theirs, words)), "")
    return found or f"The letter could not be set. What sets it says: {words[:200]}"


def _see(reader: PdfReader) -> None:
    """Look at each word: xhtml2pdf squeezes what is too tall for a page, and lets run off what is too wide."""

    def visit(text: str, place: list[float], matrix: list[float], _: Any, size: float) -> None:
        if not text.strip():
            return
        (_, _, across, up, left, _), (scale, _, slant, upright, right, _) = matrix, place
        if abs(size * (up or across) * (upright or slant)) < SMALLEST:
            raise Refused(TALL)
        if not -SLACK <= left * scale + right <= A4[0] + SLACK:
            raise Refused(WIDE)

    for page in reader.pages:
        page.extract_text(visitor_text=visit)
