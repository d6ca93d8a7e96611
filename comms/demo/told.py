"""How stories are told: their events, and what stories of several channels share."""

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


def put_off(chance: random.Random, reply: str, reason: str, times: int) -> Iterator[Told]:
    after = SECOND * 20
    for attempt in range(1, times + 1):
        yield Told("attempted", after, {"attempt": attempt})
        yield Told("deferred", after + SECOND, {"attempt": attempt, "reason": reason, "reply": reply})
        after += MINUTE * 5 * attempt


def unconfirmed(chance: random.Random) -> Iterator[Told]:
    yield Told("attempted", SECOND * 9, {"attempt": 1})
    reason = "The line broke while we handed it over. It may have arrived. Nothing was sent again."
    yield Told("unconfirmed", MINUTE * 5, {"attempt": 1, "reason": reason})


def one(kind: str, after: datetime.timedelta = SECOND, **facts: str) -> Iterator[Told]:
    yield Told(kind, after, dict(facts))
