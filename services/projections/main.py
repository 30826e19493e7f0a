"""Wires what serves the views, and what operators ask of them."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import structlog
from litestar import Litestar
from litestar.types import ASGIApp

from services.platform import auth, limits, migrated, oidc, web
from services.platform.accesses import Accesses
from services.platform.lifetime import background
from services.platform.settings import Settings, SettingsError, needed
from services.projections import generations, rebuilding
from services.projections import parked as parking
from services.projections.answering import Views
from services.projections.api import READING
from services.projections.aside import aside
from services.projections.connection import pool, tenant
from services.projections.feed import feed
from services.projections.knots.settings import Settings as Thresholds
from services.projections.lags import watching
from services.projections.live_http import lives
from services.projections.parked import ParkedEntry
from services.projections.rebuilding import Come
from services.projections.views.ground import UnknownLedgerError

_READERS = 8  # connections, each with one question at a time
_log = structlog.get_logger(__name__)


def app(settings: Settings) -> ASGIApp:
    """The HTTP service of the views."""
    url, issuer, limiter = _database(settings), oidc.verifier(settings), limits.limiter(settings)
    thresholds = _thresholds(settings)

    @asynccontextmanager
    async def lifespan(site: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            readers = await stack.enter_async_context(pool(url, _READERS))
            await stack.enter_async_context(background(migrated.until_migrated(readers)))
            views = Views(readers, await stack.enter_async_context(aside(url, thresholds)), thresholds)
            site.state.update(
                accesses=await stack.enter_async_context(Accesses(readers)),
                authenticator=auth.authenticator(
                    readers, seconds=settings.token_cache_seconds, issuer=issuer
                ),
                limiter=limiter,
                views=views,
                lives=await stack.enter_async_context(lives(readers, views.structures)),
                lags=await stack.enter_async_context(watching(readers)),
            )
            yield

    async def answers() -> None:
        await site.state.views.pool.fetchval("SELECT 1")

    async def fits() -> None:
        await migrated.check(site.state.views.pool)

    def behind() -> dict[str, float]:
        worst: dict[str, float] = site.state.lags.worst()
        return worst

    checks = {"database": answers, "migrations": fits}
    site = web.application("Locus views", [READING], lifespan=lifespan, checks=checks, report=behind)
    return web.headed(web.accounted(site))


async def rebuild(settings: Settings, ledger: str, *, sign_off: str | None, come: Come) -> None:
    """Build a ledger's views anew beside the old; `sign_off` says why they may differ. RebuildError.

    `come(position, head)` is told how far it has come.
    """
    async with pool(_database(settings), 1) as connections:
        if sign_off is not None:
            _log.info("rebuild may differ", ledger=ledger, reason=sign_off)
        await rebuilding.rebuild(connections, ledger, sign_off=sign_off is not None, come=come)


async def parked(settings: Settings, ledger: str) -> list[ParkedEntry]:
    """The entries the views could not take. UnknownLedgerError if the views know no such ledger."""
    async with pool(_database(settings), 1) as connections, tenant(connections, ledger) as connection:
        if not await generations.all_of(connection, ledger):
            raise UnknownLedgerError(ledger)
        return await parking.entries(connection, ledger)


async def parked_entry(settings: Settings, ledger: str, position: int) -> tuple[ParkedEntry, bytes] | None:
    """One of them, and the entry as it is stored; None if nothing is parked there."""
    async with pool(_database(settings), 1) as connections, tenant(connections, ledger) as connection:
        entries = await parking.entries(connection, ledger)
        found = next((entry for entry in entries if entry.position == position), None)
        if found is None:
            return None
        return found, (await feed(connection, ledger, position - 1, 1))[0].entry


async def skip(settings: Settings, ledger: str, position: int) -> bool:
    """Let a parked entry be. False if it is not parked."""
    async with pool(_database(settings), 1) as connections, tenant(connections, ledger) as connection:
        return await parking.skip(connection, ledger, position)


def _thresholds(settings: Settings) -> Thresholds:
    """Those of knots; SettingsError for what says none."""
    try:
        return msgspec.json.decode(settings.knots or "{}", type=Thresholds)
    except msgspec.DecodeError as error:
        raise SettingsError(f"LOCUS_KNOTS: {error}; write one JSON object of thresholds") from None


def _database(settings: Settings) -> str:
    return needed(settings.database_url, "LOCUS_DATABASE_URL")
