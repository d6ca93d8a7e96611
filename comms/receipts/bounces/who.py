"""Who a bounce speaks of: the report's blocks first, then flufl-bounce, then what both miss."""

import email
import itertools
import logging
import re
from dataclasses import replace

from flufl.bounce import all_failures

from comms.receipts.bounces.addresses import ADDRESS, clean, daemon, each, first, typed
from comms.receipts.bounces.decoding import folded
from comms.receipts.bounces.fields import Block
from comms.receipts.bounces.mail import Mail, tidied
from comms.receipts.bounces.values import Finding

logging.getLogger("flufl.bounce").setLevel(
    logging.CRITICAL
)  # it names each detector it tries, and what it raises

TYPED = re.compile(r"^\s*(?:smtp|x-[\w.-]+|dns|x400|unix|x-unix|local|lmtp)\s*;\s*", re.I)
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
PASSED = ("relayed", "delivered", "expanded", "success")
MOST_IN_WORDS = 300
"""Addresses that are looked at where only prose names them."""
AT_HEAD = re.compile(
    r"(?im)^[\s\"'<>*#-]{0,20}(?:5\d\d (?:5\.\d\.\d )?|"
    r"(?:to|recipient|user|address|e-?mail|rcpt to|for|smtp|failed)\s*[:=<]+\s*)?[\"'<]*"
    rf"({ADDRESS.pattern})"
)
"""Where servers list those who got nothing."""
AS_FAILED = re.compile(
    rf"(?im)(?:^ *(?=<[^\s<>]+>:)|deliver\w* (?:your mail|your message|mail|it) to:? )<({ADDRESS.pattern})>"
)
"""Where only one who got nothing stands, be it the sender or a mail system."""
AS_ID = re.compile(rf"(?i)(?:message[- ]?id|\bid|reference)\S{{0,9}}\s*<?({ADDRESS.pattern})")
"""Where what looks like an address is the id of a message."""
LARGEST = 512 * 1024
"""Bytes of a mail given to flufl-bounce, whose patterns are run over each line."""


def reported(mail: Mail) -> list[Finding]:
    """Give the recipients of the delivery report's blocks (RFC 3464, section 2.3), each once."""
    found: dict[str, Finding] = {}
    mailed = set(mail.returned_to())
    for block in mail.report:
        finding = of_block(block, mailed)
        if finding and (finding.address not in found or not found[finding.address].diagnostic):
            found[finding.address] = finding
    return list(found.values())


def of_block(block: Block, mailed: set[str]) -> Finding | None:
    """Read one recipient's block; of its addresses the one that was mailed, else the original one."""
    names = (
        "original-recipient",
        "final-recipient",
        "x-actual-recipient",
        "x-original-recipient",
        "actual-recipient",
    )
    named = [address for name in names if (address := typed(block.get(name, "")))]
    told = bool({"action", "status", "diagnostic-code"} & set(block)) and (
        "final-recipient" in block or named
    )
    if not named and not told:
        return None
    status = STATUS.search(block.get("status", ""))
    return Finding(
        address=next((address for address in named if address in mailed), named[0] if named else ""),
        detector="delivery-status",
        action=block.get("action", "").split("(")[0].strip().lower(),
        status=status[1] if status else "",
        diagnostic=diagnostic(block),
    )


def diagnostic(block: Block) -> str:
    """Give a block's diagnostic text, its type left out; servers have several names for it."""
    names = (
        "diagnostic-code",
        "localized-reason",
        "x-display-name-reason",
        "x-notes",
        "x-postfix-reason",
        "x-supplementary-info",
        "x-sender-reason",
        "x-diagnostic",
    )
    texts = [TYPED.sub("", block[name]) for name in names if block.get(name)]
    comment = re.search(r"\((.+)\)", block.get("status", "") + block.get("action", ""))
    return folded(" ".join(texts) or (comment[1] if comment else ""))


def failed_header(mail: Mail) -> list[Finding]:
    """Give the recipients that Exim, Gmail and some gateways name in a header."""
    named = mail.addresses("x-failed-recipients", "x-failed-recipient", "x-failed-address")
    return [Finding(address, "x-failed-recipients") for address in named]


def by_flufl(raw: bytes, mail: Mail) -> list[Finding]:
    """Give what flufl-bounce finds; it raises on some broken mail, which then has no finding of its."""
    try:
        delayed, failed = all_failures(email.message_from_bytes(tidied(raw)[:LARGEST]))
    except Exception:  # its detectors are strangers' code over strangers' mail: what they raise is not known
        return []
    found = [(address, "failed") for address in failed] + [
        (address, "delayed") for address in delayed - failed
    ]
    return [
        Finding(address, "flufl-bounce", action)
        for value, action in sorted(
            found, key=lambda pair: (mail.words.find(str(pair[0], "utf-8", "replace")), pair)
        )
        if (address := first(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)))
        and (address in mail.returned_to() or address not in senders(mail))
    ]


def senders(mail: Mail) -> set[str]:
    """Give who wrote the bounce and the mail that it returns, whom prose names but who did not fail to get it."""
    names = ("from", "return-path", "sender", "reply-to")
    own = mail.addresses("from", "to", "delivered-to", "reply-to", "envelope-to", "cc")
    return {*own, *(address for name in names for address in each(mail.copy.get(name, "")))}


def in_words(mail: Mail) -> list[Finding]:
    """Give whom the server's own words name: at the head of a line, or as those to whom the returned mail was addressed."""
    sender, mailed = senders(mail), set(mail.returned_to())
    listed, certain, ids = (standing(place, mail.words) for place in (AT_HEAD, AS_FAILED, AS_ID))
    ids.update(each(mail.copy.get("message-id", "")))
    named = [address for address in each(mail.words)[:MOST_IN_WORDS] if address not in ids]
    rest = [a for a in named if a not in sender and not daemon(a)]
    sure = [a for a in named if a in mailed or a in certain or (a in listed and a in rest)]
    return [Finding(address, "words") for address in sure or rest[:1]]


def standing(place: re.Pattern[str], words: str) -> set[str]:
    """Give the addresses that stand at a place in the words."""
    return {clean(match[1]) for match in place.finditer(words)}


def in_copy(mail: Mail) -> list[Finding]:
    """Give whom the returned mail was addressed to, if it was so few that it must be one of them."""
    mailed = mail.returned_to()
    return [Finding(mailed[0], "returned-headers")] if len(mailed) == 1 else []


def completed(found: list[Finding], mail: Mail) -> list[Finding]:
    """Give the one recipient that a report leaves nameless the name that the rest of the mail has for it."""
    if [finding.address for finding in found] != [""]:
        return found
    other = failed_header(mail) or in_words(mail) or in_copy(mail)
    return [replace(found[0], address=other[0].address)] if len(other) == 1 else found


def passages(mail: Mail, named: set[str]) -> dict[str, str]:
    """Give the server's words about each recipient: from its address to the next one's, the longest such piece."""
    spots = [
        (match.start(), address)
        for match in ADDRESS.finditer(mail.words)
        if (address := clean(match.group())) in named
    ]
    found: dict[str, str] = {}
    for _, same in itertools.groupby(enumerate(spots), key=lambda pair: pair[1][1]):
        own = list(same)
        after = own[-1][0] + 1
        text = mail.words[own[0][1][0] : spots[after][0] if after < len(spots) else None]
        found[own[0][1][1]] = max(found.get(own[0][1][1], ""), text, key=len)
    return found
