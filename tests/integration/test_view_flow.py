"""`flow` over HTTP says of the demo what is found in memory, as of and as known at any time."""

from datetime import datetime
from typing import Any

import httpx
import msgspec

from services.connectors import demo
from services.projections.cases import Narrowing
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.views.question import Question, windows
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked
from tests.pasts import past

EVENTS = list(demo.events(3))


def in_memory(question: Question, level: int | None = None, **moment: Any) -> Any:
    seen = past(EVENTS, **moment)
    taken = found(seen, Narrowing.of(question, level))
    parts = flow(seen, taken, windows(question, question.start or taken.first(), seen.at))
    return msgspec.json.decode(msgspec.json.encode(parts))


async def test_the_answer_is_the_same_from_rows_and_from_memory(database: Database) -> None:
    async with told(database, EVENTS) as client:
        assert (await asked(client, "flow"))["windows"] == in_memory(Question())
        some = await asked(
            client, "flow", domain="security", interval="quarter", level=2, attested="recorded"
        )
        narrowed = Question(domain="security", interval="quarter", attested="recorded")
        assert some["windows"] == in_memory(narrowed, 2)
        assert (await asked(client, "flow", known_at=2000))["windows"] == in_memory(Question(), known=2000)
        early = await asked(client, "flow", at="2025-01-01")
        at = datetime.fromisoformat("2025-01-01T00:00:00Z")
        assert early["windows"] == in_memory(Question(), at=at)
        await _is_plain(client)


async def _is_plain(client: httpx.AsyncClient) -> None:
    """Waiting on the demo's bottleneck is the first thing a person reads."""
    (whole,) = (await asked(client, "flow", domain="security"))["windows"]
    most = whole["waiting"]["rows"][0]
    assert most["days"] > 10 * whole["waiting"]["median_days"]
    assert most["holder"] in whole["waiting"]["in_words"]
    refused = await client.get(f"/v1/ledgers/{LEDGER}/flow", params={"level": "top"})
    assert (refused.status_code, refused.json()["where"]) == (400, "level")
