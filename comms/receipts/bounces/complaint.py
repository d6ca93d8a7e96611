"""Complaints: feedback reports (RFC 5965), and the older forms of Microsoft, Yahoo and AOL."""

import re

from comms.receipts.bounces.addresses import each
from comms.receipts.bounces.mail import Mail
from comms.receipts.bounces.values import Kind, Verdict

HOTMAIL = re.compile(r"(?i)complaint about message from|^\s*complaint\b")
NO_COMPLAINT = ("not-spam", "auth-failure")
"""Not from a recipient who does not want our mail: the first says so (RFC 6430), the second is by a server which could not
tell that a mail is from us, be it ours or forged, and goes to the owner of the domain (RFC 6591, RFC 6650 section 6).
All others count. "opt-out", of drafts before RFC 5965 and still in use, is a recipient's wish to get no more by this way,
which is what follows of a complaint; an unknown type is read as "other" (RFC 5965, section 7.3), from a person as well.
"""
OLDER = "x-hmxmroriginalrecipient"
"""Microsoft forwards the mail complained about with this header, as a part or in place of its own."""


def complaints(mail: Mail) -> list[Verdict]:
    """Give whom a feedback report is about; one that says a mail was *not* spam is no complaint."""
    subject = mail.header("subject")
    if not mail.feedback and not older(mail, subject):
        return []
    fields = {name: value for block in reversed(mail.feedback) for name, value in block.items()}
    feedback = fields.get("feedback-type", "abuse").lower()
    kind = Kind.NONE if feedback in NO_COMPLAINT else Kind.COMPLAINT
    return [
        Verdict(address, kind, "", f"{feedback}: {subject}"[:500], "feedback-report")
        for address in named(mail) or [""]
    ]


def older(mail: Mail, subject: str) -> bool:
    """Know the reports that are written without RFC 5965: by their subject, their sender or a header of the copy."""
    sender = mail.header("from").lower()
    return bool(
        HOTMAIL.search(subject)
        and re.search(r"hotmail|outlook|microsoft|live\.", sender)
        or (OLDER in mail.copy and "staff@" in sender)
        or re.search(r"(?i)^(?:email )?(?:feedback|abuse|spam) (?:report|complaint)|complaint about", subject)
        and re.search(r"(?i)feedback|abuse|fbl|complain|scomp|arf|staff@hotmail", sender)
        or "scomp@aol" in sender
        or bool(mail.header(OLDER))
    )


def named(mail: Mail) -> list[str]:
    """Give the recipients that the report names, else those of the mail complained about."""
    fields = ("original-rcpt-to", "removal-recipient", "original-recipient", "final-recipient")
    told = [address for block in mail.feedback for name in fields for address in each(block.get(name, ""))]
    hidden = each(mail.copy.get(OLDER, "") + mail.header(OLDER))
    return list(dict.fromkeys(told or hidden or [a for a in mail.returned_to() if "redacted" not in a]))
