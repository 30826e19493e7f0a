"""What a piece of work is filtered by: its domains, stakes, who took part, its level. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.projections.history import Act, Decision, History, Initiative
from services.projections.views.question import Question


class Case(NamedTuple):
    """Where a piece of work belongs. Holders are subjects after merges.

    `level` is the depth at which the largest part of deciding lay, the topmost of equals; None where nothing
    was decided or nobody of them has a level.
    """

    home: str | None
    scopes: frozenset[str]
    stakes: str | None
    holders: frozenset[str]
    level: int | None = None
    inferred: bool = False
    led_to: frozenset[int | None] = frozenset()
    """Of an initiative, the levels of the decisions it led to."""


class Narrowing(NamedTuple):
    """Which cases: None takes all. `stakes` "none" asks for those that have none; ids are bare."""

    domain: str | None = None
    body: str | None = None
    actor: str | None = None
    stakes: str | None = None
    level: int | None = None
    recorded: bool = False
    """Leave out what was inferred."""

    @classmethod
    def of(cls, question: Question, level: int | None = None) -> "Narrowing":
        """What a question takes; its actor is who stands for it after merges."""
        recorded = question.attested == "recorded"
        return cls(question.domain, question.body, question.actor, question.stakes, level, recorded)

    def takes(self, case: Case) -> bool:
        return (
            (self.domain is None or self.domain in case.scopes)
            and (self.body is None or f"body/{self.body}" in case.holders)
            and (self.actor is None or f"actor/{self.actor}" in case.holders)
            and (self.stakes is None or self.stakes == (case.stakes or "none"))
            and (self.level is None or self.level == case.level or self.level in case.led_to)
            and not (self.recorded and case.inferred)
        )


class Cases:
    """The cases of one history, each found once."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._acts: dict[int, Case] = {}
        self._works: dict[Decision | Initiative, Case] = {}

    def act(self, act: Act) -> Case:
        """The case of an act: who took part are its deciders, as bodies and as those seated in them."""
        case = self._acts.get(act.position)
        if case is None:
            case = self._acts[act.position] = Case(
                home=act.home,
                scopes=frozenset(act.scopes),
                stakes=act.stakes,
                holders=frozenset((*act.node, *act.seat)),
                level=level(self.history, act),
                inferred=act.inferred,
            )
        return case

    def work(self, work: Decision | Initiative) -> Case:
        """The case of its last act, or as it was begun where nothing was decided."""
        if isinstance(work, Decision) and work.acts:
            return self.act(work.acts[-1])
        if work not in self._works:
            case = self.undecided(work, work.steps[0].at)
            self._works[work] = (
                case if isinstance(work, Decision) else case._replace(led_to=self._led_to(work))
            )
        return self._works[work]

    def _led_to(self, initiative: Initiative) -> frozenset[int | None]:
        decisions = self.history.decided.get(initiative.id, ())
        return frozenset(self.act(decision.acts[-1]).level for decision in decisions if decision.acts)

    def undecided(self, work: Decision | Initiative, at: datetime) -> Case:
        """What was not decided by `at`: who takes part are proposers and electors, and their seats."""
        domains, stakes, holders = _said(self.history, work)
        matrix = self.history.structure.matrix
        chains = [matrix.chain(domain, at) for domain in domains]
        return Case(
            home=domains[0] if domains else None,
            scopes=frozenset(domain for chain in chains for domain in chain),
            stakes=stakes or (matrix.stakes(chains[0], at) if chains else None),
            holders=frozenset(_with_seats(self.history, map(self.history.who, holders), at)),
        )


def level(history: History, act: Act) -> int | None:
    """The depth at which the largest part in an act lay (seat lens), the topmost of equals."""
    parts: dict[int, int] = {}
    for holder, units in act.seat.items():
        if holder.startswith("actor/"):
            depth = history.structure.actors.level(holder[6:], act.at).depth
            if depth is not None:
                parts[depth] = parts.get(depth, 0) + units
    return min(parts, key=lambda depth: (-parts[depth], depth)) if parts else None


def _said(history: History, work: Decision | Initiative) -> tuple[tuple[str, ...], str | None, list[str]]:
    if isinstance(work, Initiative):
        if work.proposed is None:
            return (), None, []
        proposed = work.proposed[1]
        body = [f"body/{proposed.body}"] if proposed.body else []
        return proposed.domains, proposed.stakes, [*proposed.proposers, *body]
    electorate = [one.holder for one in work.opened[1].electorate] if work.opened else []
    said = [one[1].stakes for one in (work.made, work.opened) if one is not None]
    stakes = next((stakes for stakes in said if stakes is not None), None)
    return work.domains, stakes, [*electorate, *history.proposers(work)]


def _with_seats(history: History, holders: Iterable[str], at: datetime) -> Iterable[str]:
    for holder in holders:
        yield holder
        if holder.startswith("body/"):
            yield from (actor for actor, _ in history.structure.bodies.seating(holder[5:], at).weights)
