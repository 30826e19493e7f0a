"""ISO 8601 durations as the published language writes them: `P14D`, `P1M`, `PT1H`, `P2W`. Pure."""

import re
from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final

from services.projections.facts.fact import FOREVER

_PARTS: Final = re.compile(
    r"P(?:(?P<weeks>\d+)W|(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?)"
)


def after(at: datetime, duration: str) -> datetime:
    """The instant a duration after another, by the calendar: a month after 31 January ends February.

    Raises ValueError if it is no duration. What lies beyond the calendar is for ever.
    """
    match = _PARTS.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is no ISO 8601 duration such as P14D")
    parts = {name: int(number or 0) for name, number in match.groupdict().items()}
    months = at.year * 12 + at.month - 1 + parts.pop("years") * 12 + parts.pop("months")
    if months >= FOREVER.year * 12:
        return FOREVER
    year, month = months // 12, months % 12 + 1
    moved = at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
    try:
        return moved + timedelta(**parts)
    except OverflowError:
        return FOREVER
