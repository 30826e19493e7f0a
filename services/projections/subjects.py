"""What is known of each subject now, kept in memory while it is being spoken of."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from services.projections.facts.fact import Fact, Said
from services.projections.settle import Act
from services.projections.streams import Heard, in_order, restated

_OVERHEAD = 600  # bytes of a subject with nothing in it
_ENTRY = 5  # an entry in memory takes about five times its stored size, with the rows it leads to

FactKey = tuple[str, int, str]  # kind, position, key


class Subject:
    """A subject's stream and the rows that follow from it, each with the position it has been known from."""

    __slots__ = ("acts", "corrected", "facts", "heard", "said", "size", "subject")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.heard: list[Heard] = []
        self.said: list[Said] = []  # what was heard, corrected, in order
        self.corrected = False
        self.facts: dict[FactKey, tuple[Fact, int]] = {}
        self.acts: dict[tuple[int, datetime], tuple[Act, int]] = {}  # by position and at_from
        self.size = _OVERHEAD

    def hears(self, entry: Heard, *, correction: bool) -> list[Said]:
        """The stream with one more entry; nothing is kept yet."""
        if correction or self.corrected:
            return restated([*self.heard, entry])
        if not self.said or self.said[-1].occurred <= entry.occurred:
            return [*self.said, entry]
        return sorted([*self.said, entry], key=in_order)

    def keep(self, entry: Heard, stream: list[Said], *, correction: bool) -> None:
        """Take an entry in for good, with the stream that `hears` gave."""
        self.heard.append(entry)
        self.said = stream
        self.corrected = self.corrected or correction
        self.size += _ENTRY * entry.size


def remembered(subject: str, heard: Iterable[Heard], correction: bool) -> Subject:
    """A subject from its earlier entries, in order of position; its rows are put in by whoever read them."""
    state = Subject(subject)
    state.heard = list(heard)
    state.corrected = correction
    state.said = restated(state.heard)
    state.size += sum(_ENTRY * entry.size for entry in state.heard)
    return state


class Room:
    """Memory that those who work at the same time share equally."""

    def __init__(self, bytes: int) -> None:
        self._bytes = bytes
        self._sharers = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Have a share of it."""
        self._sharers += 1
        try:
            yield
        finally:
            self._sharers -= 1

    @property
    def share(self) -> int:
        """Bytes each may take, by estimate."""
        return self._bytes // max(1, self._sharers)


class Subjects:
    """The subjects spoken of most recently, as many as fit."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._states: OrderedDict[str, Subject] = OrderedDict()
        self._size = 0  # of what was there when last it was looked at, and what came since

    def get(self, subject: str) -> Subject | None:
        """The subject, if it is in memory, and from now on the one used last."""
        if (state := self._states.get(subject)) is not None:
            self._states.move_to_end(subject)
        return state

    def put(self, state: Subject) -> None:
        """Remember a subject."""
        self._states[state.subject] = state
        self._size += state.size

    def grown(self, bytes: int) -> None:
        """What was remembered has become larger."""
        self._size += bytes

    def missing(self, subjects: Mapping[str, object]) -> list[str]:
        """Those of the subjects that are not in memory."""
        return [subject for subject in subjects if subject not in self._states]

    def shrink(self) -> None:
        """Forget the least recently used until the rest fits; only between batches."""
        room = self._room.share
        while self._size > room and self._states:
            self._size -= self._states.popitem(last=False)[1].size
