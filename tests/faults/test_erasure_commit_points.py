"""Death at each commit point of an erasure and of the end of an epoch: what was begun is finished, once."""

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults import points
from tests.faults.book import Book
from tests.faults.events import ACTORS
from tests.faults.publishers import connected, publishing
from tests.faults.system import System, until
from tests.faults.verdict import verify

BASIS = {"basis": "asked for it"}
VICTIMS = dict(zip(points.ERASE, ACTORS, strict=False))


async def test_an_erasure_is_finished_once_wherever_the_ledger_died(
    system: System, book: Book, seed: str
) -> None:
    """Backwards, so that going on with one erasure does not come by the point of the next.

    At last going on dies twice as well.
    """
    async with (
        publishing(system, book, [system.ledgers("ledger-b")] * 2, seed),
        connected(system.token, 20) as client,
    ):
        for point, actor in reversed(VICTIMS.items()):
            await system.restart("ledger-a", f"{point}:1")
            url = f"{system.nodes['ledger-a'].url}/v1/ledgers/{book.ledger}/people/{actor}"
            with pytest.raises(httpx.TransportError):
                await client.request("DELETE", url, json=BASIS)
            await system.dies("ledger-a")
        for point in list(points.ERASE)[1:]:
            system.nodes["ledger-a"].begin(f"{point}:1")
            await system.dies("ledger-a")
        await system.restart("ledger-a")
        for actor in VICTIMS.values():
            await _erased(system, client, book, actor)
    log = await verify(system, book)
    told = [one.subject for one in log.entries if one.type == "locus.person.erased.v1"]
    assert sorted(told) == sorted(f"actor/{one}" for one in VICTIMS.values())


async def test_an_epoch_ends_for_good_wherever_the_ledger_died(system: System, book: Book, seed: str) -> None:
    gone, staying = ACTORS[0], ACTORS[1]
    async with (
        publishing(system, book, [system.ledgers("ledger-b")] * 2, seed),
        connected(system.token, 20) as client,
    ):
        url = f"{system.nodes['ledger-b'].url}/v1/ledgers/{book.ledger}"
        answer = await client.request("DELETE", f"{url}/people/{gone}", json=BASIS)
        assert answer.status_code == httpx.codes.OK, answer.text
        with psycopg.connect(system.superuser, autocommit=True) as connection:
            connection.execute("UPDATE vault.erased SET gone = gone - interval '7 days'")
        await asyncio.to_thread(system.nodes["ledger-a"].stop)
        for point in points.EPOCH:
            system.nodes["ledger-a"].begin(f"{point}:1")
            await system.dies("ledger-a")
        await system.restart("ledger-a")
        await until(lambda: len(_keys(system)) == 1, "only the newest epoch's key is left")
        assert (await _person(client, url, gone))["final"]
        people = {one["actor"]: one for one in (await client.get(f"{url}/directory")).json()["people"]}
        assert people[staying]["profile"] == {"name": "Somebody"}
        assert "Somebody" not in str(people[gone])
    await verify(system, book)


async def _erased(system: System, client: httpx.AsyncClient, book: Book, actor: str) -> None:
    url = f"{system.nodes['ledger-a'].url}/v1/ledgers/{book.ledger}"
    found: dict[str, Any] = {}
    deadline = asyncio.get_running_loop().time() + 30
    while not found.get("position") and asyncio.get_running_loop().time() < deadline:
        found = await _person(client, url, actor)
        await asyncio.sleep(0.1)
    assert (found["erased"], found["sealed"]) == (True, False)
    again = await client.request("DELETE", f"{url}/people/{actor}", json=BASIS)
    assert again.json()["position"] == found["position"]


async def _person(client: httpx.AsyncClient, url: str, actor: str) -> dict[str, Any]:
    answer = await client.get(f"{url}/people/{actor}")
    assert answer.status_code == httpx.codes.OK, answer.text
    said: dict[str, Any] = answer.json()
    return said


def _keys(system: System) -> list[str]:
    return [path.name for path in (system.directory / "vault-keys").glob("*.key")]
