"""What comes to a bounce address and is no bounce: auto-replies, receipts for reading, warnings of delay, list mail."""

import re

from comms.receipts.bounces.mail import Mail
from comms.receipts.bounces.words import sign

REFUSED = re.compile(r"\b5\d\d[ -][5\w<]|\b5\.\d\.\d{1,3}\b")


def away(mail: Mail) -> bool:
    """Say whether headers or subject show an answer of a machine for a person (RFC 3834)."""
    subject = mail.header("subject")
    by_subject = bool(sign("away").match(subject)) or (
        answered(mail) and bool(sign("perhaps_away").match(subject))
    )
    by_robot = any(
        mail.header(name)
        for name in (
            "x-autoreply",
            "x-autorespond",
            "x-auto-reply-from",
            "x-mail-autoreply",
            "x-apple-action",
        )
    )
    robot = mail.header("precedence").lower() in ("auto_reply", "auto-reply") or mail.header(
        "auto-submitted"
    ).lower().startswith(("auto-replied (vac", "auto-replied; owner", "auto-replied;vac"))
    return by_subject or (by_robot or robot) and not daemon(mail)


def answered(mail: Mail) -> bool:
    """Say whether a machine answered by its own account, which some servers also say of their bounces."""
    return mail.header("auto-submitted").lower() not in ("", "no") or bool(
        mail.header("x-auto-response-suppress")
    )


def late(mail: Mail) -> bool:
    """Say whether a mail only warns that it takes longer, and its sender goes on trying."""
    text = f"{mail.header('subject')}\n{' '.join(mail.words.split())}"
    return (
        bool(sign("delay").search(text))
        and not sign("failed").search(mail.words)
        and not re.search(r"(?i)fail|undeliver", mail.header("subject"))
    )


def kept(mail: Mail) -> bool:
    """Say whether a mail asks for a confirmation, tells of success, or that it was read."""
    subject = mail.header("subject")
    if mail.receipts or sign("read").search(subject) or sign("delivered").search(subject):
        return True
    return bool(sign("delivered").search(" ".join(mail.words.split())[:600])) and not sign("failed").search(
        mail.words
    )


def listed(mail: Mail) -> bool:
    """Say whether a mail came over a mailing list, so that its words are about something else."""
    return bool(mail.header("list-id") or mail.header("list-post"))


def daemon(mail: Mail) -> bool:
    """Say whether a mail's sender calls itself a mail system."""
    return bool(sign("daemon").search(mail.header("from")))


def challenge(mail: Mail) -> bool:
    """Say whether a mail wants its sender to prove to be a person before it is delivered."""
    words = " ".join(mail.words.split())[:4000]
    return bool(sign("challenge").search(words)) and not (
        sign("failed").search(words) or REFUSED.search(words) or daemon(mail)
    )


def notice(mail: Mail) -> str:
    """Give what kind of notice a mail is that is neither a bounce nor an answer, or nothing."""
    return "receipt" if kept(mail) else "challenge" if challenge(mail) else ""
