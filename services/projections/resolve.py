"""Reads one act of deciding against the structure of its own instant."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from schemas.types import Size
from services.projections.acts import Answer, Resolved
from services.projections.facts.decisions import Word
from services.projections.facts.matrix import Part, Row
from services.projections.resolve_mandate import entitled, judged, least, within
from services.projections.resolve_shares import (
    NOBODY,
    Edge,
    Held,
    Loan,
    Seatings,
    Split,
    actual,
    stated,
    without_loops,
)
from services.projections.structure import Structure


def resolve(act: Word, structure: Structure, as_of: datetime) -> Resolved:
    """Shares, row, mandate, level and scopes of a `made` or `overridden`, as of an instant not before it."""
    at, matrix = act.occurred, structure.matrix
    chain = matrix.chain(act.domains[0], at) if act.domains else ()
    scopes = set(chain).union(*(matrix.chain(domain, at) for domain in act.domains[1:]))
    stakes = act.stakes or matrix.stakes(chain, at)
    row = matrix.row(chain, at, as_of)
    done = _actual(act, structure)
    edges: tuple[Edge, ...] = ()
    weights: Held = ()
    said = NOBODY
    if row is not None:
        edges = lent(structure, act.decision, act.initiative, chain, act.size, stakes, at, as_of)
        weights = live_weights(structure, row.decides, at)
        said = stated(row.rule, weights, edges, _seatings(structure, _reached(weights, edges), at))
    levels, closeness, measured = _levels(structure, done, at)
    return Resolved(
        scopes=tuple(sorted(scopes)),
        stakes=stakes,
        row_domain=row.domain if row else None,
        row_position=row.position if row else None,
        vacant=row is not None and not said.node,
        mandate=_mandate(act, structure, row, weights, edges, stakes),
        actual_node=done.node,
        actual_seat=done.seat,
        stated_node=said.node,
        stated_seat=said.seat,
        unresolved=done.unresolved,
        stated_unresolved=said.unresolved,
        levels=levels,
        closeness=closeness,
        closeness_units=measured,
    )


def live_weights(structure: Structure, parts: Sequence[Part], at: datetime) -> Held:
    """The holders who can decide at that instant, each once after merges, by subject."""
    weights: dict[str, int] = {}
    for part in parts:
        holder = structure.actors.holder(part.holder)
        if structure.able(holder, at):
            weights[holder] = weights.get(holder, 0) + part.weight
    return tuple(sorted(weights.items()))


def lent(
    structure: Structure,
    decision: str | None,
    initiative: str | None,
    chain: Sequence[str],
    size: Size | None,
    stakes: str | None,
    at: datetime,
    as_of: datetime,
) -> tuple[Edge, ...]:
    """Who lends authority to whom, for one decision, by mandates that are live and not exceeded."""
    scopes = [f"domain/{domain}" for domain in chain]
    scopes += [f"decision/{decision}"] if decision else []
    scopes += [f"initiative/{initiative}"] if initiative else []
    loans: dict[tuple[str, str], Loan] = {}
    for mandate in structure.matrix.mandates(scopes, at, as_of):
        reach = within(mandate.limits, size, stakes)
        if reach == "no":
            continue
        grantor = structure.actors.holder(mandate.grantor)
        for named in mandate.grantees:
            grantee = structure.actors.holder(named)
            if grantee != grantor and structure.able(grantee, at):
                before = loans.get((grantor, grantee), Loan())
                loans[grantor, grantee] = Loan(
                    before.redelegable or mandate.redelegable,
                    before.sure or reach == "yes",
                    before.surely_redelegable or (mandate.redelegable and reach == "yes"),
                )
    return without_loops(loans) if loans else ()


def _actual(act: Word, structure: Structure) -> Split:
    if not act.deciders:
        return NOBODY
    node: dict[str, int] = {}
    seat: dict[str, int] = {}
    for decider in act.deciders:
        holder, parts = structure.actors.holder(decider.holder), decider.parts or 1
        named = f"body/{decider.under}" if decider.under else holder
        node[named] = node.get(named, 0) + parts
        seat[holder] = seat.get(holder, 0) + parts
    seatings = _seatings(structure, seat, act.occurred)
    return actual(tuple(sorted(node.items())), tuple(sorted(seat.items())), seatings)


def _mandate(
    act: Word,
    structure: Structure,
    row: Row | None,
    weights: Held,
    edges: tuple[Edge, ...],
    stakes: str | None,
) -> Answer:
    if row is None or not act.deciders:
        return "unknown"
    deciders = {structure.actors.holder(decider.holder) for decider in act.deciders}
    deciders.update(f"body/{decider.under}" for decider in act.deciders if decider.under)
    stances: dict[str, str] = {}
    for stance in act.positions:
        stances[structure.actors.holder(stance.holder)] = stance.value
    reached = _reached(weights, edges)
    direct, counting = judged(structure, row.rule, deciders, reached, stances, act.occurred)
    return least((entitled(row.rule, weights, edges, direct, counting), within(row.limits, act.size, stakes)))


def _reached(weights: Held, edges: tuple[Edge, ...]) -> set[str]:
    """Every holder that authority could rest with."""
    return {holder for holder, _ in weights}.union(edge.grantee for edge in edges)


def _seatings(structure: Structure, holders: Iterable[str], at: datetime) -> Seatings:
    bodies = [holder for holder in holders if holder.startswith("body/")]
    return tuple([(body, structure.bodies.seating(body[5:], at)) for body in sorted(bodies)])


def _levels(structure: Structure, done: Split, at: datetime) -> tuple[dict[int, int], int, int]:
    """Units by depth; the sum of units by closeness to the field, floored; the units that sum runs over."""
    levels: dict[int, int] = {}
    measured, numerator, denominator = 0, 0, 1  # exact, and several times faster than fractions
    for holder, units in done.seat.items():
        if not holder.startswith("actor/"):
            continue
        depth, height = structure.actors.level(holder[6:], at)
        if depth is None:
            continue
        levels[depth] = levels.get(depth, 0) + units
        measured += units
        if depth:
            line = depth + height
            numerator = numerator * line + units * depth * denominator
            denominator *= line
    return levels, numerator // denominator, measured
