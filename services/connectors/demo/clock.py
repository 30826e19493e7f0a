"""The demo's calendar: seconds since 2024-01-01T00:00Z, and how they are written."""

from datetime import date, timedelta
from functools import cache

EPOCH = date(2024, 1, 1)
HOUR = 3_600
DAY = 24 * HOUR


def day(year: int, month: int, of_month: int, hour: float = 9) -> int:
    """The second at which this hour of this day begins."""
    return (date(year, month, of_month) - EPOCH).days * DAY + int(hour * HOUR)


def horizon(years: int) -> int:
    """The first second after so many calendar years: nothing occurs from then on."""
    return day(EPOCH.year + years, 1, 1, 0)


def stamp(second: int) -> str:
    """The instant in UTC, as RFC 3339."""
    days, rest = divmod(second, DAY)
    hours, rest = divmod(rest, HOUR)
    return f"{_date(days)}T{hours:02}:{rest // 60:02}:{rest % 60:02}Z"


def stamp_east(second: int) -> str:
    """The same instant as a clock one hour east writes it."""
    return f"{stamp(second + HOUR)[:-1]}+01:00"


@cache
def _date(days: int) -> str:
    return (EPOCH + timedelta(days)).isoformat()
