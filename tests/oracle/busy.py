"""Random histories of a few people who decide much: what it takes for knots to be tied, in any order.

Like `tests.histories`, with the same late, corrected, retracted and merged facts, but fewer names, more of
what goes before and after decisions, and the promises, demands and reasons that knots are about.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.histories import WEIGHTS, _Sayings, _Writer

Json = dict[str, Any]

ACTORS = ["a-1", "a-2", "a-3", "a-4", "a-5"]
BODIES = ["b-1", "b-2"]
DOMAINS = ["d-a", "d-b"]
SUBJECTS = {
    "decision": [f"q-{n}" for n in range(1, 41)],
    "consultation": [f"c-{n}" for n in range(1, 41)],
    "initiative": [f"i-{n}" for n in range(1, 6)],
    "experiment": ["x-1", "x-2", "x-3", "x-4"],
    "debrief": ["f-1", "f-2"],
    "lesson": ["l-1"],
    "space": ["s-1", "s-2"],
    "pulse": ["p-1"],
    "knot": ["k-1"],
    "mandate": ["m-1", "m-2"],
    "actor": ACTORS,
    "body": BODIES,
    "domain": DOMAINS,
    "matrix": DOMAINS,
}
MORE = {
    "body.seat_taken": 4,
    "body.seat_vacated": 2,
    "mandate.delegated": 2,
    "matrix.row_set": 4,
    "actor.merged": 0,
    "consultation.requested": 14,
    "consultation.advice_given": 20,
    "consultation.advice_answered": 2,
    "decision.opened": 16,
    "decision.position_taken": 30,
    "decision.escalated": 5,
    "decision.made": 40,
    "decision.overridden": 3,
    "decision.reopened": 3,
    "decision.reviewed": 3,
    "decision.ratified": 2,
    "decision.communicated": 10,
    "initiative.proposed": 3,
    "initiative.completed": 2,
}


def busy(rng: Random) -> list[Json]:
    """150 to 300 events in publication order, the same for the same state of `rng`."""
    writer = _Busy(rng)
    wanted = rng.randint(150, 300)
    writer.found()
    for _ in range(20 * wanted):
        if len(writer.events) < wanted:
            writer.step()
    return writer.events


class _Busy(_Writer):
    """Offers what is likely among few."""

    def __init__(self, rng: Random) -> None:
        super().__init__(rng)
        self.say: _Told = _Told(rng)
        weights = WEIGHTS | MORE
        self.moves = [what for what, weight in weights.items() for _ in range(weight)]
        self.merge_at = rng.randrange(300)

    def found(self) -> None:
        for kind, what in (("actor", "registered"), ("body", "formed"), ("domain", "defined")):
            for id in SUBJECTS[kind]:
                self.offer(f"{kind}.{what}", id)
        for body in BODIES:
            self.offer("body.seat_taken", body)
            self.offer("body.seat_taken", body)
        for domain in DOMAINS:
            self.offer("matrix.row_set", domain)

    def step(self) -> None:
        if self.rng.random() < 0.05:
            return self.restate()
        what = self.rng.choice(self.moves)
        if self.merge_at == len(self.events):
            what, self.merge_at = "actor.merged", -1
        self.offer(what, self.rng.choice(SUBJECTS[what.partition(".")[0]]))
        return None

    def _time(self) -> datetime:
        """Often within minutes of something that was just said."""
        if self.events and self.rng.random() < 0.3:
            last = datetime.fromisoformat(self.events[-1]["time"])
            return last + timedelta(minutes=self.rng.randrange(40))
        return super()._time()


class _Told(_Sayings):
    """Random data about few subjects, with what people promise and demand."""

    def actor(self) -> str:
        return self.rng.choice(ACTORS)

    def decision(self) -> str:
        return self.rng.choice(SUBJECTS["decision"])

    def initiative(self) -> str:
        return self.rng.choice(SUBJECTS["initiative"])

    def subject(self) -> str:
        kind = self.rng.choice(["decision", "initiative", "experiment", "experiment"])
        return f"{kind}/{self.rng.choice(SUBJECTS[kind])}"

    def holder(self) -> str:
        return f"body/{self.rng.choice(BODIES)}" if self.rng.random() < 0.25 else f"actor/{self.actor()}"

    def domains(self) -> list[str]:
        return self.rng.sample(DOMAINS, self.rng.choice([1, 1, 1, 2]))

    def some(self, chance: float, **members: Callable[[], Any]) -> Json:
        return self.maybe(chance, **members)

    def matrix_row_set(self) -> Json:
        row = super().matrix_row_set()
        for one in row["contributes"]:
            one["mandatory"] = self.rng.random() < 0.8
        wait = self.some(0.5, min_wait=lambda: self.rng.choice(["PT1H", "P1D", "P7D"]))
        row.pop("limits", None)
        return {**row, **wait, "informs": self.holders(0, 2)}

    def decision_opened(self) -> Json:
        opened = super().decision_opened()
        return {
            **opened,
            "electorate": self.weighted(1, 4),
            **self.some(0.3, initiative=self.initiative),
        }

    def decision_position_taken(self) -> Json:
        return {**super().decision_position_taken(), **self.some(0.1, reason=lambda: "So.")}

    def decision_made(self) -> Json:
        made = {**super().decision_made(), **self.some(0.3, initiative=self.initiative)}
        if self.rng.random() < 0.6:
            made["deciders"] = [self._decider(self.holder())]
        later = self.some(0.15, review_on=self.near)
        if self.rng.random() < 0.15:
            later["emergency"] = {"reason": "now", **self.some(0.8, ratify_by=self.near)}
        return {**made, **later}

    def consultation_requested(self) -> Json:
        asked = super().consultation_requested()
        kind = "decision" if self.rng.random() < 0.8 else "initiative"
        return {**asked, "about": f"{kind}/{self.rng.choice(SUBJECTS[kind])}"}

    def consultation_advice_answered(self) -> Json:
        answered = super().consultation_advice_answered()
        return {**answered, "advice": {**answered["advice"], "id": f"e-{self.rng.randint(1, 300)}"}}

    def experiment_started(self) -> Json:
        started = super().experiment_started()
        return {**started, "ends_at": self.near(), **self.some(0.6, initiative=self.initiative)}
