"""How much more often outcomes match an adviser's stance than the domain's own rate has it. Exact."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from services.projections.history import Act
from services.projections.influence.advice import ACCEPTED, Advice


class Outcomes(NamedTuple):
    """The decisions of one domain."""

    accepted: int
    rejected: int
    n: int


class Lift(NamedTuple):
    """Over the pieces that can be judged: `n`, how many matched, and the sum of the rates p."""

    n: int
    matches: int
    expected: Fraction

    @property
    def value(self) -> Fraction | None:
        """mean[match − p]; None without a piece that can be judged."""
        return (self.matches - self.expected) / self.n if self.n else None


def outcomes(acts: Iterable[Act]) -> dict[str, Outcomes]:
    """By home domain."""
    found: dict[str, Outcomes] = {}
    for act in acts:
        if act.status == "counted":
            before = found.get(act.home, Outcomes(0, 0, 0))
            found[act.home] = Outcomes(
                before.accepted + (act.outcome in ACCEPTED),
                before.rejected + (act.outcome == "rejected"),
                before.n + 1,
            )
    return found


def rate(piece: Advice, of: Mapping[str, Outcomes]) -> Fraction | None:
    """p: how often the other decisions of the domain came out as the stance has it (leave-one-out).

    None where no outcome matches the stance, or it is the only decision of its domain.
    """
    domain = of.get(piece.act.home)
    if piece.match is None or domain is None or domain.n < 2:
        return None
    matching = domain.accepted if piece.stance == "support" else domain.rejected
    return Fraction(matching - piece.match, domain.n - 1)


def lift(pieces: Iterable[Advice], of: Mapping[str, Outcomes]) -> Lift:
    """The lift of some pieces of advice: an association with the outcomes, not their cause."""
    n, matched, expected = 0, 0, Fraction()
    for piece in pieces:
        p = rate(piece, of)
        if p is not None:
            n, matched, expected = n + 1, matched + bool(piece.match), expected + p
    return Lift(n, matched, expected)
