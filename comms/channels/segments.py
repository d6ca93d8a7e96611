"""Count what a text message takes: in which alphabet, how many segments, and for how much.

3GPP TS 23.038: 6.2.1 (the GSM 7 bit alphabet, and its extension whose characters take two places) and 6.2.3
(UCS-2, in 16 bits). 3GPP TS 23.040, 9.2.3.24.1: a longer text goes in segments that each lose six octets to say
which one they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
GSM, UCS = "GSM-7", "UCS-2"
ALONE = {GSM: 160, UCS: 70}  # units in a text of one segment
EACH = {GSM: 153, UCS: 67}  # and in each segment of a longer one
# Beside each its plainer one, which a keyboard has: what word processors put in the place of what one types.
PLAINER = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'",
        "–": "-", "—": "-", "‒": "-", "―": "-", "‐": "-", "‑": "-", "−": "-", "•": "-", "·": "-",
        "…": "...", "\t": " ", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2003": " ",
        "\u200b": "", "\u200d": "", "\ufeff": "", "\u00ad": "", "×": "x", "½": "1/2", "¼": "1/4", "¾": "3/4",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes. `units` are septets in GSM-7 and 16 bits in UCS-2, and so is `left_in_segment`.

    `culprits` are the characters that force UCS-2, each once, in the order in which they come.
    """

    encoding: str
    units: int
    segments: int
    left_in_segment: int
    culprits: tuple[str, ...] = ()

    def pence(self, price: Decimal) -> Decimal:
        """Give what it costs to one person, from the price of a segment in pence."""
        return self.segments * price


def count(text: str) -> Segments:
    """Count the segments of a text.

    1. GSM-7 if every character is in its alphabet or extension, else UCS-2.
    2. One segment if it fits; else segments are filled one after the other, and a character of two units
       (an escaped one, a surrogate pair) is never cut in two: what is left of a segment may stay empty.
    """
    text = unix(text)
    culprits = tuple(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION))
    encoding = UCS if culprits else GSM
    widths = list(_widths(text, encoding))
    units = sum(widths)
    if units <= ALONE[encoding]:
        return Segments(encoding, units, int(units > 0), ALONE[encoding] - units, culprits)
    segments, used = 1, 0
    for width in widths:
        if used + width > EACH[encoding]:
            segments, used = segments + 1, 0
        used += width
    return Segments(encoding, units, segments, EACH[encoding] - used, culprits)


def describe(segments: Segments, price: Decimal | None = None) -> str:
    """Say it in a line: GSM-7, 2 segments, 12 characters left, about 8p."""
    because = f" because of {' '.join(map(_visible, segments.culprits))}" if segments.culprits else ""
    said = [
        segments.encoding + because,
        counted_as(segments.segments, "segment"),
        counted_as(segments.left_in_segment, "character") + " left",
    ]
    if price is not None:
        said.append(f"about {written(segments.pence(price))}p")
    return ", ".join(said)


def plainer(text: str) -> str:
    """Suggest the same words with quotes, dashes and spaces that take one place; letters stay as they are."""
    return text.translate(PLAINER)


def unix(text: str) -> str:
    """Write line breaks as one character, as browsers count them and as they are sent."""
    return text.replace("\r\n", "\n")


def _widths(text: str, encoding: str) -> Iterator[int]:
    for character in text:
        wide = character in EXTENSION if encoding == GSM else ord(character) > 0xFFFF
        yield 2 if wide else 1


def counted_as(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _visible(character: str) -> str:
    # As str.isprintable() has it, but for spaces; the browser knows the same by \p{C} and \p{Z}.
    return character if character.isprintable() else f"U+{ord(character):04X}"


def written(pence: Decimal) -> str:
    """Write pence to a tenth."""
    return f"{pence.quantize(Decimal('0.1')):f}".removesuffix(".0")
