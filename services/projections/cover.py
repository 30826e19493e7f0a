"""Which cells make up a window: from years to days, some taken away again; the rest are edges. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from services.projections.cells import GRAINS, Grain, first_of

_IN_THIRDS: Final[Mapping[Grain, int]] = {"third": 1, "month": 3, "quarter": 9, "year": 36}
_AT_MOST: Final = {  # from the beginning of a period, so much lies in the next one
    grain: timedelta(days=days)
    for grain, days in (("day", 1), ("third", 11), ("month", 31), ("quarter", 92), ("year", 366))
}
_LAST = datetime(9_990, 1, 1, tzinfo=UTC)  # calendars end soon after; nothing has occurred there


class Run(NamedTuple):
    """Cells of one grain that follow each other, those whose periods begin in [first, end); -1 takes away."""

    grain: Grain
    first: date
    end: date
    sign: Literal[1, -1] = 1

    def cells(self) -> int:
        """How many there may be."""
        if self.grain == "day":
            return (self.end - self.first).days
        return (_thirds(self.end) - _thirds(self.first)) // _IN_THIRDS[self.grain]


class Cover(NamedTuple):
    """Runs that come to [begins, ends) exactly; acts are to be looked at where it is not the window."""

    begins: datetime
    ends: datetime
    runs: tuple[Run, ...]


def cover(opens: datetime, closes: datetime, *, days: bool) -> Cover:
    """The fewest cells that come to most of [opens, closes): days up if there are any, else months.

    They may begin before the window, or end behind it: what lies nearer is less to look at.
    """
    grains = GRAINS if days else ("month", "year")
    first, last = _nearest(grains[0], opens), _nearest(grains[0], closes)
    begins, ends = _midnight(first), _midnight(last)
    if first >= last or abs(begins - opens) + abs(ends - closes) >= closes - opens:
        return Cover(closes, closes, ())
    ways = [
        tuple(_way(grain, *before, *behind))
        for grain, before, behind in zip(grains, _climb(first, grains), _climb(last, grains), strict=True)
    ]
    return Cover(begins, ends, min(ways, key=lambda way: sum(run.cells() for run in way)))


def _way(
    grain: Grain, before: Sequence[Run], begins: date, behind: Sequence[Run], ends: date
) -> Iterator[Run]:
    """The periods of a grain between those nearest to both ends, set right by what lies beside them."""
    if begins != ends:
        yield Run(grain, min(begins, ends), max(begins, ends), 1 if begins < ends else -1)
    for run in before:
        yield run._replace(sign=-1 if run.sign > 0 else 1)
    yield from behind


def _climb(day: date, grains: Sequence[Grain]) -> Iterator[tuple[tuple[Run, ...], date]]:
    """By grain: what leads to a day from the nearest beginning of such a period, and that beginning."""
    runs: tuple[Run, ...] = ()
    yield runs, day
    for grain, coarser in pairwise(grains):
        low = first_of(coarser, day)
        if low < day:
            high = first_of(coarser, low + _AT_MOST[coarser])
            on, back = Run(grain, low, day), Run(grain, day, high, -1)
            nearest, day = (on, low) if on.cells() <= back.cells() else (back, high)
            runs = (*runs, nearest)
        yield runs, day


def _thirds(day: date) -> int:
    """How many thirds of months have begun before that of a day."""
    return 36 * day.year + 3 * day.month + first_of("third", day).day // 10


def _nearest(grain: Grain, instant: datetime) -> date:
    """The beginning of a period nearest to an instant, before or after it."""
    low, high = _floor(grain, instant), _ceiling(grain, instant)
    return low if instant - _midnight(low) <= _midnight(high) - instant else high


def _floor(grain: Grain, instant: datetime) -> date:
    """The beginning of the period an instant lies in."""
    day = min(instant, _LAST).astimezone(UTC).date()
    return first_of(grain, day)


def _ceiling(grain: Grain, instant: datetime) -> date:
    """The beginning of the first period that begins at an instant or later."""
    start = _floor(grain, instant)
    if _midnight(start) >= min(instant, _LAST):
        return start
    return first_of(grain, start + _AT_MOST[grain])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
