"""Why a recipient got nothing: the RFC 3463 status and the server's words, and which of them counts."""

import re
from functools import lru_cache
from typing import NamedTuple

from comms.receipts.bounces.decoding import folded
from comms.receipts.bounces.values import MOST_REASON, Kind
from comms.receipts.bounces.words import found

STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]|\.?\d)")
REPLY = re.compile(
    r"(?<![\d.:/-])([45]\d\d)(?=[ \t\-:;,<(]|$)(?![ -]*(?:seconds|bytes|kb|mb|days|hours|minutes))"
)
SAID = re.compile(
    r"(?i)(?<![\d.])(?:[45]\d\d[ -][45]\.\d{1,2}\.\d{1,3}|[45]\d\d[ -](?=\S)|#?[45]\.\d{1,2}\.\d{1,3}(?![\d.]))"
)

# What the codes mean that leave no doubt (RFC 3463, section 3, and the IANA registry), by subject and detail.
MEANT = {
    "1.0": Kind.HARD, "1.1": Kind.HARD, "1.2": Kind.HARD, "1.3": Kind.HARD, "1.4": Kind.HARD, "1.6": Kind.HARD, "1.10": Kind.HARD,
    "1.7": Kind.SPAM, "1.8": Kind.SPAM, "1.9": Kind.SPAM,
    "2.1": Kind.HARD, "2.2": Kind.SOFT, "2.3": Kind.SOFT, "3.1": Kind.SOFT, "3.4": Kind.SOFT, "3.5": Kind.SOFT, "3.2": Kind.SOFT,
    "4.1": Kind.SOFT, "4.2": Kind.SOFT, "4.3": Kind.SOFT, "4.4": Kind.HARD, "4.5": Kind.SOFT, "4.6": Kind.SOFT, "4.7": Kind.SOFT,
    "6.0": Kind.SPAM, "6.1": Kind.SPAM, "6.2": Kind.SPAM, "6.3": Kind.SPAM, "6.6": Kind.SPAM, "6.7": Kind.SPAM, "6.8": Kind.SPAM, "6.9": Kind.SPAM,
    "7.0": Kind.SPAM, "7.1": Kind.SPAM, "7.13": Kind.HARD, "7.17": Kind.HARD, "7.18": Kind.HARD,
}  # fmt: skip
# Our word for why, for the statuses that say it by themselves, whatever stands beside them.
CAUSES = {
    "5.1.1": "unknown",
    "5.1.2": "domain",
    "5.1.10": "domain",
    "5.2.1": "closed",
    "5.2.2": "full",
    "4.2.2": "full",
    "5.2.3": "size",
    "5.3.4": "size",
    "4.4.7": "expired",
    "5.4.7": "expired",
}
REPLIES = {
    "552": Kind.SOFT,
    "521": Kind.HARD,
    "556": Kind.HARD,
    "535": Kind.SPAM,
    "530": Kind.SPAM,
    "523": Kind.SOFT,
}


def status_in(text: str) -> str:
    """Give the first RFC 3463 status in a text, or nothing."""
    match = STATUS.search(text)
    return match[1] if match else ""


def best_status(*known: str) -> str:
    """Give the first status that is known; one without a detail yields to one of its class that has one."""
    told = [status for status in known if status]
    rough = bool(told) and told[0].endswith(".0.0")
    return next(
        (s for s in told if rough and s[0] == told[0][0] and not s.endswith(".0.0")), told[0] if told else ""
    )


def reply_in(text: str) -> str:
    """Give the first SMTP reply code in a text, or nothing."""
    match = REPLY.search(text)
    return match[1] if match else ""


def generic(status: str) -> bool:
    """Say whether a status leaves open what it means: no detail, or one that servers use for anything."""
    tail = status.partition(".")[2]
    return tail not in MEANT or tail in ("1.0", "7.1", "7.0", "4.4", "4.1", "6.0", "3.5", "3.2")


class Judgement(NamedTuple):
    """What a failure means for the address, and our word for why, where one was found."""

    kind: Kind
    cause: str


VAGUE = ("policy", "expired", "system")
"""Reasons whose words are also in what servers say to anybody, so that better ones are looked for first."""


def judged(status: str, texts: list[str]) -> Judgement:
    """Judge a failure by the words of its diagnostic, then by a status that says enough, then by all words."""
    told = [ready(text) for text in texts]
    diagnostic, others = told[0] or told[1], told[1:] if told[0] else told[2:]
    wordings = [found(diagnostic)]
    if not wordings[0] and generic(status):
        wordings = [found(text) for text in others]
    said = [wording for wording in wordings if wording]
    best = next((wording for wording in said if wording.reason not in VAGUE), said[0] if said else None)
    if best:
        return settled(best.kind, best.reason, status or status_in(diagnostic))
    kind = by_code(status, reply_in(" ".join([diagnostic, *others])[:MOST_REASON]))
    return Judgement(kind, CAUSES.get(status, ""))


@lru_cache(maxsize=64)
def ready(text: str) -> str:
    """Give a text as it is judged; what is said of the whole mail is made ready once for all its recipients."""
    return IRONPORT.sub(r"\1", folded(text))


IRONPORT = re.compile(r"^5\.1\.0 - Unknown address error (\d{3}-)")


def settled(kind: Kind, reason: str, status: str) -> Judgement:
    """Give the meaning of words beside a status: vague words yield to a status that says more."""
    if reason in VAGUE and status and not generic(status):
        if kind is MEANT[status.partition(".")[2]]:
            return Judgement(kind, CAUSES.get(status, reason))
        return Judgement(by_code(status, ""), CAUSES.get(status, ""))
    passing = reason == "host" and status.startswith("4")
    return Judgement(Kind.SOFT if passing else kind, reason)


def by_code(status: str, reply: str) -> Kind:
    """Judge a failure by its codes alone: 4.x.x passes, 5.x.x of which nothing is known is for good."""
    if status.startswith("4") or (not status and reply.startswith("4")):
        return Kind.SOFT
    tail = status.partition(".")[2]
    if tail in MEANT:
        return MEANT[tail]
    if tail.startswith("7."):
        return Kind.SPAM
    return REPLIES.get(reply, Kind.HARD)


HEAD = re.compile(r"^[\"'<]*[^\s<>@]{1,128}@[^\s<>@]{1,128}[>\"'):,]*\s*")
"""The address at the head of what is said about it."""


def reason(texts: list[str]) -> str:
    """Give the text that says why, in the server's words, from its reply code on where it has one."""
    told = (HEAD.sub("", folded(text)) for text in texts)
    return next((text for text in told if text), "")[:MOST_REASON]


def replies(words: str) -> str:
    """Give the part of a server's prose that quotes what the other server said, or nothing."""
    match = SAID.search(words)
    return words[match.start() : match.start() + MOST_REASON].split("\n\n")[0] if match else ""
