"""The letters' own typeface: which signs it has, and how wide its words are."""

import html
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reportlab.pdfbase.ttfonts import TTFontFile

FONTS = Path(__file__).resolve().parent / "fonts"
FACES = {
    "regular": FONTS / "DejaVuSansCondensed.ttf",
    "bold": FONTS / "DejaVuSansCondensed-Bold.ttf",
    "oblique": FONTS / "DejaVuSansCondensed-Oblique.ttf",
    "bold_oblique": FONTS / "DejaVuSansCondensed-BoldOblique.ttf",
}
MM = 72 / 25.4  # points
LEADING = 1.2  # from line to line, in sizes of the type
# Marks for browsers (where a word may break, how bytes are ordered), which paper would show as hyphens or boxes.
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
TAG = re.compile(r"<[^>]*>")
SHOWN = 24  # characters of what stands before a sign that cannot be printed


class TooLong(ValueError):
    """Raised when lines do not fit into their place at any size allowed."""


class Fitted(NamedTuple):
    """Lines cut so that each fits, at a size in points."""

    lines: list[str]
    size: float

    @property
    def height(self) -> float:
        """Say how high they stand, in mm."""
        return len(self.lines) * self.size * LEADING / MM


@cache
def _face(name: str) -> TTFontFile:
    return TTFontFile(str(FACES[name]))


def plain(text: str) -> str:
    """Write a text as it is printed: accents joined to their letters, and without marks that nobody sees."""
    return unicodedata.normalize("NFC", text).translate(UNSEEN)


def words_of(body: str) -> str:
    """Give what is read of clean HTML."""
    return html.unescape(TAG.sub(" ", body))


def check(text: str, where: str) -> None:
    """See that every sign can be printed. Raises ValueError, naming the sign and where it stands."""
    signs = _face("regular").charToGlyph
    for at, sign in enumerate(text):
        if not sign.isspace() and ord(sign) not in signs:
            before = " ".join(text[max(0, at - SHOWN) : at].split())
            after = f", after “{before}”," if before else ""
            shown = f"“{sign}”" if sign.isprintable() else "A sign that is not seen"
            raise ValueError(
                f"{shown} ({_called(sign)}) in {where}{after} cannot be printed. Write it in another way."
            )


def printable(text: str) -> str:
    """Write a text with a question mark for each sign that the typeface has not."""
    signs = _face("regular").charToGlyph
    return "".join(sign if sign.isspace() or ord(sign) in signs else "?" for sign in plain(text))


def width(text: str, size: float, face: str = "regular") -> float:
    """Measure a line, in mm."""
    font = _face(face)
    units = sum(font.charWidths.get(ord(sign), font.defaultWidth) for sign in text)
    return float(units) * size / 1000 / MM


def fit(
    lines: list[str],
    room: tuple[float, float],
    sizes: tuple[float, ...],
    *,
    whole: bool = False,
    face: str = "regular",
) -> Fitted:
    """Choose the largest size at which lines fit into a width and height in mm, breaking those that are long.

    With `whole` a smaller size is taken rather than a line broken. Raises TooLong.
    """
    across, down = room
    if whole:
        for size in sizes:
            found = Fitted(lines, size)
            if found.height <= down and all(width(line, size, face) <= across for line in lines):
                return found
    for size in sizes:
        found = Fitted([piece for line in lines for piece in broken(line, size, across, face)], size)
        if found.height <= down:
            return found
    raise TooLong


def broken(line: str, size: float, across: float, face: str = "regular") -> list[str]:
    """Break a line between words, and a word only where it is wider than the place."""
    found = [""]
    for word in line.split():
        longer = f"{found[-1]} {word}".strip()
        if width(longer, size, face) <= across:
            found[-1] = longer
            continue
        if found[-1]:
            found.append("")
        for sign in word:
            if found[-1] and width(found[-1] + sign, size, face) > across:
                found.append("")
            found[-1] += sign
    return found


def _called(sign: str) -> str:
    name = unicodedata.name(sign, "").lower()
    return f"U+{ord(sign):04X}{', ' if name else ''}{name}"
