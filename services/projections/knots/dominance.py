"""Dominance: where any one of several may decide alone, one does far more often than chance would have it.

Chance is the power the row gives: P(X >= x given n, phi), a Poisson-binomial tail, since phi may change with
the row, its holders and mandates. It rests on what was made alone by a holder with a part in it: what others
decide is no turn of anybody's (that is shadow authority). Everyone with a part in ten or more of them is
asked about, also those who never decided.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import fsum
from typing import NamedTuple

from schemas.types import Any
from services.projections.history import Act, History
from services.projections.knots import tested
from services.projections.knots.chance import poisson_binomial_tail
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import decisions_of, entries_of, inferred_of
from services.projections.knots.settings import Settings
from services.projections.knots.standing import named, restated
from services.projections.knots.stated import row_of
from services.projections.knots.tested import Episode, Key, Trial
from services.projections.knots.wording import day, domain_name
from services.projections.measures import UNIT


class Turn(NamedTuple):
    """One decision that one holder made alone, of those who might have."""

    at: datetime
    domain: str
    holder: str
    chances: Mapping[str, int]
    """Units of each holder's power."""
    act: Act


class Evidence(NamedTuple):
    """Whose turns they were, of all there were."""

    theirs: Sequence[Act]
    all: Sequence[Act]
    expected: float


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """Every episode, in no order."""
    turns = list(_turns(history))
    for episode in tested.episodes(turns, history.at, settings, lambda window: trials(window, settings)):
        yield _found(history, settings, episode)


def _turns(history: History) -> Iterator[Turn]:
    for act in history.acts:
        if act.word != "made" or act.status != "counted" or len(act.node) != 1 or len(act.stated_node) < 2:
            continue
        (holder,) = act.node
        row = row_of(history, act)
        if row is not None and isinstance(row.rule, Any) and holder in act.stated_node:
            yield Turn(act.at, row.domain, holder, act.stated_node, act)


def trials(window: Sequence[Turn], settings: Settings) -> Iterator[Trial[Evidence]]:
    """Those of one window, which make one family."""
    domains: dict[str, list[Turn]] = defaultdict(list)
    for turn in window:
        domains[turn.domain].append(turn)
    for domain, turns in domains.items():
        if len(turns) >= settings.dominance_least:
            yield from _of_domain(domain, turns, settings.dominance_least)


def _of_domain(domain: str, turns: Sequence[Turn], least: int) -> Iterator[Trial[Evidence]]:
    chances: dict[str, Counter[float]] = defaultdict(Counter)
    taken: dict[str, list[Act]] = defaultdict(list)
    for turn in turns:
        taken[turn.holder].append(turn.act)
        for holder, units in turn.chances.items():
            chances[holder][units / UNIT] += 1
    for holder, groups in chances.items():
        if groups.total() >= least:
            theirs = taken.get(holder, [])
            p = poisson_binomial_tail(len(theirs), tuple(sorted(groups.items())))
            expected = fsum(chance * count for chance, count in groups.items())
            yield Trial(Key(domain, holder), p, Evidence(theirs, [turn.act for turn in turns], expected))


def _found(history: History, settings: Settings, episode: Episode[Evidence]) -> Found:
    (trial,) = episode.last.trials
    theirs, all_, expected = trial.evidence
    holder, domain = trial.key.actor, trial.key.domain
    return Found(
        pattern="dominance",
        scope=f"domain/{domain}",
        actors=(holder,),
        since=episode.since,
        until=episode.until,
        severity=tested.severity(episode.last, settings),
        figure=episode.last.adjusted,
        unit="p",
        threshold=settings.tested_q,
        decisions=decisions_of(all_),
        inferred=inferred_of(all_),
        entries=entries_of(theirs),
        domain=domain,
        sentence=f"{holder} decided {len(theirs)} of {len(all_)} decisions on {domain_name(history, domain)} "
        f"that several may take alone, in the {settings.tested_days} days to {day(episode.last.at)}; equal "
        f"turns would give {expected:.1f}, and so many come {tested.in_words(trial.p)}.",
        stated=restated(
            history, domain, episode.since, lambda row: set(named(history.structure, row.decides)) == {holder}
        ),
    )


PATTERNS = (
    Pattern(
        name="dominance",
        episodes=episodes,
        tested=True,
        why="A right that several hold and one uses is one person's in fact: the others lose practice, and "
        "everything waits when that one is away.",
        question="What would the others need, to take the next of these decisions themselves?",
        closes="Decisions spread as the row has it: it closes when two month ends in a row "
        "no longer show it.",
    ),
)
