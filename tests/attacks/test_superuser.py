"""Whoever may do everything in the database, before the ledger's service and `locus verify`.

Single changes (a byte, two swapped, the tail, instants, columns, commits, tiles) are in
tests/integration/test_verify.py; here everything in the database is made to fit the lie.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.platform.checkpoint import Checkpoint
from services.platform.merkle import Frontier, leaf_hash
from services.platform.note import Note, Signer, signed
from tests.attacks.served import KEY, ORIGIN, VKEY, Served, first, replacing, rewrite, served
from tests.conftest import Database
from tests.integration.ledger_site import LEDGER

DIFFERENT = "two trees of 7 leaves have different roots|the proof is not about the root of the tree of 7"
FORGED = replacing(b'"parts":2', b'"parts":3')


@pytest.fixture
async def ledger(database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    """Seven entries in five commits; all of them signed, the first five kept by an auditor."""
    async with served(database, tmp_path / "signed") as running:
        await running.publish(1, 1, 3)
        (tmp_path / "kept").write_text(await running.checkpoint(5))
        await running.publish(1, 1)
        await running.checkpoint(7)
        yield running


@pytest.mark.parametrize("position", [1, 6])
async def test_a_rewrite_without_the_key_is_named_by_the_checkpoint_and_halts_the_ledger(
    ledger: Served, position: int
) -> None:
    """The checkpoint in the database is enough; the process compares with the one outside of it."""
    await rewrite(ledger.database, {position: FORGED})
    code, report = await ledger.verified()
    assert (code, first(report)) == (1, (1, 7, "checkpoint")), report
    await publishes_until_halted(ledger, DIFFERENT)


async def publishes_until_halted(ledger: Served, why: str) -> None:
    """The signer looks at each new head: the first event after the change may get in, no checkpoint."""
    kept = ledger.signed.read_text()
    await ledger.publishing()
    await ledger.health(503)
    status, problem = await ledger.publishing()
    assert (status, problem["type"]) == (503, "urn:locus:problem:ledger-halted")
    assert re.search(why, problem["detail"]), problem
    assert ledger.signed.read_text() == kept


@pytest.mark.parametrize(
    ("position", "where"), [(2, (1, 5, "checkpoint")), (5, (1, 5, "checkpoint")), (6, None), (7, None)]
)
async def test_a_rewrite_with_the_key_is_named_by_a_kept_checkpoint_if_it_is_before_it(
    ledger: Served, tmp_path: Path, position: int, where: tuple[int, int, str] | None
) -> None:
    """And not after it: that is what the promise is, and why to keep checkpoints often, or have a witness."""
    await rewrite(ledger.database, {position: FORGED})
    await signed_again(ledger)
    assert (await ledger.verified("", "--key", str(VKEY)))[0] == 0, "nothing inside shows it"
    kept = ("--key", str(VKEY), "--checkpoint", str(tmp_path / "kept"))
    code, report = await ledger.verified("", *kept)
    assert (code, first(report) if code else None) == (int(where is not None), where), report


async def test_two_kept_checkpoints_narrow_it_down(ledger: Served, tmp_path: Path) -> None:
    (tmp_path / "late").write_text(await ledger.checkpoint(7))
    await rewrite(ledger.database, {6: FORGED})
    await signed_again(ledger)
    kept = [part for name in ("kept", "late") for part in ("--checkpoint", str(tmp_path / name))]
    code, report = await ledger.verified("", *kept)
    assert (code, first(report)) == (1, (6, 7, "checkpoint")), report


async def test_an_entry_recorded_months_ago_is_named_by_the_checkpoint(ledger: Served) -> None:
    """Back-dated in the bytes, the columns, the commit and every root; the event itself is older still."""

    def earlier(line: bytes) -> bytes:
        return re.sub(rb'"recorded":"[0-9-]+T', b'"recorded":"2026-02-01T', line, count=1)

    moved = (
        "UPDATE ledger.commits SET recorded = (SELECT recorded FROM ledger.entries WHERE position = 1)"
        " WHERE last = 1"
    )
    await rewrite(ledger.database, {1: earlier}, moved)
    code, report = await ledger.verified()
    assert (code, first(report)) == (1, (1, 7, "checkpoint")), report


async def test_a_tail_that_is_cut_with_all_that_tells_of_it_is_named_by_the_checkpoint(
    ledger: Served,
) -> None:
    cut = [f"DELETE FROM ledger.{table} WHERE position > 5" for table in ("entries", "mentions")]  # noqa: S608 — our own text
    await rewrite(ledger.database, {}, *cut, "DELETE FROM ledger.commits WHERE last > 5")
    code, report = await ledger.verified()
    assert (code, first(report)) == (1, (6, None, "checkpoint")), report
    assert "the entries end at position 5" in report["faults"][0]["what"]
    await publishes_until_halted(ledger, "7 entries were signed, and the database holds")


async def test_with_the_checkpoint_gone_from_the_database_the_one_outside_still_tells(ledger: Served) -> None:
    """Nobody but the process sees it then, and whoever has kept one: `verify` says that it compared none."""
    await rewrite(ledger.database, {3: FORGED}, "DELETE FROM ledger.checkpoints")
    code, report = await ledger.verified()
    assert code == 0
    assert any("no checkpoint was compared" in note for note in report["notes"]), report
    code, report = await ledger.verified("", "--checkpoint", str(ledger.signed))
    assert (code, first(report)) == (1, (1, 7, "checkpoint"))
    await publishes_until_halted(ledger, DIFFERENT)


async def test_another_name_for_the_log_is_named(ledger: Served) -> None:
    await rewrite(ledger.database, {}, "UPDATE ledger.ledgers SET origin = 'log.example/other'")
    code, report = await ledger.verified()
    assert (code, first(report)) == (1, (0, None, "checkpoint")), report
    assert "'log.example/acme', not of 'log.example/other'" in report["faults"][0]["what"]
    await publishes_until_halted(ledger, "the database holds the log 'log.example/other'")


async def test_a_checkpoint_by_another_key_is_named(ledger: Served) -> None:
    await rewrite(ledger.database, {3: FORGED})
    await signed_again(ledger, Signer("another", b"\3" * 32))
    code, report = await ledger.verified("", "--key", str(VKEY))
    assert (code, first(report)[2]) == (1, "checkpoint"), report
    assert "no key that is trusted has signed this" in report["faults"][0]["what"]


async def signed_again(ledger: Served, key: Signer = KEY) -> None:
    """Somebody with a key signs what the database holds now, in the place of what was signed."""
    connection = await ledger.database.connect()
    lines = [row[0] for row in await connection.fetch("SELECT entry FROM ledger.entries ORDER BY position")]
    head = Checkpoint(ORIGIN, len(lines), Frontier().extend(map(leaf_hash, lines)).root())
    note = str(signed(str(head), [key.named(ORIGIN)]))
    ledger.signed.write_text(note)
    await connection.execute("UPDATE ledger.checkpoints SET note = $1 WHERE ledger = $2", note, LEDGER)
    await connection.close()


def test_the_note_that_is_forged_is_one_that_would_be_believed() -> None:
    note = signed(str(Checkpoint(ORIGIN, 0, Frontier().root())), [KEY.named(ORIGIN)])
    assert [key for key, _ in Note.parse(str(note)).signed_by([VKEY])] == [VKEY]


@pytest.mark.parametrize("more", [(), ("UPDATE ledger.ledgers SET format = 0",)])
async def test_a_log_passed_off_as_one_in_which_nothing_is_sealed_is_named(
    ledger: Served, more: tuple[str, ...]
) -> None:
    older = replacing(b'{"format":1', b'{"format":0')
    await rewrite(ledger.database, dict.fromkeys(range(1, 8), older), *more)
    code, report = await ledger.verified()
    assert (code, first(report)) == (1, (1, None, "format")), report
