"""Clocks that are changed, wrong or stopped: what is due goes out once, never early, and is caught up with."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from comms.models import Communication, Recipient
from comms.sending import due

LONDON = ZoneInfo("Europe/London")
HOUR = datetime.timedelta(hours=1)
FORWARD = datetime.datetime(2027, 3, 28, 1, 0, tzinfo=datetime.UTC)  # 01:00 becomes 02:00
BACK = datetime.datetime(2027, 10, 31, 1, 0, tzinfo=datetime.UTC)  # 02:00 becomes 01:00


def planned(cast, at: datetime.datetime) -> Communication:
    one = Communication.objects.create(
        organisation=cast.organisation,
        block=cast.block,
        created_by=cast.alice,
        subject=f"{at:%H:%M}",
        body="<p>x</p>",
    )
    Recipient.objects.create(
        organisation=cast.organisation, communication=one, name="Ann", email="ann@simulator.example"
    )
    one.schedule(at=at, by=cast.alice)
    return one


def tick(now: datetime.datetime) -> list[str]:
    """Give what a beat at some moment begins."""
    before = set(Communication.objects.filter(status="scheduled").values_list("subject", flat=True))
    due.start_due(now)
    return sorted(
        before - set(Communication.objects.filter(status="scheduled").values_list("subject", flat=True))
    )


@pytest.mark.parametrize("night", [FORWARD, BACK], ids=["forward", "back"])
def test_on_the_nights_of_the_changes_each_goes_out_once_at_its_moment(inside, night):
    moments = [night + datetime.timedelta(minutes=minutes) for minutes in range(-90, 91, 30)]
    for at in moments:
        planned(inside, at)

    begun = []
    for minute in range(-95, 100, 5):
        now = (night + datetime.timedelta(minutes=minute)).astimezone(LONDON)
        found = tick(now)
        assert all(
            datetime.datetime.strptime(word, "%H:%M").time() <= now.astimezone(datetime.UTC).time()
            for word in found
        )
        begun += found

    assert sorted(begun) == sorted(f"{at:%H:%M}" for at in moments)


def test_a_clock_that_is_wrong_by_two_hours_sends_nothing_twice_and_the_right_one_nothing_early(inside):
    now = timezone.now()
    planned(inside, now + HOUR)

    assert tick(now - 2 * HOUR) == []
    assert tick(now) == []
    assert len(tick(now + 2 * HOUR)) == 1  # as early as that clock is wrong, and no help against it from here
    assert tick(now) == tick(now + 2 * HOUR) == []


def test_after_an_hour_without_beat_all_that_was_due_goes_out_once(inside):
    now = timezone.now()
    for minutes in range(1, 60, 7):
        planned(inside, now - datetime.timedelta(minutes=minutes))

    assert len(tick(now)) == 9
    assert tick(now) == []
