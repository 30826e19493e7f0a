"""One key, two histories: each is whole in itself, and whoever shows both is found out by whoever saw one.

That a log which was rewritten gets no cosignature any more is in tests/integration/test_witness.py; here two
services with two databases sign at the same time, before one witness and two auditors.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.platform import keys
from services.platform.note import Signer
from tests.attacks.served import VKEY, Served, first, served
from tests.conftest import Database, Server, fresh
from tests.integration.ledger_process import address, ended, started


@pytest.fixture
def other(postgres: Server, tmp_path: Path) -> Iterator[Database]:
    """A second database."""
    with fresh(postgres, tmp_path / "other-keys") as database:
        yield database


@pytest.fixture
async def witness(tmp_path: Path) -> AsyncIterator[tuple[Signer, str]]:
    """`locus witness` as a second party runs it; its key, and where it listens."""
    signer = keys.new("witness.example/w1", witness=True)
    keys.write(tmp_path / "witness-key", [signer])
    state = str(tmp_path / "witness-state")
    process = await started(
        "witness", "--key", str(tmp_path / "witness-key"), "--log", str(VKEY), "--state", state
    )
    try:
        yield signer, await address(process)
    finally:
        await ended(process)


async def test_of_two_histories_one_is_cosigned_and_the_other_is_found_out(
    database: Database, other: Database, witness: tuple[Signer, str], tmp_path: Path
) -> None:
    signer, url = witness
    setting = f"{signer.verifier} {url}"
    trusted = ("--key", str(VKEY), "--witness", str(signer.verifier))
    async with (
        served(database, tmp_path / "signed", witnesses=setting) as shown,
        served(other, tmp_path / "other-signed", witnesses=setting) as hidden,
    ):
        await shown.publish(1, 2)
        kept = tmp_path / "kept"
        kept.write_text(await cosigned(shown, 3, signer))
        await hidden.publish(1, 3)
        await hidden.checkpoint(4)
        assert (await shown.verified("", *trusted))[0] == 0

        code, report = await hidden.verified("", *trusted)
        assert (code, first(report)) == (1, (0, None, "checkpoint")), report
        assert "witness" in report["faults"][0]["what"] or "quorum" in report["faults"][0]["what"]
        assert (await hidden.verified("", "--key", str(VKEY)))[0] == 0, "without a witness it would pass"

        code, report = await hidden.verified("", "--key", str(VKEY), "--checkpoint", str(kept))
        assert (code, first(report)) == (1, (1, 3, "checkpoint")), report


async def cosigned(log: Served, size: int, witness: Signer) -> str:
    """The checkpoint of this size once the witness's name is on it."""
    async with asyncio.timeout(20):
        while witness.verifier.name not in (note := await log.checkpoint(size)):  # noqa: ASYNC110 — another process brings it about
            await asyncio.sleep(0.05)
    return note
