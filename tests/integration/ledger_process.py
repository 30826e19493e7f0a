"""Real ledger processes, as `locus ledger serve` starts them."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tests.conftest import Database

_PATIENCE = 20.0


@asynccontextmanager
async def serving(
    database: Database, *arguments: str, kind: str = "ledger", **environment: str
) -> AsyncGenerator[str]:
    """A process that serves; its address. Ended by SIGTERM, and it has to end."""
    environment.setdefault("LOCUS_VAULT_KEYS", str(database.keys))
    process = await started(kind, "serve", *arguments, LOCUS_DATABASE_URL=database.url, **environment)
    try:
        yield await address(process)
    finally:
        await ended(process)


async def started(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """A `locus` process; its standard output is ours to read."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        *arguments,
        env={**os.environ, "LOCUS_LOG_LEVEL": "warning", **environment},
        stdout=asyncio.subprocess.PIPE,
    )


async def address(process: asyncio.subprocess.Process) -> str:
    """Where it says that it listens."""
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE):
        while line := await process.stdout.readline():
            if line.startswith(b"listening "):
                return line.split()[1].decode()
    raise AssertionError("the process ended before it listened")


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ask it to stop, and see that it does."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        raise
