"""Publishers: their names, who of an issuer they are, and what they may ask for at once."""

from collections.abc import Sequence

import asyncpg

from services.platform.database import sql

_HOME = "services.platform"
_LONGEST = 200  # bytes


class BadName(ValueError):
    """Something that cannot be kept of a publisher; the message says what to mend."""


def fit(what: str, given: str) -> str:
    """The text, if it can be shown to people and kept for ever: no control characters, no blanks around."""
    if not given:
        raise BadName(f"{what} is empty; give one")
    if given != given.strip() or not given.isprintable():
        raise BadName(
            f"{what} {given!r} has blanks around it or characters that cannot be seen; leave them out"
        )
    if len(given.encode()) > _LONGEST:
        raise BadName(f"{what} is longer than {_LONGEST} bytes; shorten it")
    return given


async def add(
    connection: asyncpg.Connection,
    publisher: str,
    *,
    issuer: str,
    subject: str,
    scopes: Sequence[str],
    ledgers: Sequence[str],
    sources: Sequence[str],
) -> None:
    """A subject of an issuer becomes a publisher. BadName: the subject is another publisher already."""
    given = fit("the name", publisher), fit("the issuer", issuer), fit("the subject", subject)
    try:
        await connection.execute(
            sql(_HOME, "add_publisher"),
            *given,
            list(scopes),
            [fit("the ledger", one) for one in ledgers],
            [fit("the source", one) for one in sources],
        )
    except asyncpg.UniqueViolationError:
        raise BadName(
            f"{subject!r} of {issuer} is another publisher already; remove that one first"
        ) from None


async def remove(connection: asyncpg.Connection, publisher: str) -> bool:
    """Whether there was one; processes notice when their short cache runs out."""
    status: str = await connection.execute(sql(_HOME, "remove_publisher"), publisher)
    return status != "DELETE 0"


async def limit(
    connection: asyncpg.Connection,
    publisher: str,
    *,
    body: int | None,
    rate: float | None,
    burst: int | None,
    in_flight: int | None,
) -> None:
    """What a publisher may ask for at once; None: what the process's settings say."""
    name = fit("the name", publisher)
    await connection.execute(sql(_HOME, "set_limits"), name, body, rate, burst, in_flight)


async def listed(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Publishers by subject of an issuer, and those with limits of their own."""
    return await connection.fetch(sql(_HOME, "list_publishers"))
