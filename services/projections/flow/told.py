"""Durations as an answer tells them: quantiles, words, and the entries of the longest. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from services.projections.flow.lapse import Lapse, durations
from services.projections.measures_survival import HALF, TENTH, Curve
from services.projections.wording import numbered

DAY: Final = timedelta(days=1)
_MICROSECONDS: Final = DAY // timedelta(microseconds=1)
_SHOWN: Final = 10  # lapses, of two entries each at most
NONE_BEGAN: Final = "nothing of the kind began in this window"
_NOT_YET: Final = "fewer have ended so far than it takes to say: most last still"


def lasting(lapses: Sequence[Lapse], *, shown: int = _SHOWN) -> dict[str, Any]:
    """The fields of `Lasting`."""
    curve = Curve(durations(lapses))
    p50, p90 = days(curve.reached(HALF)), days(curve.reached(TENTH))
    why = NONE_BEGAN if not lapses else _NOT_YET
    told = {"p50_days": p50, "p90_days": p90, "in_words": words(p50, p90, len(lapses)) if lapses else None}
    return {
        "n": len(lapses),
        "censored": sum(not lapse.ended for lapse in lapses),
        **told,
        "why_null": {name: why for name, figure in told.items() if figure is None},
        "entries": longest(lapses, shown),
    }


def longest(lapses: Sequence[Lapse], shown: int = _SHOWN) -> list[int]:
    """The entries of the longest, in their order; ties are broken by position."""
    ranked = sorted(lapses, key=lambda lapse: (-lapse.lasted, lapse.entries))[:shown]
    return sorted({position for lapse in ranked for position in lapse.entries})


def days(lasted: int | None) -> float | None:
    """Days, from microseconds."""
    return None if lasted is None else lasted / _MICROSECONDS


def words(p50: float | None, p90: float | None, n: int) -> str:
    """Half and nine in ten, in words; of one alone there are no parts."""
    if p50 is None:
        return "the only one lasts still" if n == 1 else f"more than half of {n} last still"
    if n == 1:
        return f"the only one within {in_days(p50)}"
    half = f"half within {in_days(p50)}"
    return f"{half}, nine in ten not yet" if p90 is None else f"{half}, nine in ten within {in_days(p90)}"


def in_days(lasted: float) -> str:
    """A duration a person reads: minutes below an hour, hours below two days."""
    if lasted < 1 / 24:
        return numbered("{n} {n:minute|minutes}", n=round(lasted * 1440))
    return numbered("{n} {n:hour|hours}", n=round(lasted * 24)) if lasted < 2 else f"{lasted:.1f} days"
