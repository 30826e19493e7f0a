"""How far two rankings agree. Pure; counts are exact."""

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence


def kendall(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Kendall's tau-b: 1 the same order, -1 the opposite, 0 neither (Kendall 1938; ties as in Kendall 1945).

    None where either side says the same of all, or there are fewer than two pairs. It is an association: it
    does not tell which follows from which, or whether both follow from a third.
    """
    n = len(pairs)
    every = n * (n - 1) // 2
    ties = [_pairs(Counter(one).values()) for one in zip(*pairs, strict=True)] if pairs else [0, 0]
    both = _pairs(Counter(pairs).values())
    first, second = every - ties[0], every - ties[1]  # pairs that either side tells apart
    if not first or not second:
        return None
    discordant = _inversions([y for _, y in sorted(pairs)])
    concordant = every - ties[0] - ties[1] + both - discordant
    return (concordant - discordant) / math.sqrt(first * second)


def _pairs(counts: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in counts)


def _inversions(values: Sequence[float]) -> int:
    """How many come after a greater one."""
    seen: list[float] = []
    found = 0
    for value in reversed(values):
        found += bisect_left(seen, value)
        insort(seen, value)
    return found
