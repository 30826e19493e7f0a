"""Who proposes: the initiative's proposers, else who opened the decision. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from services.projections.cases import Case, Cases
from services.projections.history import History
from services.projections.measures import apportion


class Proposal(NamedTuple):
    """One initiative, or one decision that belongs to none. `parts` are units of one; empty: nobody knows."""

    at: datetime
    position: int
    parts: Mapping[str, int]
    depths: Mapping[int, int]
    """Units by depth in the lines of reporting, bodies split equally over seats; none without a level."""
    case: Case


def proposals(cases: Cases) -> Iterator[Proposal]:
    """Every initiative proposed, and every decision opened that belongs to none that was."""
    history = cases.history
    for initiative in history.initiatives.values():
        if initiative.proposed is not None:
            step, data = initiative.proposed
            holders = frozenset(map(history.who, data.proposers))
            case = cases.work(initiative)
            yield _proposal(history, step.at, step.position, holders, case)
    for decision in history.decisions.values():
        initiative_of = history.initiatives.get(decision.initiative or "")
        if decision.opened is not None and (initiative_of is None or initiative_of.proposed is None):
            step, opened = decision.opened
            holders = frozenset({history.who(f"actor/{opened.by}")})
            case = cases.work(decision)
            yield _proposal(history, step.at, step.position, holders, case)


def _proposal(history: History, at: datetime, position: int, holders: frozenset[str], case: Case) -> Proposal:
    parts = apportion({holder: Fraction(1, len(holders)) for holder in holders}) if holders else {}
    depths: dict[int, int] = {}
    for holder, units in _seated(history, parts, at).items():
        depth = history.structure.actors.level(holder[6:], at).depth
        if depth is not None:
            depths[depth] = depths.get(depth, 0) + units
    return Proposal(at, position, parts, depths, case)


def _seated(history: History, parts: Mapping[str, int], at: datetime) -> dict[str, int]:
    """The parts of actors; those of bodies without seats are nobody's."""
    found: dict[str, int] = {}
    for holder, units in parts.items():
        if holder.startswith("actor/"):
            found[holder] = found.get(holder, 0) + units
            continue
        seats = [actor for actor, _ in history.structure.bodies.seating(holder[5:], at).weights]
        split = apportion({actor: Fraction(1, len(seats)) for actor in seats}, units) if seats else {}
        for actor, part in split.items():
            found[actor] = found.get(actor, 0) + part
    return found
