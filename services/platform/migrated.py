"""Whether a database has the migrations that this program needs, and which it has that are newer."""

import asyncio
from contextlib import suppress
from functools import cache

import asyncpg
import structlog

from services.platform.database import migrations, sql
from services.platform.problems import UNAVAILABLE, Problem

# What a statement meets in a database of another version.
UNMIGRATED = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)
CURE = "run locus migrate; if it has nothing to do, update this process"
_TOLD = "the database lacks what this version needs, as before `locus migrate`, or after a newer one"
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_LOOK = 1.0  # seconds between two looks at a database that is not ready for us
_log = structlog.get_logger(__name__)


def problem() -> Problem:
    """What is answered meanwhile."""
    hint = "its operator has to run locus migrate, or to update this service; then retry the same"
    return Problem(UNAVAILABLE, _TOLD, hint=hint, headers={"retry-after": "30"})


class Unmigrated(Exception):
    """The database lacks migrations: its owner runs `locus migrate`."""


async def check(pool: asyncpg.Pool) -> None:
    """For the health check: raises Unmigrated. Whether the database answers at all is for another check."""
    with suppress(*_AWAY):
        await newer(pool)


async def until_migrated(pool: asyncpg.Pool) -> None:
    """Come back once the database has what we need, and say in a line what it lacks till then."""
    lacks = away = ""
    while True:
        try:
            unknown = await newer(pool)
            break
        except Unmigrated as error:
            if lacks != str(error):
                lacks = str(error)
                _log.error("the database lacks migrations", missing=lacks, cure="run locus migrate")
        except _AWAY as error:
            if away != repr(error):
                away = repr(error)
                _log.warning("whether the database is migrated is not known yet", reason=away)
        await asyncio.sleep(_LOOK)
    if lacks:
        _log.info("the database has the migrations it lacked")
    if unknown:
        _log.warning(
            "the database was migrated by a newer Locus", unknown=unknown, cure="update this process"
        )


async def newer(pool: asyncpg.Pool) -> list[str]:
    """The migrations that were applied and are not known here. Raises Unmigrated if any is missing."""
    try:
        applied = {row[0] for row in await pool.fetch(sql("services.platform", "migrated"))}
    except UNMIGRATED:
        raise Unmigrated("since before Locus could tell which") from None
    if missing := [name for name in _known() if name not in applied]:
        raise Unmigrated(", ".join(missing))
    return sorted(applied.difference(_known()))


@cache
def _known() -> tuple[str, ...]:
    return tuple(name for name, _ in migrations())
