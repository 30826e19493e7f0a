"""A bulk load whose client does nothing: it is let go, unless it may be waiting for us."""

import asyncio
import json
from typing import Any

import pytest

from schemas import Receipt
from services.ledger import http_bulk
from services.ledger.submission import Judge
from services.platform.problems import Problem

LINE = b"{}\n"  # which is no event


class Client:
    """One that sends these pieces, and nothing after them; what it was answered."""

    def __init__(self, *pieces: bytes, pause: float = 0.0, takes: int = 1_000_000) -> None:
        self._pieces = list(pieces)
        self._pause = pause
        self._takes = takes
        self.told: list[dict[str, Any]] = []

    async def receive(self) -> Any:
        await asyncio.sleep(self._pause if self._pieces else 3_600)
        return {"type": "http.request", "body": self._pieces.pop(0), "more_body": True}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            if self._takes == 0:
                await asyncio.sleep(3_600)
            self._takes -= 1
            self.told += [json.loads(line) for line in message["body"].splitlines()]


async def uploaded(client: Client, submits: float = 0.0) -> None:
    """An upload of this client's; recording a window takes a while."""

    class Recording:
        async def submit_each(self, *_: object) -> list[Receipt]:
            await asyncio.sleep(submits)
            return []

    async def permitted() -> Judge:
        return lambda _: None

    async def pace(_: int) -> None:
        """At once."""

    bulk = http_bulk.Bulk(Recording(), "acme", "forge", permitted, pace)  # type: ignore[arg-type] — as much as is needed
    async with asyncio.timeout(10):
        await bulk.run(client.receive, client.send)


async def test_an_upload_that_sends_nothing_is_ended_and_a_slow_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_bulk, "_SILENCE", 0.2)
    with pytest.raises(Problem) as raised:
        await uploaded(Client())
    assert raised.value.kind.status == 408
    slow = Client(*[b'{"specversion":'] * 8, LINE, pause=0.05)
    await uploaded(slow)
    assert [one["status"] for one in slow.told] == [400, 408]


async def test_an_upload_that_waits_for_us_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_bulk, "_SILENCE", 0.1)
    client = Client(LINE)
    begun = asyncio.get_running_loop().time()
    await uploaded(client, submits=0.5)
    assert asyncio.get_running_loop().time() - begun > 0.5
    assert [one["status"] for one in client.told] == [422, 408]


async def test_an_upload_that_takes_no_answers_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_bulk, "_SILENCE", 0.2)
    monkeypatch.setattr(http_bulk, "_FAREWELL", 0.1)
    client = Client(*[LINE] * 200, takes=1)
    await uploaded(client)
    assert len(client.told) == 1
