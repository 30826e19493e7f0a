"""How long things took, with what still lasts: the figures a person reads off the curve. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from services.projections.evidence import MOST, Entries, Mark, positions
from services.projections.measures_survival import HALF, TENTH, Curve, Durations
from services.projections.wording import numbered

DAY = timedelta(days=1)
_HALF = ({"half": "the only one", "were": "was"}, {"half": "half", "were": "were"})  # of one, and of more
_MICROSECONDS = DAY // timedelta(microseconds=1)
Lasted: TypeAlias = tuple[datetime, datetime | None]
"""From when until when; None: it lasts still."""


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took; what had not come to its end lasts still (Kaplan & Meier 1958)."""

    n: Annotated[int, Meta(ge=0, description="How many began")]
    open: Annotated[int, Meta(ge=0, description="Of these, those that had not come to their end")]
    median_days: Annotated[float | None, Meta(description="Half took no longer; null if not reached")]
    p90_days: Annotated[float | None, Meta(description="Nine in ten took no longer; null if not reached")]
    in_words: str | None
    why_null: dict[str, str]
    entries: Entries


def took(
    spans: Collection[Lasted], at: datetime, marks: Iterable[Mark], words: str, most: int = MOST
) -> Took:
    """The figures; `words` says what the median is: `"{half} {were} shared within {days}"`."""
    durations = counted_durations(spans, at)
    curve = Curve(durations)
    median, p90 = _days(curve.reached(HALF)), _days(curve.reached(TENTH))
    why = {}
    if median is None:
        why["median_days"] = why["in_words"] = "fewer than half have ended" if spans else "nothing began"
    if p90 is None:
        why["p90_days"] = "fewer than nine in ten have ended" if spans else "nothing began"
    return Took(
        n=durations.n,
        open=durations.censored.total(),
        median_days=median,
        p90_days=p90,
        in_words=None if median is None else words.format(days=_said(median), **_HALF[durations.n > 1]),
        why_null=why,
        entries=positions(marks, most),
    )


def median_days(spans: Iterable[Lasted], at: datetime) -> float | None:
    """The median alone."""
    return _days(Curve(counted_durations(spans, at)).reached(HALF))


def counted_durations(spans: Iterable[Lasted], at: datetime) -> Durations:
    """Exact durations; those without an end are censored at `at`."""
    durations = Durations()
    for start, end in spans:
        ended = end is not None and end <= at
        durations.add((end if ended and end is not None else at) - start, ended=ended)
    return durations


def _days(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / _MICROSECONDS


def _said(days: float) -> str:
    if days >= 9.95 or days == int(days):
        return numbered("{n} {n:day|days}", n=round(days))
    return f"{days:.1f} days"
