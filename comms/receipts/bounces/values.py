"""The values that bounce mail is read into, and the limits that keep a hostile mail from taking long."""

from dataclasses import dataclass
from enum import StrEnum

MOST_BYTES = 12 * 1024 * 1024
"""Bytes of a mail that are read; what follows is the returned copy's attachments."""
MOST_TEXT = 64 * 1024
"""Characters of prose looked at: no server explains itself at greater length."""
MOST_SAID = 8000
"""Characters looked at of what is said about one recipient."""
MOST_REPORT = 8 * 1024 * 1024
"""Bytes of a delivery report that are read: some 800 for each of the most recipients."""
MOST_RECIPIENTS = 10_000
"""Recipients told of one mail; a bounce to an envelope address of ours speaks of one."""
MOST_REASON = 1000
"""Characters kept of a diagnostic text."""
MOST_PARTS = 200
"""Parts of a mail that are looked at."""
DEEPEST = 12
"""Levels of parts within parts that are looked at."""

ARRIVED = "arrived"
"""The cause of a verdict on a recipient whose own server says that it was delivered (RFC 3464, 2.3.3)."""


class Kind(StrEnum):
    """What a bounce means for the address, in the words of `manage.py explain_bounce`."""

    HARD = "hard"
    SOFT = "soft"
    SPAM = "spam"
    COMPLAINT = "complaint"
    NONE = "none"


@dataclass(frozen=True)
class Finding:
    """One recipient that a mail speaks of, as its server put it, not yet judged."""

    address: str
    detector: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True)
class Verdict:
    """One recipient, judged: whether, why and on whose word the mail did not arrive."""

    address: str
    kind: Kind
    status: str
    reason: str
    detector: str
    cause: str = ""
    """Our own word for the reason (words.txt), where one was found."""
