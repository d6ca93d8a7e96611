"""What became of each message: a short story told in events. Pure, and the same every time."""

import datetime
import random
from collections.abc import Iterator
from typing import NamedTuple

SECOND = datetime.timedelta(seconds=1)
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Told(NamedTuple):
    """One event: its kind, how long after the start, and the facts that go with it."""

    kind: str
    after: datetime.timedelta
    facts: dict


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
    if channel == "post":
        return "printed"
    if channel in ("sms", "whatsapp", "push"):
        return chance.choices(["delivered", "texted", "off"], [94, 4, 2])[0]
    if channel == "portal":
        return chance.choices(["posted", "read"], [60, 40])[0]
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


def _put_off(chance: random.Random, reply: str, reason: str, times: int) -> Iterator[Told]:
    after = SECOND * 20
    for attempt in range(1, times + 1):
        yield Told("attempted", after, {"attempt": attempt})
        yield Told("deferred", after + SECOND, {"attempt": attempt, "reason": reason, "reply": reply})
        after += MINUTE * 5 * attempt


def _late(chance: random.Random) -> Iterator[Told]:
    yield from _put_off(chance, GREY, "The mail server asks to try again later.", 2)
    yield Told("attempted", MINUTE * 20, {"attempt": 3})
    yield Told("sent", MINUTE * 20 + SECOND, {"attempt": 3, "reply": "250 2.0.0 Ok: queued"})
    yield Told("delivered", MINUTE * 21, {"reply": ACCEPTED})


def _bounced(chance: random.Random, kind: str, reason: str, reply: str) -> Iterator[Told]:
    yield Told("attempted", SECOND * 5, {"attempt": 1})
    yield Told("bounced", SECOND * 6, {"attempt": 1, "bounce": kind, "reason": reason, "reply": reply})


def _soft(chance: random.Random) -> Iterator[Told]:
    yield from _sent(chance)
    yield Told("bounced", HOUR * 4, {"bounce": "soft", "reason": "The mailbox is full.", "reply": FULL})


def _gave_up(chance: random.Random) -> Iterator[Told]:
    yield from _put_off(chance, FULL, "The mailbox is full.", 6)
    yield Told("attempted", HOUR * 72, {"attempt": 7})
    reason = "Given up after 72 hours. The mailbox is full."
    yield Told("failed", HOUR * 72 + SECOND, {"attempt": 7, "reason": reason, "reply": FULL})


def _complained(chance: random.Random) -> Iterator[Told]:
    yield from _delivered(chance)
    yield Told("spam", HOUR * 5, {"reason": "The recipient marked it as spam."})


def _unconfirmed(chance: random.Random) -> Iterator[Told]:
    yield Told("attempted", SECOND * 9, {"attempt": 1})
    reason = "The line broke while we handed it over. It may have arrived. Nothing was sent again."
    yield Told("unconfirmed", MINUTE * 5, {"attempt": 1, "reason": reason})


def _one(kind: str, after: datetime.timedelta = SECOND, **facts: str) -> Iterator[Told]:
    yield Told(kind, after, dict(facts))


def _off(chance: random.Random) -> Iterator[Told]:
    yield from _sent(chance)
    yield Told("failed", HOUR * 24, {"reason": "The phone was off for a day, and the network gave up."})


def _read(chance: random.Random) -> Iterator[Told]:
    yield from _one("delivered", reason="It stands on the portal")
    yield Told("opened", HOUR * chance.randint(1, 90), {})


STORIES = {
    "delivered": _delivered,
    "sent": _sent,
    "texted": _sent,
    "opened": _opened,
    "opened_by_machine": lambda chance: _opened(chance, machine=True),
    "clicked": _clicked,
    "late": _late,
    "deferred": lambda chance: _put_off(chance, FULL, "The mailbox is full.", 2),
    "greylisted": lambda chance: _put_off(chance, GREY, "The mail server asks to try again later.", 1),
    "hard": lambda chance: _bounced(chance, "hard", "There is no such mailbox.", NO_SUCH),
    "refused_as_spam": lambda chance: _bounced(chance, "spam", "Refused as spam by their server.", REFUSED),
    "soft": _soft,
    "gave_up": _gave_up,
    "complained": _complained,
    "unconfirmed": _unconfirmed,
    "dropped": lambda chance: _one("dropped", reason="An earlier hard bounce blocks this address."),
    "no_email": lambda chance: _one("failed", reason=NO_EMAIL),
    "off": _off,
    "printed": lambda chance: _one("sent", HOUR, reason="Handed to the printer"),
    "posted": lambda chance: _one("delivered", reason="It stands on the portal"),
    "read": _read,
    "by_hand": lambda chance: _one("sent", reason="Recorded by hand"),
}
