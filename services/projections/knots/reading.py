"""What several detectors ask of a history. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from schemas.decision import Made, Overridden, Reopened, Superseded
from services.projections.facts.fact import BEGINNING
from services.projections.facts.matrix import Row
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


def proposed_by(history: History, decision: Decision) -> tuple[int, ...]:
    """The entry that says who proposed a decision."""
    proposal = history.proposal(decision)
    return () if proposal is None else (proposal[0].position,)


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


def row_of(history: History, act: Act) -> Row | None:
    """The row an act was made under."""
    rows = history.structure.matrix.rows(act.row_domain) if act.row_domain is not None else ()
    return next((row for row in rows if row.position == act.row_position), None)


def deciders_of(history: History, act: Act) -> frozenset[str]:
    """Those who decided, as it was said, after merges: actors where they decided under a body."""
    data = step_of(history, act).data
    return (
        frozenset(history.who(one.holder) for one in data.deciders)
        if isinstance(data, Made | Overridden)
        else frozenset()
    )


def back(at: datetime, span: timedelta) -> datetime:
    """So long before an instant, or the beginning of time."""
    return at - span if at - BEGINNING > span else BEGINNING


def exceeds(count: int, part: float, whole: int) -> bool:
    """Whether so many are more than a part of the whole, exactly."""
    return count > Fraction(str(part)) * whole
