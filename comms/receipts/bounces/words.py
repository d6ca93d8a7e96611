"""The tables of what servers say (words.txt, signs.txt), made ready once to look wordings up in."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from comms.receipts.bounces.values import Kind

TABLE = Path(__file__).with_name("words.txt")
SIGNS = Path(__file__).with_name("signs.txt")
LONGEST = 3000
"""Characters of a text looked through: enough for every server, and short enough to be quick with a hostile one."""
PLAIN = (
    (re.compile(r"(?i)(?:hxxp|http|ftp)s?://([\w.-]{1,80})\S*"), r"\1"),
    (re.compile(r"[^\s<>\"'(\[:;,]{1,128}@[^\s<>\"')\]:;,]{1,128}"), "a@b"),
    (re.compile(r"[-=_*#.~]{3,}\s*"), "-- "),
    (re.compile(r"(?i)\b(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{8,80}\b"), "id"),
    (re.compile(r"\b[45]\d\d-(?:[45]\.\d\.\d{1,3} )?"), ""),
)
"""What is left out before words are looked for: names in addresses and links would be taken for reasons, and
with the id of each message no two texts would be the same."""
SHORT = {
    "…": r"(?:(?:\S*[^\s:;.!?])? ){0,6}?\S*?",
    "{who}": r"\b(?:user(?:name)?|recipient|mail[- ]?box|mailbox name|account|address(?:ee)?|customer|subscriber|alias|"
    r"member|person|e-?mail(?: address)?|local[- ]part|destinataire|rcpt|recepient|destination|login|name|user ?id)s?\b",
    "{box}": r"\b(?:mail[- ]?box(?:es)?|account|inbox|mail ?drop|user|recipient|mail ?folder|mail file|maildir|quota|box|e-?mail)\b",
}  # fmt: skip


class Wording(NamedTuple):
    """One reason of ours, what it means for the address, and all that is said for it."""

    reason: str
    kind: Kind
    said: re.Pattern[str]


@cache
def table() -> tuple[Wording, ...]:
    """Read why servers refuse; a mistake in it stops the first bounce rather than misjudging a thousand."""
    found = []
    for head, lines in sections(TABLE):
        reason, kind = head.split()
        found.append(Wording(reason, Kind(kind), compiled(lines)))
    return tuple(found)


@cache
def sign(name: str) -> re.Pattern[str]:
    """Give the wordings of a sign that a mail is a bounce, or is none."""
    return compiled(dict(sections(SIGNS))[name])


def sections(path: Path) -> list[tuple[str, list[str]]]:
    """Read a file of sections: a line at the margin, and below it the indented ones that belong to it."""
    found: list[tuple[str, list[str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[-1][1].append(line.strip())
        elif line and not line.startswith("#"):
            found.append((line, []))
    return found


def compiled(wordings: list[str]) -> re.Pattern[str]:
    """Compile the wordings of one reason into one pattern."""
    whole = "|".join(f"(?:{wording})" for wording in wordings)
    for short, meant in SHORT.items():
        whole = whole.replace("… " if short == "…" else short, meant).replace(short, meant)
    return re.compile(whole, re.IGNORECASE)


def found(text: str) -> Wording | None:
    """Give the first reason of the table whose words are in a text, of which only the beginning is read."""
    text = text[: 2 * LONGEST]
    for pattern, short in PLAIN:
        text = pattern.sub(short, text)
    return in_table(text[:LONGEST])


@lru_cache(maxsize=256)
def in_table(text: str) -> Wording | None:
    """Look the table up, once for all recipients of whom the same is said but for their address."""
    return next((wording for wording in table() if wording.said.search(text)), None)
