"""The windows of `coordination`, from a history. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.projections.chosen import Chosen, Windows, inferred
from services.projections.coordination.answer import CoordinationWindow
from services.projections.coordination.bodies import Beside, in_space, together
from services.projections.coordination.meetings import Session, by_space, sessions
from services.projections.coordination.rows import OfSpace, Span, everybody, overall
from services.projections.coordination.sharing import by_decision, marks, said, sharing, titled
from services.projections.evidence import counted, ratio
from services.projections.history import Act, History, Space
from services.projections.views.question import Question, Window, windows


def coordination(
    history: History, question: Question, space: str | None = None, level: int | None = None
) -> list[CoordinationWindow]:
    """One window, or one an interval from the first session or decision on; of one space, if it is named."""
    return _Coordination(history, question, space, level).windows()


class _Coordination:
    def __init__(self, history: History, question: Question, space: str | None, level: int | None) -> None:
        self._history, self._question, self._space = history, question, space
        self._chosen = Chosen(history, question, level)
        self._met = sessions(self._chosen, space)
        every = sessions(Chosen(history, Question()), space)  # where all meet and share, whatever is asked
        self._together = together(every)
        self._shared = by_decision(every)
        beside = Chosen(history, msgspec.structs.replace(question, body=None), level)
        self._acts = [(at, act) for at, act in beside.acts() if act.status == "counted"]
        self._begun = {id: one.counted[0] for id, one in history.decisions.items() if one.counted}
        self._titles = titled(history)
        held, ever = by_space(self._met), by_space(every)
        self._spaces = {  # whether it keeps its cadence is not a matter of who came, or what was shared
            id: OfSpace(history, one, ever.get(id, []))
            for id, one in sorted(history.spaces.items())
            if space in (None, id) and (id in held or self._asked(id, one))
        }

    def _asked(self, id: str, space: Space) -> bool:
        """A space that has not met: whether it is asked about."""
        if self._question.body is not None:
            named = space.opened is not None and f"body/{self._question.body}" in space.opened[1].members
            if not named:
                return False
        return bool(space.steps) and self._chosen.concerns(f"space/{id}", space.steps[0].at)

    def _of_body(self, act: Act) -> bool:
        """Whether it was decided by the body asked about, if one is."""
        return self._question.body is None or f"body/{self._question.body}" in act.node

    def windows(self) -> list[CoordinationWindow]:
        asked = windows(self._question, self._first(), self._history.at)
        placed = Windows(asked, self._history.at)
        met = placed.parted((session.step.at, session) for session in self._met)
        acts = placed.parted(self._acts)
        return [self._window(placed, place, met[place], acts[place]) for place in range(len(asked))]

    def _first(self) -> datetime | None:
        acts = (at for at, act in self._acts if self._of_body(act))
        return min([*(session.step.at for session in self._met), *acts], default=None)

    def _window(
        self, placed: Windows, place: int, met: Sequence[Session], acts: Sequence[Act]
    ) -> CoordinationWindow:
        window: Window = placed.windows[place]
        at = self._history.at
        span = Span(placed.opens(place), placed.closes(place), window.end is None or window.end > at)
        held = by_space(met)
        here = {id: one for id, one in self._spaces.items() if one.here(span)}
        own = [act for act in acts if self._of_body(act)]
        beside = Beside(self._history, acts, self._together, span, self._space)
        pairs = [pair for pair in beside.pairs() if self._question.body in (None, *pair.bodies)]
        joined = [pair for pair in pairs if not pair.apart]
        return CoordinationWindow(
            from_=window.start,
            to=window.end,
            inferred=inferred(own),
            sessions=counted(marks(met)),
            kept=overall(one.kept(span) for one in here.values()),
            attendance=everybody(one.came(held.get(id, [])) for id, one in here.items()),
            sharing=sharing(own, self._shared, self._begun, at, self._space),
            met=ratio(
                len(joined),
                len(pairs),
                [mark for pair in joined for mark in beside.joining(pair)],
                "{count} of {of} {of:pair|pairs} of bodies that decide side by side met"
                + in_space(self._space),
                "no two bodies decided side by side",
            ),
            spaces=[one.row(span, held.get(id, [])) for id, one in here.items()],
            bodies=pairs,
            said=said(met, self._titles),
        )
