"""What holds between two changes, found once."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """Answers that can only change at the given instants, each found when it is first asked for."""

    __slots__ = ("_answers", "_edges", "_find")

    def __init__(self, edges: Iterable[datetime], find: Callable[[datetime], T]) -> None:
        self._edges = sorted(set(edges))
        self._find = find
        self._answers: dict[int, T] = {}

    def at(self, instant: datetime) -> T:
        place = bisect_right(self._edges, instant)
        answer = self._answers.get(place)
        if answer is None:
            answer = self._answers[place] = self._find(instant)
        return answer
