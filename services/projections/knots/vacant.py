"""Vacant: a row was in force; now there is none, or no live winning coalition.

One whose row was cleared lies in the domain of that row, and ends when there is a row again; nobody is named
by then. A domain that has moved away from there since is vacant by itself. One whose row stands lies in the
row's domain, with all it names, and ends when enough of them can act again or the row is replaced. A body can
act unless it was dissolved, or those who sit in it cannot decide. A domain that was retired is not vacant.
"""

from collections.abc import Iterator
from datetime import datetime

from services.projections.facts.matrix import Row
from services.projections.history import Act, History
from services.projections.in_force import Reign
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, domain_stakes, found, joined, last_moment, spans
from services.projections.knots.standing import departure, edges, named, until_retired, winnable
from services.projections.knots.wording import count, day, domain_name, listed
from services.projections.structure import Structure


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the day nobody could decide."""
    spells = [spell for domain in history.structure.matrix.domains() for spell in _spells(history, domain)]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _spells(history: History, domain: str) -> Iterator[Spell]:
    had: Row | None = None
    for reign in history.in_force.reigns(domain):
        if reign.row is not None and reign.row.domain == domain:
            yield from _unmanned(history, domain, reign, reign.row)
        elif reign.row is None and had is not None:
            yield from _cleared(history, domain, reign, had)
        had = reign.row or had


def _cleared(history: History, domain: str, reign: Reign, had: Row) -> Iterator[Spell]:
    matrix = history.structure.matrix
    last = matrix.own_row(had.domain, reign.since, history.at)
    cleared = last is not None and last.cleared and had.domain in reign.chain
    scope = had.domain if cleared else domain
    until = until_retired(history.structure, domain, reign.until)
    if until is None or reign.since < until:
        told = matrix.domain(domain, reign.since)
        why = "its row was cleared" if cleared else "it no longer lies below a domain with a row"
        entry = last.position if last is not None and cleared else told.position if told else had.position
        stakes = domain_stakes(history, scope, reign.since)
        yield Spell(f"domain/{scope}", (), reign.since, until, (entry,), stakes=stakes, about=why)


def _unmanned(history: History, domain: str, reign: Reign, row: Row) -> Iterator[Spell]:
    structure = history.structure
    holders = named(structure, row.decides)

    changes = edges(structure, holders)
    ended = until_retired(structure, domain, reign.until)
    for since, until in spans(changes, reign.since, ended, lambda at: not winnable(structure, row, at)):
        moments = [since, *(edge for edge in changes if since < edge and (until is None or edge < until))]
        gone = {end for at in moments for holder in holders if (end := departure(structure, holder, at))}
        entries = [position for at, position in gone if at <= history.at]
        come = (at for at in moments if at <= history.at)
        entries += [entry for at in come for holder in holders for entry in _unseated(structure, holder, at)]
        stakes = domain_stakes(history, domain, since)
        yield Spell(f"domain/{domain}", holders, since, until, (row.position, *entries), stakes=stakes)


def _unseated(structure: Structure, holder: str, at: datetime) -> Iterator[int]:
    """Of a body that lasts and cannot decide: who left that sits there, else who was seated there last."""
    if not holder.startswith("body/") or not structure.live(holder, at) or structure.able(holder, at):
        return
    seats = [seat for seat in structure.bodies.seats(holder[5:]) if seat.valid_from <= at]
    sitting = {structure.actors.holder(f"actor/{seat.actor}") for seat in seats if seat.valid_to > at}
    gone = [left[1] for one in sitting if (left := departure(structure, one, at))]
    last = max((seat.valid_to for seat in seats if seat.valid_to <= at), default=None)
    yield from gone or (seat.position for seat in seats if seat.valid_to == last)


def _found(history: History, episode: Episode) -> Found:
    domain = episode.scope.partition("/")[2]
    acts = [
        act for act in history.acts if act.status == "counted" and _in(act, domain) and _during(act, episode)
    ]
    made = count(len({act.decision for act in acts}), "decision")
    until = f"until {day(episode.until)}" if episode.until else "since then"
    can = "could" if episode.until else "can"
    why = _why(history, episode) if episode.actors else f"{episode.spells[0].about} on {day(episode.since)}"
    here = [
        one for one in episode.actors if history.structure.able(one, last_moment(episode.until, history.at))
    ]
    return found(
        "vacant",
        episode,
        figure=len(here),
        unit="live holders",
        sentence=f"Nobody {can} decide on {domain_name(history, domain)}: {why}; {made} {until}.",
        stated=episode.until,
        acts=acts,
    )


def _in(act: Act, domain: str) -> bool:
    return act.home == domain or act.row_domain == domain or (act.row_domain is None and domain in act.scopes)


def _during(act: Act, episode: Episode) -> bool:
    return episode.since <= act.at and (episode.until is None or act.at < episode.until)


def _why(history: History, episode: Episode) -> str:
    """`the row names actor/a-1, who left on 12 September 2025`."""
    structure, at = history.structure, last_moment(episode.until, history.at)
    gone = []
    for holder in episode.actors:
        end = departure(structure, holder, at)
        if end is not None:
            word = "which was dissolved" if holder.startswith("body/") else "who left"
            gone.append(f"{holder}, {word} on {day(end[0])}")
        elif not structure.able(holder, at):
            last = _emptied(structure, holder, at)
            why = f"all of whose terms had ended by {day(last)}" if last else "whose seats cannot decide"
            gone.append(f"{holder}, {why}")
    names, cannot = ("named", "could not") if episode.until else ("names", "cannot")
    rest = [holder for holder in episode.actors if structure.able(holder, at)]
    left = f", and {listed(rest)} {cannot} decide without them" if rest else ""
    return (
        f"the row {names} {listed(gone) or listed(rest)}{left if gone else ', who cannot satisfy its rule'}"
    )


def _emptied(structure: Structure, body: str, at: datetime) -> datetime | None:
    """When the last term in a body had ended; None while there is one."""
    ends = [seat.valid_to for seat in structure.bodies.seats(body[5:]) if seat.valid_from <= at]
    return None if any(end > at for end in ends) else max(ends)


PATTERNS = (
    Pattern(
        name="vacant",
        episodes=episodes,
        why="Where nobody may decide, things stand still or are decided by whoever dares.",
        question="Who decides here until somebody is named, and who names them?",
        closes="A row, or seats, under which somebody who is there can decide.",
    ),
)
