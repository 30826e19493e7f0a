"""Pieces of advice that came before a decision, and what the decision came to.

Advice about a decision belongs to the next act of it; about an initiative, to the next act of any of its
decisions. It counts if it occurred before that act, from somebody named who had no part in the deciding, by a
seat either, and was not withdrawn; all else is counted apart, by why it was left out. "Before" is strictly
earlier: of two entries of one instant about different subjects nobody knows which came first.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from schemas.consultation import AdviceGiven
from services.projections.history import Act, Consultation, History, Step

LEFT_OUT: Final = ("anonymous", "by_deciders", "after_the_decision", "undecided", "withdrawn")
ACCEPTED: Final = frozenset({"accepted", "provisional"})


class Advice(NamedTuple):
    """One piece. `match` is None for a stance that no outcome matches (concern, information)."""

    adviser: str
    placed: datetime
    """What places the act in a window."""
    act: Act
    stance: str
    match: bool | None
    answer: str | None
    """What was done with it: integrated or declined; None where nobody said."""
    at: datetime
    position: int

    @property
    def followed(self) -> bool:
        """Integrated, else the stance matches the outcome."""
        return self.answer == "integrated" or self.match is True


class LeftOut(NamedTuple):
    """A piece that does not count. `act` is the one it is about, if there is one, `about` the subject."""

    why: str
    at: datetime
    position: int
    act: Act | None
    about: str


def matches(stance: str, outcome: str) -> bool | None:
    """Whether an outcome is what a stance was for: support of a yes, objection to a no; else unknown."""
    if stance == "support":
        return outcome in ACCEPTED
    return outcome == "rejected" if stance == "objection" else None


def advice(history: History, acts: Iterable[tuple[datetime, Act]]) -> Iterator[Advice | LeftOut]:
    """Every piece of advice about decisions or initiatives, before these acts or left out."""
    by_decision: dict[str, list[tuple[datetime, Act]]] = {}
    for placed, act in acts:
        if act.status == "counted":
            by_decision.setdefault(act.decision, []).append((placed, act))
    candidates: dict[str, list[tuple[datetime, Act]]] = {}
    for consultation in history.consultations.values():
        about = consultation.about or ""
        kind, _, id = about.partition("/")
        if kind in ("decision", "initiative"):
            if about not in candidates:
                candidates[about] = _candidates(history, kind, id, by_decision)
            yield from _of(history, consultation, candidates[about])


def _candidates(
    history: History, kind: str, id: str, by_decision: Mapping[str, list[tuple[datetime, Act]]]
) -> list[tuple[datetime, Act]]:
    decisions = [one.id for one in history.decided.get(id, ())] if kind == "initiative" else [id]
    found = [one for decision in decisions for one in by_decision.get(decision, ())]
    return sorted(found, key=lambda one: (one[1].at, one[1].decision, one[1].position))


def _of(
    history: History, consultation: Consultation, acts: list[tuple[datetime, Act]]
) -> Iterator[Advice | LeftOut]:
    for step, given in consultation.advice:
        place = bisect_right(acts, step.at, key=_when)
        placed, act = acts[place] if place < len(acts) else (None, None)
        answered = consultation.answer(step)
        answer = answered[1].disposition if answered else None
        why = _why_not(history, given, act, answer, bool(acts))
        if why is not None or placed is None or act is None or given.by is None:
            last = acts[-1][1] if acts else None
            yield LeftOut(why or "undecided", step.at, step.position, act or last, consultation.about or "")
        else:
            yield _piece(history.who(f"actor/{given.by}"), placed, act, given.stance, answer, step)


def _when(one: tuple[datetime, Act]) -> datetime:
    return one[1].at


def _piece(adviser: str, placed: datetime, act: Act, stance: str, answer: str | None, step: Step) -> Advice:
    return Advice(adviser, placed, act, stance, matches(stance, act.outcome), answer, step.at, step.position)


def _why_not(
    history: History, given: AdviceGiven, act: Act | None, answer: str | None, decided: bool
) -> str | None:
    if given.by is None:
        return "anonymous"
    if answer == "withdrawn":
        return "withdrawn"
    if act is None:
        return "after_the_decision" if decided else "undecided"
    adviser = history.who(f"actor/{given.by}")
    return "by_deciders" if adviser in act.node or adviser in act.seat else None
