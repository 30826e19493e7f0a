"""The histories put together last, for those who ask again of the same moment of a ledger."""

from collections import OrderedDict
from collections.abc import Hashable

from services.projections.history import History


class Histories:
    """By the ground they stand on, those asked for longest ago given up first.

    One stands on a structure that moves on: whoever takes it looks whether that is still the ground's.
    """

    def __init__(self, room: int = 100_000) -> None:
        self._room = room  # occurrences, about a kilobyte each with all that follows from them
        self._kept: OrderedDict[Hashable, tuple[History | None, int]] = OrderedDict()
        self._too_large: list[History] = []

    def get(self, ground: Hashable) -> History | None:
        """The one of this ground, if it is kept."""
        if ground not in self._kept:
            return None
        self._kept.move_to_end(ground)
        return self._kept[ground][0]

    def make_room(self, ground: Hashable, occurrences: int) -> None:
        """Give up as many as it takes to keep one more of this size; one too large is not kept."""
        self._give_up(ground)
        fits = occurrences <= self._room
        left = self._room - occurrences if fits else 0
        while sum(size for _, size in self._kept.values()) > left:
            self._give_up(next(iter(self._kept)))
        if fits:
            self._kept[ground] = None, occurrences

    def keep(self, ground: Hashable, history: History) -> None:
        """Keep what room was made for; one too large, until `answered`."""
        if ground in self._kept:
            self._kept[ground] = history, self._kept[ground][1]
        else:
            self._too_large.append(history)

    def answered(self) -> None:
        """Give up what was too large to be kept: what it was asked for is answered."""
        while self._too_large:
            self._too_large.pop().let_go()

    def _give_up(self, ground: Hashable) -> None:
        history, _ = self._kept.pop(ground, (None, 0))
        if history is not None:
            history.let_go()
