"""How far the views are behind their ledgers, in entries and in time: for metrics and for health."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import structlog
from prometheus_client import Gauge

from services.platform.database import sql
from services.projections.connection import LOST

_SQL = "services.projections"
_LOOK = 2.0  # seconds between two looks
_log = structlog.get_logger(__name__)
_BEHIND = Gauge("locus_views_behind_entries", "Entries of a ledger not yet in its views", ["ledger"])
_SECONDS = Gauge(
    "locus_views_behind_seconds", "How long the oldest entry not yet in the views has waited", ["ledger"]
)
_PARKED = Gauge("locus_views_parked_entries", "Entries of a ledger the views could not take", ["ledger"])


class Lag(NamedTuple):
    """One ledger's: entries not taken yet, how long the oldest has waited, entries that are parked."""

    ledger: str
    entries: int
    seconds: float
    parked: int


async def lags(pool: asyncpg.Pool) -> list[Lag]:
    """Of every ledger there is."""
    return [await _lag(pool, row) for row in await pool.fetch(sql(_SQL, "lags"))]


async def _lag(pool: asyncpg.Pool, row: asyncpg.Record) -> Lag:
    behind = max(row["head"] - row["position"], 0)
    waited = await pool.fetchval(sql(_SQL, "lag_seconds"), row["ledger"], row["position"]) if behind else 0.0
    return Lag(row["ledger"], behind, max(waited or 0.0, 0.0), row["parked"])


class Watch:
    """The lags as last seen, and in the metrics."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._seen: Sequence[Lag] = ()

    def worst(self) -> dict[str, float]:
        """For health: the largest over all ledgers, which it does not name."""
        return {
            "behind_entries": max((lag.entries for lag in self._seen), default=0),
            "behind_seconds": round(max((lag.seconds for lag in self._seen), default=0.0), 3),
            "parked_entries": sum(lag.parked for lag in self._seen),
        }

    async def look(self) -> None:
        """Look once."""
        self._seen = await lags(self._pool)
        for lag in self._seen:
            _BEHIND.labels(lag.ledger).set(lag.entries)
            _SECONDS.labels(lag.ledger).set(lag.seconds)
            _PARKED.labels(lag.ledger).set(lag.parked)

    async def keep_looking(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except LOST as error:
                _log.warning("lags not read", reason=repr(error))
            except Exception:  # noqa: BLE001 — told, and no reason to look no more
                _log.exception("lags not read")
            await asyncio.sleep(_LOOK)


@asynccontextmanager
async def watching(pool: asyncpg.Pool) -> AsyncIterator[Watch]:
    """A watch that looks by itself while the context lasts."""
    watch = Watch(pool)
    task = asyncio.create_task(watch.keep_looking())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
