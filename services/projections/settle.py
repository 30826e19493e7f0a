"""A decision's words become rows of acts, one for each span of `at` in which a word reads the same. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from services.projections.acts import Resolved
from services.projections.facts.decisions import COUNTABLE, Word
from services.projections.facts.fact import Fact, Statement, until_next

Resolve = Callable[[Word, datetime], Resolved]
Columns = tuple[Any, ...]
COLUMNS = (
    "word",
    "occurred",
    "window",
    "outcome",
    "status",
    "inferred",
    "initiative",
    "home",
    "scopes",
    "stakes",
    "row_domain",
    "row_position",
    "mandate",
    "vacant",
    "actual_node",
    "actual_node_units",
    "actual_seat",
    "actual_seat_units",
    "stated_node",
    "stated_node_units",
    "stated_seat",
    "stated_seat_units",
    "unresolved",
    "stated_unresolved",
    "levels",
    "level_units",
    "closeness",
    "closeness_units",
)


class Act(NamedTuple):
    """One row of `acts` but for the positions it is known over; `columns` are COLUMNS."""

    position: int
    at_from: datetime
    at_to: datetime
    stands_to: datetime
    columns: Columns


class Retroactive:
    """Statements that took effect before they were made: an act between the two reads differently as of each.

    Found by what they bear on, so that an act looks only at those that may concern it.
    """

    def __init__(self) -> None:
        self._by_bearing: dict[str, set[Statement]] = defaultdict(set)

    def add(self, fact: Fact) -> None:
        """A fact became known; all but retroactive statements are let pass."""
        if isinstance(fact, Statement) and fact.stated > fact.valid_from:
            self._by_bearing[fact.bears_on].add(fact)

    def discard(self, fact: Fact) -> None:
        """A fact that was added ceased to be known."""
        if isinstance(fact, Statement) and fact.stated > fact.valid_from:
            self._by_bearing[fact.bears_on].discard(fact)

    def stated_after(self, word: Word, scopes: Iterable[str]) -> list[datetime]:
        """The instants after the act at which something was stated that had been in effect at it."""
        if not self._by_bearing:
            return []
        bearings = [f"domain/{scope}" for scope in scopes]
        bearings += [f"decision/{word.decision}", f"initiative/{word.initiative}"]
        return sorted(
            {
                fact.stated
                for bearing in bearings
                for fact in self._by_bearing.get(bearing, ())
                if fact.valid_from <= word.occurred < min(fact.valid_to, fact.stated)
            }
        )


class Parked(NamedTuple):
    """An entry that could not be taken, and why."""

    position: int
    subject: str
    error: str


def settled(
    words: Sequence[Word],
    resolve: Resolve,
    retroactive: Retroactive,
    read: Mapping[int, Sequence[Act]] = MappingProxyType({}),
) -> tuple[list[Act], list[Parked]]:
    """The acts of one decision, from its words in (occurred, position) order, and the words that have none.

    A word that cannot be resolved is no reason to lose the others, whatever the error: it is parked. `read`
    are acts that read as they did, by the position of their word: all that may be new is when they cease to
    stand, so that a decision spoken of a thousand times is not resolved a million times.
    """
    acts: list[Act] = []
    parked: list[Parked] = []
    ends = until_next([word.occurred for word in words])
    for word, end in zip(words, ends, strict=True):
        if word.word == "reopened":
            continue
        if word.position in read:
            acts += [_standing(act, end) for act in read[word.position]]
            continue
        try:
            acts += _spans(word, end, resolve, retroactive)
        except Exception as error:  # noqa: BLE001 — shown to somebody, counted, and no reason to stop
            parked.append(Parked(word.position, word.subject, described(error)))
    return acts, parked


def described(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"


def _spans(word: Word, stands_to: datetime, resolve: Resolve, retroactive: Retroactive) -> list[Act]:
    """One act over the spans of `at`; neighbours that read the same are one."""
    first = resolve(word, word.occurred)
    stated = retroactive.stated_after(word, first.scopes)
    readings = [(word.occurred, first)] + [(at, resolve(word, at)) for at in stated]
    told = [
        reading
        for before, reading in zip([None, *readings], readings, strict=False)
        if before is None or before[1] != reading[1]
    ]
    ends = until_next([at for at, _ in told])
    return [
        _standing(Act(word.position, at, end, end, _columns(word, reading)), stands_to)
        for (at, reading), end in zip(told, ends, strict=True)
    ]


def _standing(act: Act, until: datetime) -> Act:
    """The same act, standing until the next word was spoken."""
    stands_to = max(act.at_from, min(act.at_to, until))
    return act if act.stands_to == stands_to else act._replace(stands_to=stands_to)


def _columns(word: Word, read: Resolved) -> Columns:
    """The values of COLUMNS."""
    return (
        word.word,
        word.occurred,
        word.window,
        word.outcome,
        _status(word),
        word.attested == "inferred",
        word.initiative,
        word.domains[0],
        ("", *read.scopes),
        read.stakes,
        read.row_domain,
        read.row_position,
        read.mandate,
        read.vacant,
        *_pairs(read.actual_node),
        *_pairs(read.actual_seat),
        *_pairs(read.stated_node),
        *_pairs(read.stated_seat),
        read.unresolved,
        read.stated_unresolved,
        *_pairs(read.levels),
        read.closeness,
        read.closeness_units,
    )


def _status(word: Word) -> str:
    if word.outcome not in COUNTABLE:
        return "apart"
    return "counted" if word.deciders else "unknown"


def _pairs(units: Mapping[Any, int]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    keys = sorted(units)
    return tuple(keys), tuple(map(units.__getitem__, keys))
