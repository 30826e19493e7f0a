"""Formulas over shares: power in a vote, concentration, and the distance between stated and actual.

Pure and exact where counts allow: shares are integer units (see UNIT), turned into floats only at the end.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Final

UNIT: Final = 2_329_089_562_800
"""Units of one decision: the least common multiple of 1 to 30, so that equal parts of up to 30 are exact."""


@lru_cache(maxsize=4_096)
def power(quota: int, weights: tuple[int, ...]) -> tuple[Fraction, ...] | None:
    """Shapley-Shubik index of each player of the game [quota; weights], summing to 1.

    `None` when all players together miss the quota: nobody can decide. Weights and quota are at least 1.
    The index is the chance that a player turns a losing coalition into a winning one when players arrive in
    random order (Shapley & Shubik 1954); coalitions are counted with generating functions (Mann & Shapley
    1962), each held in one large integer, so that thirty players of any weights take milliseconds.
    """
    total = sum(weights)
    if not weights or total < quota:
        return None
    if len(set(weights)) == 1:
        return (Fraction(1, len(weights)),) * len(weights)
    step = math.gcd(*weights)
    weights, quota, total = tuple(weight // step for weight in weights), -(-quota // step), total // step
    quota = min(quota, total - quota + 1)  # the dual game has the same index and the smaller tables
    index = _indices(quota, weights)
    return tuple(index[weight] for weight in weights)


def _indices(quota: int, weights: tuple[int, ...]) -> dict[int, Fraction]:
    """The index of a player of each distinct weight (equal weights have equal power)."""
    n = len(weights)
    width = 8 * math.ceil((n + 1) / 8)  # bits a coefficient: no count of coalitions exceeds 2**n
    mask = (1 << (width * quota)) - 1  # a coalition that wins already cannot be turned
    counts = _coalitions(weights, width, mask)
    orders = [math.factorial(size) * math.factorial(n - size - 1) for size in range(n)]
    whole = math.factorial(n)
    index = {}
    for weight in set(weights):
        turns = 0
        without = 0
        for size in range(n):
            without = (counts[size] - (without << (width * weight))) & mask
            low = max(quota - weight, 0)
            turns += orders[size] * _sum_of_coefficients(without >> (width * low), width)
        index[weight] = Fraction(turns, whole)
    return index


def _coalitions(weights: tuple[int, ...], width: int, mask: int) -> list[int]:
    """By size, the polynomial whose coefficient at w counts the coalitions that weigh w."""
    counts = [1, *([0] * len(weights))]
    for joined, weight in enumerate(weights):
        for size in range(joined, -1, -1):
            counts[size + 1] += (counts[size] << (width * weight)) & mask
    return counts


def _sum_of_coefficients(polynomial: int, width: int) -> int:
    """The sum of all coefficients: the polynomial at 1."""
    # Coefficients are digits in base 2**width, and a number equals the sum of its digits modulo base - 1.
    # That sum is a count of coalitions, below 2**n, and n < width, so the remainder is the sum itself.
    return polynomial % ((1 << width) - 1)


def apportion(parts: Mapping[str, Fraction], whole: int = UNIT) -> dict[str, int]:
    """Integer units for exact fractions of 1, summing to `whole`: largest remainders first, ties by key.

    Zero parts are left out. Raises ValueError if the fractions do not sum to 1.
    """
    units: dict[str, int] = {}
    remainders: list[tuple[Fraction, str]] = []
    for key, part in parts.items():
        floor, rest = divmod(part.numerator * whole, part.denominator)
        units[key] = floor
        if rest:
            remainders.append((Fraction(-rest, part.denominator), key))
    left = whole - sum(units.values())
    if not 0 <= left <= len(remainders):
        raise ValueError("the parts of one decision must sum to 1")
    for _, key in sorted(remainders)[:left]:
        units[key] += 1
    return {key: held for key, held in units.items() if held}


def herfindahl(units: Collection[int]) -> float | None:
    """HHI: the chance that two random parts belong to one holder; None where nothing was decided."""
    total = sum(units)
    return sum(held * held for held in units) / (total * total) if total else None


def effective_deciders(units: Collection[int]) -> float | None:
    """1/HHI: as if so many decided equally (Laakso & Taagepera 1979)."""
    total = sum(units)
    return (total * total) / sum(held * held for held in units) if total else None


def evenness(units: Collection[int]) -> float | None:
    """Shannon entropy over its maximum ln k, of the k shares above zero; None below two (Pielou 1966)."""
    held = [part for part in units if part > 0]
    if len(held) < 2:
        return None
    if len(set(held)) == 1:
        return 1.0
    total = sum(held)
    entropy = -math.fsum(part / total * math.log(part / total) for part in held)
    return min(entropy / math.log(len(held)), 1.0)


def k50(units: Collection[int]) -> int | None:
    """The fewest holders whose shares reach at least half; None where nothing was decided."""
    total = sum(units)
    if not total:
        return None
    running = accumulate(sorted(units, reverse=True))
    return next(count for count, reached in enumerate(running, 1) if 2 * reached >= total)


def gini(units: Collection[int]) -> float | None:
    """Gini coefficient over a roster, zeros included (Gini 1912); None where nothing was decided."""
    total = sum(units)
    n = len(units)
    if not total:
        return None
    return sum((2 * rank - n - 1) * held for rank, held in enumerate(sorted(units), 1)) / (n * total)


def divergence(sides: Collection[Sequence[int]]) -> float | None:
    """Jensen-Shannon divergence, base 2, of two distributions over the union of their holders (Lin 1991).

    `sides` are the parts of each holder in the one and the other, which need not have the same sum. 0 if and
    only if they are equal, 1 if nobody has a part in both; None if either is empty.
    """
    first = second = 0
    for one, other in sides:  # short ones mostly, and many: sums of two generators take three times as long
        first += one
        second += other
    if not first or not second:
        return None
    whole = math.lcm(first, second)  # one denominator, so that equal shares are equal floats
    of_first, of_second = whole // first, whole // second
    terms = []
    for one, other in sides:
        p, q = one * of_first, other * of_second
        if p:
            terms.append(p / whole * math.log2(2 * p / (p + q)))
        if q:
            terms.append(q / whole * math.log2(2 * q / (p + q)))
    return min(max(math.fsum(terms) / 2, 0.0), 1.0)


def noise(holders: int, decisions: int) -> float | None:
    """The divergence that chance alone gives sole deciders, to first order: (k - 1) / (8 n ln 2).

    `holders` k are those with a stated share, `decisions` n; None without either. Near equality
    the divergence is chi-squared / (8 ln 2), and the chi-squared of n sole deciders averages (k - 1) / n.
    """
    return (holders - 1) / (8 * decisions * math.log(2)) if holders and decisions else None


def weighted_mean(values: Sequence[tuple[float | None, int]]) -> float | None:
    """The mean of (value, weight) over the values there are; None if there is none."""
    known = [(value, weight) for value, weight in values if value is not None and weight > 0]
    weights = sum(weight for _, weight in known)
    return math.fsum(value * weight for value, weight in known) / weights if weights else None
