"""The verdict on a mail: who did not get it, and what that means for the address."""

import logging
from typing import NamedTuple

from comms.receipts.bounces import complaint, notification, silence, who, why
from comms.receipts.bounces.decoding import folded
from comms.receipts.bounces.mail import Mail, read
from comms.receipts.bounces.values import (
    ARRIVED,
    MOST_REASON,
    MOST_RECIPIENTS,
    MOST_SAID,
    Finding,
    Kind,
    Verdict,
)
from comms.receipts.bounces.words import sign

log = logging.getLogger(__name__)


def explain(raw: bytes) -> list[Verdict]:
    """Give the verdicts on a mail, one for each recipient it speaks of; never raises."""
    try:
        return limited(explained(raw))
    except Exception as fault:  # whatever a stranger's mail does to us, the next one is still read
        log.warning("a bounce could not be read: %s", type(fault).__name__)
        return []


def limited(verdicts: list[Verdict]) -> list[Verdict]:
    """Cut off a list of recipients that no bounce of ours has, and say that it was cut."""
    if len(verdicts) <= MOST_RECIPIENTS:
        return verdicts
    told = f"More than {MOST_RECIPIENTS:,} recipients: the others were not read."
    return [*verdicts[:MOST_RECIPIENTS], Verdict("", Kind.NONE, "", told, "limit")]


def explained(raw: bytes, depth: int = 0) -> list[Verdict]:
    """Judge a mail: a complaint, a report of recipients, an answer of a machine, or words alone, in this order."""
    mail = read(raw)
    found = complaint.complaints(mail) or notification.told(mail)
    if found:
        return found
    reported = who.reported(mail)
    if reported:
        return judged(who.completed(reported, mail), mail)
    if silence.away(mail):
        return quiet(mail, "auto-reply")
    named = unreported(raw, mail)
    if named:
        return judged(who.completed(named, mail), mail)
    if detector := silence.notice(mail):
        return quiet(mail, detector)
    if silence.answered(mail):
        return quiet(mail, "auto-reply")
    if mail.inner and depth < 3:
        return explained(mail.inner, depth + 1)
    return quiet(mail, "nothing")


def quiet(mail: Mail, detector: str) -> list[Verdict]:
    """Say of a mail that is no bounce whom it is from."""
    sender = mail.addresses("from")[:1]
    return [
        Verdict(address, Kind.NONE, "", mail.header("subject")[:MOST_REASON], detector) for address in sender
    ]


def unreported(raw: bytes, mail: Mail) -> list[Finding]:
    """Give the recipients of a bounce without a report; what does not look like a bounce has none."""
    named = who.failed_header(mail)
    if named:
        return named
    if silence.notice(mail) or not looks_like(mail):
        return []
    flufl = who.by_flufl(raw, mail)
    spoken = [finding for finding in flufl if finding.address.partition("@")[0] in mail.words.lower()]
    return spoken or who.in_words(mail) or flufl or who.in_copy(mail) or nameless(mail)


def nameless(mail: Mail) -> list[Finding]:
    """Give a bounce that does not say whose it is: the token in its own address may still tell."""
    sure = silence.daemon(mail) and why.found(folded(mail.words))
    return [Finding("", "words")] if sure else []


def looks_like(mail: Mail) -> bool:
    """Say whether a mail without a report is a bounce: who sent it, what it is called, what it says.

    An answer to a mail is a person's unless its sender is a mail system or it came from nobody (RFC 5321, section 4.5.5),
    whatever it says: "Re: Undelivered parcel" must not cost anybody their address.
    """
    nobody = "return-path" in mail.message and mail.header("return-path") in ("<>", "")
    machine = silence.daemon(mail)
    signs = [
        machine,
        nobody,
        bool(sign("subject").search(mail.header("subject"))),
        bool(sign("body").search(folded(mail.words[:4000]))),
        "report" in mail.message.get_content_type(),
    ]
    doubtful = not machine and (silence.listed(mail) or silence.answered(mail))
    answer = not (machine or nobody) and bool(mail.header("in-reply-to") or mail.header("references"))
    return not answer and sum(signs) >= (2 if doubtful else 1)


class Whole(NamedTuple):
    """What a mail says of all its recipients: its words, its subject, and whether it is of a delay or a success."""

    words: str
    subject: str
    quiet: bool


def judged(found: list[Finding], mail: Mail) -> list[Verdict]:
    """Judge each recipient that a mail speaks of, one more than are told, so that the cut shows."""
    told = found[: MOST_RECIPIENTS + 1]
    passages = who.passages(mail, {finding.address for finding in told})
    whole = Whole(mail.words[:MOST_SAID], mail.header("subject"), silence.late(mail) or silence.kept(mail))
    return [
        of_finding(finding, passages.get(finding.address, mail.words)[:MOST_SAID], whole) for finding in told
    ]


def of_finding(finding: Finding, about: str, whole: Whole) -> Verdict:
    """Judge one recipient by what its server's report and words say about it."""
    quoted = why.replies(about)
    texts = [finding.diagnostic, quoted, about, whole.words, whole.subject]
    status = why.best_status(finding.status, why.status_in(finding.diagnostic), why.status_in(quoted))
    kind, cause = (Kind.NONE, "") if no_failure(finding, status, whole.quiet) else why.judged(status, texts)
    if kind is Kind.NONE and finding.action == "delivered":
        cause = ARRIVED
    reason = why.reason([finding.diagnostic, quoted if quoted[:1] in "45" else "", *texts[2:]])
    return Verdict(finding.address, kind, status, reason, finding.detector, cause)


def no_failure(finding: Finding, status: str, quiet: bool) -> bool:
    """Say whether a recipient's report is of success or of a delay (RFC 3464, section 2.3.3)."""
    if sign("confirm").search(finding.diagnostic):
        return True
    if finding.action:
        passed = finding.action.startswith((*who.PASSED, "delayed"))
        return passed or (status.startswith("2") and finding.action != "failed")
    return status.startswith("2") or quiet
