"""Self-approval: the proposer is sole decider though the row names others.

Others are whoever else is live among the row's holders, or has a seat in a body among them; of a body that
proposes and decides, not its own people. Where all of them had approved before, by a position that stood,
they were part of it, and it is none. A knot for each proposer in the row's domain; it ends when what they
decided is reopened, overridden or superseded.
"""

from collections.abc import Iterator
from datetime import datetime

from schemas.decision import Ratified
from services.projections.chosen import seats
from services.projections.facts.matrix import Row
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import (
    deciders_of,
    decision_of,
    ended,
    proposed_by,
    row_of,
    scope_of,
    step_of,
)
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import named, restated
from services.projections.knots.stated import stances
from services.projections.knots.wording import day, domain_name, listed, times


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the decision on."""
    acts = [act for act in history.acts if act.status == "counted" and act.word == "made"]
    for episode in joined((spell for act in acts for spell in _spells(history, act)), history.at):
        yield _found(history, episode)


def _spells(history: History, act: Act) -> Iterator[Spell]:
    row = row_of(history, act)
    deciders = deciders_of(history, act)
    decision = decision_of(history, act)
    if row is None or len(deciders) != 1 or history.proposers(decision) != deciders:
        return
    (who,) = deciders
    others = _everybody(history, row, act.at) - _own(history, who, act.at)
    if others and not _approved(history, row, act, who):
        yield Spell(
            scope=scope_of(act),
            actors=(who,),
            since=act.at,
            until=ended(history, act),
            entries=(act.position, row.position, *proposed_by(history, decision)),
            acts=(act,),
            about=listed(others),
        )


def _everybody(history: History, row: Row, at: datetime) -> set[str]:
    """Who a row's live holders are, those who sit in bodies one by one."""
    structure = history.structure
    found: set[str] = set()
    for holder in named(structure, row.decides):
        if structure.able(holder, at):
            found.update(seats(history, holder, at) or (holder,))
    return found


def _approved(history: History, row: Row, act: Act, who: str) -> bool:
    """Whether everybody else had, a body by what was said for it or by each who sits in it."""
    said = stances(history, decision_of(history, act), step_of(history, act))
    own = _own(history, who, act.at) | {holder for holder, value in said.items() if value == "approve"}
    return all(
        holder in own or ((sitting := seats(history, holder, act.at)) and sitting <= own)
        for holder in named(history.structure, row.decides)
        if history.structure.able(holder, act.at)
    )


def _own(history: History, who: str, at: datetime) -> set[str]:
    """Who decided, and of a body whoever sits in it."""
    return {who, *seats(history, who, at)}


def _found(history: History, episode: Episode) -> Found:
    domain, (who,) = episode.scope.partition("/")[2], episode.actors
    current = episode.current()
    last = current[-1]
    made = len({act.decision for spell in current for act in spell.acts})
    when = f"{times(made)} since" if made > 1 else "on"
    return found(
        "self-approval",
        episode,
        figure=made,
        unit="decisions",
        sentence=f"{who} proposed and alone decided on {domain_name(history, domain)}, {when} "
        f"{day(current[0].since)}, though the row names {last.about}.",
        stated=_stated(history, episode, domain),
    )


def _stated(history: History, episode: Episode, domain: str) -> datetime | None:
    """When others ratified the last of them, or a row came that names nobody else."""
    (who,), last = episode.actors, episode.acts[-1]
    moments = [
        step.at
        for step, data in decision_of(history, last).every(Ratified)
        if step.at > last.at and {history.who(f"actor/{by}") for by in data.by} - _own(history, who, step.at)
    ]
    row = restated(history, domain, episode.since, lambda row: _alone_named(history, row, who))
    return min([*moments, *([row] if row else [])], default=None)


def _alone_named(history: History, row: Row, who: str) -> bool:
    able_now = _everybody(history, row, history.at)
    return bool(able_now) and able_now <= _own(history, who, history.at)


PATTERNS = (
    Pattern(
        name="self-approval",
        episodes=episodes,
        why="Where others are named so that they look too, deciding one's own proposal goes around them.",
        question="Would the others have wanted to be part of it, and what kept them from being?",
        closes="Ratified by somebody else, or a row that names nobody else, answered `formalise`; or the "
        "decision reopened, overridden or made anew.",
    ),
)
