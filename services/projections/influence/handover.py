"""Handover of work: one holder's doing directly followed by another's within one decision. Pure.

Within a decision's case, its own entries and those of the consultations about it, in order of time; entries
of one instant in the order of their subjects. What was asked or said about an initiative is in the case of
its decision that was made next, else of one that is open, else of the last. Who did what is who it is said to
be `by`; a decision is its deciders'. What names nobody is passed over, and handing over to oneself is none.

van der Aalst, Reijers & Song (2005), Discovering social networks from event logs.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from schemas.decision import Made, Overridden
from services.projections.facts.fact import FOREVER
from services.projections.history import Act, Decision, History, Step
from services.projections.views.question import Lens

Told = tuple[str, Step]
"""A subject, and something that occurred to it."""


class Handover(NamedTuple):
    """From whoever did one thing to whoever did the next."""

    by: str
    to: str
    at: datetime
    position: int
    decision: Decision


def handovers(history: History, lens: Lens) -> Iterator[Handover]:
    """Every handover; of several at once, one for each pair."""
    above = _above(history)
    for decision in history.decisions.values():
        before: frozenset[str] = frozenset()
        acts = {act.position: act for act in decision.acts}
        for step in _case(history, decision, above.get(decision.id, ())):
            doing = _doing(history, step, acts.get(step.position), lens)
            for by in sorted(before):
                for to in sorted(doing - {by}):
                    yield Handover(by, to, step.at, step.position, decision)
            before = doing or before


def _case(history: History, decision: Decision, above: Sequence[Told]) -> list[Step]:
    about = f"decision/{decision.id}"
    told = [*above, *((about, step) for step in decision.steps), *_asked(history, about)]
    return [step for _, step in sorted(told, key=lambda one: (one[1].at, one[0], one[1].position))]


def _asked(history: History, about: str) -> Iterator[Told]:
    for consultation in history.consulted.get(about, ()):
        yield from ((f"consultation/{consultation.id}", step) for step in consultation.steps)


def _above(history: History) -> Mapping[str, Sequence[Told]]:
    """By decision, what was asked and said about its initiative that belongs to it."""
    found: dict[str, list[Told]] = defaultdict(list)
    for initiative, decisions in history.decided.items():
        made = sorted((at, one.id) for one in decisions for at in _made(one))
        for told in _asked(history, f"initiative/{initiative}"):
            place = bisect_left(made, (told[1].at, ""))
            found[made[min(place, len(made) - 1)][1]].append(told)
    return found


def _made(decision: Decision) -> list[datetime]:
    """When it was made, and overridden; what is open comes after all that was."""
    return [step.at for step in decision.steps if isinstance(step.data, Made | Overridden)] or [FOREVER]


def _doing(history: History, step: Step, act: Act | None, lens: Lens) -> frozenset[str]:
    if isinstance(step.data, Made | Overridden):
        return frozenset() if act is None else frozenset(act.node if lens == "node" else act.seat)
    by: Any = getattr(step.data, "by", None)
    named = [by] if isinstance(by, str) else by or ()
    return frozenset(history.who(f"actor/{one}") for one in named)
