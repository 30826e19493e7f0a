"""ISO 8601 durations added to instants, by the calendar in UTC. Pure."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

_FORM: Final = re.compile(
    r"P(?:(\d+)W|(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)"
)


class Duration(NamedTuple):
    """Months and years are of the calendar, everything else is a span of time."""

    months: int
    span: timedelta

    @property
    def nothing(self) -> bool:
        return not self.months and not self.span


def read(text: str) -> Duration:
    """A duration as publishers write it (`P1M`, `P2W`, `PT1H`). ValueError for anything else."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no ISO 8601 duration")
    weeks, years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    span = timedelta(days=7 * weeks + days, hours=hours, minutes=minutes, seconds=seconds)
    return Duration(12 * years + months, span)


def after(at: datetime, duration: Duration, times: int = 1) -> datetime | None:
    """So many durations later; the last of a month that has no such day; None after the end of time.

    Several at once are not one after the other: three months from 31 January end on 30 April.
    """
    month = at.month - 1 + duration.months * times
    year, month = at.year + month // 12, month % 12 + 1
    try:
        day = min(at.day, monthrange(year, month)[1]) if 1 <= year <= 9999 else at.day
        return at.replace(year=year, month=month, day=day) + duration.span * times
    except (OverflowError, ValueError):
        return None


def periods(at: datetime, duration: Duration, until: datetime, most: int) -> list[datetime] | None:
    """The ends of the whole periods between two instants; None where there are more than `most`."""
    found: list[datetime] = []
    for end in _ends(at, duration):
        if end > until:
            return found
        if len(found) == most:
            return None
        found.append(end)
    return found


def _ends(at: datetime, duration: Duration) -> Iterator[datetime]:
    times = 1
    while not duration.nothing and (end := after(at, duration, times)) is not None:
        yield end
        times += 1
