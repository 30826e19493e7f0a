"""Overdue: the day on which a decision was to be reviewed, or an emergency ratified, has passed.

It begins on that day, and ends when that is done after all, or the decision no longer stands as it was made.
Who decided is named; where nobody knows, nobody.
"""

from collections.abc import Iterator
from datetime import datetime

from schemas.decision import Made, Overridden, Ratified, Reviewed
from schemas.types import Data
from services.projections.history import Act, Decision, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import ended, scope_of, step_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.wording import called, count, day, domain_name, listed


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each domain and those who decided."""
    spells = [
        spell
        for decision in history.decisions.values()
        for act in decision.acts
        for spell in _of(history, decision, act)
    ]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _of(history: History, decision: Decision, act: Act) -> Iterator[Spell]:
    step = step_of(history, act)
    if isinstance(step.data, Made) and step.data.review_on is not None:
        yield from _spell(history, decision, act, step.data.review_on, Reviewed)
    emergency = step.data.emergency if isinstance(step.data, Made | Overridden) else None
    if emergency is not None and emergency.ratify_by is not None:
        yield from _spell(history, decision, act, emergency.ratify_by, Ratified)


def _spell(
    history: History, decision: Decision, act: Act, due: datetime, done: type[Data]
) -> Iterator[Spell]:
    step, undone = step_of(history, act), ended(history, act)
    first = decision.after(step, done)
    ends = [end for end in (undone, None if first is None else first.at) if end is not None]
    since = max(due, act.at)
    if due < history.at and since <= history.at and all(end > since for end in ends):
        word = "review" if done is Reviewed else "ratification"
        yield Spell(
            scope=scope_of(act),
            actors=tuple(sorted(act.node)),
            since=since,
            until=min(ends, default=None),
            entries=(act.position,),
            acts=(act,),
            about=f"its {word} was due on {day(due)}",
        )


def _found(history: History, episode: Episode) -> Found:
    domain = episode.scope.partition("/")[2]
    current = episode.current()
    oldest = current[0]
    what = called(history, f"decision/{oldest.acts[0].decision}")
    who = f" by {listed(episode.actors)}" if episode.actors else ""
    tense = "is" if episode.until is None else "was"
    late = max((spell.until or history.at) - spell.since for spell in current)
    more = f", and {count(len(current) - 1, 'more', 'more')} like it" if len(current) > 1 else ""
    return found(
        "overdue",
        episode,
        figure=round(late.total_seconds() / 86_400, 1),
        unit="days",
        sentence=f"{domain_name(history, domain)}: {what}, decided{who} on {day(oldest.acts[0].at)}, {tense} "
        f"overdue, {oldest.about}{more}.",
    )


PATTERNS = (
    Pattern(
        name="overdue",
        episodes=episodes,
        why="A promise to look again made it safe to go ahead; unkept, the provisional becomes permanent.",
        question="Does it still hold, and who wants to look at it first?",
        closes="The review or the ratification, or deciding anew.",
    ),
)
