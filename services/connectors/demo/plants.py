"""What is planted: stories told by behaviour alone, and how their entries are found again afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.connectors.demo.case import Case, Position
from services.connectors.demo.clock import HOUR
from services.connectors.demo.organisation import Organisation
from services.connectors.demo.pen import Json, Pen, Step
from services.connectors.demo.planner import Planner


@dataclass(frozen=True, slots=True)
class Sight:
    """Which events show a story: of this kind, about these ids or in this domain, by or naming this one."""

    what: str
    ids: frozenset[str] = frozenset()  # of subjects; empty: any
    domain: str | None = None  # of the decision it is or is about
    names: str | None = None  # an actor or body among its `by`, deciders or asked
    since: int = 0


@dataclass(frozen=True, slots=True)
class Plant:
    """One planted truth, or a near miss: something that looks like it and is not. `why` says it in words."""

    pattern: str
    scope: str
    actors: tuple[str, ...]
    since: int
    sights: tuple[Sight, ...]
    why: str
    near_miss: bool = False
    until: int | None = None


@dataclass(slots=True)
class Script:
    """Where stories are written: cases to be lived, loose steps, and what was planted by them."""

    org: Organisation
    planner: Planner
    pen: Pen
    cases: list[Case] = field(default_factory=list)
    loose: list[list[Step]] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)

    def case(self, domain: str, made: int) -> Case:
        """An ordinary case made at this second, to be bent; it will be told."""
        case = self.planner.to_be_made(domain, made)
        case.outcome = "accepted"
        amounts = self.org.manners[domain].amounts
        case.amount = int(amounts[0]) * 2 if amounts else None
        for position in case.positions:
            position.value = "approve"
        self.cases.append(case)
        return case

    def alone(self, domain: str, made: int, actor: str) -> Case:
        """A case that one actor opens to nobody else and decides."""
        case = self.case(domain, made)
        holder = f"actor/{actor}"
        case.deciders, case.electorate = [{"holder": holder}], [{"holder": holder}]
        case.positions = [Position(actor, made - 2 * HOUR, "approve", reason=True)]
        if case.proposer == actor:
            case.proposer = self.org.somebody(domain, case.proposed, self.planner.rng, frozenset({actor}))
        return case

    def open_initiative(self, domain: str, at: int, title: str, by: str) -> str:
        """An initiative that nothing follows; its id."""
        id = self.pen.name("i")
        data: Json = {"title": title, "domains": [domain], "proposers": [f"actor/{by}"]}
        self.loose.append([(at, self.pen.write("initiative.proposed", id, at, data), 0)])
        return id

    def plant(self, plant: Plant) -> None:
        self.plants.append(plant)


def made(cases: Iterable[Case]) -> Sight:
    """The words that made these decisions."""
    return Sight("decision.made", frozenset(case.id for case in cases))


def of(what: str, *ids: str, since: int = 0) -> Sight:
    """Events of one kind about these subjects."""
    return Sight(what, frozenset(ids), since=since)
