"""Bypassed consultation: the row demands somebody's advice, and the decision was made without waiting for it.

They were *not asked*; or asked less than the row's `min_wait` before; or they advised *only afterwards*. An
open call reaches everybody; a body is reached through its people, and they through the body. Nobody is
bypassed who took a position or decided, of a body one of its people, had advised before being asked, or was
gone. Who was asked in time and silent is not bypassed for what they answer when asked again, after the
decision; nor is who answers after it, where advice before it bore no name and may have been theirs. Each
`made` is judged by itself. It ends when the decision no longer stands as it was made, or is reviewed once
they were heard.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from schemas.decision import Reviewed
from services.projections import calendar
from services.projections.facts.matrix import Row
from services.projections.history import Act, Consultation, Decision, History, Step
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import ended, scope_of, step_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import restated
from services.projections.knots.stated import demands, row_of, stands_for, subjects, took_part, unnamed
from services.projections.knots.wording import count, day, domain_name

_WORDS: Final = {
    "not asked": "not asked",
    "too short": "asked later than the row demands",
    "too late": "heard only afterwards",
}


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each contributor and domain."""
    spells = [spell for decision in history.decisions.values() for spell in _of(history, decision)]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _of(history: History, decision: Decision) -> Iterator[Spell]:
    for act in decision.acts:
        row = row_of(history, act) if act.word == "made" and act.status != "apart" else None
        for holder in (
            sorted({history.who(one.holder) for one in row.contributes if one.mandatory}) if row else ()
        ):
            if (
                row
                and history.structure.live(holder, act.at)
                and not took_part(history, decision, act, holder)
            ):
                yield from _spell(history, decision, act, row, holder)


def _spell(history: History, decision: Decision, act: Act, row: Row, holder: str) -> Iterator[Spell]:
    about = subjects(decision)
    reached = [one for subject in about for one in _requests(history, subject, holder) if one[0].at <= act.at]
    asked = [step for step, _ in reached]
    over = ended(history, act)
    heard = sorted(
        (one for subject in about for one in _heard(history, subject, holder)), key=lambda one: one[0][:2]
    )
    told = [(step, asked_at) for step, asked_at in heard if over is None or step.at < over]
    advice = [step for step, _ in told]
    # What is asked later is about what comes next.
    mine = [step for step, asked_at in told if not asked or asked_at is None or asked_at <= act.at]
    how = _how(act.at, row, asked, mine)
    if how == "too late" and any(unnamed(one, act.at) for _, one in reached):
        return
    if how is not None:
        later = [step for step in advice if step.at > act.at]
        entries = (
            act.position,
            row.position,
            *(step.position for step in asked),
            *(s.position for s in later),
        )
        yield Spell(
            scope=scope_of(act),
            actors=(holder,),
            since=act.at,
            until=_until(history, decision, act, advice),
            entries=entries,
            acts=(act,),
            about=how,
        )


def _requests(history: History, about: str, holder: str) -> Sequence[tuple[Step, Consultation]]:
    """The requests about a subject that were put to this holder, or to anyone, and what each began."""
    return history.once(
        (_requests, about, holder),
        lambda: [
            (step, one)
            for one in history.consulted.get(about, ())
            for step, data in ([one.requested] if one.requested else ())
            if not data.asked or any(stands_for(history, each, holder, step.at) for each in data.asked)
        ],
    )


def _heard(history: History, about: str, holder: str) -> Sequence[tuple[Step, datetime | None]]:
    """What this holder advised on a subject, and when that had been asked."""
    return history.once(
        (_heard, about, holder),
        lambda: [
            (step, one.requested[0].at if one.requested else None)
            for one in history.consulted.get(about, ())
            for step, data in one.advice
            if data.by is not None and stands_for(history, f"actor/{data.by}", holder, step.at)
        ],
    )


def _how(made: datetime, row: Row, asked: list[Step], advice: list[Step]) -> str | None:
    """In what way they were bypassed, if at all."""
    before = [step for step in advice if step.at <= made]
    if not asked:
        return None if before else "not asked"
    first = min(step.at for step in asked)
    if not _waited(first, made, row.min_wait) and not any(step.at < first for step in before):
        return "too short"
    return "too late" if advice and not before else None


def _waited(since: datetime, until: datetime, wait: str | None) -> bool:
    if wait is None:
        return True
    over = calendar.after(since, calendar.read(wait))
    return over is not None and over <= until


def _until(history: History, decision: Decision, act: Act, heard: list[Step]) -> datetime | None:
    """When it no longer stood as it was made, or was reviewed after they had been heard."""
    step = step_of(history, act)
    since = max(heard[0].at, step.at) if heard else None
    reviews = [one.at for one, _ in decision.every(Reviewed) if since is not None and one.at > since]
    ends = [end for end in (ended(history, act), *reviews) if end is not None]
    return min(ends, default=None)


def _found(history: History, episode: Episode) -> Found:
    (holder,) = episode.actors
    domain = episode.scope.partition("/")[2]
    ways = Counter({spell.acts[0].decision: spell.about for spell in episode.spells}.values())
    told = ", ".join(f"{n} {_WORDS[how]}" for how, n in sorted(ways.items()))
    made = count(ways.total(), "decision")
    return found(
        "bypassed consultation",
        episode,
        figure=ways.total(),
        unit="decisions",
        sentence=f"The row of {domain_name(history, domain)} demands the advice of {holder}; {made} since "
        f"{day(episode.since)} did not wait for it ({told}).",
        stated=restated(history, domain, episode.since, lambda row: not demands(history, row, holder)),
    )


PATTERNS = (
    Pattern(
        name="bypassed consultation",
        episodes=episodes,
        why="Who must be heard was not: what they know is missing, and they learn that it is not wanted.",
        question="Was there no time, or no wish to hear them; and what would they have said?",
        closes="Hearing them and reviewing the decision, or making it anew once they were asked.",
    ),
)
