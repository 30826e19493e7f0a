"""All that occurred in a ledger as known now, kept and moved on, for whoever asks of this instant or that.

To read it takes as long as to work most answers out, and two instants differ in little: what came to rest
before both is given to both as it is.
"""

import asyncio
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import asyncpg

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.facts.fact import BEGINNING, FOREVER
from services.projections.history import Act, Decision, Stream, streams_of
from services.projections.strands import WORK, kind
from services.projections.views.records import KINDS, act_of, occurrences

if TYPE_CHECKING:
    from services.projections.views.ground import Ground

_SQL: Final = "services.projections"
_MANY: Final = 4_096  # subjects moved, from which on all is read again
_AT: Final = itemgetter(0)
_LAST: Final = FOREVER - timedelta(microseconds=1)  # the end of time is asked of by nobody


class _Reading(NamedTuple):
    """How an act reads as of [at_from, at_to), standing before `stands_to`."""

    act: Act
    at_from: datetime
    at_to: datetime
    stands_to: datetime

    def as_of(self, at: datetime) -> Act:
        stands = self.stands_to > at
        return self.act if self.act.stands == stands else self.act._replace(stands=stands)


class _Kept(NamedTuple):
    """A stream as of the end of time, the readings of its acts, and from when on it is as it is here."""

    stream: Stream
    readings: Sequence[_Reading]
    rests: datetime

    @classmethod
    def of(cls, stream: Stream, readings: Sequence[_Reading]) -> Self:
        turns = (turn for one in readings for turn in one[1:] if turn < FOREVER)
        return cls(stream, readings, max(stream.steps[-1].at, *turns, BEGINNING))

    def until(self, at: datetime) -> Stream:
        """What of it had occurred by an instant."""
        if self.rests <= at:
            return self.stream
        cut = type(self.stream)(self.stream.id)
        cut.steps = self.stream.steps[: bisect_right(self.stream.steps, at, key=_AT)]
        if isinstance(cut, Decision):
            cut.acts = [one.as_of(at) for one in self.readings if one.at_from <= at < one.at_to]
        return cut


class Followed:
    """What is known at `position`, subject by subject. No stream is ever changed, others take its place."""

    def __init__(self) -> None:
        self.position = 0
        self._kept: dict[str, _Kept] = {}  # in order of their beginnings

    def move(
        self,
        position: int,
        moved: Iterable[str],
        told: Iterable[asyncpg.Record],
        acts: Iterable[asyncpg.Record],
    ) -> None:
        """Come to a position at which this is all there is to say of what moved.

        If it is broken off, as by an answer that takes too long, the position is still the one before, and
        whoever asks next moves the same and more.
        """
        readings: defaultdict[str, list[_Reading]] = defaultdict(list)
        for row in acts:
            reading = _Reading(act_of(row, _LAST), row["at_from"], row["at_to"], row["stands_to"])
            readings[f"decision/{row['decision']}"].append(reading)
        last = (one.act for many in readings.values() for one in many if one.at_to == FOREVER)
        for subject in moved:
            self._kept.pop(subject, None)
        for subject, stream in streams_of(occurrences(told), last).items():
            self._kept[subject] = _Kept.of(stream, readings.get(subject, ()))
        self._kept = dict(sorted(self._kept.items(), key=lambda item: item[1].stream.steps[0][:2]))
        self.position = position

    def as_of(self, at: datetime, work: Collection[str] | None) -> dict[str, Stream]:
        """What had occurred by an instant, in order of beginnings: to this work (None: to all), and to all
        other subjects."""
        return {
            subject: kept.until(at)
            for subject, kept in self._kept.items()
            if (work is None or subject in work or kind(subject) not in WORK)
            and kept.stream.steps[0].at <= at
        }


class Follower:
    """The ledgers followed, those asked about longest ago given up first. `room`: entries of all of them."""

    def __init__(self, room: int = 120_000) -> None:
        self._room = room
        self._followed: OrderedDict[tuple[str, int], Followed] = OrderedDict()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def find(self, connection: Connection, ground: "Ground", *, begin: bool) -> Followed | None:
        """What is known at the ground's position, if that is now and the ledger is not too large.

        One that is not followed yet is only if it is to `begin`. Whoever asks next moves it on: look at its
        position after awaiting anything else.
        """
        key = ground.ledger, ground.generation
        if not ground.now or ground.position > self._room or not (begin or key in self._followed):
            return None
        async with self._locks[ground.ledger]:
            followed = self._followed.get(key)
            if followed is None or followed.position < ground.position:
                followed = self._followed[key] = await _moved(followed, connection, ground)
            self._followed.move_to_end(key)
            while sum(one.position for one in self._followed.values()) > self._room:
                self._followed.popitem(last=False)
        return followed


async def _moved(followed: Followed | None, connection: Connection, ground: "Ground") -> Followed:
    """Read what has moved since; all, where nothing was read or much has moved."""
    key, position = (ground.ledger, ground.generation), ground.position
    if followed is not None:
        rows = await connection.fetch(sql(_SQL, "followed_moved"), *key, followed.position, position)
        moved = [row["subject"] for row in rows]
        if len(moved) < _MANY:
            told = await connection.fetch(sql(_SQL, "view_history_of"), *key, moved, position, _LAST)
            decisions = [subject[9:] for subject in moved if kind(subject) == "decision"]
            acts = await connection.fetch(sql(_SQL, "followed_acts"), *key, position, decisions)
            followed.move(position, moved, (row for row in told if row["kind"] in KINDS), acts)
            return followed
    told = await connection.fetch(sql(_SQL, "view_history"), *key, sorted(KINDS), position, _LAST)
    acts = await connection.fetch(sql(_SQL, "followed_acts"), *key, position, None)
    begun = Followed()
    begun.move(position, (), told, acts)
    return begun
