"""Random small histories, dense in edge cases and all acceptable to a ledger.

`history(rng)` gives 30 to 150 structured CloudEvents in publication order about a handful of actors, bodies
and domains: late, corrected, retracted and merged facts, rows and mandates effective before they were stated,
mandates in circles, quotas, blocks, seats with a term, moved and retired domains, dissolved bodies, voids and
reopenings; and what goes on around them, from advice to sessions and lessons.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from tests.lifecycles import possible
from tests.reflections import AROUND, EXPERIMENTS, OFTEN, Reflections

Json = dict[str, Any]

START = datetime(2024, 1, 1, tzinfo=UTC)
ACTORS = ["a-1", "a-2", "a-3", "a-4", "a-5", "a-6"]
BODIES = ["b-1", "b-2", "b-3"]
DOMAINS = ["d-a", "d-b", "d-c", "d-d"]
DECISIONS = [f"q-{n}" for n in range(1, 11)]
INITIATIVES = ["i-1", "i-2", "i-3"]
MANDATES = [f"m-{n}" for n in range(1, 7)]
CONSULTATIONS = ["c-1", "c-2"]
SOURCES = ["urn:test:one", "urn:test:two"]
OUTCOMES = ["accepted"] * 5 + ["rejected"] * 2 + ["provisional", "deferred", "returned"]
STAKES = ["low", "medium", "high", "strategic"]


def history(rng: Random) -> list[Json]:
    """30 to 150 events in publication order, the same for the same state of `rng`."""
    writer = _Writer(rng)
    wanted = rng.randint(30, 150)
    writer.found()
    while len(writer.events) < wanted:
        writer.step()
    return writer.events


def by_the_week(writer: type["_Writer"], patch: pytest.MonkeyPatch) -> None:
    """Have a writer tell much at one instant, as minutes and yearly lists do."""
    exactly, week = writer._time, timedelta(days=7)
    patch.setattr(writer, "_time", lambda one: START + (exactly(one) - START) // week * week)


def far_apart(patch: pytest.MonkeyPatch) -> None:
    """Have histories tell of so many subjects that few have to do with one another."""
    for name, letter, many in (("DOMAINS", "d", 8), ("DECISIONS", "q", 40), ("INITIATIVES", "i", 12)):
        patch.setattr(f"{__name__}.{name}", ids := [f"{letter}-{n}" for n in range(1, many + 1)])
        patch.setitem(IDS, name.lower().removesuffix("s"), ids)
    patch.setitem(IDS, "matrix", DOMAINS)
    patch.setitem(IDS, "consultation", [f"c-{n}" for n in range(1, 21)])
    patch.setattr(f"{__name__}._Sayings", _FarApart)


class _Writer:
    """Offers random facts and keeps those that a ledger would take."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.events: list[Json] = []
        self.clock = START
        self.say = _Sayings(rng)
        self.moves = [what for what, weight in WEIGHTS.items() for _ in range(weight)]

    def found(self) -> None:
        """Most histories begin with an organisation; gaps in it are among the edge cases."""
        beginnings = [("actor.registered", a) for a in ACTORS]
        beginnings += [("body.formed", b) for b in BODIES]
        beginnings += [("domain.defined", d) for d in DOMAINS]
        for what, id in beginnings:
            if self.rng.random() < 0.85:
                self.offer(what, id)
        for _ in range(self.rng.randint(2, 6)):
            self.offer("body.seat_taken", self.rng.choice(BODIES))
        for domain in self.rng.sample(DOMAINS, self.rng.randint(1, 3)):
            self.offer("matrix.row_set", domain)

    def step(self) -> None:
        roll = self.rng.random()
        if roll < 0.08 and self.events:
            self.restate()
            return
        what = self.rng.choice(self.moves)
        self.offer(what, self.rng.choice(IDS[what.partition(".")[0]]))

    def offer(self, what: str, id: str) -> None:
        kind, _, name = what.partition(".")
        self._keep(f"locus.{what}.v1", f"{kind}/{id}", getattr(self.say, f"{kind}_{name}")(), self._time())

    def restate(self) -> None:
        """Correct or retract an earlier event, sometimes one that was restated before."""
        named = self.rng.choice(self.events)
        if named["type"].startswith("locus.event."):
            return
        _, kind, what, _ = named["type"].split(".")
        data: Json = {"source": named["source"], "id": named["id"], "reason": "it was otherwise"}
        if self.rng.random() < 0.35:
            self._keep("locus.event.retracted.v1", named["subject"], data, self._time(), named["source"])
            return
        form = self.rng.choice(["data", "time", "both", "neither"])
        if form in ("data", "both"):
            data["data"] = getattr(self.say, f"{kind}_{what}")()
        if form in ("time", "both"):
            data["time"] = self._spelt(self._time())
        self._keep("locus.event.corrected.v1", named["subject"], data, self._time(), named["source"])

    def _time(self) -> datetime:
        """Mostly a little later than the last, sometimes much earlier, sometimes the very same instant."""
        self.clock += timedelta(hours=self.rng.expovariate(1 / 40), microseconds=self.rng.randrange(1000))
        if self.events and self.rng.random() < 0.06:
            return datetime.fromisoformat(self.rng.choice(self.events)["time"]).astimezone(UTC)
        if self.rng.random() < 0.15:
            return START + (self.clock - START) * self.rng.random()
        return self.clock

    def _spelt(self, moment: datetime) -> str:
        zone = self.rng.choice([UTC, UTC, UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=5))])
        return moment.astimezone(zone).isoformat().replace("+00:00", "Z")

    def _keep(self, type: str, subject: str, data: Json, time: datetime, source: str | None = None) -> None:
        event = {
            "specversion": "1.0",
            "id": f"e-{len(self.events) + 1}",
            "source": source or self.rng.choice(SOURCES),
            "type": type,
            "subject": subject,
            "time": self._spelt(time),
            "data": data,
        }
        stream = [e for e in self.events if e["subject"] == subject]
        if possible([*stream, event]):
            self.events.append(event)
            self.say.moments.append(time)


class _Sayings(Reflections):
    """Random data of each type."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.moments = [START]

    def maybe(self, chance: float, **members: Callable[[], Any]) -> Json:
        """Each member with this chance, so that absence is tried as well."""
        return {name: make() for name, make in members.items() if self.rng.random() < chance}

    def near(self) -> str:
        """An instant before, at, or after something that happened."""
        moment = self.rng.choice(self.moments)
        if self.rng.random() < 0.7:
            moment += timedelta(days=self.rng.uniform(-30, 60))
        return moment.isoformat().replace("+00:00", "Z")

    def actor(self) -> str:
        return self.rng.choice(ACTORS)

    def decision(self) -> str:
        return self.rng.choice(DECISIONS)

    def subject(self) -> str:
        kind, ids = self.rng.choice(list(LOOKED_BACK_ON.items()))
        return f"{kind}/{self.rng.choice(ids)}"

    def holder(self) -> str:
        if self.rng.random() < 0.3:
            return f"body/{self.rng.choice(BODIES)}"
        return f"actor/{self.actor()}"

    def holders(self, least: int, most: int) -> list[str]:
        return [self.holder() for _ in range(self.rng.randint(least, most))]

    def weighted(self, least: int, most: int) -> list[Json]:
        found = self.holders(least, most)
        return [{"holder": h, **self.maybe(0.4, weight=lambda: self.rng.randint(1, 4))} for h in found]

    def domains(self) -> list[str]:
        return self.rng.sample(DOMAINS, self.rng.choice([1, 1, 1, 2]))

    def stakes(self) -> str:
        return self.rng.choice(STAKES)

    def size(self) -> Json:
        return {"amount": self.rng.choice([10, 100, 1000.5]), "unit": self.rng.choice(["EUR", "EUR", "days"])}

    def rule(self) -> Json:
        rule: Json = self.rng.choice(
            [
                {"kind": "any"},
                {"kind": "any"},
                {"kind": "all"},
                {"kind": "consent"},
                {"kind": "quota", "at_least": self.rng.randint(1, 6)},
                {"kind": "quota", "more_than": self.rng.choice(["1/2", "2/3", "0/1"])},
            ]
        )
        return {**rule, **self.maybe(0.15, quorum=lambda: self.rng.randint(1, 3))}

    def limits(self) -> Json:
        limits = self.maybe(0.5, max=self.size, stakes_up_to=self.stakes)
        return limits or {"text": "within reason"}

    def deciders(self) -> list[Json]:
        found = self.holders(0, 1) if self.rng.random() < 0.3 else self.holders(1, 3)
        return [self._decider(holder) for holder in found]

    def _decider(self, holder: str) -> Json:
        decider: Json = {"holder": holder, **self.maybe(0.3, parts=lambda: self.rng.randint(1, 3))}
        if holder.startswith("actor/"):
            decider |= self.maybe(0.25, under=lambda: self.rng.choice(BODIES))
        return decider

    # one method a type of event

    def actor_registered(self) -> Json:
        kind = self.rng.choice(["person", "person", "person", "agent", "system"])
        return {"kind": kind, "profile": {"name": "Somebody"}, **self.maybe(0.6, reports_to=self.actor)}

    actor_updated = actor_registered

    def actor_merged(self) -> Json:
        return {"into": self.actor()}

    def actor_left(self) -> Json:
        return {}

    actor_returned = actor_left

    def body_formed(self) -> Json:
        kind = self.rng.choice(["team", "circle", "council", "board", "community", "role"])
        return {"name": "Some body", "kind": kind, **self.maybe(0.7, rule=self.rule)}

    body_updated = body_formed

    def body_seat_taken(self) -> Json:
        extra = self.maybe(0.3, role=lambda: self.rng.choice(["chair", "member"]), until=self.near)
        return {"actor": self.actor(), **extra, **self.maybe(0.3, weight=lambda: self.rng.randint(1, 3))}

    def body_seat_vacated(self) -> Json:
        return {"actor": self.actor(), **self.maybe(0.2, role=lambda: self.rng.choice(["chair", "member"]))}

    def body_dissolved(self) -> Json:
        return self.maybe(0.5, into=lambda: [self.rng.choice(BODIES)])

    def domain_defined(self) -> Json:
        parent = self.maybe(0.6, parent=lambda: self.rng.choice(DOMAINS))
        return {"name": "Some field", **parent, **self.maybe(0.4, stakes=self.stakes)}

    domain_updated = domain_defined

    def domain_retired(self) -> Json:
        return self.maybe(0.7, into=lambda: self.rng.choice(DOMAINS))

    def matrix_row_set(self) -> Json:
        return {
            "by": [self.actor()],
            "decides": self.weighted(1, 4),
            "rule": self.rule(),
            "contributes": [{"holder": h, **self.maybe(0.5, mandatory=bool)} for h in self.holders(0, 2)],
            "informs": self.holders(0, 1),
            **self.maybe(0.3, effective_from=self.near, limits=self.limits, escalates_to=self.holder),
        }

    def matrix_row_cleared(self) -> Json:
        return {}

    def mandate_delegated(self) -> Json:
        scope = self.rng.choice(
            [
                f"domain/{self.rng.choice(DOMAINS)}",
                f"domain/{self.rng.choice(DOMAINS)}",
                f"decision/{self.rng.choice(DECISIONS)}",
                f"initiative/{self.rng.choice(INITIATIVES)}",
            ]
        )
        extra = self.maybe(0.3, limits=self.limits, effective_from=self.near, until=self.near)
        extra |= self.maybe(0.5, redelegable=lambda: True)
        return {"scope": scope, "from": self.holder(), "to": self.holders(1, 3), **extra}

    def mandate_ended(self) -> Json:
        return self.maybe(0.5, by=self.actor)

    def initiative_proposed(self) -> Json:
        return {"title": "Something", "domains": self.domains(), "proposers": self.holders(0, 2)}

    def initiative_started(self) -> Json:
        return {}

    initiative_resumed = initiative_started

    def initiative_paused(self) -> Json:
        return {"reason": "waiting", **self.maybe(0.5, waiting_on=self.holder)}

    def initiative_completed(self) -> Json:
        return self.maybe(0.8, outcome=lambda: self.rng.choice(["succeeded", "partial", "failed"]))

    def consultation_requested(self) -> Json:
        about = f"decision/{self.rng.choice(DECISIONS)}"
        return {
            "about": about,
            "asked": self.holders(0, 3),
            "by": self.actor(),
            **self.maybe(0.5, due=self.near),
        }

    def consultation_advice_given(self) -> Json:
        stance = self.rng.choice(["support", "concern", "objection", "information"])
        return {"stance": stance, **self.maybe(0.8, by=self.actor)}

    def decision_opened(self) -> Json:
        opened = {"title": "A question", "domains": self.domains(), "electorate": self.weighted(0, 3)}
        extra = self.maybe(0.3, rule=self.rule, stakes=self.stakes)
        extra |= self.maybe(0.4, initiative=lambda: self.rng.choice(INITIATIVES))
        return {**opened, "by": self.actor(), **extra}

    def decision_amended(self) -> Json:
        return {"by": self.actor(), "round": self.rng.randint(1, 3)}

    def decision_position_taken(self) -> Json:
        value = self.rng.choice(["approve", "approve", "reject", "abstain", "hold", "block", "block"])
        return {"by": self.actor(), "value": value, **self.maybe(0.3, **{"for": self.holder})}

    def decision_escalated(self) -> Json:
        return {"by": self.actor(), "from": self.holder(), "to": self.holder(), "reason": "it is too big"}

    def decision_made(self) -> Json:
        return {
            "domains": self.domains(),
            "outcome": self.rng.choice(OUTCOMES),
            "deciders": self.deciders(),
            "attested": self.rng.choice(["recorded", "recorded", "observed", "inferred"]),
            **self.maybe(0.3, stakes=self.stakes, size=self.size),
            **self.maybe(0.4, initiative=lambda: self.rng.choice(INITIATIVES)),
        }

    def decision_overridden(self) -> Json:
        outcome = self.maybe(0.6, outcome=lambda: self.rng.choice(OUTCOMES))
        attested = self.maybe(0.3, attested=lambda: self.rng.choice(["observed", "inferred"]))
        return {"deciders": self.deciders(), "reason": "it did not hold", **outcome, **attested}

    def decision_reopened(self) -> Json:
        return {"by": self.actor(), "reason": "something new is known"}

    def decision_superseded(self) -> Json:
        return {"by_decision": self.rng.choice(DECISIONS)}

    def decision_ratified(self) -> Json:
        return {"by": [self.actor()]}

    def decision_communicated(self) -> Json:
        return {"to": self.holders(0, 2)}


class _FarApart(_Sayings):
    """Tells what leads from one to another that has little to do with it."""

    def experiment_started(self) -> Json:
        return super().experiment_started() | {"initiative": self.rng.choice(INITIATIVES)}

    def consultation_requested(self) -> Json:
        initiative = self.maybe(0.4, about=lambda: f"initiative/{self.rng.choice(INITIATIVES)}")
        return super().consultation_requested() | initiative

    def decision_made(self) -> Json:
        return super().decision_made() | self.maybe(0.3, title=self.title)

    def space_opened(self) -> Json:
        return super().space_opened() | {"domains": self.domains()}

    def space_session_held(self) -> Json:
        return super().space_session_held() | self.maybe(0.5, upcoming=lambda: [self.title()])

    def matrix_row_set(self) -> Json:
        return super().matrix_row_set() | self.maybe(0.2, basis=lambda: "lesson/l-1")

    def title(self) -> str:
        return self.rng.choice(["First", "Second", "Third"])


LOOKED_BACK_ON = {"decision": DECISIONS, "initiative": INITIATIVES, "experiment": EXPERIMENTS}
IDS = {
    **AROUND,
    "actor": ACTORS,
    "body": BODIES,
    "domain": DOMAINS,
    "matrix": DOMAINS,
    "mandate": MANDATES,
    "initiative": INITIATIVES,
    "consultation": CONSULTATIONS,
    "decision": DECISIONS,
}
WEIGHTS = {
    **OFTEN,
    "actor.registered": 1,
    "actor.updated": 2,
    "actor.merged": 1,
    "actor.left": 2,
    "actor.returned": 3,
    "body.formed": 1,
    "body.updated": 2,
    "body.seat_taken": 8,
    "body.seat_vacated": 4,
    "body.dissolved": 1,
    "domain.defined": 1,
    "domain.updated": 3,
    "domain.retired": 1,
    "matrix.row_set": 8,
    "matrix.row_cleared": 2,
    "mandate.delegated": 8,
    "mandate.ended": 2,
    "initiative.proposed": 2,
    "initiative.started": 1,
    "initiative.paused": 1,
    "initiative.resumed": 1,
    "initiative.completed": 1,
    "consultation.requested": 1,
    "consultation.advice_given": 2,
    "decision.opened": 6,
    "decision.amended": 3,
    "decision.position_taken": 12,
    "decision.escalated": 1,
    "decision.made": 30,
    "decision.overridden": 7,
    "decision.reopened": 6,
    "decision.superseded": 1,
    "decision.ratified": 1,
    "decision.communicated": 1,
}
