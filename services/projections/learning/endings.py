"""What there is to learn from, and what was learnt from it. Pure.

Rules decided here:
- To be looked back on: initiatives completed, overrides by others, experiments concluded. What was withdrawn
  was not done.
- A debrief covers what it is about if it was held then or later; for an override, one about the decision.
- A lesson comes of something if it names it, or names a debrief about it, and was recorded then or later.
- Mistakes are failed initiatives, and decisions overridden, reversed or reopened; no refuted hypothesis.
- A row rests on a lesson that it names as its basis; a row that merely followed is not counted as learnt.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.debrief import Held
from schemas.experiment import Concluded
from schemas.initiative import Completed
from schemas.lesson import Recorded
from services.projections.chosen import Chosen
from services.projections.evidence import Mark
from services.projections.facts.matrix import Row
from services.projections.history import History, Step
from services.projections.undone import undoings


class Ending(NamedTuple):
    """Something that ended or was undone: when, by which entry."""

    kind: str
    subject: str
    at: datetime
    position: int

    @property
    def mark(self) -> Mark:
        return self.at, self.position


class Learnt(NamedTuple):
    """A lesson, its id, and the rows that rest on it, in order of being stated."""

    id: str
    step: Step
    said: Recorded
    rows: Sequence[Row]

    @property
    def mark(self) -> Mark:
        return self.step.at, self.step.position


class Looked(NamedTuple):
    """A debrief and its id."""

    id: str
    step: Step
    held: Held

    @property
    def mark(self) -> Mark:
        return self.step.at, self.step.position


class Follow:
    """What followed what."""

    def __init__(self, history: History) -> None:
        self.at = history.at
        self.who = history.who
        self._debriefs: dict[str, list[Looked]] = defaultdict(list)
        self._lessons: dict[str, list[Learnt]] = defaultdict(list)
        self.debriefs = sorted(_debriefs(history), key=lambda one: one.mark)
        for looked in self.debriefs:
            self._debriefs[looked.held.about].append(looked)
        self.lessons = sorted(_lessons(history), key=lambda one: one.mark)
        for learnt in self.lessons:
            self._lessons[learnt.said.from_].append(learnt)

    def debrief(self, ending: Ending) -> Looked | None:
        """The first that looked back on it."""
        about = self._debriefs.get(ending.subject, ())
        return next((one for one in about if one.step.at >= ending.at), None)

    def lessons_of(self, ending: Ending) -> list[Learnt]:
        """All that came of it."""
        sources = [ending.subject]
        sources += [f"debrief/{one.id}" for one in self._debriefs.get(ending.subject, ())]
        found = [one for source in sources for one in self._lessons.get(source, ())]
        return [one for one in found if one.step.at >= ending.at]


def _debriefs(history: History) -> Iterator[Looked]:
    for id, debrief in history.debriefs.items():
        for step, held in debrief.every(Held):
            yield Looked(id, step, held)


def _lessons(history: History) -> Iterator[Learnt]:
    rows: dict[str, list[Row]] = defaultdict(list)
    matrix = history.structure.matrix
    for domain in sorted(matrix.domains()):
        for row in matrix.rows(domain):
            if row.basis is not None and row.stated <= history.at:
                rows[row.basis].append(row)
    for id, lesson in history.lessons.items():
        for step, said in lesson.every(Recorded):
            resting = [row for row in rows.get(f"lesson/{id}", ()) if row.stated >= step.at]
            yield Learnt(id, step, said, sorted(resting, key=lambda row: (row.stated, row.position)))


def endings(chosen: Chosen) -> list[Ending]:
    """What there is to look back on, in order of time."""
    found = [one for one in _endings(chosen.history) if chosen.concerns(one.subject, one.at)]
    return sorted(found, key=lambda one: one.mark)


def mistakes(chosen: Chosen) -> list[Ending]:
    """What went wrong, in order of time."""
    history = chosen.history
    failed = [one for one in _endings(history) if one.kind == "initiative_failed"]
    undone = [Ending(one.how, f"decision/{one.decision}", one.at, one.position) for one in undoings(history)]
    found = [one for one in (*failed, *undone) if chosen.concerns(one.subject, one.at)]
    return sorted(found, key=lambda one: one.mark)


def _endings(history: History) -> Iterator[Ending]:
    for id, initiative in history.initiatives.items():
        for step, done in initiative.every(Completed):
            yield Ending(
                f"initiative_{done.outcome or 'completed'}", f"initiative/{id}", step.at, step.position
            )
    for one in undoings(history):
        if one.how == "overridden":
            yield Ending("override", f"decision/{one.decision}", one.at, one.position)
    for id, experiment in history.experiments.items():
        for step, _ in experiment.every(Concluded):
            yield Ending("experiment", f"experiment/{id}", step.at, step.position)
