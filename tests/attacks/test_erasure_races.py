"""Messages refused while somebody they name is erased: nobody can open them afterwards, whoever was first."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from schemas import actor
from services.ledger.appender import Appender
from services.ledger.history import History
from services.ledger.main import readers
from services.ledger.people import People
from services.ledger.rejected import Refusal, RejectedMessages
from services.ledger.vault import Vault
from services.platform.database import as_role
from services.platform.embedded import Nats
from services.platform.problems import BAD_REQUEST, Problem
from tests.conftest import Database
from tests.integration.ledger_site import LEDGER, event
from tests.integration.nats_site import running_nats, site
from tests.ledgers import appending, keeping, now
from tests.ledgers import event as said

WORDS = json.dumps(event("decision.position_taken", "decision/d", by="a-1", reason="Marker")).encode()


@dataclass
class Clock:
    """The time of day, or later."""

    later: timedelta = timedelta()

    def now(self) -> datetime:
        return now() + self.later


@dataclass
class Place:
    """What keeps messages and what erases people, of one process or of two: they meet in the databases."""

    messages: RejectedMessages
    people: People
    vault: Vault
    appender: Appender
    history: History
    database: Database
    clock: Clock

    async def keep(self, body: bytes = WORDS) -> None:
        problem = Problem(BAD_REQUEST, "no value", where="/data/value", hint="say it")
        await self.messages.keep(
            Refusal(LEDGER, "forge", [(b"content-type", b"application/json")], body, problem)
        )

    async def erase(self) -> None:
        await self.people.erase(LEDGER, "a-1", "asked for it")

    async def kept(self) -> list[str]:
        return [one.id for one in await self.messages.page(LEDGER, None, 100)]

    async def keys(self) -> list[str]:
        """What the vault has a key for."""
        connection = await self.database.connect()
        try:
            return [row["holder"] for row in await connection.fetch("SELECT holder FROM vault.keys")]
        finally:
            await connection.close()


@pytest.fixture
async def place(database: Database) -> AsyncIterator[Place]:
    async with (
        readers(database.url) as reading,
        asyncpg.create_pool(**as_role(database.url, "locus_appender"), min_size=0) as writing,
        keeping(database.url, database.keys) as vault,
        appending(database.url, keys=vault.keys) as appender,
    ):
        profile = actor.Profile(name="Ada Marker")
        registered = said("r-1", "actor/a-1", actor.Registered(kind="person", profile=profile))
        await appender.submit(LEDGER, [registered], "tests")
        history, clock = History(reading), Clock()
        messages = RejectedMessages(writing, vault, clock.now)
        people = People(vault, appender, history, now=now, epoch=timedelta(days=7), elsewhere=(messages,))
        yield Place(messages, people, vault, appender, history, database, clock)


def once_after(call: Callable[..., Awaitable[Any]], act: Callable[[], Awaitable[None]]) -> Callable[..., Any]:
    """The call, and after the first time whatever happens then."""
    left = [act]

    async def both(*given: Any) -> Any:
        answer = await call(*given)
        if left:
            await left.pop()()
        return answer

    return both


async def nothing(*_: Any) -> None:
    """What goes before."""


@pytest.mark.parametrize("moment", ["asked", "stored", "entrusted"])
async def test_no_message_outlives_an_erasure_that_comes_while_it_is_being_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """After the question whether anybody it names is erased; with the row stored; with its key kept."""
    if moment == "asked":
        monkeypatch.setattr(place.vault, "held", once_after(place.vault.held, place.erase))
    else:
        entrust, erased = place.vault.entrust, once_after(nothing, place.erase)

        async def interrupted(*given: Any) -> bool:
            assert len(await place.kept()) == 1
            if moment == "stored":
                await erased()
            answer = await entrust(*given)
            await erased()
            return answer

        monkeypatch.setattr(place.vault, "entrust", interrupted)
    await place.keep()
    assert (await place.people.person(LEDGER, "a-1")).position == 2
    assert (await place.kept(), await place.keys()) == ([], [])


async def test_a_message_whose_key_cannot_be_kept_is_not_kept_either(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> bool:
        raise ConnectionResetError

    monkeypatch.setattr(place.vault, "entrust", away)
    monkeypatch.setattr(place.vault, "let_go", away)
    await place.keep()
    await place.keep(b"nobody can tell whom this names")
    assert await place.kept() == []


async def test_what_an_erasure_left_is_let_go_at_the_next_start_and_final_only_then(place: Place) -> None:
    """Of a version that did not see to it, or of a database put back."""
    await place.keep()
    await place.keep(b"nobody can tell whom this names")
    left = People(place.vault, place.appender, place.history, now=now, epoch=timedelta(days=7))
    await left.erase(LEDGER, "a-1", "asked for it")
    place.clock.later = timedelta(minutes=2)
    await place.keep(b"nor this, which came later")
    await place.vault.turn()
    assert (await left.person(LEDGER, "a-1")).final
    (newest, *_), keys = await place.kept(), await place.keys()
    assert len(keys) == 3
    await place.people.recover()
    assert (await place.kept(), await place.keys()) == ([newest], [f"rejected/{newest}"])
    assert not (await place.people.person(LEDGER, "a-1")).final  # a copy of the vault has the keys
    await place.vault.turn()
    assert (await place.people.person(LEDGER, "a-1")).final


@pytest.fixture(scope="module")
def server() -> Iterator[Nats]:
    with running_nats() as running:
        yield running


async def test_of_many_messages_refused_over_nats_during_an_erasure_none_is_left(
    database: Database, server: Nats, tmp_path: Path
) -> None:
    async with site(database, server, tmp_path) as ledger:
        profile = {"kind": "person", "profile": {"name": "Ada"}}
        await ledger.nats.send(event("actor.registered", "actor/a-1", **profile))
        sent = []
        for number in range(60):
            misfit = event("actor.updated", "actor/a-1", **profile, bogus=number)
            sent.append(asyncio.create_task(ledger.nats.send(misfit)))
            await asyncio.sleep(0.002)
            if number == 20:
                path = f"/v1/ledgers/{LEDGER}/people/a-1"
                erasing = asyncio.create_task(ledger.http.delete(path, params={"basis": "asked"}))
        assert {answer.json["status"] for answer in await asyncio.gather(*sent)} == {422}
        assert (await erasing).status_code == 200
        assert (await ledger.http.get(f"/v1/ledgers/{LEDGER}/rejected")).json()["rejected"] == []
