"""From single facts to episodes: what holds in one scope for the same actors at once is one knot. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from services.projections.facts.fact import FOREVER
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Severity, rule_severity
from services.projections.knots.reading import decisions_of, inferred_of

K = TypeVar("K")


class Spell(NamedTuple):
    """One fact that shows a pattern, from when until when (None: no end is known).

    `actors` are as they stand after merges. `figure` is what the pattern counts or measures of it.
    """

    scope: str
    actors: tuple[str, ...]
    since: datetime
    until: datetime | None
    entries: tuple[int, ...]
    acts: tuple[Act, ...] = ()
    figure: float = 1
    threshold: float | None = None
    stakes: str | None = None
    about: str = ""
    """Whatever the sentence has to name."""


class Episode(NamedTuple):
    """Spells of one scope and the same actors, without a gap between them; `until` None: still."""

    scope: str
    actors: tuple[str, ...]
    since: datetime
    until: datetime | None
    spells: tuple[Spell, ...]

    @property
    def acts(self) -> list[Act]:
        """The acts it rests on, in order of time, each once."""
        acts = {act.position: act for spell in self.spells for act in spell.acts}
        return sorted(acts.values(), key=lambda act: (act.at, act.position))

    @property
    def domain(self) -> str | None:
        """The bare id of its scope, if that is a domain."""
        kind, _, id = self.scope.partition("/")
        return id if kind == "domain" else None

    def current(self) -> tuple[Spell, ...]:
        """Those that hold still; of an episode that ended, all."""
        return tuple(spell for spell in self.spells if spell.until is None) or self.spells


def last_moment(until: datetime | None, at: datetime) -> datetime:
    """The last instant at which something held, as of an instant; times are told apart by microseconds."""
    return at if until is None or until > at else until - timedelta(microseconds=1)


def joined(spells: Iterable[Spell], at: datetime) -> Iterator[Episode]:
    """Episodes as of an instant, by scope, actors and time; what ends later has not ended yet."""
    groups: dict[tuple[str, tuple[str, ...]], list[Spell]] = defaultdict(list)
    for spell in spells:
        if spell.since <= at and (spell.until is None or spell.since < spell.until):
            until = None if spell.until is None or spell.until > at else spell.until
            groups[spell.scope, spell.actors].append(spell._replace(until=until))
    for (scope, actors), held in sorted(groups.items()):
        held.sort(key=_order)
        yield from _without_gaps(scope, actors, held)


def _order(spell: Spell) -> tuple[datetime, tuple[int, ...], datetime, str]:
    return spell.since, spell.entries, spell.until or FOREVER, spell.about


def _without_gaps(scope: str, actors: tuple[str, ...], held: Sequence[Spell]) -> Iterator[Episode]:
    run: list[Spell] = []
    until: datetime | None = None
    for spell in held:
        if run and until is not None and until < spell.since:
            yield Episode(scope, actors, run[0].since, until, tuple(run))
            run, until = [], None
        ends = spell.until
        until = ends if not run else None if until is None or ends is None else max(until, ends)
        run.append(spell)
    if run:
        yield Episode(scope, actors, run[0].since, until, tuple(run))


def spans(
    edges: Iterable[datetime], since: datetime, until: datetime | None, holds: Callable[[datetime], bool]
) -> Iterator[tuple[datetime, datetime | None]]:
    """When a condition held within [since, until), if it can only change at the edges."""
    begun: datetime | None = None
    for edge in sorted({since, *(e for e in edges if since < e and (until is None or e < until))}):
        held = holds(edge)
        if held and begun is None:
            begun = edge
        elif not held and begun is not None:
            yield begun, edge
            begun = None
    if begun is not None:
        yield begun, until


def phased(states: Iterable[tuple[datetime, K | None]]) -> Iterator[tuple[K, datetime, datetime | None]]:
    """What held from when until when, if each state holds until the next; None: nothing holds."""
    held: K | None = None
    since: datetime | None = None
    for at, state in states:
        if state != held:
            if held is not None and since is not None and since < at:
                yield held, since, at
            held, since = state, at
    if held is not None and since is not None:
        yield held, since, None


def found(
    pattern: str,
    episode: Episode,
    *,
    figure: float,
    unit: str,
    threshold: float | None = None,
    sentence: str,
    stated: datetime | None = None,
    severity: Severity | None = None,
    acts: Sequence[Act] | None = None,
    of: Sequence[Act] | None = None,
    latest: datetime | None = None,
) -> Found:
    """The knot an episode makes; its severity and what it rests on are those of its spells unless told.

    `of`: all that was decided where the acts that show it are only some of what it is judged by.
    """
    rests_on = episode.acts if acts is None else acts
    stakes = [act.stakes for act in rests_on] + [spell.stakes for spell in episode.spells]
    entries = {p for spell in episode.spells for p in spell.entries} | {act.position for act in rests_on}
    return Found(
        pattern=pattern,
        scope=episode.scope,
        actors=episode.actors,
        since=episode.since.astimezone(UTC),
        until=None if episode.until is None else episode.until.astimezone(UTC),
        severity=severity or rule_severity(stakes),
        figure=figure,
        unit=unit,
        threshold=threshold,
        decisions=decisions_of(rests_on if of is None else of),
        inferred=inferred_of(rests_on if of is None else of),
        entries=tuple(sorted(entries)),
        domain=episode.domain,
        sentence=sentence,
        stated=stated,
        latest=latest or max([one.at for one in rests_on] + [spell.since for spell in episode.spells]),
    )


def domain_stakes(history: History, domain: str, at: datetime) -> str | None:
    """Those of a domain, or of the nearest above it, at an instant."""
    matrix = history.structure.matrix
    return matrix.stakes(matrix.chain(domain, at), at)
