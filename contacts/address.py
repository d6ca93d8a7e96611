"""Read UK postal addresses and say whether a letter could go there."""

import re
from dataclasses import dataclass

from contacts.mistake import Mistake

# The forms of the Postcode Address File (Royal Mail, Programmers' Guide): A9, A99, AA9, AA99, A9A, AA9A, then 9AA.
POSTCODE = re.compile(
    r"(?:GIR|[A-PR-UWYZ](?:\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d{1,2}|[A-HK-Y]\d[ABEHMNPRVWXY]))"
    r"\d[ABD-HJLNP-UW-Z]{2}"
)
AT_THE_END = re.compile(r"(?:^|[\s,])([A-Z]{1,2}\d[A-Z\d]?|GIR)\s*(\d[A-Z]{2})[\s,.]*$", re.IGNORECASE)
MAX_LINES = 7  # with the postcode; what the window of a DL envelope shows
MAX_LINE = 60


def normalise_postcode(text: str) -> str:
    """Write a UK postcode in capitals with its space: se14xx becomes SE1 4XX. Raises Mistake."""
    letters = re.sub(r"[\s.\-]", "", text).upper()
    if not letters:
        raise Mistake("Enter a postcode.")
    if not POSTCODE.fullmatch(letters):
        raise Mistake("This is not a UK postcode. One looks like SE1 4XX.")
    return f"{letters[:-3]} {letters[-3:]}"


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Lines as they stand on an envelope, and below them the postcode ("" where there is none)."""

    lines: tuple[str, ...]
    postcode: str = ""

    def __str__(self) -> str:
        return "\n".join(self._all())

    @property
    def one_line(self) -> str:
        return ", ".join(self._all())

    def unpostable_reason(self) -> str:
        """Say in a sentence why no letter can go there, or "" if one can."""
        if not self._all():
            return "There is no postal address."
        if not self.postcode:
            return "The address does not end in a UK postcode."
        if not self.lines:
            return "The address is only a postcode. Add the street and the town."
        if len(self._all()) > MAX_LINES:
            return f"The address has {len(self._all())} lines. An envelope shows {MAX_LINES}."
        if long := next((line for line in self.lines if len(line) > MAX_LINE), ""):
            return f"“{long[:30]}…” is too long for one line of an envelope. Break it in two."
        return ""

    def _all(self) -> tuple[str, ...]:
        return (*self.lines, self.postcode) if self.postcode else self.lines


def parse(text: str) -> PostalAddress:
    """Read an address of several lines, or of one with commas; its end is the postcode, if that is one.

    An address may be incomplete and still be kept: `unpostable_reason` says what is missing.
    """
    lines = _tidy(re.split(r"[\r\n\u2028\u2029]+", text))
    if len(lines) == 1:
        lines = _tidy(lines[0].split(","))
    if not lines or not (found := AT_THE_END.search(lines[-1])):
        return PostalAddress(tuple(lines))
    try:
        postcode = normalise_postcode(found[1] + found[2])
    except Mistake:
        return PostalAddress(tuple(lines))
    lines[-1] = lines[-1][: found.start()]
    return PostalAddress(tuple(_tidy(lines)), postcode)


def _tidy(lines: list[str]) -> list[str]:
    printable = ("".join(c if c.isprintable() else " " for c in line) for line in lines)
    return [line for line in (" ".join(line.split()).strip(" ,") for line in printable) if line]
