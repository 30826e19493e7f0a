"""A subject's life folded anew from its stream, for late events, corrections and retractions.

Corrections act on the stream before it is folded: the last by position wins whole, and what it leaves out
falls back to what was first published. Pure.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from schemas.body import SeatTaken, SeatVacated
from schemas.envelope import Event
from schemas.event import Corrected, Retracted
from schemas.registry import class_of
from schemas.types import Data
from services.ledger.lifecycle import Refusal, advance, is_step
from services.ledger.seats import Seats


class Fact(msgspec.Struct, frozen=True):
    """One entry of a subject. `occurred` is the earlier of the event's time and `recorded`."""

    position: int
    occurred: datetime
    recorded: datetime
    event: Event


class Life(msgspec.Struct, frozen=True):
    """Where a subject stands: its phase, and when the last step that led there occurred."""

    phase: str = ""
    latest: datetime | None = None


class Step(msgspec.Struct, frozen=True):
    """What an entry says once corrections are applied."""

    occurred: datetime
    position: int
    type: str
    data: Data


def refold(facts: Sequence[Fact]) -> Life | Refusal:
    """The life these facts (in order of position) make, or why no such life is possible."""
    phase, latest, seats = "", None, Seats()
    for step in steps(facts):
        if isinstance(step.data, SeatTaken | SeatVacated):
            after = seats.go_on(step.data) or phase
        else:
            after, latest = advance(phase, step.type, step.data), step.occurred
        if isinstance(after, Refusal):
            return after if step.position == facts[-1].position else _displaced(after, step)
        phase = after
    return Life(phase, latest)


def about_seats_of(actor: str, facts: Sequence[Fact]) -> Sequence[Fact]:
    """As many facts of a body as can bear on this actor's seats: all of them, if some were corrected."""
    if any(isinstance(fact.event.data, Corrected | Retracted) for fact in facts):
        return facts
    return [
        fact
        for fact in facts
        if isinstance(fact.event.data, SeatTaken | SeatVacated) and fact.event.data.actor == actor
    ]


def steps(facts: Sequence[Fact]) -> list[Step]:
    """The steps of the life as they now stand, in (occurred, position) order."""
    amended: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        if isinstance(fact.event.data, Corrected | Retracted):
            amended[fact.event.data.source, fact.event.data.id] = fact
    standing = [
        _amended(fact, amended.get((fact.event.source, fact.event.id)))
        for fact in facts
        if is_step(fact.event.type) or isinstance(fact.event.data, SeatTaken | SeatVacated)
    ]
    return sorted((step for step in standing if step), key=lambda step: (step.occurred, step.position))


def _amended(fact: Fact, amendment: Fact | None) -> Step | None:
    occurred, data = fact.occurred, fact.event.data
    if amendment is not None:
        said = amendment.event.data
        if not isinstance(said, Corrected):
            return None
        if said.data is not None:
            data = msgspec.convert(said.data, class_of(fact.event.type))
        if said.time is not None:
            occurred = min(said.time, amendment.recorded)
    return Step(occurred, fact.position, fact.event.type, data)


def _displaced(refusal: Refusal, step: Step) -> Refusal:
    """The newcomer itself fits; an entry that is already there no longer would."""
    return Refusal(
        f"with it, position {step.position} ({step.type}, occurred {step.occurred.isoformat()}) would be "
        f"impossible: {refusal.detail}",
        "Check `time`; if the entry at that position is the one that is wrong, correct or retract it first.",
    )
