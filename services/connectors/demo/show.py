"""Puts it all together: the organisation, its stories and its ordinary days, as one stream of events."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from services.connectors.demo import (
    amendments,
    rhythm,
    stories_authority,
    stories_flow,
    stories_statement,
    structure,
)
from services.connectors.demo.clock import DAY, HOUR, horizon
from services.connectors.demo.course import course
from services.connectors.demo.fate import befall
from services.connectors.demo.organisation import Organisation, organise
from services.connectors.demo.pen import Json, Pen, Step
from services.connectors.demo.planner import Planner
from services.connectors.demo.plants import Plant, Script
from services.connectors.demo.stage import Arrival, publish


@dataclass(slots=True)
class Show:
    """Everything that will happen: stories already written, ordinary days as they come."""

    seed: int
    org: Organisation
    pen: Pen
    script: Script
    pace: float  # ordinary decisions come so many times slower than their fields' manners say
    recent: rhythm.Recent = field(default_factory=lambda: deque(maxlen=300))

    @property
    def plants(self) -> list[Plant]:
        return self.script.plants

    def events(self) -> Iterator[Json]:
        """All events in publication order. Once."""
        basis = amendments.amend(self.script)
        processes: list[list[Step]] = [structure.facts(self.org, self.pen, basis)]
        telling = _dice(self.seed, "telling")
        processes += [course(case, self.pen, telling) for case in self.script.cases]
        processes += self.script.loose
        processes += rhythm.experiments(self.org, self.pen, _dice(self.seed, "experiments"))
        processes.append(rhythm.coaching(self.pen))
        spaces = rhythm.sessions(self.org, self.pen, _dice(self.seed, "sessions"), self.recent)
        pulses = rhythm.pulses(self.org, self.pen, _dice(self.seed, "pulses"))
        days = [self._ordinary_days(domain) for domain in self.org.fields]
        return publish([*processes, *spaces, pulses], days, self.org.end)

    def _ordinary_days(self, domain: str) -> Iterator[Arrival]:
        """One ordinary decision of the domain after another."""
        rng = _dice(self.seed, domain)
        planner = Planner(self.org, self.pen, rng)
        before: tuple[int, str] | None = None
        for at in _beginnings(self.org, domain, self.pace, rng):
            case = planner.from_proposal(domain, at)
            if not case.deciders:
                continue
            befall(case, self.org, rng)
            self.recent.append((case.made, case.id))
            steps = course(case, self.pen, rng)
            if before is not None and before[0] < case.made and rng.random() < 0.03:
                word = {"by_decision": case.id}
                at_once = case.made + HOUR
                steps.append((at_once, self.pen.write("decision.superseded", before[1], at_once, word), 0))
                steps.sort(key=lambda step: step[0])
            before = (case.made, case.id)
            yield at, steps


def _beginnings(org: Organisation, domain: str, pace: float, rng: Random) -> Iterator[int]:
    """When ordinary decisions of the domain are proposed: at its pace, give or take a quarter."""
    manner = org.manners[domain]
    at = DAY * (1.5 + rng.random() * manner.central_every * pace)
    while at < org.end:
        second = int(at)
        if not any(since <= second < until for since, until in manner.quiet):
            yield second
        row = org.row(domain, second)
        every = manner.central_every if row is not None and row.central else manner.every
        at += every * pace * DAY * rng.uniform(0.75, 1.25)


def prepare(seed: int, people: int, bodies: int, domains: int, years: int, decisions: int | None) -> Show:
    """Write the stories and set the pace that gives about so many decisions."""
    org = organise(people, bodies, domains, horizon(years), _dice(seed, "organisation"))
    pen = Pen()
    script = Script(org, Planner(org, pen, _dice(seed, "stories")), pen)
    stories_authority.tell(script)
    stories_statement.tell(script)
    stories_flow.tell(script)
    pace = 1.0
    if decisions is not None:
        handed_over = sum(row.since > 0 for f in org.fields.values() for row in f.rows)
        pace = _ordinary(org) / max(1, decisions - len(script.cases) - handed_over)
    return Show(seed, org, pen, script, pace)


def _ordinary(org: Organisation) -> float:
    """How many ordinary decisions the manners give in the whole time, on average."""
    total = 0.0
    for domain, manner in org.manners.items():
        for at in range(0, org.end, 7 * DAY):
            if any(since <= at < until for since, until in manner.quiet):
                continue
            row = org.row(domain, at)
            if row is not None:
                total += 7 / (manner.central_every if row.central else manner.every)
    return total


def _dice(seed: int, name: str) -> Random:
    """Chance of its own for each part, so that one part's changes leave the others as they were."""
    return Random(f"{seed}/{name}")  # noqa: S311 — reproducible, and nothing secret hangs on it
