"""Many processes at once, told in publication order."""

import heapq
from collections.abc import Iterable, Iterator

from services.connectors.demo.pen import Json, Step

# A process is steps in occurred order; an arrival starts another process at its moment.
Arrival = tuple[int, list[Step]]


def publish(
    processes: Iterable[Iterable[Step]], arrivals: Iterable[Iterator[Arrival]], end: int
) -> Iterator[Json]:
    """Every event that occurred before `end`, by when it is published: at once, or `late` seconds later.

    Memory is bounded by what is under way at one moment, however long the history.
    """
    stage = _Stage(end)
    for process in processes:
        stage.go_on(iter(process))
    for stream in arrivals:
        stage.await_next(stream)
    return stage.events()


class _Stage:
    """A heap of what comes next: (second, turn, event, the process it belongs to or the stream it starts)."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.turn = 0
        self.heap: list[tuple[int, int, Json | None, Iterator[Step] | None, Iterator[Arrival] | None]] = []

    def events(self) -> Iterator[Json]:
        while self.heap:
            _, _, event, process, stream = heapq.heappop(self.heap)
            if event is not None:
                yield event
            if process is not None:
                self.go_on(process)
            if stream is not None:
                self.await_next(stream)

    def go_on(self, process: Iterator[Step]) -> None:
        """The process's next step; a late one goes its own way, so that it holds up nobody."""
        for at, event, late in process:
            if at >= self.end:
                return
            if not late:
                self._push(at, event, process, None)
                return
            self._push(at + late, event, None, None)

    def await_next(self, stream: Iterator[Arrival]) -> None:
        arrival = next(stream, None)
        if arrival is not None and arrival[0] < self.end:
            self._push(arrival[0], None, iter(arrival[1]), stream)

    def _push(
        self, at: int, event: Json | None, process: Iterator[Step] | None, stream: Iterator[Arrival] | None
    ) -> None:
        self.turn += 1
        heapq.heappush(self.heap, (at, self.turn, event, process, stream))
