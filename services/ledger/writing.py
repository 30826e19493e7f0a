"""How one group is written: on trust if nothing is unknown, after a look if something is, at last under the
lock.

Several processes may write one ledger, so whatever was judged is written only if the head is still where it
was; if not, the group is judged again from what is there. The path after a fault is the same as after
`moved`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import asyncpg
import msgspec

from services.ledger import store
from services.ledger.judging import Judgement, Outcome
from services.ledger.memory import Memory
from services.ledger.moment import Head, Known
from services.ledger.queues import Lane, Lanes, Unit
from services.platform.faults import CommitPoints

PATIENCE = 2  # how often the head may move before the lock is held across read, judge and write


class WentBack(Exception):
    """What is stored has not grown from what was known to be. Told once: then nothing is known."""


class Writer:
    """Writes the groups of all lanes; shared by the connections, since a lane has one group in flight."""

    def __init__(self, lanes: Lanes, now: Callable[[], datetime], commit_points: CommitPoints) -> None:
        self._lanes = lanes
        self._now = now
        self._pass = commit_points
        self._memory = Memory()

    async def write(self, connection: asyncpg.Connection, lane: Lane, units: Sequence[Unit]) -> list[Outcome]:
        """The outcome of each unit, once all that was accepted is stored. Raises LedgerUnknown, WentBack."""
        for _ in range(PATIENCE):
            outcomes = await self._on_trust(connection, lane, units)
            if outcomes is None:
                outcomes = await self._after_a_look(connection, lane, units)
            if outcomes is not None:
                # If we crash here, the group is stored and nobody was told: a retry finds it by identity.
                self._pass("append:after")
                return outcomes
        while True:
            outcomes = await self._under_lock(connection, lane, units)
            if outcomes is not None:
                return outcomes

    async def _on_trust(
        self, connection: asyncpg.Connection, lane: Lane, units: Sequence[Unit]
    ) -> list[Outcome] | None:
        """One round trip. Only good news may rest on trust: anything refused or repeated takes a look."""
        if lane.head is None or not lane.trusting:
            return None
        known = Known(lane.head, partial(self._memory.get, lane.epoch))
        judgement = self._judge(lane, units, known)
        return await self._append(connection, lane, known.head, judgement) if judgement.all_new else None

    async def _after_a_look(
        self, connection: asyncpg.Connection, lane: Lane, units: Sequence[Unit]
    ) -> list[Outcome] | None:
        events = [prepared.event for unit in units for prepared in unit.events]
        identities = list({(event.source, event.id) for event in events})
        subjects = list({event.subject for event in events})
        head, kept, found = await store.read(connection, lane.ledger, identities, subjects)
        if lane.head is not None and head.last <= lane.head.last and head.frontier != lane.head.frontier:
            self._lanes.forget(lane)
            lane.head = None
            raise WentBack
        if lane.head is None or lane.head.last != head.last:
            self._lanes.forget(lane)  # others wrote: what is remembered of other subjects may be old
        elif lane.head.frontier == head.frontier:
            head = msgspec.structs.replace(head, leaves=lane.head.leaves)
        surprised = bool(kept) or any(self._memory.get(lane.epoch, name) is None for name in found)
        self._memory.put(lane.epoch, found)
        known = Known(head, found.get, kept, ours=frozenset(lane.unheard))
        judgement = self._judge(lane, units, known)
        while judgement.streams_needed:
            streams = await store.streams(connection, lane.ledger, judgement.streams_needed)
            known = Known(head, found.get, kept, {**known.streams, **streams}, known.ours)
            judgement = self._judge(lane, units, known)
        outcomes = await self._append(connection, lane, head, judgement)
        lane.trusting = outcomes is not None and not surprised
        return outcomes

    async def _under_lock(
        self, connection: asyncpg.Connection, lane: Lane, units: Sequence[Unit]
    ) -> list[Outcome] | None:
        self._pass("locked:before")
        before = lane.head
        try:
            # If we crash or freeze here or below, the server ends the transaction: nothing is stored.
            async with connection.transaction():
                await store.lock(connection, lane.ledger)
                self._pass("locked:held")
                outcomes = await self._after_a_look(connection, lane, units)
        except WentBack:
            raise
        except BaseException:
            lane.head = before  # what was not committed is not known to have been stored
            raise
        # If we crash here, the group is stored and nobody was told: publishers retry, identity finds it.
        self._pass("locked:after")
        return outcomes

    async def _append(
        self, connection: asyncpg.Connection, lane: Lane, head: Head, judgement: Judgement
    ) -> list[Outcome] | None:
        """None: what was judged no longer holds, or never did."""
        if judgement.rows:
            after = judgement.head()
            self._pass("append:before")
            # If we crash here, nothing is stored and nobody was told: publishers retry.
            lane.unheard.add(after.recorded)
            try:
                stored = await store.append(connection, lane.ledger, judgement, after)
            except asyncpg.UniqueViolationError as error:
                if error.constraint_name not in store.STALE:
                    raise
                stored = False
            if not stored:
                lane.unheard.discard(after.recorded)
                self._lanes.forget(lane)
                return None
            head = after
        lane.head = head
        self._memory.put(lane.epoch, judgement.subjects)
        return judgement.outcomes

    def _judge(self, lane: Lane, units: Sequence[Unit], known: Known) -> Judgement:
        return Judgement(lane.ledger, [unit.events for unit in units], known, self._now())
