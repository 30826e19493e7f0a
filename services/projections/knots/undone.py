"""Override habit and churn: > 20 % of >= 10 decisions of a domain overridden, or reversed or reopened.

Overridden: others decided instead. Reversed: the same did, or rejected what was provisional. Counted are the
decisions of one home domain, each once, since its first; a knot names who overrode, or whose decisions did
not last. Where one more joins them, it is another knot. It ends when enough has held since.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from schemas.decision import Reopened
from services.projections.facts.matrix import Row
from services.projections.flow.hold import confirmed
from services.projections.history import Act, Decision, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import exceeds
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined, phased
from services.projections.knots.standing import restated
from services.projections.knots.wording import count, domain_name, listed, period

Manner: TypeAlias = Literal["overridden", "reversed", "reopened"]


class Undoing(NamedTuple):
    """One decision, undone once."""

    at: datetime
    act: Act
    manner: Manner
    by: frozenset[str]
    """Who overrode it; else those whose own decision it was."""
    entries: tuple[int, ...]
    stakes: str | None
    """Of what was undone; whoever undid it may have said nothing of them."""


class Life(NamedTuple):
    """Of one home domain: when each decision was first made, and every undoing, in order of time."""

    begun: Sequence[Act]
    undoings: Sequence[Undoing]


def overrides(history: History, settings: Settings) -> Iterator[Found]:
    """Where a fifth of what is decided is overridden by others."""
    yield from _habits(history, settings, "override habit", frozenset({"overridden"}))


def churn(history: History, settings: Settings) -> Iterator[Found]:
    """Where a fifth of what is decided is reversed or reopened."""
    yield from _habits(history, settings, "churn", frozenset({"reversed", "reopened"}))


def _habits(
    history: History, settings: Settings, pattern: str, manners: frozenset[Manner]
) -> Iterator[Found]:
    for domain, life in sorted(_lives(history).items()):
        told = Life(life.begun, [one for one in life.undoings if one.manner in manners])
        spells = [
            Spell(f"domain/{domain}", tuple(sorted(actors)), since, until, ())
            for actors, since, until in phased(_states(told, settings))
        ]
        for episode in joined(spells, history.at):
            yield _found(history, settings, pattern, domain, told, episode)


def _lives(history: History) -> Mapping[str, Life]:
    begun: dict[str, list[Act]] = defaultdict(list)
    undoings: dict[str, list[Undoing]] = defaultdict(list)
    for decision in history.decisions.values():
        if decision.counted:
            first = decision.counted[0]
            begun[first.home].append(first)
            undoings[first.home] += _undoings(decision)
    return {
        domain: Life(sorted(acts, key=_when), sorted(undoings[domain], key=lambda one: (one.at, one.entries)))
        for domain, acts in begun.items()
    }


def _undoings(decision: Decision) -> Iterator[Undoing]:
    for before, act in pairwise(decision.acts):
        if before.status == act.status == "counted" and undoes(decision, before, act):
            others = before.node.keys() != act.node.keys()
            manner: Manner = "overridden" if others else "reversed"
            yield Undoing(
                act.at, act, manner, frozenset(act.node), (before.position, act.position), before.stakes
            )
    for step, _ in decision.every(Reopened):
        acts = [act for act in decision.counted if (act.at, act.position) < (step.at, step.position)]
        if acts:
            entries = (acts[-1].position, step.position)
            last = acts[-1]
            yield Undoing(step.at, last, "reopened", frozenset(last.node), entries, last.stakes)


def undoes(decision: Decision, before: Act, act: Act) -> bool:
    """Whether an act ends the one before: not if that was confirmed, or is counted as reopened."""
    if act.word == "overridden":
        return True
    reopened = any(_when(before) < step[:2] < _when(act) for step, _ in decision.every(Reopened))
    return not (reopened or confirmed(before, act))


def _when(act: Act) -> tuple[datetime, int]:
    return act.at, act.position


def _states(life: Life, settings: Settings) -> Iterator[tuple[datetime, frozenset[str] | None]]:
    """Whose habit it was after each decision and each undoing; None: nobody's."""
    whole, undone, by = 0, set[str](), frozenset[str]()
    points: list[tuple[datetime, Undoing | None]] = [(act.at, None) for act in life.begun]
    points += [(one.at, one) for one in life.undoings]
    for at, undoing in sorted(points, key=lambda point: point[0]):
        if undoing is None:
            whole += 1
        else:
            undone.add(undoing.act.decision)
            by |= undoing.by
        enough = whole >= settings.undone_least
        yield at, by if enough and exceeds(len(undone), settings.undone_part, whole) else None


def _found(
    history: History, settings: Settings, pattern: str, domain: str, life: Life, episode: Episode
) -> Found:
    def counts(at: datetime) -> bool:
        return at <= history.at if episode.until is None else at < episode.until

    begun = [act for act in life.begun if counts(act.at)]
    whole = len(begun)
    undoings = [one for one in life.undoings if counts(one.at)]
    undone = len({one.act.decision for one in undoings})
    spells = [
        Spell(episode.scope, episode.actors, one.at, episode.until, one.entries, stakes=one.stakes)
        for one in undoings
    ]

    def names(row: Row) -> bool:
        return bool(set(episode.actors) & {*(history.who(part.holder) for part in row.decides)})

    return found(
        pattern,
        episode._replace(spells=tuple(spells)),
        figure=undone / whole,
        unit="part of the decisions",
        threshold=settings.undone_part,
        sentence=_sentence(pattern, domain_name(history, domain), episode, undoings, undone, whole),
        stated=restated(history, domain, episode.since, names),
        acts=[one.act for one in undoings],
        of=[*begun, *(one.act for one in undoings)],
        latest=undoings[-1].at,
    )


def _sentence(
    pattern: str, name: str, episode: Episode, undoings: Sequence[Undoing], undone: int, whole: int
) -> str:
    since = period(undoings[0].at, episode.until)
    of = f"Of {count(whole, 'decision')} on {name}, {undone}"
    who = listed(episode.actors)
    if pattern == "override habit":
        return f"{of} {'was' if undone == 1 else 'were'} overridden by {who} {since}."
    reversed_, reopened = (
        len({one.act.decision for one in undoings if one.manner == manner})
        for manner in ("reversed", "reopened")
    )
    how = [*([f"{reopened} reopened"] if reopened else []), *([f"{reversed_} reversed"] if reversed_ else [])]
    return f"{of} made by {who} did not last: {' and '.join(how)}, {since}."


PATTERNS = (
    Pattern(
        name="override habit",
        episodes=overrides,
        why="Who is overridden time and again stops deciding, and who overrides is asked for everything.",
        question="What would those who override need to know or agree on beforehand, to let it stand?",
        closes="Fewer overridden from here on; or a row that names those who in fact decide.",
    ),
    Pattern(
        name="churn",
        episodes=churn,
        why="Where decisions do not last nobody acts on them, and the same talk is held again.",
        question="What is known by the second time that was not at the first, and who had it all along?",
        closes="Fewer reopened or reversed from here on.",
    ),
)
