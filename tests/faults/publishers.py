"""Publishers that retry until they have an answer, as every publisher should, and remember all of them."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.faults.book import Book
from tests.faults.checkpoints import keeping
from tests.faults.events import HOT, Author, Unit, altered
from tests.faults.system import System

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PATIENCE = 2.0  # seconds until an attempt is given up; whether it was recorded is then unknown
LONGEST = 45.0  # seconds of retries after which the system counts as broken
Addresses = Callable[[], Mapping[str, str]]  # the ledger processes' names and where they listen by now


class WrongAnswerError(Exception):
    """A publisher was told something that no fault excuses."""


class Publisher:
    """Publishes for ever, to whichever of its nodes answers."""

    def __init__(
        self, book: Book, addresses: Addresses, client: httpx.AsyncClient, name: str, seed: str
    ) -> None:
        self._book = book
        self._addresses = addresses
        self._client = client
        self._random = random.Random(f"publisher {seed}")
        self.author = Author(name, seed)

    async def run(self, stop: asyncio.Event, pause: float) -> None:
        """New facts, retries, conflicts and batches until told to stop; leaves none without an answer."""
        acts = [self._new, self._batch, self._retry, self._contest, self._contest_whole, self._steal]
        while not stop.is_set():
            (act,) = self._random.choices(acts, weights=[50, 10, 15, 15, 5, 5])
            await act()
            await asyncio.sleep(self._random.uniform(0, pause))

    async def publish(self, unit: Unit, *, doubt: bool = False) -> bool:
        """Publish until there is an answer; `doubt`: the caller has tried before.

        False: it was refused because of its expected version.
        """
        self._book.send(unit)
        return await self._until_answered(unit, doubt=doubt)

    async def again(self, unit: Unit) -> None:
        """Publish once more what was acknowledged, as if its receipt had been lost."""
        await self._until_answered(unit)

    async def _new(self) -> None:
        await self.publish(self.author.lone())

    async def _batch(self) -> None:
        await self.publish(self.author.batch())

    async def _contest(self) -> None:
        subject = self._random.choice(HOT)
        await self.publish(self.author.contested(subject, self._book.versions.get(subject, 0)))

    async def _contest_whole(self) -> None:
        subject = self._random.choice(HOT)
        await self.publish(self.author.contested_batch(subject, self._book.versions.get(subject, 0)))

    async def _retry(self) -> None:
        if self._book.acknowledged:
            await self.again(self._random.choice(self._book.acknowledged))

    async def _steal(self) -> None:
        """An identity that is taken, for other content: it must be told so."""
        if not self._book.acknowledged:
            return
        node, answer = await self.attempt(altered(self._random.choice(self._book.acknowledged)))
        if answer is None or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return
        if _slug(answer) != "identity-taken":
            raise WrongAnswerError(f"{node} about other content under a known identity: {answer.text}")

    async def _until_answered(self, unit: Unit, *, doubt: bool = False) -> bool:
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            node, answer = await self.attempt(unit)
            if answer is None:
                self._book.unanswered += 1
                doubt = True
                await asyncio.sleep(self._random.uniform(0.02, 0.1))
            elif answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                self._book.told_to_wait += 1
                doubt = True  # it "always means retry, same id", not that nothing was recorded
                await asyncio.sleep(self._random.uniform(0.02, 0.1))
            else:
                return self._settle(unit, node, answer, doubt=doubt)
        raise WrongAnswerError(f"nobody has answered {unit[0]['id']} for {LONGEST:.0f} seconds")

    def _settle(self, unit: Unit, node: str, answer: httpx.Response, *, doubt: bool) -> bool:
        if answer.status_code in (httpx.codes.OK, httpx.codes.CREATED):
            self._book.keep(unit, _receipts(answer.json()), doubt=doubt, node=node, at=time.monotonic())
            return True
        if _slug(answer) == "version-mismatch" and any("expectedversion" in event for event in unit):
            self._book.refuse(unit)
            return False
        raise WrongAnswerError(f"{answer.status_code} from {node}: {answer.text}")

    async def attempt(self, unit: Unit) -> tuple[str, httpx.Response | None]:
        """One request to one node, and its answer if there was one."""
        node, address = self._random.choice(list(self._addresses().items()))
        body: Any = unit if len(unit) > 1 else unit[0]
        kind = BATCH if len(unit) > 1 else STRUCTURED
        try:
            return node, await self._client.post(
                f"{address}/v1/ledgers/{self._book.ledger}/events", json=body, headers={"content-type": kind}
            )
        except httpx.TransportError:
            return node, None


def _receipts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    receipts: list[dict[str, Any]] = answer.get("receipts", [answer])
    return receipts


def _slug(answer: httpx.Response) -> str:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return ""
    return str(answer.json().get("type", "")).rpartition(":")[2]


def connected(token: str, patience: float = PATIENCE) -> httpx.AsyncClient:
    """A client for publishers, with the token."""
    return httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=patience)


@asynccontextmanager
async def publishing(
    system: System, book: Book, nodes: Sequence[Addresses], seed: str, pause: float = 0.01
) -> AsyncIterator[None]:
    """Load from one publisher for each of `nodes`; on leaving, each has the answer to its last event.

    Every checkpoint served meanwhile is kept. Each publisher rests for at most `pause` seconds between two
    acts. A wrong answer ends the block with an exception group.
    """
    stop = asyncio.Event()
    async with connected(system.token) as client:
        crew = [Publisher(book, where, client, f"p{n}", f"{seed} {n}") for n, where in enumerate(nodes)]
        await crew[0].publish(crew[0].author.foundation())
        async with asyncio.TaskGroup() as group:
            for publisher in crew:
                group.create_task(publisher.run(stop, pause))
            group.create_task(keeping(system, book, stop))
            try:
                yield
            finally:
                stop.set()
