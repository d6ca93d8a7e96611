"""Read a mail that came to us: a bounce, a complaint, or what somebody wrote back."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime

from django.conf import settings

from comms.channels.token_address import token_in
from comms.models import Receipt
from comms.receipts import bounces, letters
from comms.receipts.bounces import silence
from comms.receipts.bounces.mail import Mail
from comms.receipts.bounces.mail import read as apart
from comms.receipts.bounces.values import ARRIVED
from comms.receipts.heard import Heard, Ignored, Odd, Said
from comms.receipts.hooks.came import CUT
from comms.receipts.hooks.classes import WORDS
from comms.receipts.matching import OURS

SOURCE = "mail"
NOT_TOLD = "not-told"
"""The header of a receipt that says that nobody could tell whose mail it is (receipts/whose.py)."""
NOWHERE = "It does not say which message it is about."
NOBODYS = "It answers no message, and nobody could tell which firm it is for. MAIL_ORGANISATION names one for such mail."
BULK = ("bulk", "list", "junk")  # of Precedence, which RFC 3834 section 3.1.8 advises to look at
SILENT = "It tells of a delay or of a server on the way, which changes nothing, or asks for something that only a person can do."
REASONS = {
    "full": "The mailbox is full.",
    "unknown": "The mailbox does not exist.",
    "domain": "The domain of the address does not exist or takes no mail.",
    "host": "The domain of the address does not exist or takes no mail.",
    "closed": "The mailbox was closed, or its owner has moved.",
    "relay": "The mail server there does not take mail for this address.",
    "size": "The message was too large for the mailbox.",
    "rate": "The mail server there took no more mail for now.",
    "pace": "The mail server there took no more mail for now.",
    "connection": "The mail server there could not be reached.",
    "expired": "The mail server there could not be reached in time.",
    "blocklist": "The mail server there blocks the server that sent it.",
    "authentication": "The mail server there could not tell that it is from us.",
    "virus": "It was refused: the mail server there took it for dangerous.",
}
COMPLAINED = "The recipient marked it as spam."
WORST = (bounces.Kind.COMPLAINT, bounces.Kind.HARD, bounces.Kind.SPAM, bounces.Kind.SOFT)


def read(receipt: Receipt) -> Iterator[Said]:
    """Read one mail. It asks no database; which entry is meant is said by names."""
    if whole := receipt.headers.get(CUT):
        yield Odd(
            f"It has {int(whole) / 1e6:,.0f} MB, which is too much to keep. The whole of it is still in the mailbox."
        )
    yield from said_in(bytes(receipt.body), not receipt.headers.get(NOT_TOLD))


def said_in(data: bytes, whose_is_told: bool = True) -> Iterator[Said]:
    """Read what a mail says of a message of ours, or what somebody writes to us unasked."""
    taken = apart(data)
    about, verdicts = names(taken), bounces.explain(data)
    if not about.names_one:
        person = by_person(taken, verdicts)
        if person and whose_is_told:
            yield letters.written(data, about, automatic=False)
        else:
            yield Odd(NOBODYS if person else NOWHERE)
        return
    told = [verdict for verdict in verdicts if verdict.kind in WORST]
    if told:
        yield _of_all(verdicts, told, about, taken)
    elif arrived := [verdict for verdict in verdicts if verdict.cause == ARRIVED]:
        yield _delivered(arrived[0], about, taken)
    elif verdicts and {verdict.detector for verdict in verdicts}.isdisjoint({"auto-reply", "nothing"}):
        yield Ignored(SILENT)
    else:
        automatic = any(verdict.detector == "auto-reply" for verdict in verdicts)
        yield letters.written(data, about, automatic)


def by_person(taken: Mail, verdicts: list[bounces.Verdict]) -> bool:
    """Say whether a person wrote a mail to us: it is no bounce, no answer of a machine, no list's, and has a sender."""
    machine = silence.answered(taken) or silence.daemon(taken) or silence.listed(taken)
    bulk = taken.header("precedence").lower() in BULK or bool(taken.header("list-unsubscribe"))
    nothing = {verdict.detector for verdict in verdicts} == {"nothing"}
    return nothing and not machine and not bulk


def _of_all(verdicts: list[bounces.Verdict], told: list[bounces.Verdict], about: Heard, taken: Mail) -> Heard:
    """Say what became of the recipient that the returned mail names, else the worst; of all others beside it."""
    mailed = set(taken.returned_to())
    first = min(told, key=lambda one: (one.address not in mailed, WORST.index(one.kind)))
    others = [one for one in verdicts if one is not first and (one.kind in WORST or one.cause == ARRIVED)]
    return replace(
        _fate(first, about, taken),
        others=tuple((_delivered if one.cause == ARRIVED else _fate)(one, about, taken) for one in others),
    )


def _delivered(verdict: bounces.Verdict, about: Heard, taken: Mail) -> Heard:
    """Say that it arrived: "relayed" and "expanded" do not, for they tell of a server on the way."""
    return Heard(
        "delivered",
        _date(taken),
        token=about.token,
        entry=about.entry,
        message_id=about.message_id,
        address=verdict.address,
        reply=verdict.reason,
    )


def _fate(verdict: bounces.Verdict, about: Heard, taken: Mail) -> Heard:
    """Say in our words what became of the message, and keep theirs."""
    complaint = verdict.kind is bounces.Kind.COMPLAINT
    words = WORDS.get(verdict.kind.value, "")
    return Heard(
        "spam" if complaint else "bounced",
        _date(taken),
        token=about.token,
        entry=about.entry,
        message_id=about.message_id,
        address=verdict.address,
        bounce="" if complaint else verdict.kind.value,
        reason=COMPLAINED if complaint else REASONS.get(verdict.cause, words),
        reply=verdict.reason,
    )


def names(taken: Mail) -> Heard:
    """Find what names the entry: the envelope token, then our header or Message-ID in what comes back or is answered."""
    text = " ".join([*map(str, taken.message.values()), *taken.copy.values()])
    token = token_in(text, settings.BOUNCE_ADDRESS, settings.REPLY_ADDRESS)
    answered = [*taken.header("in-reply-to").split(), *reversed(taken.header("references").split())]
    candidates = [taken.copy.get("message-id", "").strip(), *answered]
    ours = (
        one for one in candidates if OURS.match(one) and one.rstrip(">").lower().endswith(f"@{_domain()}")
    )
    return Heard(
        "", token=token, entry=taken.copy.get("x-blockpost-entry", "").strip(), message_id=next(ours, "")
    )


def _domain() -> str:
    return str(settings.MESSAGE_ID_DOMAIN).lower()


def _date(taken: Mail) -> datetime.datetime | None:
    """Give when the mail says it was written; what cannot be right is put right by the worker."""
    try:
        return parsedate_to_datetime(taken.header("date"))
    except (ValueError, TypeError, OverflowError):
        return None
