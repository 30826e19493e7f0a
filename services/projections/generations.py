"""Generations: whole sets of rows, each with its checkpoint. One is served, another may grow beside it."""

from datetime import datetime
from typing import NamedTuple

from services.platform.database import sql
from services.platform.merkle import EMPTY_ROOT, Frontier
from services.projections.connection import Connection
from services.projections.feed import Fed, LedgerDivergedError, feed
from services.projections.leases import Lease, LeaseLostError

FACTS_VERSION = 4  # raise it when the same entries lead to other rows: new ones are built beside the old
_SQL = "services.projections"


class GenerationGoneError(Exception):
    """The generation was replaced and dropped: there is nothing left to do for it."""


class Checkpoint(NamedTuple):
    """How far a generation has come: every entry up to `position` is in its rows."""

    position: int
    recorded: datetime | None
    frontier: Frontier


class Generation(NamedTuple):
    """One set of rows, its version of the facts, and whether readers are given it."""

    generation: int
    facts_version: int
    serving: bool
    agreed: bool
    position: int
    alarm: str | None
    difference: str | None


async def all_of(connection: Connection, ledger: str) -> list[Generation]:
    """A ledger's generations, the oldest first."""
    return [Generation(*row) for row in await connection.fetch(sql(_SQL, "generations"), ledger)]


async def ensure(connection: Connection, ledger: str) -> None:
    """See to it that a generation of this version exists: the first is served at once, others grow beside."""
    await connection.execute(sql(_SQL, "generation_ensure"), ledger, FACTS_VERSION, EMPTY_ROOT)


async def begin(connection: Connection, ledger: str) -> int:
    """Begin a new generation beside those there are; gives its number. Workers take it up by themselves."""
    number: int = await connection.fetchval(sql(_SQL, "generation_begin"), ledger, FACTS_VERSION, EMPTY_ROOT)
    return number


async def checkpoint(connection: Connection, ledger: str, generation: int) -> Checkpoint:
    """Where a generation stands. GenerationGoneError if there is none."""
    row = await connection.fetchrow(sql(_SQL, "checkpoint"), ledger, generation)
    if row is None:
        raise GenerationGoneError(f"{ledger} has no generation {generation}")
    frontier = Frontier.from_bytes(row["position"], row["frontier"])
    return Checkpoint(row["position"], row["recorded"], frontier)


async def compare(connection: Connection, ledger: str, at: Checkpoint) -> None:
    """LedgerDivergedError unless the ledger still holds what was read: after a restore it may not."""
    if at.position == 0:
        return
    page = await feed(connection, ledger, at.position - 1, 1)
    if not page:
        raise LedgerDivergedError(f"position {at.position} was read before; the ledger ends sooner")
    if page[0].root is not None and page[0].root != at.frontier.root():
        raise LedgerDivergedError(f"the root at position {at.position} is not the one that was read")


async def advance(connection: Connection, lease: Lease, old: Checkpoint, new: Checkpoint) -> None:
    """Move the checkpoint on, in the transaction that writes the rows.

    LeaseLostError if the work is another's by now.
    """
    moved = await connection.fetchval(
        sql(_SQL, "checkpoint_advance"),
        *lease,
        old.position,
        new.position,
        new.recorded,
        new.frontier.root(),
        new.frontier.to_bytes(),
    )
    if moved is None:
        raise LeaseLostError(f"{lease.ledger} generation {lease.generation} is worked on by another")


async def keep_roots(connection: Connection, ledger: str, kept: list[tuple[Fed, Frontier]]) -> None:
    """Keep frontiers, so that the root at any position can be told."""
    if kept:
        await connection.execute(
            sql(_SQL, "roots_keep"),
            ledger,
            [fed.position for fed, _ in kept],
            [fed.recorded for fed, _ in kept],
            [frontier.to_bytes() for _, frontier in kept],
        )


async def alarm(connection: Connection, ledger: str, generation: int, text: str | None) -> None:
    """Say, where readers and operators look, why work on a generation has stopped; None: it goes on."""
    await connection.execute(sql(_SQL, "generation_alarm"), ledger, generation, text)
