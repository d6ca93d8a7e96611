"""What became of each message: a short story told in events. Pure, and the same every time."""

import random
from collections.abc import Iterator

from comms.demo import elsewhere
from comms.demo.elsewhere import BY_CHANNEL
from comms.demo.told import HOUR, MINUTE, SECOND, Told, one, put_off, unconfirmed

ACCEPTED = "250 2.1.5 Ok, delivered to the mailbox"
NO_SUCH = "550 5.1.1 No such user here"
FULL = "452 4.2.2 Mailbox full"
GREY = "451 4.7.1 Greylisted, try again later"
REFUSED = "554 5.7.1 Refused as spam"
NO_EMAIL = "No email address on record."


def story(name: str, chance: random.Random) -> list[Told]:
    """Give the events of a story by its name."""
    return list(STORIES[name](chance))


def usual(chance: random.Random, channel: str, track: bool) -> str:
    """Choose a story as they mostly go."""
    if channel in BY_CHANNEL:
        names = BY_CHANNEL[channel]
        return chance.choices(list(names), list(names.values()))[0]
    weights = {"delivered": 880, "sent": 45, "late": 30, "soft": 8, "gave_up": 5, "unconfirmed": 3}
    if track:
        weights |= {"opened": 320, "opened_by_machine": 90, "clicked": 40}
    return chance.choices(list(weights), list(weights.values()))[0]


def _sent(chance: random.Random, attempt: int = 1) -> Iterator[Told]:
    wait = SECOND * chance.randint(1, 90)
    yield Told("attempted", wait, {"attempt": attempt})
    reply = {"attempt": attempt, "reply": "250 2.0.0 Ok: queued"}
    yield Told("sent", wait + SECOND, reply)


def _delivered(chance: random.Random) -> Iterator[Told]:
    yield from _sent(chance)
    yield Told("delivered", MINUTE * 2 + SECOND * chance.randint(1, 600), {"reply": ACCEPTED})


def _opened(chance: random.Random, machine: bool = False) -> Iterator[Told]:
    yield from _delivered(chance)
    after = MINUTE * 13 if machine else HOUR * chance.randint(1, 60) + MINUTE * chance.randint(0, 59)
    reason = "Loaded by a mail program before anybody looked." if machine else ""
    yield Told("opened", after, {"machine": machine, "reason": reason})


def _clicked(chance: random.Random) -> Iterator[Told]:
    yield from _opened(chance)
    yield Told("clicked", HOUR * 62, {})


def _late(chance: random.Random) -> Iterator[Told]:
    yield from put_off(chance, GREY, "The mail server asks to try again later.", 2)
    yield Told("attempted", MINUTE * 20, {"attempt": 3})
    yield Told("sent", MINUTE * 20 + SECOND, {"attempt": 3, "reply": "250 2.0.0 Ok: queued"})
    yield Told("delivered", MINUTE * 21, {"reply": ACCEPTED})


def _bounced(chance: random.Random, kind: str, reason: str, reply: str) -> Iterator[Told]:
    yield Told("attempted", SECOND * 5, {"attempt": 1})
    yield Told("bounced", SECOND * 6, {"attempt": 1, "bounce": kind, "reason": reason, "reply": reply})


def _soft(chance: random.Random) -> Iterator[Told]:
    yield from _sent(chance)
    yield Told("bounced", HOUR * 4, {"bounce": "soft", "reason": "The mailbox is full.", "reply": FULL})
    yield Told("attempted", HOUR * 5, {"attempt": 2})
    yield Told("sent", HOUR * 5 + SECOND, {"attempt": 2, "reply": "250 2.0.0 Ok: queued"})
    yield Told("delivered", HOUR * 5 + MINUTE, {"reply": ACCEPTED})


def _gave_up(chance: random.Random) -> Iterator[Told]:
    yield from put_off(chance, FULL, "The mailbox is full.", 6)
    yield Told("attempted", HOUR * 72, {"attempt": 7})
    reason = "Given up after 72 hours. The mailbox is full."
    yield Told("failed", HOUR * 72 + SECOND, {"attempt": 7, "reason": reason, "reply": FULL})


def _complained(chance: random.Random) -> Iterator[Told]:
    yield from _delivered(chance)
    yield Told("spam", HOUR * 5, {"reason": "The recipient marked it as spam."})


STORIES = elsewhere.STORIES | {
    "delivered": _delivered,
    "sent": _sent,
    "opened": _opened,
    "opened_by_machine": lambda chance: _opened(chance, machine=True),
    "clicked": _clicked,
    "late": _late,
    "deferred": lambda chance: put_off(chance, FULL, "The mailbox is full.", 2),
    "greylisted": lambda chance: put_off(chance, GREY, "The mail server asks to try again later.", 1),
    "hard": lambda chance: _bounced(chance, "hard", "There is no such mailbox.", NO_SUCH),
    "refused_as_spam": lambda chance: _bounced(chance, "spam", "Refused as spam by their server.", REFUSED),
    "soft": _soft,
    "gave_up": _gave_up,
    "complained": _complained,
    "unconfirmed": unconfirmed,
    "dropped": lambda chance: one("dropped", reason="An earlier hard bounce blocks this address."),
    "no_email": lambda chance: one("failed", reason=NO_EMAIL),
}
