"""Which cells make up a window: the whole years, months and days in it; the rest are its edges. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from services.projections.cells import Grain

_LAST_YEAR = 9_990  # calendars end soon after; nothing has occurred there


class Run(NamedTuple):
    """Cells of one grain that follow each other: those whose periods begin in [first, end)."""

    grain: Grain
    first: date
    end: date


class Cover(NamedTuple):
    """Runs that fill [begins, ends) exactly; outside it the window is to be looked at act by act."""

    begins: datetime
    ends: datetime
    runs: tuple[Run, ...]


def cover(opens: datetime, closes: datetime, *, days: bool) -> Cover:
    """The coarsest cells that fill most of [opens, closes): from days up where there are any, else months."""
    first, last = _ceiling("day", opens), _floor("day", closes)
    if not days:
        first, last = _ceiling("month", _midnight(first)), _floor("month", closes)
    if first >= last:
        return Cover(closes, closes, ())
    return Cover(_midnight(first), _midnight(last), tuple(_runs(first, last)))


def _runs(first: date, last: date) -> Iterator[Run]:
    """Up from days to years, and down again."""
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


def _floor(grain: Grain, instant: datetime) -> date:
    """The beginning of the period an instant lies in."""
    day = min(instant.astimezone(UTC).date(), date(_LAST_YEAR, 1, 1))
    if grain == "day":
        return day
    return day.replace(day=1) if grain == "month" else day.replace(month=1, day=1)


def _ceiling(grain: Grain, instant: datetime) -> date:
    """The beginning of the first period that begins at an instant or later."""
    start = _floor(grain, instant)
    if _midnight(start) >= instant:
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
