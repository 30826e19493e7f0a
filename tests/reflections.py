"""Random data of what goes on around decisions: spaces, experiments, debriefs, lessons, pulses, knots."""

from collections.abc import Callable
from random import Random
from typing import Any

Json = dict[str, Any]

EXPERIMENTS = ["x-1", "x-2", "x-3"]
AROUND = {
    "space": ["s-1", "s-2"],
    "experiment": EXPERIMENTS,
    "debrief": ["f-1", "f-2", "f-3"],
    "lesson": ["l-1", "l-2"],
    "pulse": ["p-1", "p-2"],
    "knot": ["k-1", "k-2"],
}
OFTEN = {
    "initiative.revised": 1,
    "initiative.joined": 1,
    "initiative.withdrawn": 1,
    "consultation.advice_answered": 1,
    "consultation.closed": 1,
    "decision.formalised": 1,
    "decision.reviewed": 1,
    "decision.executed": 1,
    "space.opened": 1,
    "space.session_held": 3,
    "space.closed": 1,
    "experiment.started": 2,
    "experiment.concluded": 1,
    "debrief.held": 2,
    "lesson.recorded": 2,
    "pulse.recorded": 1,
    "knot.raised": 1,
    "knot.answered": 1,
}


class Reflections:
    """One method a type of event; what it is mixed into picks holders, domains and subjects."""

    rng: Random
    maybe: Callable[..., Json]
    near: Callable[[], str]
    actor: Callable[[], str]
    holders: Callable[[int, int], list[str]]
    domains: Callable[[], list[str]]
    limits: Callable[[], Json]
    subject: Callable[[], str]
    decision: Callable[[], str]

    def texts(self) -> list[str]:
        return ["It was said."] * self.rng.randint(0, 2)

    def initiative_revised(self) -> Json:
        return {}

    def initiative_joined(self) -> Json:
        return {"actor": self.actor(), "as": self.rng.choice(["sponsor", "steward", "contributor"])}

    initiative_withdrawn = initiative_revised

    def consultation_advice_answered(self) -> Json:
        advice = {"source": "urn:test:one", "id": f"e-{self.rng.randint(1, 150)}"}
        disposition = self.rng.choice(["integrated", "declined", "withdrawn"])
        return {"advice": advice, "by": self.actor(), "disposition": disposition}

    def consultation_closed(self) -> Json:
        return {"reason": self.rng.choice(["complete", "timeout", "waived"])}

    def decision_formalised(self) -> Json:
        return {"by": self.actor(), "ref": "https://minutes.example/1"}

    def decision_reviewed(self) -> Json:
        return {"by": self.actor(), "result": self.rng.choice(["kept", "changed"])}

    def decision_executed(self) -> Json:
        return self.maybe(0.5, by=self.actor)

    def space_opened(self) -> Json:
        kind = self.rng.choice(["circle", "community", "forum", "review", "meeting"])
        cadence = self.maybe(0.6, cadence=lambda: self.rng.choice(["P7D", "P1M"]))
        return {"name": "Some space", "kind": kind, "members": self.holders(0, 3), **cadence}

    def space_session_held(self) -> Json:
        shared = {"decisions": [self.decision() for _ in range(self.rng.randint(0, 3))]}
        return {"attendees": self.holders(1, 4), **shared, "obstacles": self.texts(), "needs": self.texts()}

    def space_closed(self) -> Json:
        return {}

    def experiment_started(self) -> Json:
        more = self.maybe(0.5, ends_at=self.near, limits=self.limits)
        return {"hypothesis": "It may do.", **more, **self.maybe(0.6, initiative=lambda: "i-1")}

    def experiment_concluded(self) -> Json:
        return {"result": self.rng.choice(["supported", "refuted", "inconclusive"])}

    def debrief_held(self) -> Json:
        said = {"worked": self.texts(), "failed": self.texts(), "adjustments": self.texts()}
        return {"about": self.subject(), "participants": self.holders(0, 3), **said}

    def lesson_recorded(self) -> Json:
        row = self.maybe(0.5, proposes_row=lambda: self.domains()[0])
        return {"from": self.subject(), "text": "It is so.", **row}

    def pulse_recorded(self) -> Json:
        question = self.rng.choice(["trust", "clarity", "autonomy", "energy"])
        told = {"body": "b-1", "question": question, "respondents": self.rng.randint(5, 9)}
        number = self.rng.random
        return {**told, "experienced": number(), **self.maybe(0.7, stated=number, asked=self.near)}

    def knot_raised(self) -> Json:
        return {"by": self.actor(), "pattern": "stalled", "about": [self.subject()], "entries": []}

    def knot_answered(self) -> Json:
        response = self.rng.choice(["formalise", "change", "accept", "dispute"])
        return {"by": self.actor(), "response": response}
