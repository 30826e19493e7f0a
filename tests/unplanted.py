"""Organisations in which nothing is wrong: random sizes and rates, everybody keeps to what is stated.

Deciders are drawn from the power that rows give, mandatory advice is asked for in time, whoever must know is
told. What a detector raises here above `info` is a false alarm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]
START = datetime(2022, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Field:
    """A domain with its row, and how often something is decided in it."""

    name: str
    parent: str | None
    rule: Json
    holders: list[str]
    contributors: list[str]
    informs: list[str]
    every: float


@dataclass
class Unplanted:
    """One organisation; `events` in order of time."""

    seed: int
    written: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(f"unplanted {self.seed}")
        self.years = self.rng.uniform(1.5, 3.0)
        self.end = START + timedelta(days=365 * self.years)
        self.size = self.rng.randint(12, 40)
        self.actors = [f"a-{n}" for n in range(self.size)]
        self.advised = self.rng.uniform(0.7, 0.95)  # the chance that somebody asked answers, the same for all
        self.above: dict[str, str | None] = {}
        self.busy: dict[str, datetime] = {}
        self.number = 0

    @property
    def events(self) -> list[Json]:
        """All there is to publish, in order of time."""
        self._found()
        fields = self._fields()
        for one in fields:
            self._row(one, START)
        moves = sorted(self._turnover())
        self._meet()
        for one in fields:
            self._live(one, moves)
        self.written.sort(key=lambda event: (event["time"], event["id"]))
        return self.written

    def _say(self, at: datetime, subject: str, what: str, **data: Any) -> None:
        self.number += 1
        said = {name.rstrip("_"): value for name, value in data.items() if value is not None}
        self.written.append(
            {
                "specversion": "1.0",
                "id": f"e-{self.number:07}",
                "source": "urn:unplanted",
                "type": f"locus.{what}.v1",
                "subject": subject,
                "time": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
                "data": said,
            }
        )

    def _found(self) -> None:
        at = START - 60 * DAY
        for place, actor in enumerate(self.actors):
            self.above[actor] = None if place == 0 else self.rng.choice(self.actors[: min(place, 6)])
            profile = {"name": f"Name {actor}"}
            self._say(
                at,
                f"actor/{actor}",
                "actor.registered",
                kind="person",
                profile=profile,
                reports_to=self.above[actor],
            )
        self.bodies = {
            f"b-{n}": self.rng.sample(self.actors, self.rng.randint(3, 6))
            for n in range(self.rng.randint(1, 5))
        }
        for body, members in self.bodies.items():
            rule = self.rng.choice([{"kind": "consent"}, {"kind": "quota", "more_than": "1/2"}])
            self._say(at + DAY, f"body/{body}", "body.formed", name=body, kind="circle", rule=rule)
            for member in members:
                self._say(at + 2 * DAY, f"body/{body}", "body.seat_taken", actor=member)

    def _fields(self) -> list[Field]:
        found: list[Field] = []
        self.proposing = self.actors[-max(4, self.size // 3) :]  # never in a row: they cannot decide alone
        deciding = [actor for actor in self.actors if actor not in self.proposing]
        for n in range(self.rng.randint(3, 9)):
            kind = self.rng.choice(["any", "any", "quota", "all", "consent", "body"])
            count = {"any": self.rng.randint(1, 4), "all": 2}.get(kind, self.rng.randint(3, 5))
            holders = [f"actor/{one}" for one in self.rng.sample(deciding, min(count, len(deciding)))]
            rule: Json = {"kind": kind}
            if kind == "quota":
                rule = {"kind": "quota", "at_least": len(holders) // 2 + 1}
            if kind == "body":
                rule, holders = {"kind": "any"}, [f"body/{self.rng.choice(sorted(self.bodies))}"]
            others = [f"actor/{one}" for one in deciding if f"actor/{one}" not in holders]
            found.append(
                Field(
                    name=f"d-{n}",
                    parent=None if n == 0 else f"d-{self.rng.randrange(n)}",
                    rule=rule,
                    holders=holders,
                    contributors=self.rng.sample(others, min(self.rng.randint(0, 2), len(others))),
                    informs=[  # of those who stay: a row that went on naming who left would be a stale one
                        f"actor/{one}" for one in self.rng.sample(self.proposing[-3:], self.rng.randint(0, 2))
                    ],
                    every=self.rng.uniform(4, 20),
                )
            )
            stakes = self.rng.choice(["low", "medium", "high", "strategic"])
            self._say(
                START - 50 * DAY,
                f"domain/d-{n}",
                "domain.defined",
                name=f"d-{n}",
                parent=found[-1].parent,
                stakes=stakes,
            )
        return found

    def _row(self, one: Field, at: datetime) -> None:
        decides = [{"holder": holder} for holder in one.holders]
        self._say(
            at - 40 * DAY if at == START else at,
            f"matrix/{one.name}",
            "matrix.row_set",
            by=[self.actors[0]],
            decides=decides,
            rule=one.rule,
            contributes=[{"holder": holder, "mandatory": True} for holder in one.contributors],
            min_wait="P1D" if one.contributors else None,
            informs=one.informs,
            amends=decides,
            amend_rule=one.rule,
        )

    def _turnover(self) -> Iterator[tuple[datetime, str]]:
        """Proposers come and go; they are in no row, and nobody reports to them."""
        free = [a for a in self.proposing[:-3] if a not in self.above.values() and not self._sits(a)]
        for actor in self.rng.sample(free, min(len(free), self.rng.randint(0, 2))):
            at = START + timedelta(days=self.rng.uniform(100, 365 * self.years - 60))
            self.busy[actor] = at - 45 * DAY
            self._say(at, f"actor/{actor}", "actor.left", reason="moved on")
            yield at, actor

    def _sits(self, actor: str) -> bool:
        return any(actor in members for members in self.bodies.values())

    def _meet(self) -> None:
        everybody = [f"actor/{actor}" for actor in self.actors]
        self._say(
            START - 30 * DAY,
            "space/all",
            "space.opened",
            name="All",
            kind="forum",
            cadence="P1M",
            members=everybody,
        )
        at = START - 20 * DAY
        while at < self.end:
            here = [a for a in everybody if at < self.busy.get(a[6:], self.end)]
            self._say(at, "space/all", "space.session_held", attendees=here)
            at += 28 * DAY

    def _live(self, one: Field, moves: list[tuple[datetime, str]]) -> None:
        at = START + timedelta(days=self.rng.uniform(0, one.every))
        while at + 40 * DAY < self.end:
            self._decide(one, at)
            at += timedelta(days=min(self.rng.expovariate(1 / one.every), 30.0) + 0.1)

    def _decide(self, one: Field, at: datetime) -> None:
        rng = self.rng
        gone = {actor for actor, since in self.busy.items() if since <= at}
        proposer = rng.choice([actor for actor in self.proposing if actor not in gone])
        self.number += 1
        id = f"{one.name}-{self.number}"
        self._say(
            at,
            f"initiative/i-{id}",
            "initiative.proposed",
            title=f"I {id}",
            domains=[one.name],
            proposers=[f"actor/{proposer}"],
        )
        opened = at + timedelta(days=rng.uniform(0.5, 3))
        electorate = [] if one.rule["kind"] == "any" else [{"holder": holder} for holder in one.holders]
        self._say(
            opened,
            f"decision/{id}",
            "decision.opened",
            title=f"D {id}",
            domains=[one.name],
            initiative=f"i-{id}",
            electorate=electorate,
            rule=one.rule,
            by=proposer,
        )
        self._consult(one, id, proposer, opened, gone)
        made = opened + timedelta(days=rng.uniform(6.5, 18))
        deciders = self._deciders(one, id, opened, made)
        outcome = "accepted" if rng.random() < 0.75 else "rejected"
        self._say(
            made,
            f"decision/{id}",
            "decision.made",
            domains=[one.name],
            initiative=f"i-{id}",
            outcome=outcome,
            deciders=[{"holder": holder} for holder in deciders],
            attested="recorded",
            formality="formal",
            ref=f"https://example.org/{id}",
        )
        told = made + timedelta(days=rng.uniform(0.1, 5))
        self._say(told, f"decision/{id}", "decision.communicated", to=[*one.informs, f"actor/{proposer}"])
        done = made + timedelta(days=rng.uniform(2, 30))
        if outcome == "accepted" and done < self.end:
            self._say(done, f"decision/{id}", "decision.executed", by=proposer)
            self._say(done, f"initiative/i-{id}", "initiative.completed", outcome="succeeded")
        elif done < self.end:
            self._say(done, f"initiative/i-{id}", "initiative.withdrawn", reason="not wanted")

    def _consult(self, one: Field, id: str, proposer: str, opened: datetime, gone: set[str]) -> None:
        rng = self.rng
        here = [a for a in self.actors if a != proposer and a not in gone and f"actor/{a}" not in one.holders]
        asked = sorted({*one.contributors, *(f"actor/{a}" for a in rng.sample(here, min(2, len(here))))})
        begun = opened + timedelta(hours=rng.uniform(0.2, 6))
        subject = f"consultation/c-{id}"
        self._say(
            begun,
            subject,
            "consultation.requested",
            about=f"decision/{id}",
            asked=asked,
            by=proposer,
            mandatory=bool(one.contributors),
        )
        for holder in asked:
            if rng.random() < self.advised:
                at = begun + timedelta(days=min(rng.expovariate(1 / 1.5) + 0.05, 5.0))
                stance = rng.choice(["support", "support", "concern", "objection", "information"])
                self._say(at, subject, "consultation.advice_given", by=holder[6:], stance=stance)
        self._say(begun + 5.5 * DAY, subject, "consultation.closed", reason="complete", by=proposer)

    def _deciders(self, one: Field, id: str, opened: datetime, made: datetime) -> list[str]:
        """Drawn from the row's power: any one of `any`, else a coalition that wins."""
        rng = self.rng
        if one.rule["kind"] == "any":
            return [rng.choice(one.holders)]
        need = one.rule.get("at_least", len(one.holders))
        present = [holder for holder in one.holders if rng.random() < 0.9]
        while len(present) < need:
            present.append(rng.choice([holder for holder in one.holders if holder not in present]))
        for holder in present:
            at = opened + (made - opened) * rng.uniform(0.1, 0.95)
            value = "approve" if rng.random() < 0.8 else "abstain"
            self._say(
                at, f"decision/{id}", "decision.position_taken", by=holder[6:], value=value, reason="sealed"
            )
        return sorted(present)


def unplanted(seed: int) -> tuple[list[Json], float]:
    """The events of an organisation in order of time, and how many years they span."""
    organisation = Unplanted(seed)
    return organisation.events, organisation.years
