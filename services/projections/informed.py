"""When somebody knew of a word that decides. Pure.

A body is told when it is named or everyone who sits in it is; people are told when a body they sit in is. Who
decided knows. To be told of a question before it is decided is to be told nothing.
"""

from collections.abc import Set
from datetime import datetime

from schemas.decision import Communicated
from services.projections.chosen import seats
from services.projections.evidence import Mark
from services.projections.history import Act, Decision, History


def knew(history: History, decision: Decision, act: Act, holder: str) -> Mark | None:
    """The entry by which a holder knew: that which decided, or the first since that made them told."""
    knows = {*act.node, *act.seat}
    if _knows(history, knows, holder, act.at):
        return act.at, act.position
    for step, data in decision.every(Communicated):
        if (step.at, step.position) > (act.at, act.position):
            told = set(map(history.who, data.to))
            knows |= told.union(*(seats(history, one, step.at) for one in told))
            if _knows(history, knows, holder, step.at):
                return step.at, step.position
    return None


def _knows(history: History, knows: Set[str], holder: str, at: datetime) -> bool:
    everyone = seats(history, holder, at)
    return holder in knows or (bool(everyone) and everyone <= knows)
