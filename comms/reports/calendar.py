"""When a schedule runs, and which days each run is about: plain dates in, plain times out.

A run is about the whole day, week (Monday to Sunday) or calendar month before its own day, from local midnight to
local midnight. So periods follow each other without a gap or an overlap, whatever the clocks do; and a run that comes
late is about the same days as one in time.
"""

import calendar
import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = datetime.timedelta(days=1)
AHEAD = 63  # days within which each rhythm has a next time
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Rhythm(NamedTuple):
    """Every day, week or month at a local time; the 31st is the last day of a shorter month."""

    every: str
    at: datetime.time
    weekday: int = 0
    day: int = 1


def falls_on(rhythm: Rhythm, date: datetime.date) -> bool:
    """Say whether a rhythm runs on a day."""
    if rhythm.every == "week":
        return date.weekday() == rhythm.weekday
    if rhythm.every == "month":
        return date.day == min(rhythm.day, calendar.monthrange(date.year, date.month)[1])
    return True


def moment(rhythm: Rhythm, date: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    """Give when it runs on a day, in UTC.

    A time that the clocks pass over counts from before the change (01:30 is then 02:30 on the new clock); of one that
    comes twice it is the first (PEP 495, fold=0).
    """
    return datetime.datetime.combine(date, rhythm.at.replace(fold=0), zone).astimezone(datetime.UTC)


def after(rhythm: Rhythm, zone: ZoneInfo, last: datetime.datetime) -> datetime.datetime:
    """Give the first time after another."""
    first = last.astimezone(zone).date() - DAY
    dates = (first + n * DAY for n in range(AHEAD))
    return next(at for date in dates if falls_on(rhythm, date) and (at := moment(rhythm, date, zone)) > last)


def period(every: str, date: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Give the first and the last day that a run on a day is about."""
    if every == "week":
        monday = date - date.weekday() * DAY
        return monday - 7 * DAY, monday - DAY
    if every == "month":
        end = date.replace(day=1) - DAY
        return end.replace(day=1), end
    return date - DAY, date - DAY


def rhythm_words(rhythm: Rhythm) -> str:
    """Say when it runs: Every month on the 31st (or its last day) at 07:00."""
    at = f"at {rhythm.at:%H:%M}"
    if rhythm.every == "week":
        return f"Every {WEEKDAYS[rhythm.weekday]} {at}"
    if rhythm.every == "month":
        last = ", in shorter months on the last day," if rhythm.day > 28 else ""
        return f"Every month on the {ordinal(rhythm.day)}{last} {at}"
    return f"Every day {at}"


def about_words(every: str) -> str:
    return {"week": "the week before, Monday to Sunday", "month": "the month before"}.get(
        every, "the day before"
    )


def ordinal(number: int) -> str:
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
