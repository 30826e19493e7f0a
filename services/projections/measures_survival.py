"""How long things last when some of them last still: exact counts, and the curve through them. Pure.

Durations are whole microseconds, so that counts can be kept, added and compared exactly.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Final, NamedTuple

_NEAR: Final = 1e-9  # closer than this to what is asked, floats are not trusted
HALF: Final = Fraction(1, 2)
TENTH: Final = Fraction(1, 10)


class Durations:
    """How many lasted so long and ended, and how many had lasted so long when last seen (censored)."""

    def __init__(self) -> None:
        self.ended: Counter[int] = Counter()
        self.censored: Counter[int] = Counter()

    def add(self, lasted: timedelta, *, ended: bool) -> None:
        """One more; what seems to end before it began lasted no time."""
        lasted_for = max(lasted // timedelta(microseconds=1), 0)
        (self.ended if ended else self.censored)[lasted_for] += 1

    @property
    def n(self) -> int:
        return self.ended.total() + self.censored.total()


class Fall(NamedTuple):
    """A duration at which some ended: of `at_risk` that had lasted until then, `left` went on."""

    lasted: int
    at_risk: int
    left: int


class Curve:
    """The product-limit estimate of the share that lasts longer than t (Kaplan & Meier 1958).

    S(t) is the product over durations t_i <= t at which d_i ended of (n_i - d_i) / n_i, n_i being those that
    had lasted until t_i. What is censored at t_i is among n_i, as is usual.
    """

    def __init__(self, durations: Durations) -> None:
        self.falls: list[Fall] = []
        at_risk = durations.n
        for lasted in sorted(durations.ended.keys() | durations.censored.keys()):
            ended = durations.ended[lasted]
            if ended:
                self.falls.append(Fall(lasted, at_risk, at_risk - ended))
            at_risk -= ended + durations.censored[lasted]
        self._seen = max((*durations.ended, *durations.censored), default=-1)
        self._shares = list(_running(self.falls))

    def share(self, lasted: int) -> float | None:
        """The share that lasts longer; None beyond all that was seen, unless none is left."""
        place = bisect_right(self.falls, lasted, key=_lasted)
        share = self._shares[place - 1] if place else 1.0
        return None if lasted > self._seen and share else share

    def exact(self, lasted: int) -> Fraction:
        """The same as a fraction, whatever was seen."""
        return _product(self.falls[: bisect_right(self.falls, lasted, key=_lasted)])

    def reached(self, share: Fraction) -> int | None:
        """The least duration at which no more than `share` last longer; None if that was not reached."""
        wanted = float(share)
        for place, (fall, about) in enumerate(zip(self.falls, self._shares, strict=True)):
            if abs(about - wanted) < _NEAR:
                if _product(self.falls[: place + 1]) <= share:
                    return fall.lasted
            elif about < wanted:
                return fall.lasted
        return None


def _lasted(fall: Fall) -> int:
    return fall.lasted


def _running(falls: Sequence[Fall]) -> list[float]:
    shares, share = [], 1.0
    for fall in falls:
        share *= fall.left / fall.at_risk
        shares.append(share)
    return shares


def _product(falls: Sequence[Fall]) -> Fraction:
    """Exact; where nothing was censored in between, those left at one fall are those at risk at the next."""
    above, below = [1], [1]
    for fall in falls:
        if above[-1] == fall.at_risk:
            above[-1] = fall.left
        else:
            above.append(fall.left)
            below.append(fall.at_risk)
    return Fraction(math.prod(above), math.prod(below))
