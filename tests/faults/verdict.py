"""The end of every fault test: everything that must hold of the log, checked from outside."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults import checkpoints, outside
from tests.faults.book import Book
from tests.faults.system import System

Record = Callable[[str, object], None]  # pytest's record_property: figures for the summary of the run


async def verify(system: System, book: Book) -> outside.Log:
    """Nothing acknowledged lost or doubled; log, proof, checkpoints, history, people and stream whole."""
    system.check_alive()
    log = outside.read(system.superuser, book.ledger)
    outside.check_order(log)
    outside.check_lines(log)
    outside.check_proof(log)
    outside.check_receipts(log, book)
    outside.check_history(log, system.ledgers()().values(), system.token)
    outside.check_tiles(log, system.nodes["ledger-a"].url, system.token)
    outside.check_directory(log, book, system.nodes["ledger-b"].url, system.token)
    newest = await checkpoints.check(system, book, log)
    await asyncio.gather(
        outside.check_stream(log, system.nats.url),
        _locus_verify(system, book, newest, system.database),
        _locus_verify(system, book, newest, system.nodes["ledger-b"].url),
    )
    return log


async def _locus_verify(system: System, book: Book, newest: str, target: str) -> None:
    """As an auditor runs it: with the keys, and the checkpoints kept while it all went on."""
    key, witness = system.vkeys(checkpoints.read(newest, system).origin)
    kept = checkpoints.kept_files(system, book)
    against = ["--key", key, "--witness", witness, *[f"--checkpoint={path}" for path in kept]]
    command = ["verify", target, "--ledger", book.ledger, *against]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.cli", *command,
        env=os.environ | {"LOCUS_TOKEN": system.token, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await child.communicate()
    assert child.returncode == 0, f"locus verify {target}: {said.decode()}"
