"""What each holder did or was asked to do, one deed at a time: what every figure of a person's part sums up.

Rules beyond `measures.md`, decided here:
- A proposal is an initiative, of its proposers; or a decision without one, of whoever opened it.
- An open call for advice (nobody named) asks everybody: nobody is silent, and nobody is *not asked*.
- *Not asked*: the row in force at a `made` names them as contributor, they had not left, neither proposed nor
  decided it, and no request before it names them, a body they have a seat in or, of a body, one of its seats.
- *Silent*: asked by name, and the consultation closed or it was decided without their word; nobody, where
  advice had come that bears no name. What still waits is `asked_open`. Advice after the decision is
  `advised_late`.
- An elector is silent when it is decided without their position; never where any one decides, by the rule it
  was opened with, else by the row's.
- A session is of the domains its space names. Where these are asked about, others are left out; of stakes or
  a level are those that shared a decision of such. Members are absent by themselves or, of a body, by the
  seats of those who did not come.
- What is done about a decision is of its domains as the tree was then, whatever it was when it was decided.
- Whoever decides in their own name or by a seat takes part in deciding, positions or not.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from schemas.debrief import Held
from schemas.decision import Executed, Formalised, Made, Overridden, PositionTaken, Ratified, Reviewed
from schemas.types import Any as AnyOne
from services.projections.chosen import Chosen, seated, seats
from services.projections.coordination.meetings import members
from services.projections.history import Act, Consultation, Decision, Step
from services.projections.initiative_taken import taken
from services.projections.waits import Wait, decided, speaks, waits

ACTIVE: Final = frozenset(
    {
        *("proposed", "sponsored", "stewarded", "contributed"),
        *("advised", "advised_unasked", "advised_late", "position", "decided"),
        *("attended", "facilitated", "debriefed"),
        *("executed", "reviewed", "ratified", "formalised"),
    }
)
"""Kinds that are taking part; the others are having been asked, expected or waited on."""


class Deed(NamedTuple):
    """One thing one holder (after merges) did, or was asked and did not do; `entry` shows it."""

    at: datetime
    entry: int
    holder: str
    kind: str


def deeds(chosen: Chosen, waits: Iterable[Wait]) -> Iterator[Deed]:
    """Everything but shares of decisions, in no order; of waits, those for advice."""
    yield from _proposed(chosen)
    yield from _joined(chosen)
    yield from _decided(chosen)
    for decision in chosen.history.decisions.values():
        yield from _around(chosen, decision)
    for consultation in chosen.history.consultations.values():
        yield from _advice(chosen, consultation)
    for wait in waits:
        if wait.kind == "advice":
            yield from _asked_for_advice(wait)
    yield from _sessions(chosen)
    yield from _debriefs(chosen)


def pending(chosen: Chosen) -> list[Wait]:
    """Every wait on somebody about what was asked for."""
    return [wait for wait in waits(chosen.history) if chosen.concerns(wait.about, wait.since)]


def proposals(chosen: Chosen) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """Each proposal and who made it, by subject; empty where nobody knows. To open a decision is one where no
    initiative is known to have been proposed for it."""
    who = chosen.history.who
    for id, initiative in chosen.history.initiatives.items():
        if initiative.proposed is not None:
            step, said = initiative.proposed
            if chosen.concerns(f"initiative/{id}", step.at):
                yield step, tuple(sorted(set(map(who, said.proposers))))
    for id, decision in chosen.history.decisions.items():
        initiative_of = chosen.history.initiatives.get(decision.initiative or "")
        if decision.opened is not None and (initiative_of is None or initiative_of.proposed is None):
            step, opened = decision.opened
            if chosen.concerns(f"decision/{id}", step.at):
                yield step, (who(f"actor/{opened.by}"),)


def _proposed(chosen: Chosen) -> Iterator[Deed]:
    for step, proposers in proposals(chosen):
        for holder in proposers:
            yield Deed(step.at, step.position, holder, "proposed")


_AS: Final = {"sponsor": "sponsored", "steward": "stewarded", "contributor": "contributed"}


def _joined(chosen: Chosen) -> Iterator[Deed]:
    for id, initiative in chosen.history.initiatives.items():
        for step, said in initiative.joined:
            if chosen.concerns(f"initiative/{id}", step.at):
                yield Deed(step.at, step.position, chosen.history.who(f"actor/{said.actor}"), _AS[said.as_])


def _decided(chosen: Chosen) -> Iterator[Deed]:
    history = chosen.history
    for place, act in chosen.acts():
        if act.status != "counted":
            continue
        for holder in sorted({*act.node, *act.seat}):
            yield Deed(place, act.position, holder, "decided")
        decision = history.decisions[act.decision]
        if act.word == "made":
            for one in taken(history, decision, act):
                yield Deed(place, act.position, one.proposer, f"initiative_{one.manner}")
                if one.could_alone:
                    yield Deed(place, act.position, one.proposer, "initiative_could_alone")
        yield from _not_asked(chosen, decision, act, place)


def _not_asked(chosen: Chosen, decision: Decision, act: Act, place: datetime) -> Iterator[Deed]:
    row = chosen.row(act)
    if act.word != "made" or row is None or not row.contributes:
        return
    asked = _asked(chosen, decision, act)
    if asked is None:
        return
    history = chosen.history
    known = asked | act.node.keys() | act.seat.keys() | history.proposers(decision)
    for holder in sorted({history.who(one.holder) for one in row.contributes}):
        if history.structure.live(holder, act.at) and not known & {
            holder,
            *seats(chosen.history, holder, act.at),
            *_bodies(chosen, holder, act.at),
        }:
            yield Deed(place, act.position, holder, "not_asked")


def _asked(chosen: Chosen, decision: Decision, act: Act) -> set[str] | None:
    """Who was asked about a decision before an act, by name; None: anybody could speak."""
    history = chosen.history
    about = [
        f"decision/{decision.id}",
        *([f"initiative/{decision.initiative}"] if decision.initiative else []),
    ]
    asked: set[str] = set()
    for consultation in (one for subject in about for one in history.consulted.get(subject, ())):
        if consultation.requested is not None and consultation.requested[0].at <= act.at:
            if not consultation.requested[1].asked:
                return None
            asked.update(map(history.who, consultation.requested[1].asked))
    return asked


def _bodies(chosen: Chosen, holder: str, at: datetime) -> Iterator[str]:
    if holder.startswith("actor/"):
        yield from (f"body/{body}" for body in seated(chosen.history, holder, at))


_DONE: Final = PositionTaken | Executed | Reviewed | Formalised | Ratified


def _around(chosen: Chosen, decision: Decision) -> Iterator[Deed]:
    """Positions, electors who were silent, and what was done after."""
    subject, who = f"decision/{decision.id}", chosen.history.who
    for step in decision.steps:
        if not isinstance(step.data, _DONE) or not chosen.concerns(subject, step.at):
            continue
        match step.data:
            case PositionTaken(by=by):
                yield Deed(step.at, step.position, who(f"actor/{by}"), "position")
            case Executed(by=str(by)):
                yield Deed(step.at, step.position, who(f"actor/{by}"), "executed")
            case Reviewed(by=by):
                yield Deed(step.at, step.position, who(f"actor/{by}"), "reviewed")
            case Formalised(by=by):
                yield Deed(step.at, step.position, who(f"actor/{by}"), "formalised")
            case Ratified(by=several):
                for actor in several:
                    yield Deed(step.at, step.position, who(f"actor/{actor}"), "ratified")
            case _:
                pass
    yield from _electors(chosen, decision)


def _electors(chosen: Chosen, decision: Decision) -> Iterator[Deed]:
    """Each elector at the first word that decided: with a position, deciding, or silent."""
    first = next((step for step in decision.steps if isinstance(step.data, Made | Overridden)), None)
    if decision.opened is None or first is None or not chosen.concerns(f"decision/{decision.id}", first.at):
        return
    act = next((act for act in decision.acts if act.position == first.position), None)
    row = chosen.row(act) if act else None
    if isinstance(decision.opened[1].rule or (row.rule if row else None), AnyOne):
        return
    history = chosen.history
    positions = decision.positions(before=first)
    spoke = {history.who(holder) for holder in positions}
    actors = [said.by for _, said in positions.values()]
    parts = act.node.keys() | act.seat.keys() if act else frozenset()
    for holder in sorted({history.who(one.holder) for one in decision.opened[1].electorate}):
        heard = holder in spoke or any(speaks(history, by, holder, first.at) for by in actors)
        kind = "elector_heard" if heard or holder in parts else "elector_silent"
        yield Deed(first.at, first.position, holder, kind)


def _asked_for_advice(wait: Wait) -> Iterator[Deed]:
    yield Deed(wait.since, wait.position, wait.holder, "asked")
    if wait.until is None:
        yield Deed(wait.since, wait.position, wait.holder, "asked_open")
    elif wait.answered is False:
        yield Deed(wait.since, wait.position, wait.holder, "asked_silent")


def _advice(chosen: Chosen, consultation: Consultation) -> Iterator[Deed]:
    history = chosen.history
    requested = consultation.requested
    about = consultation.about
    if about is None or requested is None:
        return
    asked = {history.who(one) for one in requested[1].asked}
    over = min((step.at for step in decided(history, about, requested[0])), default=None)
    for step, given in consultation.advice:
        if given.by is None or not chosen.concerns(about, step.at):
            continue
        holder = history.who(f"actor/{given.by}")
        named = any(speaks(history, given.by, one, step.at) for one in asked)
        late = over is not None and step.at > over
        kind = "advised_late" if late else "advised" if named else "advised_unasked"
        yield Deed(step.at, step.position, holder, kind)


def _sessions(chosen: Chosen) -> Iterator[Deed]:
    history = chosen.history
    for id, space in history.spaces.items():
        for step, held in space.sessions:
            if not chosen.shared(id, step, held):
                continue
            present = set(map(history.who, held.attendees))
            for holder in sorted(present):
                yield Deed(step.at, step.position, holder, "attended")
            if held.facilitator is not None:
                yield Deed(step.at, step.position, history.who(held.facilitator), "facilitated")
            came = present.union(*(seats(chosen.history, holder, step.at) for holder in present))
            meant = members(history, space.opened[1], step.at) if space.opened else frozenset()
            for holder in sorted(meant - came):
                yield Deed(step.at, step.position, holder, "absent")


def _debriefs(chosen: Chosen) -> Iterator[Deed]:
    for id, debrief in chosen.history.debriefs.items():
        for step, held in debrief.every(Held):
            if chosen.concerns(f"debrief/{id}", step.at):
                for holder in sorted(set(map(chosen.history.who, held.participants))):
                    yield Deed(step.at, step.position, holder, "debriefed")
