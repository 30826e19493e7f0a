"""The rows a batch of entries adds and ends, gathered until they are written. Pure.

Every row begins or ends to be known at the position of the entry that changed it, never at a batch's, so that
what was known at a position does not depend on how entries were paged.
"""

from typing import Any

from services.projections.facts.fact import OPEN, Fact
from services.projections.settle import Act, Parked

FactId = tuple[str, str, int, str, int]  # subject, kind, position, key, known_from
ActId = tuple[str, int, Any, int]  # decision, position, at_from, known_from


class Changes:
    """What is to be written: rows by their keys. A row that came and went in one batch is one row."""

    def __init__(self) -> None:
        self.subjects: set[str] = set()  # whose rows change
        self.clear()

    def clear(self) -> None:
        """No row waits any more: they were written."""
        self.heard: list[tuple[str, int]] = []
        self.parked: dict[int, Parked] = {}
        self.facts: dict[FactId, tuple[Fact, int]] = {}  # row and known_to
        self.ended_facts: dict[FactId, int] = {}
        self.acts: dict[ActId, tuple[Act, int]] = {}
        self.ended_acts: dict[ActId, int] = {}

    @property
    def size(self) -> int:
        """How many rows are waiting."""
        return len(self.facts) + len(self.acts) + len(self.ended_facts) + len(self.ended_acts)

    def hear(self, subject: str, position: int) -> None:
        """An entry of a subject was taken in."""
        self.subjects.add(subject)
        self.heard.append((subject, position))

    def fact_known(self, fact: Fact, position: int) -> None:
        """A fact is known from a position on."""
        self.facts[fact.subject, fact.kind, fact.position, fact.key, position] = (fact, OPEN)

    def fact_ended(self, fact: Fact, known_from: int, position: int) -> None:
        """A fact known from a position is known no more."""
        id = (fact.subject, fact.kind, fact.position, fact.key, known_from)
        if id in self.facts:
            self.facts[id] = (fact, position)
        else:
            self.ended_facts[id] = position

    def act_known(self, decision: str, act: Act, position: int) -> None:
        """A reading of an act is known from a position on."""
        self.subjects.add(f"decision/{decision}")
        self.acts[decision, act.position, act.at_from, position] = (act, OPEN)

    def act_ended(self, decision: str, act: Act, known_from: int, position: int) -> None:
        """A reading of an act known from a position is known no more."""
        self.subjects.add(f"decision/{decision}")
        id = (decision, act.position, act.at_from, known_from)
        if id in self.acts:
            self.acts[id] = (act, position)
        else:
            self.ended_acts[id] = position
