"""Decisions that did not stand: overridden by others, reversed by the same, reopened. Pure."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from schemas.decision import Reopened
from services.projections.flow.hold import confirmed, others
from services.projections.history import Act, Decision, History

How: TypeAlias = Literal["overridden", "reversed", "reopened"]


class Undoing(NamedTuple):
    """A decision's word, and the next one that undid it. `by` is empty for a reopening."""

    decision: str
    before: Act
    at: datetime
    position: int
    how: How
    by: frozenset[str]


def undoings(history: History) -> list[Undoing]:
    """In order of time. To make anew what was reopened or to confirm what was provisional undoes nothing."""
    found = [one for decision in history.decisions.values() for one in _of(decision)]
    return sorted(found, key=lambda one: (one.at, one.position))


def _of(decision: Decision) -> Iterator[Undoing]:
    acts = {act.position: act for act in decision.acts}
    for step, following in pairwise(decision.words):
        before, later = acts.get(step.position), acts.get(following.position)
        if before is None or before.status == "apart":
            continue
        if isinstance(following.data, Reopened):
            yield Undoing(decision.id, before, following.at, following.position, "reopened", frozenset())
        elif later is not None and not confirmed(before, later):
            how: How = "overridden" if others(before, later) else "reversed"
            yield Undoing(decision.id, before, following.at, following.position, how, frozenset(later.node))
