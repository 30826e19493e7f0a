"""Whether those who decided were entitled to: within the row's rule, the mandates and the limits."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from schemas.types import All, Consent, Limits, Rule, Size
from services.projections.acts import Answer
from services.projections.resolve_shares import Edge
from services.projections.structure import Structure
from services.projections.voting import Weights, won

STAKES: Final[Sequence[str]] = ("low", "medium", "high", "strategic")


def within(limits: Limits | None, size: Size | None, stakes: str | None) -> Answer:
    """Whether a decision of this size and stakes is within limits; `no` beats `unknown` beats `yes`.

    A size missing or in another unit, missing stakes, and limits in text alone cannot be judged.
    """
    if limits is None:
        return "yes"
    answers: list[Answer] = []
    if limits.max is not None:
        answers.append(_within_size(limits.max, size))
    if limits.stakes_up_to is not None:
        answers.append(_within_stakes(limits.stakes_up_to, stakes))
    if not answers and limits.text is not None:
        return "unknown"
    return least(answers)


def least(answers: Iterable[Answer]) -> Answer:
    """All of several answers at once."""
    said = set(answers)
    return "no" if "no" in said else "unknown" if "unknown" in said else "yes"


def _within_size(most: Size, size: Size | None) -> Answer:
    if size is None or size.unit != most.unit:
        return "unknown"
    return "yes" if size.amount <= most.amount else "no"


def _within_stakes(most: str, stakes: str | None) -> Answer:
    if stakes is None:
        return "unknown"
    return "yes" if STAKES.index(stakes) <= STAKES.index(most) else "no"


def entitled(
    rule: Rule | None,
    weights: Weights,
    edges: Sequence[Edge],
    direct: Collection[str],
    stances: Mapping[str, str],
) -> Answer:
    """Whether the deciders contain a winning coalition of a row's live holders.

    `direct` are those who decided themselves or as a body. `unknown` where it takes a mandate whose limits
    cannot be judged.
    """
    sure = [edge._replace(redelegable=edge.surely_redelegable) for edge in edges if edge.sure]
    if won(rule, weights, represented(direct, sure), stances):
        return "yes"
    return "unknown" if edges and won(rule, weights, represented(direct, edges), stances) else "no"


def represented(direct: Collection[str], edges: Sequence[Edge]) -> Collection[str]:
    """The deciders and everybody whose authority they used.

    A grantor is represented by a grantee who decided, or who is represented and was free to lend it on.
    """
    if not edges:
        return direct
    lent: set[str] = set()
    grown = True
    while grown:
        found = {
            edge.grantor
            for edge in edges
            if edge.grantee in direct or (edge.redelegable and edge.grantee in lent)
        }
        grown = not found <= lent
        lent |= found
    return lent.union(direct)


def decided(
    structure: Structure,
    deciders: Collection[str],
    concerned: Iterable[str],
    stances: Mapping[str, str],
    at: datetime,
    read: Callable[[Rule | None], Rule | None] = lambda rule: rule,
) -> Collection[str]:
    """Adds to the deciders those of the `concerned` bodies whose own rule, as `read`, their seats satisfy."""
    found = set(deciders)
    for holder in concerned:
        if holder.startswith("body/") and holder not in found:
            seating = structure.bodies.seating(holder[5:], at)
            if won(read(seating.rule), seating.weights, deciders, stances):
                found.add(holder)
    return found


def judged(
    structure: Structure,
    rule: Rule | None,
    deciders: Collection[str],
    concerned: Iterable[str],
    stances: Mapping[str, str],
    at: datetime,
) -> tuple[Collection[str], Mapping[str, str]]:
    """Who decided under a row's rule, as `decided` finds them, and the positions that count.

    A body in which an objection stood has not decided, however it was recorded: it objects.
    """
    direct = decided(structure, deciders, concerned, calmed(stances), at)
    blocked = objections(structure, rule, direct, stances, at)
    return set(direct) - blocked.keys(), {**stances, **dict.fromkeys(blocked, "block")}


def objections(
    structure: Structure,
    rule: Rule | None,
    holders: Collection[str],
    stances: Mapping[str, str],
    at: datetime,
) -> Mapping[str, Sequence[str]]:
    """The bodies among those that decided in which somebody blocks, and who; only where it takes consent.

    That is by a body's own rule or, where it states none, by the row's.
    """
    found: dict[str, Sequence[str]] = {}
    if "block" not in stances.values():
        return found
    for body in (holder for holder in holders if holder.startswith("body/")):
        seating = structure.bodies.seating(body[5:], at)
        blocks = [actor for actor, _ in seating.weights if stances.get(actor) == "block"]
        if blocks and isinstance(seating.rule or rule, Consent):
            found[body] = blocks
    return found


def calmed(stances: Mapping[str, str]) -> Mapping[str, str]:
    """The positions as if nobody blocked."""
    return {holder: "hold" if stance == "block" else stance for holder, stance in stances.items()}


def unopposed(rule: Rule | None) -> Rule | None:
    """A rule as it is for those who decide whoever objects: where it takes consent, it takes everybody's."""
    return All(quorum=rule.quorum) if isinstance(rule, Consent) else rule
