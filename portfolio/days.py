"""Working days: by when something is to be seen to."""

import datetime

from django.conf import settings
from django.utils import timezone

SATURDAY = 5


def working_days_after(day: datetime.date, days: int) -> datetime.date:
    """Give the day that is so many working days after another; bank holidays are counted as any other day."""
    while days > 0:
        day += datetime.timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day


def usual_due_on() -> datetime.date:
    """Give the day by which work that comes up today is to be seen to, in the time zone that is on."""
    return working_days_after(timezone.localdate(), settings.TICKET_DUE_WORKING_DAYS)
