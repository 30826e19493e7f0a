"""The worker: follows every ledger of a database, in as many generations as this version keeps."""

import asyncio
import gc
import os
import secrets
import socket
from collections.abc import Iterable
from contextlib import AsyncExitStack

import asyncpg
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.platform import messaging
from services.platform.database import sql
from services.platform.faults import CommitPoints, commit_points, nothing
from services.platform.migrated import until_migrated
from services.platform.settings import Settings, needed
from services.projections import folding, generations
from services.projections.connection import LOST, pool, tenant
from services.projections.follower import Follower
from services.projections.subjects import Room

POLL = 0.02  # seconds between two looks at the heads
LOOK = 1.0  # seconds between two looks at a ledger's generations
PAGE = 5_000  # entries at once while catching up
MEMORY = 96 * 2**20  # bytes of subjects kept in mind, by estimate
_log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """The process: follow every ledger until cancelled, woken by the stream where there is one."""
    # Facts and acts are many and hold no cycles: looking for some takes a third of the time.
    gc.set_threshold(1_000_000, 50, 100)
    holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        url = needed(settings.database_url, "LOCUS_DATABASE_URL")
        points = commit_points(os.environ.get("LOCUS_FAULT"))
        connections = await stack.enter_async_context(pool(url))
        await until_migrated(connections)
        worker = Worker(connections, holder, commit_points=points)
        await stack.enter_async_context(folding.beside())
        if settings.nats_url:
            client = await messaging.connect(settings.nats_url, "locus projections")
            stack.push_async_callback(client.close)
            await woken_by(client, worker)
        await worker.run()


async def woken_by(client: Client, worker: "Worker") -> None:
    """Look at the heads as soon as the relay has published something."""

    async def wake(_: Msg) -> None:
        worker.wake()

    await client.subscribe("locus.events.>", cb=wake)


class Worker:
    """`run` until cancelled. `holder` names this process in leases and must be its own."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        holder: str,
        page: int = PAGE,
        poll: float = POLL,
        commit_points: CommitPoints = nothing,
    ) -> None:
        self._pool, self._holder, self._page, self._poll = pool, holder, page, poll
        self._room = Room(MEMORY)
        self._commit_points = commit_points
        self._heads: dict[str, int] = {}
        self._followers: dict[tuple[str, int], tuple[Follower, asyncio.Task[None]]] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the heads now: something was appended."""
        self._woken.set()

    async def run(self) -> None:
        """Follow every ledger there is or will be."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_generations(tasks))
            await self._watch_heads()

    async def _watch_heads(self) -> None:
        while True:
            try:
                self._tell(await self._pool.fetch(sql("services.projections", "heads")))
            except LOST as error:
                _log.warning("heads not read", reason=repr(error))
                await asyncio.sleep(0.2)
            self._woken.clear()
            try:
                async with asyncio.timeout(self._poll):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _tell(self, heads: Iterable[asyncpg.Record]) -> None:
        self._heads = {row["ledger"]: row["last"] for row in heads}
        for (ledger, _), (follower, _) in self._followers.items():
            follower.head(self._heads.get(ledger, 0))

    async def _watch_generations(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            for ledger in list(self._heads):
                try:
                    for generation in await self._generations(ledger):
                        self._follow(ledger, generation, tasks)
                except LOST as error:
                    _log.warning("generations not read", ledger=ledger, reason=repr(error))
            await asyncio.sleep(LOOK if self._heads else self._poll)

    async def _generations(self, ledger: str) -> list[int]:
        async with tenant(self._pool, ledger) as connection:
            await generations.ensure(connection, ledger)
            found = await generations.all_of(connection, ledger)
        return [it.generation for it in found if it.facts_version == generations.FACTS_VERSION]

    def _follow(self, ledger: str, generation: int, tasks: asyncio.TaskGroup) -> None:
        if (ledger, generation) in self._followers:
            return
        follower = Follower(
            self._pool, ledger, generation, self._holder, self._page, self._room, self._commit_points
        )
        task = tasks.create_task(follower.run(), name=f"{ledger}/{generation}")
        self._followers[ledger, generation] = follower, task
        follower.head(self._heads.get(ledger, 0))
