"""Clocks count working days of Vietnam, Tết included."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache

import holidays

FIRST_LOOK = 2
OWNER_REPLY = 5
FIRST_CONTACT = 5

#: Vietnam keeps one zone and no summer time.
LOCAL = timezone(timedelta(hours=7))
_CLOSE_OF_BUSINESS = 17


@cache
def _holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("VN")


def due_after(start: datetime, working_days: int) -> datetime:
    """The close of business `working_days` working days after `start`, in UTC."""
    day = start.astimezone(LOCAL).date()
    left = working_days
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in _holidays():
            left -= 1
    return datetime(day.year, day.month, day.day, _CLOSE_OF_BUSINESS, tzinfo=LOCAL).astimezone(UTC)


def local_year(moment: datetime) -> int:
    """The year of a human code: that of the wall calendar, not of UTC."""
    return moment.astimezone(LOCAL).year
