"""What a bounce means: what the provider calls it, and the words of the mail server, in one answer."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from comms.channels.base import Bounce
from comms.channels.replies import ENHANCED, refusal

CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
# Where each provider says how lasting a bounce is (a * stands for the only key), and what its words mean.
SAID: dict[str, tuple[str, Mapping[str, Bounce]]] = {
    "amazon_ses": ("bounce.bounceType", {"Permanent": "hard", "Transient": "soft", "Undetermined": "soft"}),
    "brevo": ("event", {"hard_bounce": "hard", "invalid_email": "hard", "soft_bounce": "soft"}),
    "mailersend": ("data.type", {"hard_bounced": "hard", "soft_bounced": "soft"}),
    "mailjet": ("hard_bounce", {"True": "hard", "1": "hard", "False": "soft", "0": "soft"}),
    "mailtrap": ("event", {"bounce": "hard"}),
    "mandrill": ("event", {"hard_bounce": "hard", "soft_bounce": "soft"}),
    "postmark": ("Type", {"HardBounce": "hard", "SoftBounce": "soft", "VirusNotification": "spam"}),
    "resend": ("data.bounce.type", {"Permanent": "hard", "Transient": "soft", "Undetermined": "soft"}),
    "sendgrid": ("type", {"bounce": "hard", "blocked": "soft", "expired": "soft"}),
    "sparkpost": (
        "msys.*.bounce_class",
        {
            **dict.fromkeys(("10", "30"), "hard"),
            **dict.fromkeys(("1", "20", "21", "22", "23", "24", "40", "70"), "soft"),
            **dict.fromkeys(("25", "50", "51", "52", "53", "54"), "spam"),
        },
    ),
    "unisender_go": (
        "delivery_info.delivery_status",
        {
            **dict.fromkeys(("err_user_unknown", "err_user_inactive", "err_domain_inactive"), "hard"),
            **dict.fromkeys(("err_mailbox_full", "err_too_large", "err_unreachable", "err_lost"), "soft"),
            **dict.fromkeys(("err_spam_rejected", "err_blacklisted", "err_spam_skipped"), "spam"),
        },
    ),
}
BY_REASON: Mapping[str, Bounce] = {
    "invalid": "hard",
    "bounced": "hard",
    "spam": "spam",
    "blocked": "spam",
    "timed_out": "soft",
}
WORDS: Mapping[str, str] = {
    "hard": "It came back for good.",
    "soft": "It came back for now.",
    "spam": "It was refused as spam.",
}


class Fate(NamedTuple):
    bounce: Bounce
    reason: str


def fate(provider: str, raw: Any, reject_reason: str, words: str) -> Fate:
    """Say what a bounce means.

    1. Refused as spam, by the mail server's words or by the provider, is spam: the address itself is good.
    2. A mail server's own status (RFC 3463) counts before the provider's class: a full mailbox is for now.
    3. Else what the provider calls it, else django-anymail's reason, else for now: nothing says for good.
    """
    said = named(provider, raw)
    theirs = _of_server(words)
    if theirs and theirs.bounce == "spam":
        return theirs
    if said == "spam" or not theirs:
        bounce = said or BY_REASON.get(reject_reason, "soft")
        return Fate(bounce, WORDS[bounce])
    return theirs if theirs.bounce else Fate(said or "soft", theirs.reason)


def named(provider: str, raw: Any) -> Bounce:
    """Give how lasting the provider itself calls it; "" where it does not say."""
    path, meanings = SAID.get(provider, ("", {}))
    for step in path.split("."):
        if not isinstance(raw, Mapping):
            return ""
        raw = next(iter(raw.values()), None) if step == "*" else raw.get(step)
    return meanings.get(str(raw), "")


def _of_server(words: str) -> Fate | None:
    """Read a mail server's answer, if there is one; one that put it off is for now, since it was given up."""
    code, status = CODE.search(words), ENHANCED.search(words)
    if not code and not status:
        return None
    number = int(code[1]) if code else int(f"{status[1][0]}50") if status else 0
    meaning = refusal("RCPT", number, words)
    if meaning.kind == "deferred":
        return Fate("soft", meaning.reason)
    return Fate(meaning.bounce, meaning.reason)
