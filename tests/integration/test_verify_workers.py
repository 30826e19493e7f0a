"""`locus verify` as a program of its own, which has processes beside it: what they find, and how they end."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.integration.ledger_site import BATCH, EVENTS, LEDGER, made, site
from tests.integration.test_verify import replaced, tamper

MANY = min(len(os.sched_getaffinity(0)), 8) if sys.platform == "linux" else 1
pytestmark = [
    pytest.mark.skipif(MANY < 2, reason="there are no workers here"),
    pytest.mark.timeout(90, method="signal"),  # one that hangs fails, and does not take others with it
]
ENTRIES = 5_000  # more than two stretches


@pytest.fixture
async def ledger(database: Database) -> Database:
    """A ledger of some thousand entries."""
    async with site(database) as client:
        for _ in range(ENTRIES // 250):
            body = json.dumps([made() for _ in range(250)])
            assert (await client.post(EVENTS, headers=BATCH, content=body)).status_code == 201
    return database


def _heeds_interrupts() -> None:
    """Where the tests run in the background, they and what they start would not hear of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def started(database: Database, *more: str) -> asyncio.subprocess.Process:
    command = ("-m", "services.cli", "verify", database.url, "--ledger", LEDGER, *more)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=pipe, stderr=pipe, preexec_fn=_heeds_interrupts
    )


async def verified(database: Database) -> tuple[int | None, dict[str, object]]:
    program = await started(database, "--json")
    said, told = await program.communicate()
    assert not told, told.decode()
    return program.returncode, json.loads(said)


def places(report: dict[str, object]) -> list[tuple[int, str]]:
    faults = report["faults"]
    assert isinstance(faults, list)
    return [(fault["position"], fault["kind"]) for fault in faults]


async def test_all_of_a_right_log_is_read_and_each_wrong_place_in_another_is_named(ledger: Database) -> None:
    code, report = await verified(ledger)
    assert (code, report["verdict"], report["entries"]) == (0, "right", ENTRIES)
    await tamper(
        ledger,
        replaced(4_600, '"parts":2', '"parts":3'),
        "UPDATE ledger.entries SET type = 'locus.decision.opened.v1' WHERE position = 2100",
        "DELETE FROM ledger.mentions WHERE kind = 'actor' AND position = 2049",
        "DELETE FROM ledger.mentions WHERE kind = 'actor' AND position = 2048",
    )
    code, report = await verified(ledger)
    assert code == 1
    found = places(report)
    assert found[:3] == [(2_048, "mention"), (2_049, "mention"), (2_100, "column")], report
    assert {place for place, _ in found[3:]} == {4_600}, report


async def test_what_is_missing_around_a_cut_is_named_by_its_first_and_last_position(ledger: Database) -> None:
    await tamper(ledger, "DELETE FROM ledger.entries WHERE position BETWEEN 2000 AND 4200")
    _, report = await verified(ledger)
    faults = report["faults"]
    assert isinstance(faults, list)
    assert faults[0]["position"] == 2_000
    assert faults[0]["what"] == "position 2000 to 4200 are missing: position 4201 stands here"


async def test_an_entry_that_is_twice_is_named_wherever_its_twin_is(ledger: Database) -> None:
    await tamper(
        ledger,
        "ALTER TABLE ledger.entries DROP CONSTRAINT entries_identity",
        "ALTER TABLE ledger.entries DROP CONSTRAINT entries_subject_version",
        "UPDATE ledger.entries a SET source = b.source, id = b.id, subject = b.subject, entry = convert_to("
        " replace(convert_from(b.entry, 'UTF8'), '\"position\":7,', '\"position\":4700,'), 'UTF8')"
        " FROM ledger.entries b WHERE a.position = 4700 AND b.position = 7",
    )
    _, report = await verified(ledger)
    assert {(4_700, "identity"), (4_700, "version")} <= set(places(report)), report


@pytest.fixture
async def halted(ledger: Database) -> AsyncIterator[asyncio.subprocess.Process]:
    """A check that goes no further: whoever is to examine the entries has been stopped."""
    connection = await ledger.connect()
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE ledger.entries")
            program = await started(ledger)
            async with asyncio.timeout(30):
                # Asleep, they wait for something to do.
                while list(map(state, workers(program))) != ["S"] * MANY:  # noqa: ASYNC110 — nobody tells
                    await asyncio.sleep(0.02)
            for process in workers(program):
                os.kill(process, signal.SIGSTOP)
        yield program
    finally:
        await connection.close()


def workers(program: asyncio.subprocess.Process) -> list[int]:
    """The processes it has started."""
    return [int(one) for one in Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()]


async def test_nothing_outlives_a_check_that_is_killed(halted: asyncio.subprocess.Process) -> None:
    beside = workers(halted)
    halted.kill()
    await halted.communicate()
    assert await all_gone(beside)


async def test_a_check_that_is_interrupted_ends_in_a_word(halted: asyncio.subprocess.Process) -> None:
    beside = workers(halted)
    for process in (*beside, halted.pid):  # as a terminal does; by itself it ends them at once
        os.kill(process, signal.SIGINT)
    said, told = await halted.communicate()
    assert (halted.returncode, said, told.decode().strip()) == (130, b"", "locus: interrupted")
    assert await all_gone(beside)


async def test_a_check_whose_worker_is_killed_could_not_be_made(halted: asyncio.subprocess.Process) -> None:
    beside = workers(halted)
    os.kill(beside[0], signal.SIGKILL)
    said, told = await halted.communicate()
    assert (halted.returncode, said) == (3, b"")
    assert told.decode().strip() == "locus: a process that was to check a part of it has ended"
    assert await all_gone(beside)


async def all_gone(processes: list[int]) -> bool:
    """Within a moment."""
    until = time.monotonic() + 5
    while any(state(one) != "Z" for one in processes):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.02)
    return True


def state(process: int) -> str:
    """One letter, as `ps` has it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
