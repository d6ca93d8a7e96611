"""Columns over time, as plain SVG: no script, no style attribute, readable without colour by the table beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

LEFT, TOP, FLOOR, FOOT = 36, 14, 102, 118  # where columns begin, end, and what stands below them
RULES = 3  # lines besides the floor, about


class Column(NamedTuple):
    """One column: what stands below it, its parts from the floor up, and what is written above it."""

    label: str
    parts: Sequence[tuple[str, int]]  # tone, how many
    mark: str = ""

    @property
    def height(self) -> int:
        return sum(many for _, many in self.parts)


class Rect(NamedTuple):
    tone: str
    x: float
    y: float
    width: float
    height: float


class Words(NamedTuple):
    x: float
    y: float
    words: str


@dataclass
class Chart:
    """What the template draws; all numbers in the units of the view box."""

    width: int
    rules: list[Words]
    rects: list[Rect]
    labels: list[Words]
    marks: list[Words]
    margin: int = LEFT - 6  # where the words beside the lines end
    says: str = ""  # the chart in one sentence, for those who do not see it


def columns(columns: Sequence[Column], says: str, width: int = 432) -> Chart:
    """Draw columns, each as high as its parts together."""
    step = _step(max((column.height for column in columns), default=0))
    most = step * max(1, math.ceil(max((column.height for column in columns), default=0) / step))
    each = (width - LEFT) / max(1, len(columns))
    scale = (FLOOR - TOP) / most
    chart = Chart(width, [], [], [], [], says=says)
    for value in range(0, most + 1, step):
        chart.rules.append(Words(LEFT, round(FLOOR - value * scale, 1), f"{value:,}" if value else ""))
    for place, column in enumerate(columns):
        x, y = LEFT + place * each + each * 0.18, float(FLOOR)
        for tone, many in column.parts:
            if many:
                high = max(1.0, many * scale)
                y -= high
                chart.rects.append(
                    Rect(tone, round(x, 1), round(y, 1), round(each * 0.64, 1), round(high, 1))
                )
        middle = round(LEFT + (place + 0.5) * each, 1)
        chart.labels.append(Words(middle, FOOT, column.label))
        if column.mark:
            chart.marks.append(Words(middle, round(y - 4, 1), column.mark))
    return chart


def _step(most: int) -> int:
    """Choose the distance between the lines: 1, 2 or 5 times a power of ten."""
    rough = max(1.0, most / RULES)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough))
