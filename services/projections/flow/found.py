"""Everything about flow that a question takes from a history, before it is put into windows. Pure."""

from datetime import datetime
from typing import NamedTuple

from schemas.decision import Escalated
from services.projections.cases import Case, Cases, Narrowing
from services.projections.flow.hold import holds
from services.projections.flow.lapse import Lapse
from services.projections.flow.open_work import openings
from services.projections.flow.proposing import Proposal, proposals
from services.projections.flow.stages import Leg, legs, pieces
from services.projections.history import Act, History
from services.projections.waits import Wait, waits

_NOWHERE = Case(home=None, scopes=frozenset(), stakes=None, holders=frozenset())


class Passed(NamedTuple):
    """A question passed on; `lapse.holder` is to whom."""

    by: str
    lapse: Lapse


class Found(NamedTuple):
    """The lapses of each sort that the question takes, each in the order of their subjects or of time."""

    legs: dict[Leg, list[Lapse]]
    """Those that are no duration (skipped, out of order) are among them: `how` says so."""
    holds: list[Lapse]
    openings: list[Lapse]
    waits: list[Lapse]
    passed: list[Passed]
    proposals: list[Proposal]
    acts: list[Act]
    """Those of known deciders."""

    def first(self) -> datetime | None:
        """The first instant anything lies in."""
        lapses = (
            *self.holds,
            *self.openings,
            *self.waits,
            *(one for leg in self.legs.values() for one in leg),
        )
        starts = [*(lapse.start for lapse in lapses), *(proposal.at for proposal in self.proposals)]
        return min(starts, default=None)


def found(history: History, narrowing: Narrowing) -> Found:
    """What of a history a question takes."""
    every = history.once(_Every, lambda: _Every(history))
    waited = [lapse for lapse in every.waits if narrowing.takes(lapse.case)]
    return Found(
        legs=legs(history, [piece for piece in every.pieces if narrowing.takes(piece.case)]),
        holds=[lapse for lapse in every.holds if narrowing.takes(lapse.case)],
        openings=[lapse for lapse in every.openings if narrowing.takes(lapse.case)],
        waits=waited,
        passed=[Passed(every.by[one.entries[0]], one) for one in waited if one.what == "escalation"],
        proposals=[one for one in every.proposals if narrowing.takes(one.case)],
        acts=[act for act, case in every.acts if narrowing.takes(case)],
    )


class _Every:
    """What there is to be taken."""

    def __init__(self, history: History) -> None:
        cases = Cases(history)
        self.pieces = pieces(cases)
        self.holds = list(holds(cases))
        self.openings = list(openings(cases))
        self.waits = [_lapse(cases, wait) for wait in waits(history)]
        self.proposals = list(proposals(cases))
        self.acts = [(act, cases.act(act)) for act in history.acts if act.status == "counted"]
        self.by = {
            step.position: history.who(data.from_)
            for decision in history.decisions.values()
            for step, data in decision.every(Escalated)
        }
        """Who passed a question on, by the position that says so."""


def _lapse(cases: Cases, wait: Wait) -> Lapse:
    end = cases.history.at if wait.until is None else max(wait.until, wait.since)
    return Lapse(
        what=wait.kind,
        of=wait.about,
        start=wait.since,
        end=end,
        ended=wait.until is not None,
        entries=(wait.position,) if wait.ended_by is None else (wait.position, wait.ended_by),
        case=_case(cases, wait.about),
        holder=wait.holder,
    )


def _case(cases: Cases, subject: str) -> Case:
    kind, _, id = subject.partition("/")
    if kind == "decision" and id in cases.history.decisions:
        return cases.work(cases.history.decisions[id])
    if kind == "initiative" and id in cases.history.initiatives:
        return cases.work(cases.history.initiatives[id])
    return _NOWHERE
