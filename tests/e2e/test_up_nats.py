"""`locus up` over NATS: what it tells a person is enough to publish, and to do nothing else."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import pytest

from tests.conftest import run, scratch
from tests.e2e.test_up import EVENT
from tests.e2e.up import running


@pytest.fixture
def home() -> Iterator[Path]:
    with scratch() as directory:
        yield directory


async def published(url: str, token: str, event: dict[str, Any]) -> dict[str, Any]:
    """As the documentation shows it: ask until there is a receipt."""
    client = await nats.connect(url, inbox_prefix="_INBOX_publisher")
    body = json.dumps(event).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"}
    try:
        while True:
            try:
                said = await client.request("locus.intake.acme", body, 10, headers=headers)
            except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
                await asyncio.sleep(0.2)
                continue
            answer: dict[str, Any] = json.loads(said.data)
            if answer.get("status") != 503:
                return answer
    finally:
        await client.close()


def test_what_run_json_says_is_enough_to_publish_over_nats(home: Path) -> None:
    with running(home, "--data", str(home / "d")) as up:
        known = json.loads((home / "d" / "run.json").read_text())
        assert known["nats_url"].startswith("nats://publisher:")
        told = "".join(up.until("Content-Type"))
        assert f"ask locus.intake.<ledger> at {known['nats_url']}" in told
        up.run("--data", str(home / "d"), "ledger", "create", "acme")
        receipt = run(published(known["nats_url"], known["token"], EVENT))
        assert (receipt["position"], receipt["duplicate"]) == (1, False)
        unknown = EVENT | {"id": "x", "type": "locus.no.v1"}
        refused = run(published(known["nats_url"], known["token"], unknown))
        assert refused["status"] == 422
        shown = up.run("--data", str(home / "d"), "rejected", "list", "--ledger", "acme", "--json")
        (kept,) = json.loads(shown.stdout)["rejected"]
        assert (kept["publisher"], kept["event_id"]) == ("development", "x")
        assert up.end() == 0
    logs = "".join(file.read_text() for file in (home / "d").glob("*.log"))
    assert "permissions violation" not in logs.lower()
