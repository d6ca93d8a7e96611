"""The mails that mail servers and mailbox providers send back about a mail: byte for byte as they come in practice.

Reports of delivery: RFC 3464 in the envelope of RFC 6522; complaints: RFC 5965.
"""

import datetime
import uuid
from email.utils import format_datetime
from typing import NamedTuple

from comms.simulated import DOMAIN


class Report(NamedTuple):
    """What a report of delivery says: action and status of RFC 3464, and the server's own words."""

    subject: str
    action: str
    status: str
    words: str


REPORTS = {
    "delivered": Report(
        "Successful Mail Delivery Report", "delivered", "2.0.0", "250 2.1.5 Ok, in the mailbox"
    ),
    "hard": Report("Undelivered Mail Returned to Sender", "failed", "5.1.1", "550 5.1.1 No such user here"),
    "soft": Report("Undelivered Mail Returned to Sender", "failed", "4.2.2", "452 4.2.2 Mailbox full"),
}
REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@{domain} (Mail Delivery System)
To: {back_to}
Subject: {subject}
Date: {date}
Message-ID: <{id}@{domain}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="{id}"

--{id}
Content-Type: text/plain; charset=us-ascii

{words}

--{id}
Content-Type: message/{kind}

{fields}

--{id}
Content-Type: text/rfc822-headers

{head}
--{id}--
"""


def of_delivery(what: str, back_to: str, to: str, data: bytes) -> bytes:
    """Write the report that a mail was delivered, or came back."""
    report = REPORTS[what]
    fields = (
        f"Reporting-MTA: dns; {DOMAIN}\n\nFinal-Recipient: rfc822; {to}\nAction: {report.action}\n"
        f"Status: {report.status}\nDiagnostic-Code: smtp; {report.words}"
    )
    words = f"This is the mail system at {DOMAIN}.\n\n<{to}>: {report.words}"
    return _written(report.subject, "delivery-status", back_to, words, fields, data)


def of_complaint(back_to: str, to: str, data: bytes) -> bytes:
    """Write the report that a recipient marked a mail as spam."""
    fields = (
        f"Feedback-Type: abuse\nUser-Agent: Simulator/1.0\nVersion: 1\nOriginal-Mail-From: <{back_to}>\n"
        f"Original-Rcpt-To: <{to}>\nReporting-MTA: dns; {DOMAIN}"
    )
    words = "This is a report of abuse about an email that one of our users marked as spam."
    return _written("Complaint about a message", "feedback-report", back_to, words, fields, data)


def _written(subject: str, kind: str, back_to: str, words: str, fields: str, data: bytes) -> bytes:
    head = data.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n", "\n")
    text = REPORT.format(
        domain=DOMAIN,
        back_to=back_to,
        subject=subject,
        date=format_datetime(datetime.datetime.now(datetime.UTC)),
        id=uuid.uuid4().hex,
        kind=kind,
        words=words,
        fields=fields,
        head=head,
    )
    return text.encode("utf-8", "replace").replace(b"\n", b"\r\n")
