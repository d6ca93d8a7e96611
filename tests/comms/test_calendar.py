"""When a schedule runs, and which days it is about."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from comms.reports.calendar import Rhythm, after, moment, period, rhythm_words

LONDON = ZoneInfo("Europe/London")
UTC = datetime.UTC


def day(text):
    return datetime.date.fromisoformat(text)


def times(rhythm, start, count, zone=LONDON):
    at, found = datetime.datetime.fromisoformat(start).astimezone(UTC), []
    for _ in range(count):
        at = after(rhythm, zone, at)
        found.append(at)
    return found


def test_seven_in_the_morning_stays_seven_through_both_changes():
    rhythm = Rhythm("day", datetime.time(7))
    spring = times(rhythm, "2026-03-28T00:00+00:00", 3)
    autumn = times(rhythm, "2026-10-24T00:00+00:00", 3)

    assert [at.hour for at in spring] == [7, 6, 6]
    assert [at.hour for at in autumn] == [6, 7, 7]
    assert {at.astimezone(LONDON).hour for at in spring + autumn} == {7}


def test_half_past_one_on_the_night_that_has_none_and_on_the_one_that_has_two():
    rhythm = Rhythm("day", datetime.time(1, 30))
    spring = times(rhythm, "2026-03-28T00:00+00:00", 3)
    autumn = times(rhythm, "2026-10-24T00:00+00:00", 4)

    assert [f"{at:%d %H:%M}" for at in spring] == ["28 01:30", "29 01:30", "30 00:30"]
    assert spring[1].astimezone(LONDON).strftime("%H:%M %Z") == "02:30 BST"
    assert [f"{at:%d %H:%M}" for at in autumn] == ["24 00:30", "25 00:30", "26 01:30", "27 01:30"]
    assert autumn[1].astimezone(LONDON).strftime("%H:%M %Z") == "01:30 BST"  # the first of the two


def test_the_31st_is_the_last_day_of_a_shorter_month():
    found = times(Rhythm("month", datetime.time(7), day=31), "2027-12-31T12:00+00:00", 5)

    assert [at.astimezone(LONDON).date().isoformat() for at in found] == [
        "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31",
    ]  # fmt: skip


@pytest.mark.parametrize("every", ["day", "week", "month"])
@pytest.mark.parametrize("zone", ["Europe/London", "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "UTC"])
def test_periods_follow_each_other_without_gap_or_overlap_for_two_years(every, zone):
    for day_of_month, hour in ((1, 0), (15, 1), (31, 23)):
        rhythm = Rhythm(every, datetime.time(hour, 30), weekday=6, day=day_of_month)
        found = times(
            rhythm, "2026-01-10T00:00+00:00", {"day": 731, "week": 104, "month": 24}[every], ZoneInfo(zone)
        )
        periods = [period(every, at.astimezone(ZoneInfo(zone)).date()) for at in found]

        assert all(a < b for a, b in zip(found, found[1:], strict=False))
        for (_, ended), (begins, _) in zip(periods, periods[1:], strict=False):
            assert begins - ended == datetime.timedelta(days=1), (zone, ended)


def test_what_a_run_is_about():
    assert period("day", day("2026-03-01")) == (day("2026-02-28"), day("2026-02-28"))
    assert period("week", day("2026-11-21")) == (day("2026-11-09"), day("2026-11-15"))
    assert period("week", day("2026-11-16")) == (day("2026-11-09"), day("2026-11-15"))
    assert period("month", day("2026-03-31")) == (day("2026-02-01"), day("2026-02-28"))
    assert period("month", day("2026-01-01")) == (day("2025-12-01"), day("2025-12-31"))


def test_the_next_time_is_always_later_than_now():
    rhythm = Rhythm("day", datetime.time(7))
    at = moment(rhythm, day("2026-06-01"), LONDON)

    assert after(rhythm, LONDON, at) == at + datetime.timedelta(days=1)
    assert after(rhythm, LONDON, at - datetime.timedelta(microseconds=1)) == at


def test_it_is_said_in_words():
    assert rhythm_words(Rhythm("day", datetime.time(7))) == "Every day at 07:00"
    assert rhythm_words(Rhythm("week", datetime.time(7, 5), weekday=4)) == "Every Friday at 07:05"
    assert rhythm_words(Rhythm("month", datetime.time(7), day=2)) == "Every month on the 2nd at 07:00"
    assert "in shorter months on the last day" in rhythm_words(Rhythm("month", datetime.time(7), day=31))
