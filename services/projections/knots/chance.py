"""How far a count is from what chance alone would give. Pure.

Chances are given in groups (chance of one trial, how many such trials), since few of them differ. Only
positive terms are summed, so that small tails keep their accuracy: 1e-12 against exact fractions.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

Groups = tuple[tuple[float, int], ...]
"""Of independent trials: the chance of a hit, and how many trials have it; sorted, each chance once."""
_Z: Final = 1.959963984540054  # the normal quantile of 0.975


@lru_cache(maxsize=65_536)
def poisson_binomial_tail(hits: int, groups: Groups) -> float:
    """P(X >= hits) of a sum of independent trials that need not be alike (Poisson 1837; Hong 2013).

    The counts of all groups but the largest are put together by convolution, a dynamic programme over trials
    that takes as many steps as there are pairs of counts; the last one needs its tail alone.
    """
    if hits <= 0:
        return 1.0
    if hits > sum(count for chance, count in groups if chance > 0):
        return 0.0
    *others, largest = sorted(groups, key=lambda group: group[1])
    counts = [1.0]
    for chance, count in others:
        counts = _convolved(counts, _binomial(count, chance))
    tail = _tails(_binomial(largest[1], largest[0]))
    return min(
        math.fsum(p * tail[max(hits - n, 0)] for n, p in enumerate(counts) if hits - n < len(tail)), 1.0
    )


def _binomial(trials: int, chance: float) -> list[float]:
    """The chances of 0 … trials hits, outwards from the likeliest so that nothing underflows that counts."""
    if chance <= 0 or chance >= 1:
        certain = 0 if chance <= 0 else trials
        return [float(n == certain) for n in range(trials + 1)]
    odds, mode = chance / (1 - chance), min(int((trials + 1) * chance), trials)
    weights = [1.0] * (trials + 1)
    for n in range(mode, trials):
        weights[n + 1] = weights[n] * (trials - n) / (n + 1) * odds
    for n in range(mode, 0, -1):
        weights[n - 1] = weights[n] * n / (trials - n + 1) / odds
    whole = math.fsum(weights)
    return [weight / whole for weight in weights]


def _convolved(one: Sequence[float], other: Sequence[float]) -> list[float]:
    both = [0.0] * (len(one) + len(other) - 1)
    for n, p in enumerate(one):
        for m, q in enumerate(other):
            both[n + m] += p * q
    return both


def _tails(chances: Sequence[float]) -> list[float]:
    """For each count the chance of that many or more, summed from the small end."""
    tails, running = [0.0] * len(chances), 0.0
    for n in range(len(chances) - 1, -1, -1):
        running += chances[n]
        tails[n] = min(running, 1.0)
    tails[0] = 1.0
    return tails


def wilson_lower(hits: int, trials: int) -> float | None:
    """The lower end of the 95 % score interval of a rate (Wilson 1927); None without trials."""
    if not trials:
        return None
    rate, square = hits / trials, _Z * _Z
    middle = rate + square / (2 * trials)
    spread = _Z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    return min(max((middle - spread) / (1 + square / trials), 0.0), rate)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Each p-value adjusted for its family, in the order given: found are those at or below the rate wanted.

    Step-up testing finds the k smallest of m, for the largest k whose p-value is at most rate * k / m
    (Benjamini & Hochberg 1995). Adjusted is the least rate at which it is found (Yekutieli & Benjamini 1999).
    """
    m, least = len(p_values), 1.0
    adjusted = [1.0] * m
    for rank, place in sorted(enumerate(sorted(range(m), key=p_values.__getitem__), 1), reverse=True):
        least = min(least, p_values[place] * (m / rank))
        adjusted[place] = least
    return adjusted
