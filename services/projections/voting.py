"""What a rule means: who has which power under it, and whether those who acted satisfy it."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from schemas.types import All, Any, Consent, Quota, Rule
from services.projections.measures import power

Weights = Sequence[tuple[str, int]]
"""Holders, each once, and their weights."""


def threshold(rule: Quota, total: int) -> int:
    """The least sum of weights that decides, where all weights together are `total`."""
    if rule.at_least is not None:
        return rule.at_least
    numerator, denominator = (int(part) for part in (rule.more_than or "1/1").split("/"))
    return numerator * total // denominator + 1


def index(rule: Rule | None, weights: Weights) -> tuple[tuple[str, Fraction], ...]:
    """Each holder's Shapley-Shubik index under the rule, equal where no rule is stated; a quorum is left out.

    Empty where there is no holder, or all of them together cannot satisfy the rule.
    """
    if not weights:
        return ()
    if isinstance(rule, Quota):
        held = tuple(weight for _, weight in weights)
        parts = power(threshold(rule, sum(held)), held)
        return () if parts is None else tuple(zip((holder for holder, _ in weights), parts, strict=True))
    equal = Fraction(1, len(weights))
    return tuple((holder, equal) for holder, _ in weights)


def decidable(rule: Rule | None, weights: Weights) -> bool:
    """Whether all holders together can satisfy the rule; a quorum is left out."""
    if not isinstance(rule, Quota):
        return bool(weights)
    total = sum(weight for _, weight in weights)
    return threshold(rule, total) <= total


def won(rule: Rule | None, weights: Weights, deciders: Collection[str], stances: Mapping[str, str]) -> bool:
    """Whether the live holders among the deciders satisfy the rule; no rule means all of them.

    `stances` holds the last position of each holder. Consent needs one who decided and no standing block; a
    quorum counts the holders who decided or took any position.
    """
    inside = [weight for holder, weight in weights if holder in deciders]
    if not inside or not _enough(rule, weights, inside, stances):
        return False
    quorum = rule.quorum if rule else None
    return quorum is None or quorum <= sum(holder in deciders or holder in stances for holder, _ in weights)


def _enough(rule: Rule | None, weights: Weights, inside: list[int], stances: Mapping[str, str]) -> bool:
    match rule:
        case Any():
            return True
        case All() | None:
            return len(inside) == len(weights)
        case Consent():
            return not any(stances.get(holder) == "block" for holder, _ in weights)
        case Quota():
            return sum(inside) >= threshold(rule, sum(weight for _, weight in weights))
