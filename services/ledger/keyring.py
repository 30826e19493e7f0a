"""The keys a unit needs, given out in the order in which units came: so that events keep their order.

Most units need no key and wait for nobody; only those behind one that waits for its keys wait with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from services.ledger.sealing import Keys

Lookup = Callable[[str, Collection[str]], Awaitable[Keys]]  # the ledger, and whose keys

NO_KEYS: Keys = {}


class Keyring:
    """Lookups run beside each other; what they found is given in turn, ledger by ledger."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.waiting: dict[str, asyncio.Future[None]] = {}  # by ledger: done when its last has its keys

    async def keys(self, ledger: str, holders: Collection[str]) -> Keys:
        """The keys, as soon as all who asked before have theirs; raises what the lookup raises."""
        before = self.waiting.get(ledger)
        turn = self.waiting[ledger] = asyncio.get_running_loop().create_future()
        try:
            keys = await self._lookup(ledger, holders) if holders else NO_KEYS
            if before is not None:
                await asyncio.wait({before})  # which, unlike awaiting it, does not cancel it with us
        finally:
            self._pass_on(ledger, before, turn)
        return keys

    def _pass_on(
        self, ledger: str, before: "asyncio.Future[None] | None", turn: "asyncio.Future[None]"
    ) -> None:
        """It is the next one's turn; if we gave up early, once it would have been ours."""
        if before is not None and not before.done():
            before.add_done_callback(lambda _: self._pass_on(ledger, None, turn))
            return
        turn.set_result(None)
        if self.waiting.get(ledger) is turn:
            del self.waiting[ledger]
