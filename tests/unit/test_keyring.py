"""Whoever waits for keys keeps their place: events are queued in the order in which they came."""

import asyncio
from collections.abc import Collection

import pytest

from services.ledger.keyring import Keyring
from services.ledger.sealing import Keys


class Lookups:
    """Lookups that end when they are told to."""

    def __init__(self) -> None:
        self.keyring = Keyring(self._look)
        self.ends: dict[str, asyncio.Future[None]] = {}
        self.served: list[str] = []

    async def _look(self, _ledger: str, holders: Collection[str]) -> Keys:
        (holder,) = holders
        await self.ends.setdefault(holder, asyncio.get_running_loop().create_future())
        return {holder: b"key"}

    def ask(self, *holders: str, name: str = "") -> asyncio.Task[None]:
        return asyncio.create_task(self._served(holders, name or holders[0]))

    async def _served(self, holders: Collection[str], name: str) -> None:
        await self.keyring.keys("acme", holders)
        self.served.append(name)

    async def end(self, holder: str) -> None:
        self.ends[holder].set_result(None)
        await settled()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_keys_are_given_in_the_order_they_were_asked_for_however_long_each_takes() -> None:
    lookups = Lookups()
    tasks = [lookups.ask("a"), lookups.ask("b"), lookups.ask(name="none")]
    await settled()
    await lookups.end("b")
    assert lookups.served == []
    await lookups.end("a")
    assert lookups.served == ["a", "b", "none"]
    assert all(task.done() for task in tasks)
    assert lookups.keyring.waiting == {}


async def test_who_gives_up_or_fails_lets_the_next_go_on_in_order() -> None:
    lookups = Lookups()
    first, leaving, failing, last = (lookups.ask(name) for name in "abcd")
    await settled()
    leaving.cancel()
    lookups.ends["c"].set_exception(OSError("away"))
    await lookups.end("d")
    assert lookups.served == []
    await lookups.end("a")
    assert lookups.served == ["a", "d"]
    with pytest.raises(OSError, match="away"):
        await failing
    assert leaving.cancelled()
    assert first.done()
    assert last.done()
    assert lookups.keyring.waiting == {}
