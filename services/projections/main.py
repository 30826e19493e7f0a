"""Wires the projections' processes: what builds the views, what serves them; and what operators ask for."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from litestar import Litestar

from services.platform import auth, web
from services.platform.settings import Settings, needed
from services.projections import worker
from services.projections.answering import Views
from services.projections.api import READING
from services.projections.connection import pool

_READERS = 8  # connections, each with one question at a time


def app(settings: Settings) -> Litestar:
    """The HTTP service of the views. The database may be away when it starts."""
    url = needed(settings.database_url, "LOCUS_DATABASE_URL")

    @asynccontextmanager
    async def lifespan(site: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            readers = await stack.enter_async_context(pool(url, _READERS))
            site.state.update(
                authenticator=auth.authenticator(readers, seconds=settings.token_cache_seconds),
                views=Views(readers),
            )
            yield

    async def answers() -> None:
        await site.state.views.pool.fetchval("SELECT 1")

    site = web.application("Locus views", [READING], lifespan=lifespan, checks={"database": answers})
    return site


async def work(settings: Settings) -> None:
    """Build and follow the views of every ledger, until cancelled."""
    await worker.work(settings)
