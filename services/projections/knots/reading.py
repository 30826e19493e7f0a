"""What several detectors ask of a history. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from schemas.decision import Made, Overridden, Reopened, Superseded
from services.projections.history import Act, Decision, History, Step


def entries_of(acts: Iterable[Act]) -> tuple[int, ...]:
    """The positions of acts, sorted, each once."""
    return tuple(sorted({act.position for act in acts}))


def decisions_of(acts: Iterable[Act]) -> int:
    """How many decisions these acts belong to."""
    return len({act.decision for act in acts})


def inferred_of(acts: Sequence[Act]) -> int:
    """Of these decisions, those whose deciders were inferred."""
    return decisions_of(act for act in acts if act.inferred)


def scope_of(act: Act) -> str:
    """The domain of the row an act was made under; its home where there was none."""
    return f"domain/{act.row_domain or act.home}"


def decision_of(history: History, act: Act) -> Decision:
    """The decision an act belongs to."""
    return history.decisions[act.decision]


def step_of(history: History, act: Act) -> Step:
    """The entry an act was told by."""
    return next(step for step in decision_of(history, act).steps if step.position == act.position)


def undone(history: History, act: Act) -> Step | None:
    """What took an act's place: made anew, overridden, reopened or superseded; None while it holds."""
    step = step_of(history, act)
    return decision_of(history, act).after(step, Made, Overridden, Reopened, Superseded)


def ended(history: History, act: Act) -> datetime | None:
    """When an act's place was taken."""
    step = undone(history, act)
    return None if step is None else step.at
