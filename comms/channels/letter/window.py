"""Where an address must stand on A4 to be read through the window of a DL envelope, and what fits there.

The window of BS 4264, as it is commonly quoted, is 93 × 39 mm, 20 mm from the left of the envelope (220 × 110 mm)
and 53 mm from its top, which leaves 18 mm below. The envelopes sold in the UK mostly have one of 90 × 35 mm,
20 mm from the left and 18 mm from the bottom: it lies within the other, and is the one that is kept to here.

The sheet is folded at 105 and 210 mm from its top (the marks of DIN 5008), not in equal thirds: then its upper part is
105 mm high and slips 5 mm in the envelope, and not 11. Sideways it slips 10 mm. So on the sheet, in mm:

1. What is seen wherever the sheet slips to is from 20 to 100 across and from 57 to 87 down: the address stands in it.
2. What may be seen is from 10 to 113 across and from 42 to 92 down (folded in equal thirds, too): nothing else does.
"""

from typing import NamedTuple

from comms.channels.letter.typeface import Fitted, TooLong, check, fit, plain
from contacts import address as addresses


class Box(NamedTuple):
    """A place on the sheet, in mm from its left and top."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


A4 = Box(0, 0, 210, 297)
FOLDS = (105.0, 210.0)  # mm from the top
SEEN = Box(20, 57, 80, 30)
CLEAR = Box(10, 42, 103, 50)
ADDRESS = Box(25, 58.8, 75, 31)
ROOM = (74.0, 28.0)  # mm for the lines: what is below their last is in the frame, and is not seen
SIZES = (10.0, 9.5, 9.0, 8.5, 8.0)  # points
LINES = 8  # the name, and as many as an address may have


def lines(text: str) -> tuple[str, ...]:
    """Give the lines of an address, which may have come on one with commas.

    Read back from one line, a comma within a line looks like the end of one: where there are then more lines than
    an envelope shows, the shortest neighbours are joined again.
    """
    found = str(addresses.parse(text)).splitlines()
    while "\n" not in text.strip() and len(found) > addresses.MAX_LINES:
        at = min(range(len(found) - 2), key=lambda i: len(found[i]) + len(found[i + 1]))
        found[at : at + 2] = [f"{found[at]}, {found[at + 1]}"]
    return tuple(found)


def fitted(recipient: str, address: tuple[str, ...]) -> Fitted:
    """Set a name and an address into the window. Raises ValueError."""
    name = " ".join(plain(recipient).split())
    shown = [plain(line) for line in address]
    if name and not (shown and shown[0].casefold() == name.casefold()):
        shown = [name, *shown]
    for line in shown:
        check(line, "the address")
    try:
        return fit(shown, ROOM, SIZES, whole=True)
    except TooLong:
        raise ValueError(
            f"The name and the address are too long for the window of an envelope, which shows {LINES} lines. "
            "Shorten a line."
        ) from None


def obstacle(address_text: str, recipient: str = "") -> str:
    """Say in a sentence why no letter could go to an address, or "" if one can."""
    shown = lines(address_text)
    if reason := addresses.parse("\n".join(shown)).unpostable_reason():
        return reason
    try:
        fitted(recipient, shown)
    except ValueError as fault:
        return str(fault)
    return ""
