"""Silos: two bodies decide on the same things, and nothing connects them.

Two bodies decided in one domain, or in a parent and its child, within 90 days of each other; and in those 90
days nobody sat in both, nobody advised both, and no session brought people of both together. What connected a
body that was dissolved into another connects that one too, and the two are never apart. It lasts from
the later of the two decisions until something connects them, or for another 90 days.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from services.projections.chosen import seats
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import back
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, domain_stakes, found, joined
from services.projections.knots.standing import restated
from services.projections.knots.stated import subjects
from services.projections.knots.wording import count, domain_name, period


class Pair(NamedTuple):
    """Two bodies that decide side by side in a domain, or in it and a child of it."""

    domain: str
    one: str
    other: str


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each two bodies and domain."""
    span = timedelta(days=settings.silos_days)
    ties = _Ties(history, span)
    spells = []
    for pair, beside in _beside(history, span).items():
        spells += list(_spells(history, pair, beside, ties))
    for episode in joined(spells, history.at):
        yield _found(history, episode, settings)


def _beside(history: History, span: timedelta) -> Mapping[Pair, list[tuple[Act, Act]]]:
    """By pair, each act with the last one of the other body before it, in order of time."""
    last: dict[str, dict[str, Act]] = defaultdict(dict)
    under = history.structure.matrix.ever_under()
    found: dict[Pair, list[tuple[Act, Act]]] = defaultdict(list)
    for act in history.acts:
        bodies = sorted(holder for holder in act.node if holder.startswith("body/"))
        if act.status != "counted" or not bodies:
            continue
        for upper, domain in _related(history, act, under, last):
            for other, before in last[domain].items():
                if act.at - before.at <= span:
                    for body in bodies:
                        if body != other:
                            found[Pair(upper, *sorted((body, other)))].append((before, act))
        for body in bodies:
            last[act.home][body] = act
    return found


def _related(
    history: History, act: Act, under: Mapping[str, Set[str]], decided: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """The domains decided on that lie beside an act's, each after the upper one of the two."""
    matrix = history.structure.matrix
    yield act.home, act.home
    parent = matrix.chain(act.home, act.at)[1:2]
    for domain in sorted(decided.keys() & {*parent, *under.get(act.home, ())}):
        if domain in parent:
            yield domain, domain
        elif domain != act.home and matrix.chain(domain, act.at)[1:2] == (act.home,):
            yield act.home, domain


class _Ties:
    """What connects bodies: people who sit in both, sessions, advisers."""

    def __init__(self, history: History, span: timedelta) -> None:
        self._history = history
        self.span = span
        held = [(step.at, data) for space in history.spaces.values() for step, data in space.sessions]
        held.sort(key=lambda one: one[0])
        self._times = [at for at, _ in held]
        self._present = [frozenset(map(history.who, data.attendees)) for _, data in held]
        self._dissolved: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        bodies = history.structure.bodies
        for body in sorted(bodies.ids()):
            if (end := bodies.dissolution(body)) is not None:
                for into in end.into:
                    self._dissolved[f"body/{into}"].append((end.valid_from, f"body/{body}"))
        self._advised: dict[str, tuple[list[datetime], list[frozenset[str]]]] = defaultdict(lambda: ([], []))
        for act in history.acts:
            advisers = self._advisers(act)
            for holder in act.node if advisers else ():
                times, each = self._advised[holder]
                times.append(act.at)
                each.append(advisers)

    def _advisers(self, act: Act) -> frozenset[str]:
        return frozenset(
            adviser
            for about in subjects(self._history.decisions[act.decision])
            for adviser, first in _first_advice(self._history, about).items()
            if first <= act.at
        )

    def connected(self, pair: Pair, at: datetime) -> bool:
        """Whether anything did in the days up to an instant."""
        start = back(at, self.span)
        one, other = self._line(pair.one, at), self._line(pair.other, at)
        return not one.isdisjoint(other) or any(
            self._sat(two, start, at) is not None
            or self._met(two, start, at) is not None
            or bool(self._heard(two.one, start, at) & self._heard(two.other, start, at))
            for two in (Pair(pair.domain, this, that) for this in sorted(one) for that in sorted(other))
        )

    def _line(self, body: str, at: datetime) -> set[str]:
        """A body and those that had been dissolved into it, or into one of these."""
        line, ahead = {body}, [body]
        while ahead:
            before = {one for since, one in self._dissolved.get(ahead.pop(), ()) if since <= at} - line
            line |= before
            ahead += before
        return line

    def next(self, pair: Pair, after: datetime) -> datetime | None:
        """When anything next connects them, within so many days."""
        end = after + self.span
        ties = self._sat(pair, after, end), self._met(pair, after, end), self._shared(pair, after, end)
        return min((at for at in ties if at is not None), default=None)

    def _shared(self, pair: Pair, start: datetime, end: datetime) -> datetime | None:
        """When one of them first decides with an adviser whom the other had in the days before."""
        decided: set[datetime] = set()
        for body in pair[1:]:
            times, _ = self._advised.get(body, ([], []))
            decided.update(times[bisect_right(times, start) : bisect_right(times, end)])
        for at in sorted(decided):
            since = back(at, self.span)
            if self._heard(pair.one, since, at) & self._heard(pair.other, since, at):
                return at
        return None

    def _sat(self, pair: Pair, start: datetime, end: datetime) -> datetime | None:
        bodies = self._history.structure.bodies
        changes = bodies.edges(pair.one[5:]) | bodies.edges(pair.other[5:])
        moments = [start, *sorted(at for at in changes if start < at <= end)]
        held = self._history
        return next((at for at in moments if seats(held, pair.one, at) & seats(held, pair.other, at)), None)

    def _met(self, pair: Pair, start: datetime, end: datetime) -> datetime | None:
        for place in range(bisect_right(self._times, start), bisect_right(self._times, end)):
            at, here = self._times[place], self._present[place]
            if all(body in here or seats(self._history, body, at) & here for body in (pair.one, pair.other)):
                return at
        return None

    def _heard(self, body: str, start: datetime, end: datetime) -> frozenset[str]:
        times, advisers = self._advised.get(body, ([], []))
        return frozenset().union(*advisers[bisect_left(times, start) : bisect_right(times, end)])


def _first_advice(history: History, about: str) -> Mapping[str, datetime]:
    """When each adviser first advised on a subject."""
    return history.once((_first_advice, about), lambda: _first_advised(history, about))


def _first_advised(history: History, about: str) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for consultation in history.consulted.get(about, ()):
        for step, data in consultation.advice:
            if data.by is not None:
                who = history.who(f"actor/{data.by}")
                found[who] = min(step.at, found.get(who, step.at))
    return found


def _spells(history: History, pair: Pair, beside: Sequence[tuple[Act, Act]], ties: _Ties) -> Iterator[Spell]:
    live, gone = history.structure.live, _gone(history, pair)
    checked = [
        (act, before, not all(live(body, act.at) for body in pair[1:]) or ties.connected(pair, act.at))
        for before, act in beside
    ]
    for this, following in pairwise([*checked, None]):
        if this is None or this[2]:
            continue
        act, before, _ = this
        ends = [act.at + ties.span, ties.next(pair, act.at), *gone]
        if following is not None and following[2]:
            ends.append(following[0].at)
        yield Spell(
            scope=f"domain/{pair.domain}",
            actors=(pair.one, pair.other),
            since=act.at,
            until=min(end for end in ends if end is not None),
            entries=(before.position, act.position),
            acts=(before, act),
            stakes=domain_stakes(history, pair.domain, act.at),
        )


def _gone(history: History, pair: Pair) -> list[datetime]:
    """When one of the two was dissolved: it has nothing left to be connected to."""
    ends = (history.structure.bodies.dissolution(body.partition("/")[2]) for body in (pair.one, pair.other))
    return [end.valid_from for end in ends if end is not None]


def _found(history: History, episode: Episode, settings: Settings) -> Found:
    one, other = episode.actors
    made = len({act.decision for act in episode.acts})
    domain = episode.scope.partition("/")[2]
    long = count(settings.silos_days, "day")
    decide = "decide" if episode.until is None else "decided"
    return found(
        "silos",
        episode,
        figure=made,
        unit="decisions",
        threshold=settings.silos_days,
        sentence=f"{one} and {other} both {decide} on {domain_name(history, domain)}: "
        f"{count(made, 'decision')} {period(episode.acts[0].at, episode.until)}, and for {long} "
        "nobody sat in both or advised both, and no session brought them together.",
        stated=restated(history, domain, episode.since),
    )


PATTERNS = (
    Pattern(
        name="silos",
        episodes=episodes,
        why="Bodies that decide side by side and never meet will contradict each other, and others will pay.",
        question="Which of their next decisions would the other want to know of beforehand?",
        closes="A session together, somebody who sits in both, or an adviser they share.",
    ),
)
