"""What a verification found, in words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Progress = Callable[[int, int], None]
MOST = 1_000  # findings that are kept; after so many nobody needs more


class Finding(NamedTuple):
    """One thing that is not as it was recorded: what kind, about what, and in a sentence."""

    kind: str
    about: str
    words: str


@dataclass
class Report:
    """What was looked at, and what was found."""

    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    leaves: int = 0
    rows: int = 0
    contents: int = 0
    checkpoints: int = 0
    outside: int = 0
    size: int = 0
    note: str = ""
    progress: Progress = lambda done, total: None

    def find(self, kind: str, about: object, words: str) -> None:
        if len(self.findings) < MOST:
            self.findings.append(Finding(kind, str(about), words))
