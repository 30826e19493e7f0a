"""The windows of `learning`, from a history. Pure."""

from datetime import datetime

import msgspec

from services.projections.chosen import Chosen, Windows
from services.projections.history import History
from services.projections.learning.answer import LearningWindow
from services.projections.learning.endings import Follow, endings, mistakes
from services.projections.learning.figures import (
    changed_rows,
    debriefs,
    experiments,
    lessons,
    trial,
    turned,
)
from services.projections.views.question import Question, windows


def learning(history: History, question: Question, level: int | None = None) -> list[LearningWindow]:
    """One window, or one an interval from the first thing learnt or to be learnt from on."""
    return _Learning(history, question, level).windows()


class _Learning:
    def __init__(self, history: History, question: Question, level: int | None) -> None:
        self._at, self._question = history.at, question
        chosen = Chosen(history, msgspec.structs.replace(question, body=None), level, question.body)
        self._follow = Follow(history)
        found = filter(None, (trial(id, stream) for id, stream in history.experiments.items()))
        trials = sorted(found, key=lambda one: one.mark)
        self._trials = [one for one in trials if chosen.concerns(f"experiment/{one.id}", one.start.at)]
        self._ended = [
            one for one in trials if one.end and chosen.concerns(f"experiment/{one.id}", one.end.at)
        ]
        self._debriefs = [o for o in self._follow.debriefs if chosen.concerns(f"debrief/{o.id}", o.step.at)]
        self._lessons = [o for o in self._follow.lessons if chosen.concerns(f"lesson/{o.id}", o.step.at)]
        self._rows = [
            row
            for row in changed_rows(self._follow)
            if chosen.within(f"domain/{row.domain}", row.stated)
            and chosen.takes(f"lesson/{row.lesson}", row.stated)
        ]
        self._endings, self._mistakes = endings(chosen), mistakes(chosen)

    def windows(self) -> list[LearningWindow]:
        asked = windows(self._question, self._first(), self._at)
        placed = Windows(asked, self._at)
        started = placed.parted((one.start.at, one) for one in self._trials)
        concluded = placed.parted((one.end.at if one.end else one.start.at, one) for one in self._ended)
        held = placed.parted((one.step.at, one) for one in self._debriefs)
        over = placed.parted((one.at, one) for one in self._endings)
        recorded = placed.parted((one.step.at, one) for one in self._lessons)
        rows = placed.parted((one.stated, one) for one in self._rows)
        wrong = placed.parted((one.at, one) for one in self._mistakes)
        return [
            LearningWindow(
                from_=window.start,
                to=window.end,
                experiments=experiments(
                    started[place], concluded[place], self._trials, self._follow, placed.windows[place].end
                ),
                debriefs=debriefs(held[place], over[place], self._follow),
                lessons=lessons(recorded[place], rows[place], self._follow),
                mistakes=turned(wrong[place], self._follow),
            )
            for place, window in enumerate(asked)
        ]

    def _first(self) -> datetime | None:
        instants = [
            *(one.start.at for one in self._trials),
            *(one.step.at for one in self._debriefs),
            *(one.step.at for one in self._lessons),
            *(one.at for one in (*self._endings, *self._mistakes)),
            *(row.stated for row in self._rows),
        ]
        return min(instants, default=None)
