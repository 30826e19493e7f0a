"""Unlearned: an experiment, an override or a failed initiative that nobody looked back on for thirty days.

An experiment is to be concluded after its `ends_at` (without one it cannot be late), or debriefed, before
that too; what others put in a decision's place, be it that they made anew what was provisional, and an
initiative that failed, debriefed. A debrief of the initiative counts for its decisions, and one of a decision
for its initiative; a lesson recorded from either counts as a debrief. It begins when the days are over.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from schemas.debrief import Held
from schemas.experiment import Concluded, Started
from schemas.initiative import Completed
from schemas.lesson import Recorded
from services.projections.history import Act, Decision, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, domain_stakes, found, joined
from services.projections.knots.stated import domain_at
from services.projections.knots.undone import undoes
from services.projections.knots.wording import called, count, day, domain_name

_INSTANT: Final = timedelta(microseconds=1)  # on the last instant of the thirtieth day it is still in time


class Due(NamedTuple):
    """Something to learn from since `at`, by looking back on any of these subjects."""

    at: datetime
    subjects: Sequence[str]
    home: str | None
    actors: tuple[str, ...]
    entries: tuple[int, ...]
    words: str
    act: Act | None = None
    concluded: datetime | None = None
    begun: datetime | None = None
    """From when on looking back counts, where that is before `at`."""


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each domain and those concerned."""
    patience = timedelta(days=settings.unlearned_days)
    looked_back = _looked_back(history)
    due = [*_experiments(history), *_overrides(history), *_failures(history)]
    spells = [spell for one in due for spell in _spell(history, one, looked_back, patience)]
    for episode in joined(spells, history.at):
        yield _found(history, episode, settings)


def _looked_back(history: History) -> dict[str, list[datetime]]:
    """When people looked back on each subject."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for debrief in history.debriefs.values():
        for step, held in debrief.every(Held):
            found[held.about].append(step.at)
    for lesson in history.lessons.values():
        for step, recorded in lesson.every(Recorded):
            found[recorded.from_].append(step.at)
    return found


def _experiments(history: History) -> Iterator[Due]:
    for id, experiment in history.experiments.items():
        started, concluded = experiment.first(Started), experiment.last(Concluded)
        if started is not None and started[1].ends_at is not None and started[1].ends_at <= history.at:
            step, data = started
            ends = max(started[1].ends_at, step.at)
            home, actors, _ = _of_initiative(history, data.initiative)
            what = called(history, f"experiment/{id}")
            yield Due(
                at=ends,
                subjects=[f"experiment/{id}"],
                home=home,
                actors=actors,
                entries=(step.position,),
                words=f"the experiment {what}, which was to end on {day(ends)}",
                concluded=None if concluded is None else concluded[0].at,
                begun=step.at,
            )


def _overrides(history: History) -> Iterator[Due]:
    """By others than had decided: a reversal by the same people is their own second thought."""
    for decision in history.decisions.values():
        for before, act in pairwise(decision.acts):
            if before.node.keys() != act.node.keys() and _overrode(decision, before, act):
                subjects = [f"decision/{decision.id}"]
                subjects += [f"initiative/{decision.initiative}"] if decision.initiative else []
                words = f"the override of {called(history, subjects[0])} on {day(act.at)}"
                yield Due(act.at, subjects, act.home, tuple(sorted(act.node)), (act.position,), words, act)


def _overrode(decision: Decision, before: Act, act: Act) -> bool:
    """Whether an act was put in another's place: by an override, or made anew without one who had decided."""
    known = before.status == act.status == "counted"
    without = known and not before.node.keys() <= act.node.keys()
    return act.word == "overridden" or (without and undoes(decision, before, act))


def _failures(history: History) -> Iterator[Due]:
    for id, initiative in history.initiatives.items():
        ended = initiative.last(Completed)
        if ended is not None and ended[1].outcome == "failed":
            home, actors, entry = _of_initiative(history, id)
            entries = (*entry, ended[0].position)
            subjects = [f"initiative/{id}", *(f"decision/{one.id}" for one in history.decided.get(id, ()))]
            words = f"the initiative {called(history, subjects[0])}, which failed on {day(ended[0].at)}"
            yield Due(ended[0].at, subjects, home, actors, entries, words)


def _of_initiative(history: History, id: str | None) -> tuple[str | None, tuple[str, ...], tuple[int, ...]]:
    """Its home domain, who proposed it, and the entry that says so."""
    initiative = history.initiatives.get(id or "")
    if initiative is None or initiative.proposed is None:
        return None, (), ()
    step, data = initiative.proposed
    return data.domains[0], tuple(sorted(set(map(history.who, data.proposers)))), (step.position,)


def _spell(
    history: History, due: Due, looked_back: dict[str, list[datetime]], patience: timedelta
) -> Iterator[Spell]:
    begun = due.begun or due.at
    learnt = [at for subject in due.subjects for at in looked_back.get(subject, ()) if at >= begun]
    learnt += [due.concluded] if due.concluded is not None else []
    since, first = due.at + patience + _INSTANT, min(learnt, default=None)
    if since > history.at or (first is not None and first < since):
        return
    domain = None if due.home is None else domain_at(history, due.home, since)
    yield Spell(
        scope=due.subjects[0] if domain is None else f"domain/{domain}",
        actors=due.actors,
        since=since,
        until=first,
        entries=due.entries,
        acts=(due.act,) if due.act is not None else (),
        stakes=None if domain is None else domain_stakes(history, domain, since),
        figure=(min(first or history.at, history.at) - due.at).total_seconds() / 86_400,
        about=due.words,
    )


def _found(history: History, episode: Episode, settings: Settings) -> Found:
    where = domain_name(history, episode.domain) if episode.domain else episode.scope
    current = episode.current()
    more = f", and {count(len(current) - 1, 'more', 'more')} like it" if len(current) > 1 else ""
    tense = "has been" if episode.until is None else "was"
    return found(
        "unlearned",
        episode,
        figure=round(max(spell.figure for spell in current), 1),
        unit="days",
        threshold=settings.unlearned_days,
        sentence=f"{where}: nobody concluded or looked back on {current[0].about}{more}; it {tense} "
        f"{count(round(max(spell.figure for spell in current)), 'day')}.",
    )


PATTERNS = (
    Pattern(
        name="unlearned",
        episodes=episodes,
        why="What was paid for by trying or failing is lost, and will be paid for again.",
        question="What do we know now that we did not know then, and who else should?",
        closes="A conclusion, a debrief, or a lesson recorded from it.",
    ),
)
