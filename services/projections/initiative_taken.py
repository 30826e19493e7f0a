"""Whether proposers decided themselves, together with others, or asked up. Pure.

*Asked up*: escalated by them, or decided by another. A proposer who has a part in the decision, by a seat
too, did not have it decided by another; nor did a body, if one of its people decided in their own name.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from schemas.decision import Escalated
from services.projections.chosen import seats
from services.projections.history import Act, Decision, History
from services.projections.knots.habit import could_alone
from services.projections.knots.stated import decided

Manner: TypeAlias = Literal["alone", "with_others", "asked_up"]


class Taken(NamedTuple):
    """How one proposer's matter came to be decided."""

    proposer: str
    manner: Manner
    could_alone: bool
    """Of what was asked up: the row and the mandates in force let them decide it alone."""


def taken(history: History, decision: Decision, act: Act) -> Iterator[Taken]:
    """Of each known proposer of a decision, as one act of a known decider decided it."""
    proposers = history.proposers(decision)
    escalated = {
        history.who(f"actor/{data.by}")
        for step, data in decision.every(Escalated)
        if (step.at, step.position) <= (act.at, act.position)
    }
    own = proposers.union(*(seats(history, one, act.at) for one in proposers))
    for proposer in sorted(proposers) if act.node else ():
        if proposer in escalated or not decided(history, act, proposer):
            yield Taken(proposer, "asked_up", could_alone(history, act, proposer))
        elif act.node.keys() <= own or act.seat.keys() <= proposers:
            yield Taken(proposer, "alone", False)
        else:
            yield Taken(proposer, "with_others", False)
