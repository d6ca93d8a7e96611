"""What Amazon SES tells of bounces and complaints as JSON in a mail, which SNS sends to subscribers by email."""

import json
from typing import Any

from comms.receipts.bounces import why
from comms.receipts.bounces.decoding import folded
from comms.receipts.bounces.mail import Mail
from comms.receipts.bounces.values import MOST_REASON, MOST_RECIPIENTS, Kind, Verdict

DETECTOR = "ses-notification"


def told(mail: Mail) -> list[Verdict]:
    """Give the verdicts in a mail that is a notification of SES; none where it is no such JSON."""
    start = mail.words.find("{")
    if start < 0 or "notificationType" not in mail.words and "eventType" not in mail.words:
        return []
    try:
        said, _ = json.JSONDecoder().raw_decode(mail.words[start:].replace("\n", ""))
        said = json.loads(said["Message"]) if isinstance(said.get("Message"), str) else said
        return of_notification(said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def of_notification(said: dict[str, Any]) -> list[Verdict]:
    """Read one notification of SES by its own names."""
    kind = str(said.get("notificationType") or said.get("eventType"))
    if kind == "Bounce":
        return [bounced(one) for one in said["bounce"]["bouncedRecipients"][:MOST_RECIPIENTS]]
    if kind == "Complaint":
        recipients, meaning = said["complaint"]["complainedRecipients"], Kind.COMPLAINT
    else:
        recipients, meaning = [{"emailAddress": one} for one in said["mail"]["destination"]], Kind.NONE
    return [
        Verdict(str(one["emailAddress"]).lower(), meaning, "", kind, DETECTOR)
        for one in recipients[:MOST_RECIPIENTS]
    ]


def bounced(one: dict[str, Any]) -> Verdict:
    """Judge a bounce as any other: by the mail server's words and status."""
    words = folded(str(one.get("diagnosticCode", "")).partition(";")[2])
    status = why.status_in(str(one.get("status", ""))) or why.status_in(words)
    kind, cause = why.judged(status, [words, "", "", "", ""])
    return Verdict(str(one["emailAddress"]).lower(), kind, status, words[:MOST_REASON], DETECTOR, cause)
