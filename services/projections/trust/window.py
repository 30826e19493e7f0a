"""The windows of `trust`, and how the two sides go together over them, from a history. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from services.projections.chosen import Chosen, Windows, inferred
from services.projections.evidence import Mark
from services.projections.history import Act, History
from services.projections.measures_rank import kendall
from services.projections.trust import pulses, signs
from services.projections.trust.answer import Association, TrustWindow
from services.projections.trust.pulses import QUESTIONS, Pulse
from services.projections.trust.signs import Fates
from services.projections.views.question import Question, windows

SIGNS: Final = ("alone", "asked_up", "escalated", "overridden", "reopened")
_SAID: Final = {
    "alone": "decided by its proposers",
    "asked_up": "asked up",
    "escalated": "escalated",
    "overridden": "overridden",
    "reopened": "reopened",
}
CLEAR: Final = 0.3  # weaker, it is not put into words
LEAST: Final = 6  # below it, any order is likely


def trust(history: History, question: Question, level: int | None = None) -> list[TrustWindow]:
    """One window, or one an interval from the first pulse or decision on."""
    return _Trust(history, question, level).windows()


class _Trust:
    def __init__(self, history: History, question: Question, level: int | None) -> None:
        self._history, self._question = history, question
        self._pulses = pulses.pulses(history, question.body)
        chosen = Chosen(history, msgspec.structs.replace(question, body=None), level)
        self._acts = [(at, act) for at, act in chosen.acts() if act.status == "counted"]
        self._fates = Fates(history)

    def windows(self) -> list[TrustWindow]:
        asked = windows(self._question, self._first(), self._history.at)
        placed = Windows(asked, self._history.at)
        told = placed.parted((pulse.step.at, pulse) for pulse in self._pulses)
        acts = placed.parted(self._acts)
        return [self._window(placed, place, told[place], acts[place]) for place in range(len(asked))]

    def _first(self) -> datetime | None:
        instants = [*(one.step.at for one in self._pulses), *(at for at, _ in self._acts)]
        return min(instants, default=None)

    def _window(self, placed: Windows, place: int, told: Sequence[Pulse], acts: Sequence[Act]) -> TrustWindow:
        body = self._question.body
        fates = [self._fates.of(act) for act in acts if act.word == "made"]
        overrides = [act for act in acts if self._fates.overrides(act)]
        overrode = self._overrode(overrides)
        names = self._names(placed.closes(place))
        if body is None:
            proposed, marks = fates, [(act.at, act.position) for act in overrides]
        else:
            proposed, marks = [one for one in fates if body in one.proposing], overrode.get(body, [])
        decided = [one for one in fates if body is None or body in one.deciding]
        window = placed.windows[place]
        return TrustWindow(
            from_=window.start,
            to=window.end,
            inferred=inferred(acts),
            lived=pulses.lived(told),
            bodies_lived=pulses.by_body(told, names),
            signs=signs.signs(self._history, decided, proposed, marks),
            bodies_signs=signs.by_body(self._history, fates, overrode, names, body),
        )

    def _overrode(self, overrides: Sequence[Act]) -> Mapping[str, list[Mark]]:
        found: dict[str, list[Mark]] = defaultdict(list)
        for act in overrides:
            for body in self._fates.bodies(act):
                found[body].append((act.at, act.position))
        return found

    def _names(self, at: datetime) -> Mapping[str, str | None]:
        bodies = self._history.structure.bodies
        found = {body: bodies.profile(body, at) for body in bodies.ids()}
        return {body: profile.name if profile else None for body, profile in found.items()}


def associations(told: Sequence[TrustWindow]) -> list[Association]:
    """Over every body and window that has both: what is lived beside each sign."""
    lived = {
        (place, one.body, one.question): one.experienced
        for place, window in enumerate(told)
        for one in window.bodies_lived
    }
    shown = {
        (place, one.body, sign): getattr(one, sign).rate
        for place, window in enumerate(told)
        for one in window.bodies_signs
        for sign in SIGNS
    }
    found = []
    for question in QUESTIONS:
        for sign in SIGNS:
            both = [
                (value, shown[place, body, sign])
                for (place, body, asked), value in lived.items()
                if asked == question and value is not None and shown.get((place, body, sign)) is not None
            ]
            found.append(_association(question, sign, both))
    return found


def _association(question: str, sign: str, both: Sequence[tuple[float, float]]) -> Association:
    tau = kendall(both) if len(both) >= LEAST else None
    why = f"fewer than {LEAST} windows of bodies have both; ask for a series"
    if len(both) >= LEAST:
        why = "one of the two is the same everywhere"
    return Association(
        question=question,
        sign=sign,
        n=len(both),
        tau=tau,
        in_words=None if tau is None else _words(question, sign, tau),
        why_null={} if tau is not None else dict.fromkeys(("tau", "in_words"), why),
    )


def _words(question: str, sign: str, tau: float) -> str:
    if abs(tau) < CLEAR:
        return f"{question} and how much was {_SAID[sign]} go their own ways"
    more = "more" if tau > 0 else "less"
    return f"where more {question} was lived, {more} was {_SAID[sign]}; why, it does not tell"
