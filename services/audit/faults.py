"""What is wrong with a log, and where: the first faults by position, and how many in all. Pure."""

import heapq
from collections.abc import Sequence

import msgspec

LISTED = 100


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong. `position` is the first that may be; `until` the last, if it is not known exactly.

    `kind` is one word for programs: unreadable, order, ledger, format, recorded, occurred, unsealed, version,
    identity, column, mention, commit, root, tile, checkpoint, witness, proof, member or answer.
    """

    position: int
    kind: str
    what: str
    until: int | None = None

    def told(self) -> str:
        """The fault in one line; position 0 stands for the log as a whole."""
        if not self.position:
            return self.what
        reach = f"–{self.until}" if self.until is not None and self.until > self.position else ""
        return f"position {self.position}{reach}: {self.what}"


class Faults:
    """All faults are counted, those at the lowest positions are kept."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[tuple[int, int, Fault]] = []  # the highest position first, as heapq pops it

    def add(self, position: int, kind: str, what: str, until: int | None = None) -> None:
        """Remember one."""
        self._keep(Fault(position, kind, what, until))

    def add_strays(self, kind: str, table: str, place: str, rows: int) -> None:
        """Rows of a table at places that no ledger has, however many, with the place of one."""
        if rows:
            more = f", and {rows - 1:,} more such" if rows > 1 else ""
            self.add(0, kind, f"{table} holds a row where there can be none: {place}{more}")

    def merge(self, found: Sequence[Fault], count: int) -> None:
        """Remember those that somebody else has found: so many, of which these have the lowest positions."""
        for fault in found:
            self._keep(fault)
        self.count += count - len(found)

    def _keep(self, fault: Fault) -> None:
        self.count += 1
        heapq.heappush(self._kept, (-fault.position, -self.count, fault))
        if len(self._kept) > LISTED:
            heapq.heappop(self._kept)

    def listed(self) -> list[Fault]:
        """Those kept, by the last position where each may be, the narrowest first.

        One known only to a stretch begins where another is exact within it.
        """
        kept = [fault for _, _, fault in sorted(self._kept, key=lambda one: -one[1])]  # as they were found
        exact = sorted(fault.position for fault in kept if fault.position and fault.until is None)
        placed = [_narrowed(fault, exact) for fault in kept]
        return sorted(placed, key=_place)


_LAST = 1 << 62  # faults of the log as a whole come after those with a place


def _place(fault: Fault) -> tuple[int, int]:
    last = fault.until or fault.position or _LAST
    return last, last - fault.position


def _narrowed(fault: Fault, exact: list[int]) -> Fault:
    if fault.until is None:
        return fault
    inside = next((at for at in exact if fault.position <= at <= fault.until), None)
    return fault if inside is None else msgspec.structs.replace(fault, position=inside)
