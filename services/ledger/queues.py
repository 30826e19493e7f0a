"""Units that wait for their turn: one lane a ledger, lanes in turn, everything bounded in bytes."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from services.ledger.entries import Prepared
from services.ledger.judging import Outcome
from services.ledger.moment import Head

MOST_ENTRIES = 500  # in one unit
ENOUGH = 200  # in a group of several: what is left for the next is read while this one is written
MOST_BYTES = 1 << 20
_MOST_LANES = 1_000  # kept; beyond, those at rest are forgotten

Answer = Outcome | Exception


class Waiter:
    """Somebody who waits for the outcomes of some units. If they stop waiting, only they are dropped."""

    __slots__ = ("_answers", "_left", "future")

    def __init__(self, units: int) -> None:
        self.future: asyncio.Future[list[Answer]] = asyncio.get_running_loop().create_future()
        self._answers: list[Answer] = [[]] * units
        self._left = units

    def settle(self, place: int, answer: Answer) -> None:
        """Note one answer; with the last of them the waiter goes on."""
        self._answers[place] = answer
        self._left -= 1
        if not self._left and not self.future.done():
            self.future.set_result(self._answers)


class Unit:
    """Events that are recorded whole or not at all, and the place in its waiter's answer."""

    __slots__ = ("events", "place", "size", "waiter")

    def __init__(self, events: Sequence[Prepared], size: int, waiter: Waiter, place: int) -> None:
        self.events = events
        self.size = size
        self.waiter: Waiter | None = waiter
        self.place = place

    def settle(self, answer: Answer) -> None:
        """Give the answer; only the first one counts."""
        waiter, self.waiter = self.waiter, None
        if waiter is not None:
            waiter.settle(self.place, answer)


class Lane:
    """One ledger's queue, and what this process believes of the ledger.

    Owned by the event loop; `head`, `trusting` and `epoch` only by whoever works on the lane's one group in
    flight.
    """

    __slots__ = ("busy", "epoch", "head", "ledger", "trusting", "unheard", "units")

    def __init__(self, ledger: str, epoch: int) -> None:
        self.ledger = ledger
        self.units: deque[Unit] = deque()
        self.busy = False  # waiting for its turn, or at work
        self.head: Head | None = None  # the newest that is known to have been stored
        self.trusting = False  # whether subjects not in memory are taken for new, without a look
        self.unheard: set[datetime] = set()  # instants of the group in flight, each perhaps recorded
        self.epoch = epoch  # what memory holds of earlier epochs is no longer known to be true

    def gather(self) -> list[Unit]:
        """The next group: whole units in order, within the bounds of a group."""
        group: list[Unit] = []
        entries = size = 0
        while self.units:
            unit = self.units[0]
            entries += len(unit.events)
            size += unit.size
            if group and (entries > ENOUGH or size > MOST_BYTES):
                break
            group.append(self.units.popleft())
        return group


class Lanes:
    """All lanes: who is next, and how much waits in all."""

    def __init__(self, most_bytes: int) -> None:
        self._lanes: dict[str, Lane] = {}
        self._ready: deque[Lane] = deque()
        self._idle: list[asyncio.Future[None]] = []  # the last to come is asked first: it is still warm
        self._most_bytes = most_bytes
        self._epochs = 0
        self.bytes = 0

    def has_room(self, size: int) -> bool:
        """Whether this much more may wait; something always may when nothing does."""
        return not self.bytes or self.bytes + size <= self._most_bytes

    def put(self, ledger: str, units: Sequence[Unit], size: int) -> None:
        """Queue these units, `size` bytes in all, behind what waits for this ledger."""
        lane = self._lanes.get(ledger) or self._open(ledger)
        lane.units.extend(units)
        self.bytes += size
        if not lane.busy:
            lane.busy = True
            self._line_up(lane)

    async def next(self) -> tuple[Lane, list[Unit]]:
        """Wait for the lane whose turn it is, and its next group."""
        while not self._ready:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(turn)
            await turn
        lane = self._ready.popleft()
        group = lane.gather()
        self.bytes -= sum([unit.size for unit in group])
        return lane, group

    def release(self, lane: Lane) -> None:
        """The lane's group is answered: it goes to the end of the line if more waits."""
        if lane.units:
            self._line_up(lane)
        else:
            lane.busy = False

    def _line_up(self, lane: Lane) -> None:
        self._ready.append(lane)
        while self._idle:
            turn = self._idle.pop()
            if not turn.done():
                turn.set_result(None)
                break

    def forget(self, lane: Lane) -> None:
        """Somebody else wrote, or may have: nothing is believed of the ledger until it is read.

        The head is kept: if what is read then has no more entries, they have to be the same.
        """
        self._epochs += 1
        lane.epoch = self._epochs
        lane.trusting = False

    def drain(self) -> list[Unit]:
        """Everything that waits, taken away."""
        units = [unit for lane in self._lanes.values() for unit in lane.units]
        for lane in self._lanes.values():
            lane.units.clear()
        self.bytes = 0
        return units

    def _open(self, ledger: str) -> Lane:
        if len(self._lanes) >= _MOST_LANES:
            self._lanes = {name: lane for name, lane in self._lanes.items() if lane.busy}
        self._epochs += 1
        lane = self._lanes[ledger] = Lane(ledger, self._epochs)
        return lane
