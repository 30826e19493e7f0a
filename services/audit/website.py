"""A ledger as its service shows it: the stream of entries, roots, the checkpoint, tiles."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from services.audit import kept
from services.audit.claims import Claim
from services.audit.faults import Faults
from services.audit.lines import MAX_POSITION
from services.audit.tree import Tree
from services.client import TROUBLE, Api, Busy
from services.failures import FAILED, CommandFailed
from services.platform.tiles import WIDTH, Tile, path, tiles_of


class _Page(msgspec.Struct, frozen=True):
    entries: list[msgspec.Raw]


class _Root(msgspec.Struct, frozen=True):
    root: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Website:
    """One ledger behind one address."""

    def __init__(self, api: Api, ledger: str) -> None:
        self.ledger = ledger
        self._api = api
        self._path = f"/v1/ledgers/{ledger}"

    def head(self) -> Claim:
        """The last position now, and the root the service tells of it."""
        last = self._last()
        told = self._api.ask(_Root, f"{self._path}/log/root/{last}")
        return Claim(last, bytes.fromhex(told.root), "the service", "root")

    def _last(self) -> int:
        """By halving, since a reader of one ledger need not be shown the others."""
        low, high = 0, 1
        while self._holds(high):
            if high > MAX_POSITION:
                raise CommandFailed("the service shows entries behind every position", FAILED)
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._holds(middle) else (low, middle)
        return low

    def _holds(self, position: int) -> bool:
        return bool(self._api.ask(_Page, f"{self._path}/events", after=position - 1, limit=1).entries)

    def checkpoint(self) -> bytes | None:
        """The signed head; None: this service signs none."""
        return self.file("checkpoint")

    def file(self, name: str) -> bytes | None:
        """A resource of the log; None: there is none such."""
        try:
            return self._api.read(f"{self._path}/log/{name}")
        except CommandFailed as failure:
            if failure.status in (404, 409):
                return None
            raise

    def check_tiles(self, tree: Tree, faults: Faults) -> None:
        """Each full tile served against the tree over the entries; none, if the service has no log."""
        for tile in tiles_of(tree.size):
            if tile.width < WIDTH:
                continue
            served = self.file(path(tile))
            if served is None and tile == Tile(0, 0):
                return
            kept.of_tile(tile, served or b"", tree, faults)

    def entries(self, last: int) -> Iterator[bytes]:
        """Entries in order, up to the last one there was when this began. Raises CommandFailed."""
        return self.lines({"limit": str(last)}) if last else iter(())

    def lines(self, filters: dict[str, str]) -> Iterator[bytes]:
        """The entries that pass the filters of the history, verbatim. Raises CommandFailed."""
        try:
            yield from self._api.lines(f"{self._path}/events", **filters)
        except (Busy, *TROUBLE) as error:
            raise self._api.unreachable(error) from error
