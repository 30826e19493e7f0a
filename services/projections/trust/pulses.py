"""Stated against experienced, from pulses. Pure.

A pulse belongs to the window in which it occurred. Means are weighted by respondents, so that five answers do
not weigh as much as fifty; how many there were always stands beside.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

import msgspec

from schemas.pulse import Recorded
from services.projections.evidence import counted
from services.projections.history import History, Step
from services.projections.trust.answer import BodyLived, Lived
from services.projections.wording import numbered

QUESTIONS: Final[tuple[str, ...]] = get_args(msgspec.structs.fields(Recorded)[1].type)
_NOT_ASKED: Final = "nobody asked here"
_NEVER_STATED: Final = "nobody stated it"


class Pulse(NamedTuple):
    """One question's answers in one body."""

    step: Step
    said: Recorded


def pulses(history: History, body: str | None) -> list[Pulse]:
    """In order of time; of one body, if it is named."""
    found = [
        Pulse(step, said)
        for stream in history.pulses.values()
        for step, said in stream.every(Recorded)
        if body in (None, said.body)
    ]
    return sorted(found, key=lambda one: (one.step.at, one.step.position))


def lived(found: Sequence[Pulse]) -> list[Lived]:
    """All together, every question."""
    by: dict[str, list[Pulse]] = defaultdict(list)
    for one in found:
        by[one.said.question].append(one)
    return [Lived(question=question, **_figures(by.get(question, ()))) for question in QUESTIONS]


def by_body(found: Sequence[Pulse], names: Mapping[str, str | None]) -> list[BodyLived]:
    """Each body that was asked, and each question it was asked."""
    by: dict[tuple[str, int], list[Pulse]] = defaultdict(list)
    for one in found:
        by[one.said.body, QUESTIONS.index(one.said.question)].append(one)
    return [
        BodyLived(body=body, name=names.get(body), question=QUESTIONS[place], **_figures(several))
        for (body, place), several in sorted(by.items(), key=lambda item: item[0])
    ]


def _figures(found: Sequence[Pulse]) -> dict[str, Any]:
    both = [one.said for one in found if one.said.stated is not None]
    stated = _mean([(said.stated or 0.0, said.respondents) for said in both])
    experienced = _mean([(one.said.experienced, one.said.respondents) for one in found])
    beside = _mean([(said.experienced, said.respondents) for said in both])
    gap = None if stated is None or beside is None else stated - beside
    why: dict[str, str] = {}
    if not found:
        why = dict.fromkeys(("stated", "experienced", "gap", "fewest", "in_words"), _NOT_ASKED)
    elif stated is None:
        why = dict.fromkeys(("stated", "gap"), _NEVER_STATED)
    answers = sum(one.said.respondents for one in found)
    compared = sum(said.respondents for said in both)
    return {
        "stated": stated,
        "experienced": experienced,
        "gap": gap,
        "respondents": answers,
        "compared": compared,
        "fewest": min((one.said.respondents for one in found), default=None),
        "pulses": counted([(one.step.at, one.step.position) for one in found]),
        "in_words": None if experienced is None else _words(stated, experienced, gap, answers, compared),
        "why_null": why,
    }


def _mean(values: Sequence[tuple[float, int]]) -> float | None:
    weights = sum(weight for _, weight in values)
    return math.fsum(value * weight for value, weight in values) / weights if weights else None


def _words(stated: float | None, experienced: float, gap: float | None, answers: int, compared: int) -> str:
    lives = f"{experienced:.2f} is lived, by " + numbered("{n} {n:answer|answers}", n=answers)
    if stated is None or gap is None:
        return f"{lives}; nothing is stated"
    if compared < answers:
        lives += f"; where it is also stated, {stated - gap:.2f}, by {compared}"
    if round(gap, 2) == 0:
        return f"{lives}: as much as is stated"
    return f"{lives}: {abs(gap):.2f} {'less' if gap > 0 else 'more'} than the {stated:.2f} that is stated"
