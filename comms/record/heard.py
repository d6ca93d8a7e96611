"""What was heard about a message, and what of it no longer counts beside what else was heard. Pure."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was heard. `id` and `recorded_at` say when we heard it, `happened_at` when it was."""

    id: int
    kind: str
    happened_at: datetime.datetime
    recorded_at: datetime.datetime
    by_person: bool = False
    attempt: int | None = None
    bounce: str = ""
    reason: str = ""
    machine: bool = False


def order(event: Event) -> tuple[datetime.datetime, int]:
    """Give what sorts events as we heard them."""
    return event.recorded_at, event.id


def number(event: Event) -> int:
    """Give the attempt that an event is about; 0 is before the first."""
    return event.attempt or 0


def _is(*kinds: str) -> Callable[[Event], bool]:
    return lambda event: event.kind in kinds


def _soft(event: Event) -> bool:
    return event.kind == "bounced" and event.bounce == "soft"


def _tried_again(event: Event, other: Event) -> bool:
    return other.kind == "attempted" and number(other) > number(event)


def _given_up(event: Event, other: Event) -> bool:
    return other.kind == "failed" and number(other) >= number(event)


def _delivered_later(event: Event, other: Event) -> bool:
    return other.kind == "delivered" and other.happened_at > event.happened_at


def _came_back(event: Event, other: Event) -> bool:
    late = event.kind == "delivered" and event.happened_at > other.happened_at
    return _soft(other) and number(other) == number(event) and not late


def _answered(event: Event, other: Event) -> bool:
    answers = ("sent", "delivered", "deferred", "bounced", "failed")
    return other.kind in answers and number(other) == number(event)


class GivesWay(NamedTuple):
    """Names which machine event no longer counts once which other is there."""

    event: Callable[[Event], bool]
    to: Callable[[Event, Event], bool]
    why: str


# What the ladder alone would get wrong.
EXCEPTIONS = (
    GivesWay(_soft, _tried_again, "A soft bounce is for now; the next attempt has its own fate."),
    GivesWay(_soft, _given_up, "It was for now until we stopped trying; that is its end."),
    GivesWay(_is("failed"), _tried_again, "Someone had it tried again after we had given up."),
    GivesWay(_is("dropped"), _tried_again, "Someone lifted the block on the address and had it tried."),
    GivesWay(_soft, _delivered_later, "Some providers go on by themselves, and get there."),
    GivesWay(_is("sent", "delivered"), _came_back, "What came back is not on its way any more."),
    GivesWay(_is("unconfirmed"), _answered, "The answer to that attempt was heard after all."),
)


def numbered(heard: list[Event]) -> Iterator[Event]:
    """Give each event its attempt: the one it names, else the last made before we heard of it."""
    # By when we heard, not by when it happened: the other side's clock is not ours.
    last = 0
    for event in heard:
        if event.kind == "attempted":
            last = max(last, event.attempt or 1)
        yield event if event.attempt is not None else replace(event, attempt=last)


def gives_way(event: Event, others: list[Event]) -> bool:
    """Say whether an event no longer counts beside the others."""
    return any(row.event(event) and any(row.to(event, other) for other in others) for row in EXCEPTIONS)
