"""Nothing personal in plain, anywhere on disk, before an erasure or after; and the log as whole as ever."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.faults import outside
from tests.faults.system import System, until
from tests.faults.views import check_views


async def test_no_word_of_a_person_is_on_disk_and_an_erased_one_is_gone_for_good(system: System) -> None:
    marker = f"marker{secrets.token_hex(12)}"
    ledger = f"erased-{secrets.token_hex(4)}"
    await system.create(ledger)
    url = f"{system.nodes['ledger-a'].url}/v1/ledgers/{ledger}"
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {system.token}"}, timeout=30) as client:
        for number, one in enumerate(words(marker)):
            answer = await client.post(f"{url}/events", json=cloud_event(number, *one))
            assert answer.status_code == httpx.codes.CREATED, answer.text
        misfit = cloud_event(99, "decision.position_taken", "decision/d", {"by": "a-1", "reason": marker})
        assert (await client.post(f"{url}/events", json=misfit)).status_code == 422
        assert marker in (await client.get(f"{url}/directory")).text
        before = outside.read(system.superuser, ledger)
        await outside.check_stream(before, system.nats.url)
        await check_views(system, before)
        settle(system)
        assert found(system.directory, marker) == []
        assert len(found(system.directory, "urn:tests:erasure")) > 2  # so it would have been found
        erased = await client.request("DELETE", f"{url}/people/a-1", json={"basis": "asked for it"})
        assert erased.status_code == 200, erased.text
        assert marker not in (await client.get(f"{url}/directory")).text
        await the_epoch_ends(system, client, f"{url}/people/a-1")
    after = outside.read(system.superuser, ledger)
    assert after.entries[:-1] == before.entries
    outside.check_order(after)
    outside.check_proof(after)
    await outside.check_stream(after, system.nats.url)
    settle(system)
    assert found(system.directory, marker) == []
    assert len(list((system.directory / "vault-keys").glob("*.key"))) == 1


def words(marker: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Everything that is personal, each kind once."""
    profile = {"kind": "person", "profile": {"name": marker, "email": marker, "handles": [marker]}}
    named = {"source": "urn:tests:erasure", "id": "0", "reason": "a slip", "data": profile}
    return [
        ("actor.registered", "actor/a-1", profile),
        ("actor.updated", "actor/a-1", profile),
        ("event.corrected", "actor/a-1", named),
        ("consultation.advice_given", "consultation/c", {"by": "a-1", "stance": "concern", "text": marker}),
        ("consultation.advice_given", "consultation/c", {"stance": "concern", "text": marker}),
        ("decision.position_taken", "decision/d", {"by": "a-1", "value": "block", "reason": marker}),
        ("knot.raised", "knot/k", {"by": "a-1", "pattern": "p", "about": [], "entries": [1], "note": marker}),
        ("knot.answered", "knot/k", {"by": "a-1", "response": "accept", "note": marker}),
    ]


def cloud_event(number: int, type: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "urn:tests:erasure",
        "type": f"locus.{type}.v1",
        "subject": subject,
        "time": "2026-01-31T09:30:00Z",
        "data": data,
    }


def settle(system: System) -> None:
    """Have everything in memory written to disk."""
    with psycopg.connect(system.superuser, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")


def found(directory: Path, marker: str) -> list[str]:
    """The files that hold the marker."""
    wanted = marker.encode()
    return [str(path) for path in directory.rglob("*") if path.is_file() and wanted in path.read_bytes()]


async def the_epoch_ends(system: System, client: httpx.AsyncClient, person: str) -> None:
    """Let the time pass that an erasure may wait to be final; a ledger that starts turns the epoch."""
    with psycopg.connect(system.superuser, autocommit=True) as connection:
        connection.execute("UPDATE vault.erased SET gone = gone - interval '7 days'")
    (last,) = (system.directory / "vault-keys").glob("*.key")
    await system.restart("ledger-b")
    await until(last.with_suffix(".destroyed").exists, "the key is destroyed")
    async with asyncio.timeout(10):  # what the vault says of it comes a moment later
        while not (state := (await client.get(person)).json())["final"]:  # noqa: ASYNC110 — it is another process that brings it about
            await asyncio.sleep(0.05)
    assert state["erased"]
