"""Wires what serves the views, and what operators ask of them."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar
from litestar.types import ASGIApp

from services.platform import auth, limits, oidc, web
from services.platform.accesses import Accesses
from services.platform.settings import Settings, needed
from services.projections import parked as parking
from services.projections import rebuilding
from services.projections.answering import Views
from services.projections.api import READING
from services.projections.connection import pool, tenant

_READERS = 8  # connections, each with one question at a time
_log = structlog.get_logger(__name__)


def app(settings: Settings) -> ASGIApp:
    """The HTTP service of the views."""
    url, issuer, limiter = _database(settings), oidc.verifier(settings), limits.limiter(settings)

    @asynccontextmanager
    async def lifespan(site: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            readers = await stack.enter_async_context(pool(url, _READERS))
            site.state.update(
                accesses=await stack.enter_async_context(Accesses(readers)),
                authenticator=auth.authenticator(
                    readers, seconds=settings.token_cache_seconds, issuer=issuer
                ),
                limiter=limiter,
                views=Views(readers),
            )
            yield

    async def answers() -> None:
        await site.state.views.pool.fetchval("SELECT 1")

    site = web.application("Locus views", [READING], lifespan=lifespan, checks={"database": answers})
    return web.accounted(site)


async def rebuild(settings: Settings, ledger: str, *, sign_off: str | None) -> None:
    """Build a ledger's views anew beside the old; `sign_off` says why they may differ. RebuildError."""
    async with pool(_database(settings), 1) as connections:
        if sign_off is not None:
            _log.info("rebuild may differ", ledger=ledger, reason=sign_off)
        await rebuilding.rebuild(connections, ledger, sign_off=sign_off is not None)


async def parked(settings: Settings, ledger: str) -> list[dict[str, Any]]:
    """The entries the views could not take: position, subject, error, parked_at, skipped."""
    async with pool(_database(settings), 1) as connections, tenant(connections, ledger) as connection:
        return [
            {
                "position": entry.position,
                "subject": entry.subject,
                "error": entry.error,
                "parked_at": entry.parked,
                "skipped": entry.skipped,
            }
            for entry in await parking.entries(connection, ledger)
        ]


def _database(settings: Settings) -> str:
    return needed(settings.database_url, "LOCUS_DATABASE_URL")
