"""Which cells make up a window: years, months and days, some taken away again; the rest are edges. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from services.projections.cells import Grain

_LAST = datetime(9_990, 1, 1, tzinfo=UTC)  # calendars end soon after; nothing has occurred there


class Run(NamedTuple):
    """Cells of one grain that follow each other, those whose periods begin in [first, end); -1 takes away."""

    grain: Grain
    first: date
    end: date
    sign: Literal[1, -1] = 1

    def cells(self) -> int:
        """How many there may be."""
        months = 12 * (self.end.year - self.first.year) + self.end.month - self.first.month
        return {"day": (self.end - self.first).days, "month": months, "year": months // 12}[self.grain]


class Cover(NamedTuple):
    """Runs that come to [begins, ends) exactly; where it differs from the window, acts are to be looked at."""

    begins: datetime
    ends: datetime
    runs: tuple[Run, ...]


def cover(opens: datetime, closes: datetime, *, days: bool) -> Cover:
    """The fewest cells that come to most of [opens, closes): days up if there are any, else months.

    They may begin before the window, or end behind it: what lies nearer is less to look at.
    """
    grain: Grain = "day" if days else "month"
    first, last = _nearest(grain, opens), _nearest(grain, closes)
    begins, ends = _midnight(first), _midnight(last)
    if first >= last or abs(begins - opens) + abs(ends - closes) >= closes - opens:
        return Cover(closes, closes, ())
    ways = tuple(_inside(first, last)), tuple(_around(first, last))
    return Cover(begins, ends, min(ways, key=lambda way: sum(run.cells() for run in way)))


def _inside(first: date, last: date) -> Iterator[Run]:
    """Up from days to years, and down again, with nothing to take away."""
    begin = _midnight(first)
    whole_months = max(first, _floor("month", _midnight(last)))
    ends: tuple[tuple[Grain, date], ...] = (
        ("day", min(_ceiling("month", begin), last)),
        ("month", min(_ceiling("year", begin), whole_months)),
        ("year", _floor("year", _midnight(last))),
        ("month", whole_months),
        ("day", last),
    )
    at = first
    for grain, end in ends:
        if at < end:
            yield Run(grain, at, end)
            at = end


def _around(first: date, last: date) -> Iterator[Run]:
    """What lies between the years' beginnings nearest to both ends, set right by what lies beside them."""
    before, begins = _from_new_year(first)
    behind, ends = _from_new_year(last)
    if begins != ends:
        yield Run("year", min(begins, ends), max(begins, ends), 1 if begins < ends else -1)
    for run in before:
        yield run._replace(sign=-1 if run.sign > 0 else 1)
    yield from behind


def _from_new_year(day: date) -> tuple[list[Run], date]:
    """What leads to a day from the nearest beginning of a month, and there from a year's; and which."""
    runs: list[Run] = []
    steps: tuple[tuple[Grain, Grain], ...] = (("day", "month"), ("month", "year"))
    for grain, coarser in steps:
        low, high = _floor(coarser, _midnight(day)), _ceiling(coarser, _midnight(day))
        on, back = Run(grain, low, day), Run(grain, day, high, -1)
        nearest, start = (on, low) if on.cells() <= back.cells() else (back, high)
        if low < high:
            runs.append(nearest)
            day = start
    return runs, day


def _nearest(grain: Grain, instant: datetime) -> date:
    """The beginning of a period nearest to an instant, before or after it."""
    low, high = _floor(grain, instant), _ceiling(grain, instant)
    return low if instant - _midnight(low) <= _midnight(high) - instant else high


def _floor(grain: Grain, instant: datetime) -> date:
    """The beginning of the period an instant lies in."""
    day = min(instant, _LAST).astimezone(UTC).date()
    if grain == "day":
        return day
    return day.replace(day=1) if grain == "month" else day.replace(month=1, day=1)


def _ceiling(grain: Grain, instant: datetime) -> date:
    """The beginning of the first period that begins at an instant or later."""
    start = _floor(grain, instant)
    if _midnight(start) >= min(instant, _LAST):
        return start
    match grain:
        case "day":
            return start + timedelta(days=1)
        case "month":
            return (start + timedelta(days=31)).replace(day=1)
        case "year":
            return start.replace(year=start.year + 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
