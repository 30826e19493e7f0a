"""Waiting days by who was waited on. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from services.projections.flow import answer
from services.projections.flow.lapse import Lapse
from services.projections.flow.told import DAY, in_days, lasting, longest
from services.projections.views.question import Window
from services.projections.wording import listed

_ROWS: Final = 100
_KINDS: Final = ("advice", "position", "pause", "escalation")


def waiting(lapses: Sequence[Lapse], window: Window, closes: datetime) -> answer.Waiting:
    """Of the waits that lie in a window in part or whole, the days in the window.

    One that ended as the window began, and had begun before, lies in the windows before it only.
    """
    begins = window.start
    lapses = [
        one for one in lapses if not (one.ended and begins is not None and one.start < begins == one.end)
    ]
    of: dict[str, list[Lapse]] = defaultdict(list)
    for lapse in lapses:
        of[lapse.holder or ""].append(lapse)
    rows = [_waited(holder, mine, window.start, closes) for holder, mine in of.items()]
    rows.sort(key=lambda row: (-row.days, row.holder))
    middle = median(row.days for row in rows) if rows else None
    whole = sum((lapse.within(window.start, closes) for lapse in lapses), timedelta()) / DAY
    return answer.Waiting(
        holders=len(rows),
        items=len(lapses),
        days=whole,
        median_days=middle,
        in_words=_in_words(rows, whole, middle) if rows and middle is not None else None,
        why_null={} if rows else dict.fromkeys(("median_days", "in_words"), "nobody was waited on"),
        entries=longest(lapses),
        rows=rows[:_ROWS],
    )


def _waited(holder: str, lapses: Sequence[Lapse], start: datetime | None, closes: datetime) -> answer.Waited:
    inside = {kind: timedelta() for kind in _KINDS}
    for lapse in lapses:
        inside[lapse.what] += lapse.within(start, closes)
    told: dict[str, Any] = lasting([lapse for lapse in lapses if start is None or start <= lapse.start])
    told |= {kind: spent / DAY for kind, spent in inside.items()} | {"entries": longest(lapses)}
    still = [lapse for lapse in lapses if not lapse.ended or lapse.end > closes]
    if not still:
        told["why_null"] |= {"oldest_open_days": "nothing waited on it any more when the window closed"}
    return answer.Waited(
        holder=holder,
        days=sum(inside.values(), timedelta()) / DAY,
        open=len(still),
        oldest_open_days=(closes - min(lapse.start for lapse in still)) / DAY if still else None,
        **told,
    )


def _in_words(rows: Sequence[answer.Waited], whole: float, middle: float) -> str:
    most = [row.holder for row in rows if row.days == rows[0].days]
    each = "each of " if len(most) > 1 else ""
    said = f"{in_days(rows[0].days)} of {in_days(whole)} went into waiting on {each}{listed(most)}"
    return f"{said}; the median of all who were waited on is {in_days(middle)}" if len(rows) > 1 else said
