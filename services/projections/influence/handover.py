"""Handover of work: one holder's doing directly followed by another's within one decision. Pure.

Within a decision's case, its own entries and those of the consultations about it, in order of time; entries
of one instant in the order of their subjects. Who did what is who it is said to be `by`; a decision is its
deciders'. What names nobody is passed over, and handing over to oneself is none.

van der Aalst, Reijers & Song (2005), Discovering social networks from event logs.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from schemas.decision import Made, Overridden
from services.projections.history import Act, Decision, History, Step
from services.projections.views.question import Lens


class Handover(NamedTuple):
    """From whoever did one thing to whoever did the next."""

    by: str
    to: str
    at: datetime
    position: int
    decision: Decision


def handovers(history: History, lens: Lens) -> Iterator[Handover]:
    """Every handover; of several at once, one for each pair."""
    for decision in history.decisions.values():
        before: frozenset[str] = frozenset()
        acts = {act.position: act for act in decision.acts}
        for step in _case(history, decision):
            doing = _doing(history, step, acts.get(step.position), lens)
            for by in sorted(before):
                for to in sorted(doing - {by}):
                    yield Handover(by, to, step.at, step.position, decision)
            before = doing or before


def _case(history: History, decision: Decision) -> list[Step]:
    about = f"decision/{decision.id}"
    steps = [(step.at, about, step.position, step) for step in decision.steps]
    for consultation in history.consulted.get(about, ()):
        subject = f"consultation/{consultation.id}"
        steps += [(step.at, subject, step.position, step) for step in consultation.steps]
    return [step for *_, step in sorted(steps, key=lambda one: one[:3])]


def _doing(history: History, step: Step, act: Act | None, lens: Lens) -> frozenset[str]:
    if isinstance(step.data, Made | Overridden):
        return frozenset() if act is None else frozenset(act.node if lens == "node" else act.seat)
    by: Any = getattr(step.data, "by", None)
    named = [by] if isinstance(by, str) else by or ()
    return frozenset(history.who(f"actor/{one}") for one in named)
