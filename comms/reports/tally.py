"""How far a communication is: its recipients by what became of them, and the bar that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

GOOD = ("delivered", "opened", "clicked", "spam")  # each of them arrived
BAD = ("bounced", "failed", "dropped")
DOUBT = ("deferred", "unconfirmed")
SCALE = 1000  # the width of the bar, in its own units


class Segment(NamedTuple):
    """One part of the bar."""

    tone: str
    begin: float
    width: float


def segments(parts: Sequence[tuple[str, int]], whole: int) -> list[Segment]:
    """Give the parts of a bar, tone and how many, one after the other; `whole` is as many as the bar is wide."""
    drawn, begin = [], 0.0
    for tone, many in parts:
        if many:
            width = SCALE * many / whole
            drawn.append(Segment(tone, round(begin, 2), round(width, 2)))
            begin += width
    return drawn


@dataclass
class Tally:
    """Recipients by status."""

    counts: dict[str, int]

    @property
    def people(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return self.counts.get("queued", 0)

    @property
    def tried(self) -> int:
        return self.people - self.left

    @property
    def good(self) -> int:
        return self._sum(GOOD)

    @property
    def bad(self) -> int:
        return self._sum(BAD)

    @property
    def segments(self) -> list[Segment]:
        """Give the parts of the bar, on a scale of 1,000: what arrived, what is under way, what is in doubt, what failed."""
        parts = [
            ("f-good", self.good),
            ("f-soft", self.counts.get("sent", 0)),
            ("f-wait", self._sum(DOUBT)),
            ("f-bad", self.bad),
        ]
        return segments(parts, self.people)

    def _sum(self, names: tuple[str, ...]) -> int:
        return sum(self.counts.get(name, 0) for name in names)
