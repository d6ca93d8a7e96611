"""What a mail server's refusal means for the message: one table, read from the top."""

import re
from typing import NamedTuple

from comms.channels.base import Bounce, Kind, Outcome

ENHANCED = re.compile(r"(?:^|\s)([45]\.\d{1,3}\.\d{1,3})(?=\s|$)")

RELAY = r"\brelay|authentication (is )?required|must (first )?(authenticate|log ?in)"
LARGE = r"too (large|big)|size limit|maximum.{0,20} size"
FULL = r"mailbox.{0,12} full|over ?quota|quota (is )?exceeded|insufficient (disk|storage|system storage)"
SPAM = r"spam|junk|black ?list|block ?list|dnsbl|\brbl\b|\blisted\b|reputation|unsolicited|dmarc|dkim|\bspf\b"
NOBODY = (
    r"(no such|unknown|invalid|non-?existent) (local )?(user|recipient|mailbox|address|account)|user unknown"
    r"|(user|recipient|mailbox|address|account).{0,24}(not found|unknown|does ?n[o']t exist|does not exist|unavailable)"
)


class Meaning(NamedTuple):
    """Says what a refusal means where all that is given matches: the command, the codes and the words.

    `code` is the reply code of RFC 5321, `status` the enhanced one of RFC 3463; "-" is for none.
    """

    kind: Kind
    bounce: Bounce
    reason: str
    at: str = ""
    code: str = ""
    status: str = ""
    words: str = ""


MEANINGS = (
    Meaning("deferred", "", "The mailbox is full for now.", code="4..", status=r"4\.2\.2"),
    Meaning(
        "deferred",
        "",
        "The mail server asks new senders to come back later.",
        code="4..",
        words="gr[ae]y.?list",
    ),
    Meaning("deferred", "", "The mail server put it off for now.", code="4.."),
    Meaning("failed", "", "The message is too large for the mail server.", status=r"5\.2\.3|5\.3\.4"),
    Meaning("failed", "", "The message is too large for the mail server.", words=LARGE),
    Meaning("failed", "", "The message is too large for the mail server.", at="MAIL", code="552"),
    Meaning("failed", "", "The mail server refused the sender's address.", status=r"5\.1\.[78]"),
    Meaning("failed", "", "The mail server asks for a user name and password.", status=r"5\.7\.[08]"),
    Meaning("failed", "", "The mail server does not pass mail on for us.", words=RELAY),
    Meaning("failed", "", "The mail server refused the sender's address.", at="MAIL"),
    Meaning("bounced", "hard", "There is no such address.", status=r"5\.1\.(0|1|3|6)"),
    Meaning(
        "bounced", "hard", "The domain of the address takes no mail.", status=r"5\.1\.(2|10)|5\.4\.(4|310)"
    ),
    Meaning("bounced", "hard", "There is no such address.", status=r"5\.1\..*|5\.4\.1"),
    Meaning("bounced", "hard", "The mailbox is switched off.", status=r"5\.2\.1"),
    Meaning("bounced", "soft", "The mailbox is full.", status=r"5\.2\.2"),
    Meaning("bounced", "soft", "The mailbox is full.", words=FULL),
    Meaning("bounced", "soft", "The mailbox is full.", at="RCPT", code="552", status="-"),
    Meaning("bounced", "spam", "It was refused as spam.", words=SPAM),
    Meaning("bounced", "hard", "There is no such address.", status=r"-|5\.[07]\..*", words=NOBODY),
    Meaning("bounced", "spam", "It was refused by a rule against unwanted mail.", status=r"5\.7\..*"),
    Meaning("bounced", "hard", "There is no such address.", at="RCPT", code="55[013]", status="-"),
    Meaning("failed", "", "The mail server refused the message."),
)


def refusal(at: str, code: int, words: str) -> Outcome:
    """Say what a refusal of 4xx or 5xx at a command (MAIL, RCPT, DATA or the END of the data) means."""
    found = ENHANCED.search(words)
    status = found[1] if found and found[1][0] == str(code)[0] else "-"
    meaning = next(row for row in MEANINGS if _matches(row, at, str(code), status, words))
    return Outcome(meaning.kind, meaning.reason, f"{code} {words}", meaning.bounce)


def _matches(row: Meaning, at: str, code: str, status: str, words: str) -> bool:
    return (
        row.at in ("", at)
        and (not row.code or re.fullmatch(row.code, code) is not None)
        and (not row.status or re.fullmatch(row.status, status) is not None)
        and (not row.words or re.search(row.words, words, re.IGNORECASE) is not None)
    )
