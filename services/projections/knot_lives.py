"""The life of knots: what was found, what people answered, what they raised themselves. Pure.

`accept` and `dispute` are told and change nothing, nor does `change`: the knot is open until its pattern is
gone. One whose last answer is `formalise` closes when both it was answered and the matrix, a mandate or a
`ref` says what it shows; where it shows again after that, it is open again. A person's own knot is never
judged: it is shown with its answers.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.knot import Answered, Raised
from services.projections.history import History, Step, Stream
from services.projections.knots.knot import Found
from services.projections.knots.registry import episodes
from services.projections.knots.settings import Settings


class Answer(NamedTuple):
    """What somebody answered, and by which entry. `by` is a subject, after merges."""

    at: datetime
    position: int
    response: str
    by: str
    note: bool


class Knot(NamedTuple):
    """An episode with its answers. `until`: when it closed; `formalised`: because it was answered so."""

    found: Found
    answers: tuple[Answer, ...]
    until: datetime | None
    formalised: bool


class RaisedKnot(NamedTuple):
    """One that somebody raised; the last time it was, if more than once."""

    id: str
    step: Step
    data: Raised
    answers: tuple[Answer, ...]


class Lives(NamedTuple):
    """All there is. `lost`: answers to what is found no more, since facts were corrected or came late."""

    knots: Sequence[Knot]
    raised: Sequence[RaisedKnot]
    lost: Sequence[tuple[str, tuple[Answer, ...]]]


def lives(history: History, settings: Settings) -> Lives:
    """Every knot up to the history's `at`: the gravest first, then the oldest."""
    answers = {id: _answers(history, stream) for id, stream in history.knots.items()}
    knots = [_knot(one, answers.get(one.id, ())) for one in episodes(history, settings)]
    raised = [
        RaisedKnot(id, *said, answers[id])
        for id, stream in history.knots.items()
        if (said := stream.last(Raised)) is not None
    ]
    known = {one.found.id for one in knots} | {one.id for one in raised}
    return Lives(
        sorted(knots, key=lambda one: one.found.rank),
        sorted(raised, key=lambda one: (one.step.at, one.id)),
        sorted((id, given) for id, given in answers.items() if given and id not in known),
    )


def _answers(history: History, stream: Stream) -> tuple[Answer, ...]:
    return tuple(
        Answer(step.at, step.position, data.response, history.who(f"actor/{data.by}"), data.note is not None)
        for step, data in stream.every(Answered)
    )


def _knot(found: Found, answers: tuple[Answer, ...]) -> Knot:
    if not answers or answers[-1].response != "formalise" or found.stated is None:
        return Knot(found, answers, found.until, formalised=False)
    closed = max(answers[-1].at, found.stated)
    ended = found.until is not None and found.until <= closed
    if ended or (found.latest is not None and closed < found.latest):
        return Knot(found, answers, found.until, formalised=False)
    return Knot(found, answers, closed, formalised=True)
