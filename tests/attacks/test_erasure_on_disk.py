"""A person erased, the epoch destroyed: nothing of them in any byte on disk, nor back with a backup.

What counts as found is not only the plain text as it was sent, but any eight bytes of it in a row (so that
compression does not hide it), its hex and base64; the person's key, unwrapped; and the key that wrapped it.
"""

import json
import os
import secrets
import shutil
import string
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from tests.attacks.place import NODES, ROOT, Place, found, windows
from tests.faults.system import until
from tests.integration.ledger_site import EVENTS, LEDGER, STRUCTURED, event
from tests.integration.nats_site import publishing

PERSON = f"/v1/ledgers/{LEDGER}/people/a-1"


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """On disk, as it would be for real."""
    with tempfile.TemporaryDirectory(prefix="locus-erasure-", ignore_cleanup_errors=True) as directory:
        home = Path(directory) / "data"
        home.mkdir(mode=0o755)
        home.parent.chmod(0o755)  # PostgreSQL may have to run as another user
        started = Place(home)
        try:
            await started.begin()
            yield started
        finally:
            started.stop()


def marker() -> str:
    """Fifteen letters of a person's own words: some eight of them a compressor leaves together."""
    return "".join(secrets.choice(string.ascii_letters) for _ in range(15))


def traces(*plain: str) -> list[bytes]:
    """Everything that would betray one of the texts."""
    told = [one.encode() for one in plain]
    encoded = [b64encode(one)[:-1] for one in told] + [one.hex().encode() for one in told]
    return [piece for one in told for piece in windows(one)] + encoded


async def publish(place: Place, name: str, text: str, refused: str) -> None:
    """A profile over HTTP; words of advice, and words that are refused for good, over NATS."""
    async with place.client() as client, publishing(place.nats, place.token) as publisher:
        profile = {"kind": "person", "profile": {"name": name, "email": f"{name}@people.example"}}
        answer = await client.post(
            EVENTS, json=event("actor.registered", "actor/a-1", **profile), headers=STRUCTURED
        )
        assert answer.status_code == 201, answer.text
        said = event("consultation.advice_given", "consultation/c", by="a-1", stance="concern", text=text)
        assert (await publisher.send(said)).json["position"] == 2
        misfit = event("decision.position_taken", "decision/d", by="a-1", reason=refused)
        assert (await publisher.send(misfit)).json["status"] == 422
        assert name in (await client.get(f"/v1/ledgers/{LEDGER}/directory")).text
    assert _asked(place, "SELECT count(*) FROM ledger.rejected") == [(1,)], "the refused message was not kept"


def person_key(place: Place) -> tuple[bytes, bytes]:
    """The person's key, as whoever has both the vault and the key file gets it; and the key that wraps it."""
    wrapping = (place.epochs / "epoch-00000001.key").read_bytes()
    ((wrapped,),) = _asked(place, "SELECT wrapped FROM vault.keys WHERE holder = 'actor/a-1'")
    return AESSIV(wrapping).decrypt(bytes(wrapped), [LEDGER.encode(), b"actor/a-1"]), wrapping


def _asked(place: Place, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(place.superuser) as connection:
        return connection.execute(query.encode()).fetchall()


def ran(command: list[str], **environment: str) -> tuple[int, bytes]:
    """A command of ours: its exit code and what it says."""
    told = {"PATH": os.environ["PATH"], **environment}
    ended = subprocess.run(command, stdout=subprocess.PIPE, env=told, cwd=ROOT, check=False)
    return ended.returncode, ended.stdout


def verified(place: Place, *more: str) -> tuple[int, dict[str, Any]]:
    """`locus verify` on the database."""
    command = [
        sys.executable,
        "-m",
        "services.cli",
        "verify",
        place.database,
        "--ledger",
        LEDGER,
        "--json",
        *more,
    ]
    code, said = ran(command)
    return code, json.loads(said)


async def kept_checkpoint(place: Place, size: int) -> Path:
    """The signed checkpoint, kept where an auditor would: outside."""
    path = place.home.parent / f"checkpoint-{size}"
    signed = place.home / "keys" / "signed" / LEDGER
    await until(lambda: signed.exists() and f"\n{size}\n" in signed.read_text(), f"{size} entries are signed")
    shutil.copy(signed, path)
    return path


async def test_an_erased_person_is_in_no_byte_on_disk_and_in_no_backup(place: Place) -> None:
    name, text, refused = marker(), marker(), marker()
    await publish(place, name, text, refused)
    await place.echoed(2)
    key, wrapping = person_key(place)
    before = await kept_checkpoint(place, 2)
    root = verified(place)[1]["root"]

    place.settle()
    place.stop()
    assert found(place.home, *traces(name, text, refused), key) == {}, "in plain even before the erasure"
    assert len(found(place.home, *windows(b"urn:locus:nobody"), b"https://forge.example/org")) > 2
    assert found(place.home, wrapping).keys() == {"keys/vault/epoch-00000001.key"}
    backup = place.home.parent / "backup"
    place.copy_database(backup)

    place.postgres.start()
    place.nats.start()
    place.start_nodes(NODES)
    await erased_for_good(place)
    await kept_checkpoint(place, 3)
    code, report = verified(place, "--checkpoint", str(before))
    assert (code, report["verdict"], report["entries"]) == (0, "right", 3), report
    assert _asked(place, "SELECT encode(root, 'hex') FROM ledger.commits WHERE last = 2") == [(root,)]
    place.settle()
    place.stop()
    assert found(place.home, *traces(name, text, refused), key, wrapping) == {}

    place.put_back(backup)
    place.postgres.start()
    place.start_nodes(["ledger-a"])
    async with place.client() as client:
        await still_erased(client)
    place.stop()
    assert found(place.home, *traces(name, text, refused), key, wrapping) == {}


async def erased_for_good(place: Place) -> None:
    """Erased over HTTP, and the epoch turned from the command line."""
    async with place.client() as client:
        answer = await client.request("DELETE", PERSON, json={"basis": "asked for it"})
        assert (answer.status_code, answer.json()["position"]) == (200, 3), answer.text
        turning = [sys.executable, "-m", "services.cli", "vault", "turn"]
        given = {"LOCUS_DATABASE_URL": place.database, "LOCUS_VAULT_KEYS": str(place.epochs)}
        assert ran(turning, **given)[0] == 0
        state = (await client.get(PERSON)).json()
        assert (state["erased"], state["final"]) == (True, True)
    assert [path.name for path in place.epochs.glob("*.key")] == ["epoch-00000002.key"]
    assert _asked(place, "SELECT count(*) FROM ledger.rejected") == [(0,)]


async def still_erased(client: httpx.AsyncClient) -> None:
    """The rows are all there again; nothing opens them, and nothing is added to what was signed longer."""
    people = (await client.get(f"/v1/ledgers/{LEDGER}/directory")).json()["people"]
    assert people == [{"actor": "a-1", "kind": "person", "erased": True}]
    answer = await client.post(
        EVENTS, json=event("decision.executed", "decision/d", by="a-2"), headers=STRUCTURED
    )
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:locus:problem:ledger-halted")
    assert "3 entries were signed, and the database holds 2" in answer.json()["detail"]
