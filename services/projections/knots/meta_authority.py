"""Meta-authority: the smallest coalition that may amend a row is smaller than the one it takes to decide.

Coalitions are counted in the row's own live holders. A knot lies in the row's domain, with those who may
amend, from when the row, or who of them can act, made it so until that changed. Where nobody was said to
amend, or one of the two cannot be had at all, there is none.
"""

from collections.abc import Iterator
from datetime import datetime

from services.projections.facts.matrix import Row
from services.projections.history import History
from services.projections.in_force import Reign
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, domain_stakes, found, joined, last_moment, spans
from services.projections.knots.standing import edges, named, restated, smallest
from services.projections.knots.wording import count, day, domain_name, listed


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """While fewer may change the rule than may decide under it."""
    spells = [
        spell
        for domain in history.structure.matrix.domains()
        for reign in history.in_force.own(domain)
        if reign.row is not None and reign.row.amends
        for spell in _spells(history, reign, reign.row)
    ]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _sizes(history: History, row: Row, at: datetime) -> tuple[int | None, int | None]:
    structure = history.structure
    return (
        smallest(structure, row.amends, row.amend_rule, at),
        smallest(structure, row.decides, row.rule, at),
    )


def _spells(history: History, reign: Reign, row: Row) -> Iterator[Spell]:
    structure = history.structure
    amenders = named(structure, row.amends)

    def holds(at: datetime) -> bool:
        amend, decide = _sizes(history, row, at)
        return amend is not None and decide is not None and amend < decide

    changes = edges(structure, (*amenders, *named(structure, row.decides)))
    for since, until in spans(changes, reign.since, reign.until, holds):
        amend, decide = _sizes(history, row, last_moment(until, history.at))
        yield Spell(
            scope=f"domain/{row.domain}",
            actors=amenders,
            since=since,
            until=until,
            entries=(row.position,),
            figure=amend or 0,
            threshold=decide,
            stakes=domain_stakes(history, row.domain, since),
        )


def _found(history: History, episode: Episode) -> Found:
    domain = episode.scope.partition("/")[2]
    last = episode.current()[-1]
    it, may = ("It takes", "may") if episode.until is None else ("It took", "might")
    few = " alone" if last.figure == 1 else f" ({int(last.figure)} together)"
    ended = f", until {day(episode.until)}" if episode.until else ""
    holders = count(int(last.threshold or 0), "holder")
    return found(
        "meta-authority",
        episode,
        figure=last.figure,
        unit="holders",
        threshold=last.threshold,
        sentence=f"{it} {holders} to decide on {domain_name(history, domain)}, but since "
        f"{day(episode.since)} {listed(episode.actors, 'or')}{few} {may} change the row that says so{ended}.",
        stated=restated(history, domain, episode.since),
    )


PATTERNS = (
    Pattern(
        name="meta-authority",
        episodes=episodes,
        why="Whoever can change the rule can decide, whatever the rule says: authority sits with them.",
        question="Would those who decide here agree that so few may change how they do?",
        closes="A row that takes at least as many to amend as it takes to decide.",
    ),
)
