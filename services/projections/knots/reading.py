"""What several detectors ask of a history. Pure."""

from collections.abc import Iterable, Sequence

from services.projections.history import Act


def entries_of(acts: Iterable[Act]) -> tuple[int, ...]:
    """The positions of acts, sorted, each once."""
    return tuple(sorted({act.position for act in acts}))


def decisions_of(acts: Iterable[Act]) -> int:
    """How many decisions these acts belong to."""
    return len({act.decision for act in acts})


def inferred_of(acts: Sequence[Act]) -> int:
    """Of these decisions, those whose deciders were inferred."""
    return decisions_of(act for act in acts if act.inferred)
