"""Whether the views rest on the whole log, and equal a rebuild of it."""

from typing import NamedTuple

import psycopg

from services.platform import database
from services.projections import generations, swap
from services.projections.connection import pool, tenant
from tests.faults.outside import Log
from tests.faults.system import System, until


class Standing(NamedTuple):
    """A generation, and how far it is."""

    generation: int
    position: int
    root: bytes
    serving: bool
    alarm: str | None
    difference: str | None


def standings(system: System, ledger: str) -> list[Standing]:
    """Every generation of a ledger, the oldest first."""
    question = (
        "SELECT generation, position, root, serving, alarm, difference FROM projections.generations"
        " WHERE ledger = %s ORDER BY generation"
    )
    with psycopg.connect(system.superuser) as connection:
        return [Standing(*row) for row in connection.execute(question, [ledger]).fetchall()]


def reached(system: System, ledger: str) -> int:
    """The position that the views served rest on; 0 if there are none."""
    return max((one.position for one in standings(system, ledger) if one.serving), default=0)


def leased(system: System, ledger: str, worker: str) -> bool:
    """Whether this worker process has taken the ledger's views up."""
    child = system.process(worker).child
    assert child is not None
    question = "SELECT EXISTS (SELECT FROM projections.leases WHERE ledger = %s AND holder LIKE %s)"
    with psycopg.connect(system.superuser) as connection:
        found = connection.execute(question, [ledger, f"%/{child.pid}/%"]).fetchone()
    return found == (True,)


async def check_views(system: System, log: Log) -> None:
    """The rows served rest on the whole log, nothing is parked, and rows built anew come to the same."""
    before = await _served(system, log, newest=False)
    assert before.root == log.root
    assert await _parked(system, log.ledger) == 0
    digests = await _digests(system, log, before.generation)
    assert digests, "there are no rows"
    async with pool(system.database, 2) as projector, tenant(projector, log.ledger) as connection:
        anew = await generations.begin(connection, log.ledger)
    after = await _served(system, log, newest=True)
    assert (after.generation, after.root) == (anew, log.root)
    assert await _digests(system, log, anew) == digests


async def _served(system: System, log: Log, *, newest: bool) -> Standing:
    """The generation served, once it is as far as the log and, if asked for, no other is being built."""
    found: list[Standing] = []

    def done() -> bool:
        found[:] = standings(system, log.ledger)
        told = [(one.alarm, one.difference) for one in found if one.alarm or one.difference]
        assert not told, f"the views have stopped: {told}"
        served = [one for one in found if one.serving and one.position == len(log.entries)]
        return bool(served) and (not newest or len(found) == 1)

    await until(done, f"the views have come to position {len(log.entries)}")
    return next(one for one in found if one.serving)


async def _parked(system: System, ledger: str) -> int:
    connection = await database.connect(system.database, "postgres")
    try:
        return int(
            await connection.fetchval("SELECT count(*) FROM projections.parked WHERE ledger = $1", ledger)
        )
    finally:
        await connection.close()


async def _digests(system: System, log: Log, generation: int) -> dict[str, swap.Digest]:
    connection = await database.connect(system.database, "postgres")
    try:
        return await swap.digests(connection, log.ledger, generation, len(log.entries))
    finally:
        await connection.close()
