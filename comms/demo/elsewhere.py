"""What became of what did not go by email: texts, push messages, letters, posts, and what a person did."""

import random
from collections.abc import Iterator

from comms.demo.told import HOUR, MINUTE, SECOND, Told, one, put_off, unconfirmed

NO_PHONE = "No phone number on record."
# The usual stories of each channel, with how often they happen.
TEXTS = {"arrived": 92, "texted": 4, "off": 3, "late_text": 1}
# What becomes of texts to numbers that the simulator refuses, by the first of their last three digits.
BY_NUMBER = dict.fromkeys("128", "not_in_use") | dict.fromkeys("36", "late_text")
BY_NUMBER |= {"4": "stopped", "5": "filtered", "7": "text_unconfirmed"}
BY_CHANNEL = {
    "post": {"printed": 97, "undelivered": 3},
    "hybrid": {"taken": 88, "undelivered": 8, "letter_refused": 4},
    "sms": TEXTS,
    "whatsapp": TEXTS | {"arrived": 57, "text_read": 35},
    "push": {"pushed": 86, "gone": 7, "text_unconfirmed": 7},
    "portal": {"posted": 60, "read": 40},
}
BY_HAND = ("handed", "by_hand", "sent_back", "not_in", "by_hand")  # in turn


def by_number(phone: str) -> str:
    """Give the story of a text to a number that has one of its own."""
    return BY_NUMBER.get(phone[-3:-2], "")


def _off(chance: random.Random) -> Iterator[Told]:
    yield from _texted(chance)
    yield Told("failed", HOUR * 24, {"reason": "The phone was off for a day, and the network gave up."})


def _arrived(chance: random.Random) -> Iterator[Told]:
    yield from _texted(chance)
    yield Told("delivered", SECOND * chance.randint(95, 140), {"reply": "delivered"})


def _late_text(chance: random.Random) -> Iterator[Told]:
    reply, reason = "400 30003 Unreachable destination handset", "The phone is out of reach for now."
    yield from put_off(chance, reply, reason, 2)
    yield Told("attempted", MINUTE * 20, {"attempt": 3})
    yield Told("sent", MINUTE * 20 + SECOND, {"attempt": 3, "reply": "201 queued"})
    yield Told("delivered", MINUTE * 21, {"reply": "delivered"})


def _text_read(chance: random.Random) -> Iterator[Told]:
    yield from _arrived(chance)
    yield Told("opened", MINUTE * chance.randint(4, 900), {"reply": "read"})


def _texted(chance: random.Random, reply: str = "201 queued") -> Iterator[Told]:
    wait = SECOND * chance.randint(1, 90)
    yield Told("attempted", wait, {"attempt": 1})
    yield Told("sent", wait + SECOND, {"attempt": 1, "reply": reply})


def _refused(chance: random.Random, kind: str, reason: str, reply: str, bounce: str = "") -> Iterator[Told]:
    yield Told("attempted", SECOND * 5, {"attempt": 1})
    yield Told(kind, SECOND * 6, {"attempt": 1, "bounce": bounce, "reason": reason, "reply": reply})


def _undelivered(chance: random.Random) -> Iterator[Told]:
    yield Told("sent", HOUR, {"reason": "Handed to the printer"})
    reason = "The letter came back: the addressee has gone away."
    yield Told("bounced", HOUR * 24 * 9, {"bounce": "hard", "reason": reason})


def _read(chance: random.Random) -> Iterator[Told]:
    yield from one("delivered", reason="It stands on the portal")
    yield Told("opened", HOUR * chance.randint(1, 90), {})


STORIES = {
    "texted": _texted,
    "off": _off,
    "no_phone": lambda chance: one("failed", reason=NO_PHONE),
    "arrived": _arrived,
    "text_read": _text_read,
    "not_in_use": lambda chance: _refused(
        chance, "bounced", "The number is not in use.", "400 30005 Unknown destination handset", "hard"
    ),
    "stopped": lambda chance: _refused(
        chance,
        "failed",
        "They replied STOP to our texts.",
        "400 21610 Attempt to send to unsubscribed recipient",
    ),
    "filtered": lambda chance: _refused(
        chance, "bounced", "The network refused it as spam.", "400 30007 Message filtered", "spam"
    ),
    "late_text": _late_text,
    "text_unconfirmed": unconfirmed,
    "pushed": lambda chance: _texted(chance, "201"),
    "gone": lambda chance: _refused(
        chance, "failed", "This browser has stopped taking push messages from us.", "410"
    ),
    "taken": lambda chance: _texted(chance, '201 {"status": "accepted"}'),
    "undelivered": _undelivered,
    "letter_refused": lambda chance: _refused(
        chance, "failed", "The hybrid mail provider refused the letter.", "422 Address not known to us"
    ),
    "printed": lambda chance: one("sent", HOUR, reason="Handed to the printer"),
    "posted": lambda chance: one("delivered", reason="It stands on the portal"),
    "read": _read,
    "by_hand": lambda chance: one("sent", reason="Recorded by hand"),
    "handed": lambda chance: one("delivered", reason="Handed to them in person"),
    "not_in": lambda chance: one("failed", reason="Nobody was there; a card was left"),
    "sent_back": lambda chance: one("bounced", bounce="soft", reason="Asked to come back another day"),
}
