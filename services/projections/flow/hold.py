"""How long decisions stand, from `made` until they are overridden, reversed or reopened."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

from schemas.decision import Reopened, Superseded
from services.projections.cases import Cases
from services.projections.flow.lapse import Lapse
from services.projections.history import Act, Decision, Step

_Word: TypeAlias = tuple[Step, Act | None]


def holds(cases: Cases) -> Iterator[Lapse]:
    """Every `made` with an outcome that counts, until the next word about the same decision.

    `how` it ended: `overridden` where others decided, `reversed` where the same did, `reopened`. A
    provisional decision that is then accepted was confirmed, not undone: it is censored there; a superseded
    one from its superseding on, as nobody would undo it any more.
    """
    for decision in cases.history.decisions.values():
        yield from _of(cases, decision)


def _of(cases: Cases, decision: Decision) -> Iterator[Lapse]:
    acts = {act.position: act for act in decision.acts}
    words: list[_Word | None] = [(step, acts.get(step.position)) for step in decision.words]
    superseded = [step.at for step, _ in decision.every(Superseded)]
    for word, following in pairwise([*words, None]):
        step, act = word or (None, None)
        if step is None or act is None or act.word != "made" or act.status == "apart":
            continue
        how = _how(act, following) if following else None
        end = following[0].at if following else cases.history.at
        gone = next((at for at in superseded if step.at <= at < end), None)
        if gone is not None:
            end, how = gone, None
        yield Lapse(
            what="hold",
            of=f"decision/{decision.id}",
            start=step.at,
            end=end,
            ended=how is not None,
            entries=(step.position, following[0].position) if how and following else (step.position,),
            case=cases.act(act),
            how=how,
        )


def _how(act: Act, following: _Word) -> str | None:
    """None: it was confirmed."""
    step, later = following
    if isinstance(step.data, Reopened) or later is None:
        return "reopened"
    if confirmed(act, later):
        return None
    return "overridden" if others(act, later) else "reversed"


def confirmed(act: Act, later: Act) -> bool:
    """Whether what was provisional was accepted for good: that undoes nothing, to reject it does."""
    return later.word == "made" and act.outcome == "provisional" and later.outcome == "accepted"


def others(act: Act, later: Act) -> bool:
    """Whether others decided than before; by its word where either's deciders are unknown."""
    if not (act.node and later.node):
        return later.word == "overridden"
    return act.node.keys() != later.node.keys()
