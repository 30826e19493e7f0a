"""What holds between two changes, found once."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """Answers that can only change at the given instants, each found when it is first asked for.

    How to find one is told with the question: kept here it would tie a structure to itself, and one dropped
    would stay until somebody looks for cycles.
    """

    __slots__ = ("_answers", "_edges")

    def __init__(self, edges: Iterable[datetime]) -> None:
        self._edges = sorted(set(edges))
        self._answers: dict[int, T] = {}

    def at(self, instant: datetime, find: Callable[[datetime], T]) -> T:
        """What holds at an instant; `find` must always be the same."""
        place = bisect_right(self._edges, instant)
        answer = self._answers.get(place)
        if answer is None:
            answer = self._answers[place] = find(instant)
        return answer
