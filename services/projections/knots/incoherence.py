"""Incoherence: a body's decision undone by another body, without a session they shared before it.

Undone is overridden, or made otherwise while it was provisional, by deciders among whom the first body is
not. A session is shared if each of the two was there itself or by somebody seated in it. A knot for each two
bodies in the row's domain, until what undid the decision is itself undone.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from services.projections.facts.matrix import Row
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import ended, scope_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import restated
from services.projections.knots.undone import undoes
from services.projections.knots.wording import count, day, domain_name


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the moment one body undid what another had decided."""
    spells = [
        spell
        for decision in history.decisions.values()
        for before, act in pairwise(decision.acts)
        if before.status == act.status == "counted" and undoes(decision, before, act)
        for spell in _spells(history, before, act)
    ]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _spells(history: History, before: Act, act: Act) -> Iterator[Spell]:
    for first in _bodies(before) - act.node.keys():
        for second in _bodies(act) - before.node.keys():
            if not _met(history, {first, second}, act.at):
                yield Spell(
                    scope=scope_of(act),
                    actors=tuple(sorted((first, second))),
                    since=act.at,
                    until=ended(history, act),
                    entries=(before.position, act.position),
                    acts=(before, act),
                    about=f"what {first} had decided on {day(before.at)} was undone by {second} on "
                    f"{day(act.at)}",
                )


def _bodies(act: Act) -> set[str]:
    return {holder for holder in act.node if holder.startswith("body/")}


def _met(history: History, bodies: set[str], before: datetime) -> bool:
    """Whether all of them were at one session before an instant."""
    sessions = [one for space in history.spaces.values() for one in space.sessions if one[0].at < before]
    return any(bodies <= _present(history, data.attendees, step.at) for step, data in sessions)


def _present(history: History, attendees: tuple[str, ...], at: datetime) -> set[str]:
    found: set[str] = set()
    bodies = history.structure.bodies
    for holder in map(history.who, attendees):
        kind, _, id = holder.partition("/")
        if kind == "body":
            found.add(holder)
            continue
        for body in bodies.sat_in(id):
            if any(seat == holder for seat, _ in bodies.seating(body, at).weights):
                found.add(f"body/{body}")
    return found


def _found(history: History, episode: Episode) -> Found:
    domain = episode.scope.partition("/")[2]
    last = episode.current()[-1]
    undone = len({act.decision for spell in episode.current() for act in spell.acts})
    more = f"; {count(undone, 'such decision')} in all" if undone > 1 else ""
    bodies = set(episode.actors)

    def settles(row: Row) -> bool:
        named = {*(history.who(part.holder) for part in row.decides), row.escalates_to}
        return bool(bodies & named)

    return found(
        "incoherence",
        episode,
        figure=undone,
        unit="decisions",
        sentence=f"On {domain_name(history, domain)}, {last.about}; the two had not met before{more}.",
        stated=restated(history, domain, episode.since, settles),
    )


PATTERNS = (
    Pattern(
        name="incoherence",
        episodes=episodes,
        why="Bodies that undo each other's decisions without talking pull the organisation apart.",
        question="What did each of the two know that the other did not?",
        closes="A row that says which of them decides, or to whom it is passed on; or decided anew together.",
    ),
)
