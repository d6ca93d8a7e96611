"""Say where each thing of a letter stands on the sheet, and at which size: what is no letter's text has its place."""

import base64
import struct
from typing import NamedTuple

from comms.channels.letter import window
from comms.channels.letter.typeface import LEADING, Fitted, TooLong, broken, fit, plain
from comms.channels.letter.values import Letterhead
from comms.channels.letter.window import A4, Box

LEFT, RIGHT = window.ADDRESS.left, A4.right - 20  # mm
SENDER = Box(125, 13, RIGHT - 125, 78)  # right of all that a window may show
LOGO = (65.0, 22.0)  # mm that a logo may be wide and high
UNDER_LOGO = 4.0
BODY_TOP = 97.0  # below all that a window may show
HEAD_TOP = 14.0  # of the pages that follow
PAGE_NUMBER = Box(LEFT, 284, RIGHT - LEFT, 8)
AROUND = 5.0  # between the text and a head or foot
PNG_HEAD = struct.Struct(">8s4x4sII")


class Sizes(NamedTuple):
    """Sizes of type in points, the largest first, and how high a foot or head may become, in mm."""

    text: float
    page: float
    sender: tuple[float, ...]
    foot: tuple[float, ...]
    head: tuple[float, ...]
    foot_height: float
    head_height: float


SMALL = Sizes(10.5, 8, (9, 8.5, 8, 7.5), (7.5, 7, 6.5), (9, 8), 16, 9)
# All in 16 pt where it fits; what has a narrow place and long words may be smaller, and never under 9.
LARGE = Sizes(16, 16, (16, 15, 14, 13, 12, 11, 10, 9), (16, 15, 14, 13, 12, 11, 10, 9), (16, 14), 60, 16)


class Logo(NamedTuple):
    """A picture in the form that HTML takes, and its size in mm."""

    source: str
    width: float
    height: float


class Block(NamedTuple):
    """Lines set at a size; `bold` of them, at the start, are the name."""

    lines: list[str]
    size: float
    bold: int = 0

    @property
    def leading(self) -> float:
        return self.size * LEADING

    @property
    def height(self) -> float:
        return Fitted(self.lines, self.size).height


def logo(data: bytes | None) -> Logo | None:
    """Fit a logo into its place. Raises ValueError."""
    if not data:
        return None
    try:
        signature, kind, wide, high = PNG_HEAD.unpack_from(data)
    except struct.error:
        signature = kind = b""
        wide = high = 0
    if signature != b"\x89PNG\r\n\x1a\n" or kind != b"IHDR" or not (wide and high):
        raise ValueError("The logo cannot be printed. Choose it again in the settings.")
    scale = min(LOGO[0] / wide, LOGO[1] / high)
    source = "data:image/png;base64," + base64.b64encode(data).decode()
    return Logo(source, wide * scale, high * scale)


def sender(head: Letterhead, above: Logo | None, sizes: Sizes) -> Block:
    """Set the sender's name, address, and how to reach them. Raises ValueError."""
    reach = [line for line in (head.phone, head.email) if line.strip()]
    lines = [plain(line) for line in (head.name, *head.lines, *([""] if reach else []), *reach)]
    room = SENDER.height - 2 - (above.height + UNDER_LOGO if above else 0)
    try:
        found = fit(lines, (SENDER.width - 1, room), sizes.sender, whole=sizes is SMALL, face="bold")
    except TooLong:
        raise ValueError(
            "The address at the head of letters is too long. Shorten it in the settings."
        ) from None
    return Block(*found, bold=len(broken(plain(head.name), found.size, SENDER.width - 1, "bold")))


def foot(head: Letterhead, sizes: Sizes) -> Block:
    """Set the foot of the first page. Raises ValueError."""
    lines = [" ".join(plain(line).split()) for line in head.foot.splitlines() if line.strip()]
    try:
        return Block(*fit(lines, (RIGHT - LEFT - 1, sizes.foot_height), sizes.foot))
    except TooLong:
        raise ValueError("The foot of letters is too long. Shorten it in the settings.") from None


def head(recipient: str, date: str, reference: str, sizes: Sizes) -> Block:
    """Set the line at the head of the pages that follow: to whom, when, and which letter. Raises ValueError."""
    parts = [plain(recipient), date, f"Our reference {plain(reference)}" if reference else ""]
    line = ", ".join(part for part in parts if part)
    try:
        return Block(*fit([line], (RIGHT - LEFT - 1, sizes.head_height), sizes.head))
    except TooLong:
        raise ValueError("The recipient’s name or the reference is too long. Shorten it.") from None


def first_frames(above: Logo | None, under: Block) -> dict[str, Box]:
    """Place what is on the first page; the text ends above the foot."""
    beneath = above.height + UNDER_LOGO if above else 0
    height = under.height + 4 if under.lines else 0  # with the hairline above it
    top = PAGE_NUMBER.top - height
    folds = {f"fold{at}": Box(4, down, 5, 2) for at, down in enumerate(window.FOLDS, 1)}
    return folds | {
        "logo": Box(SENDER.left, SENDER.top, SENDER.width, max(beneath, 1)),
        "sender": Box(SENDER.left, SENDER.top + beneath, SENDER.width, SENDER.height - beneath),
        "address": window.ADDRESS,
        "foot": Box(LEFT, top, RIGHT - LEFT, max(height, 1)),
        "number": PAGE_NUMBER,
        "": Box(LEFT, BODY_TOP, RIGHT - LEFT, top - AROUND - BODY_TOP),
    }


def next_frames(above: Block) -> dict[str, Box]:
    """Place what is on the pages that follow."""
    height = above.height + 4
    top = HEAD_TOP + height + AROUND
    return {
        "head": Box(LEFT, HEAD_TOP, RIGHT - LEFT, height),
        "next_number": PAGE_NUMBER,
        "": Box(LEFT, top, RIGHT - LEFT, PAGE_NUMBER.top - AROUND - top),
    }
