"""All that ever became known to have occurred in a ledger, kept, for whoever asks of this instant or that.

To read it takes as long as to work most answers out, and two questions differ in little: what had come to
rest before both is given to both as it is.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeAlias

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.facts.fact import BEGINNING, FOREVER, OPEN
from services.projections.history import Act, Decision, Step, Stream, step_of, stream_of
from services.projections.strands import WORK, kind
from services.projections.views.records import KINDS, act_of, occurrence

if TYPE_CHECKING:
    from services.projections.views.ground import Ground

_SQL: Final = "services.projections"
_MANY: Final = 4_096  # subjects moved, from which on all is read again
_AT_ONCE: Final = 500  # rows
_LAST: Final = FOREVER - timedelta(microseconds=1)  # the end of time is asked of by nobody


class _Told(NamedTuple):
    """A step known at the positions in [known_from, known_to); by itself, one is known from its own on."""

    step: Step
    known_from: int
    known_to: int


_Telling: TypeAlias = Step | _Told


class _Reading(NamedTuple):
    """How an act reads as of [at_from, at_to), standing before `stands_to`; known as `_Told`."""

    act: Act
    at_from: datetime
    at_to: datetime
    stands_to: datetime
    known_from: int
    known_to: int

    def as_of(self, at: datetime) -> Act:
        stands = self.stands_to > at
        return self.act if self.act.stands == stands else self.act._replace(stands=stands)


def _is_known(one: _Told | _Reading, position: int) -> bool:
    return one.known_from <= position < one.known_to


def _steps(told: Iterable[_Telling], position: int) -> Iterator[Step]:
    """Those known at a position."""
    for one in told:
        if isinstance(one, Step):
            if one.position <= position:
                yield one
        elif _is_known(one, position):
            yield one.step


class _Kept(NamedTuple):
    """A subject: all that was ever told of it, and its stream as known last, as of the end of time."""

    told: Sequence[_Telling]
    readings: Sequence[_Reading]
    stream: Stream
    rests: datetime
    """As of when, and all the time after, the stream is as it is here."""
    known: int
    """The same of positions."""

    @classmethod
    def of(cls, subject: str, told: Sequence[_Telling], readings: Sequence[_Reading], position: int) -> Self:
        """As known at a position, up to which all is told."""
        stream = _stream(subject, told, readings, _LAST, position)
        if len(stream.steps) == len(told) and not any(isinstance(one, _Told) for one in told):
            told = stream.steps  # not twice
        live = [one for one in readings if _is_known(one, position)]
        turns = [turn for one in live for turn in (one.at_from, one.at_to, one.stands_to) if turn < FOREVER]
        turns += [step.at for step in stream.steps[-1:]]
        known = [one.position for one in told if isinstance(one, Step)]
        known += [turn for one in told if isinstance(one, _Told) for turn in one[1:]]
        known += [turn for one in readings for turn in (one.known_from, one.known_to)]
        last = max(turn for turn in known if turn <= position)
        return cls(told, readings, stream, max(turns, default=BEGINNING), last)

    def as_of(self, subject: str, at: datetime, position: int) -> Stream:
        """What had occurred by an instant, as known at a position."""
        if self.rests <= at and self.known <= position:
            return self.stream
        return _stream(subject, self.told, self.readings, at, position)


def _stream(
    subject: str, told: Iterable[_Telling], readings: Iterable[_Reading], at: datetime, position: int
) -> Stream:
    stream = stream_of(subject)
    stream.steps = [step for step in _steps(told, position) if step.at <= at]
    if isinstance(stream, Decision):
        live = (one for one in readings if one.at_from <= at < one.at_to and _is_known(one, position))
        stream.acts = [one.as_of(at) for one in live]
    return stream


class Followed:
    """What became known up to `position`, subject by subject. It is not changed, another takes its place."""

    def __init__(self, position: int, kept: Mapping[str, _Kept]) -> None:
        self.position = position
        self.size = sum(len(one.told) + len(one.readings) for one in kept.values())
        self._kept = kept
        self._few = [subject for subject in kept if kind(subject) not in WORK]

    def moved(self, position: int, subjects: Iterable[str], told: "_All") -> "Followed":
        """At a later position, where this is all there is to say of some subjects."""
        gone = frozenset(subjects)
        kept = {subject: one for subject, one in self._kept.items() if subject not in gone}
        for subject, steps in told.steps.items():
            kept[subject] = _Kept.of(subject, steps, told.readings.get(subject, ()), position)
        return Followed(position, kept)

    def as_of(self, at: datetime, position: int, work: Set[str] | None) -> dict[str, Stream]:
        """What had occurred by an instant, as known at a position, in order of beginnings.

        To this work (None: to all), and to all other subjects.
        """
        subjects = self._kept if work is None else [*self._few, *(self._kept.keys() & work)]
        found = [(subject, self._kept[subject].as_of(subject, at, position)) for subject in subjects]
        begun = [one for one in found if one[1].steps]
        return dict(sorted(begun, key=lambda one: one[1].steps[0][:2]))


class FollowedLedgers:
    """Those asked about longest ago are given up first. `room`: steps and readings of all of them."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._followed: OrderedDict[tuple[str, int], Followed] = OrderedDict()
        self._too_large: set[tuple[str, int]] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def find(self, connection: Connection, ground: "Ground", *, begin: bool) -> Followed | None:
        """What became known up to the ground's position at least, if the ledger is not too large.

        One that is not followed yet is only if it is to `begin`. Whoever asks later moves it on.
        """
        key = ground.ledger, ground.generation
        if key in self._too_large or not (begin or key in self._followed):
            return None
        async with self._locks[ground.ledger]:
            followed = self._followed.get(key)
            if followed is None or followed.position < ground.position:
                moved = None if followed is None else await _moved(followed.position, connection, ground)
                if moved is None:
                    followed = None
                    self._followed.pop(key, None)  # not beside what takes its place
                    self._make_room(ground.position)  # steps are as many as entries, about
                told = await _read(connection, ground, moved, self._room)
                if told is not None:
                    followed = (followed or Followed(0, {})).moved(ground.position, moved or (), told)
                if told is None or followed is None or followed.size > self._room:
                    self._followed.pop(key, None)
                    self._too_large.add(key)
                    return None
            self._followed.pop(key, None)
            self._make_room(followed.size)
            self._followed[key] = followed
        return followed

    def _make_room(self, size: int) -> None:
        """For one more of this size."""
        while self._followed and sum(one.size for one in self._followed.values()) + size > self._room:
            self._followed.popitem(last=False)


async def _moved(before: int, connection: Connection, ground: "Ground") -> list[str] | None:
    """The subjects that have moved since a position; None where it is better to read all."""
    asked = ground.ledger, ground.generation, before, ground.position
    rows = await connection.fetch(sql(_SQL, "strands_moved"), *asked)
    rows += await connection.fetch(sql(_SQL, "acts_moved"), *asked)
    moved = {row["subject"] for row in rows}
    return sorted(moved) if len(moved) < _MANY else None


class _All(NamedTuple):
    """All that was ever told, by subject."""

    steps: Mapping[str, Sequence[_Telling]]
    readings: Mapping[str, Sequence[_Reading]]


async def _read(
    connection: Connection, ground: "Ground", subjects: Sequence[str] | None, most: int
) -> _All | None:
    """Of these subjects (None: of all), up to the ground's position; None where it is more than `most`.

    One late entry may make new readings of very many acts. Never more than a few rows are held at once.
    """
    asked = ground.ledger, ground.generation, sorted(KINDS), ground.position
    if subjects is None:
        told = connection.cursor(sql(_SQL, "followed_told"), *asked, prefetch=_AT_ONCE)
        decisions = None
    else:
        told = connection.cursor(sql(_SQL, "followed_told_of"), *asked, subjects, prefetch=_AT_ONCE)
        decisions = [subject[9:] for subject in subjects if kind(subject) == "decision"]
    count = 0
    steps: defaultdict[str, list[_Telling]] = defaultdict(list)
    async for row in told:
        if (count := count + 1) > most:
            return None
        step, known = step_of(occurrence(row)), (row["known_from"], row["known_to"])
        steps[row["subject"]].append(step if known == (step.position, OPEN) else _Told(step, *known))
    readings: defaultdict[str, list[_Reading]] = defaultdict(list)
    acts = sql(_SQL, "followed_acts"), ground.ledger, ground.generation, ground.position, decisions
    async for row in connection.cursor(*acts, prefetch=_AT_ONCE):
        if (count := count + 1) > most:
            return None
        times = row["at_from"], row["at_to"], row["stands_to"], row["known_from"], row["known_to"]
        readings[f"decision/{row['decision']}"].append(_Reading(act_of(row, _LAST), *times))
    return _All(steps, readings)
