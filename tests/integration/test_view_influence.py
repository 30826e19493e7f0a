"""`influence` over HTTP says of the demo what is found in memory, as of and as known at any time."""

from datetime import datetime
from typing import Any

import msgspec

from services.connectors import demo
from services.projections.influence.parts import found, influence
from services.projections.views.question import Question, windows
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked
from tests.pasts import past

EVENTS = list(demo.events(3))


def in_memory(question: Question, level: int | None = None, **moment: Any) -> Any:
    seen = past(EVENTS, **moment)
    taken = found(seen, question, level)
    shown = windows(question, question.start or taken.first(), seen.at)
    return msgspec.json.decode(msgspec.json.encode(influence(seen, taken, shown, question.lens)))


async def test_the_answer_is_the_same_from_rows_and_from_memory(database: Database) -> None:
    async with told(database, EVENTS) as client:
        whole = await asked(client, "influence")
        assert whole["windows"] == in_memory(Question())
        some = await asked(
            client, "influence", domain="product", interval="year", lens="seat", tense="standing"
        )
        narrowed = Question(domain="product", interval="year", lens="seat", tense="standing")
        assert some["windows"] == in_memory(narrowed)
        level = await asked(client, "influence", level=1, attested="recorded")
        assert level["windows"] == in_memory(Question(attested="recorded"), 1)
        before = await asked(client, "influence", known_at=2000)
        assert before["windows"] == in_memory(Question(), known=2000)
        early = await asked(client, "influence", at="2025-01-01")
        at = datetime.fromisoformat("2025-01-01T00:00:00Z")
        assert early["windows"] == in_memory(Question(), at=at)

        refused = await client.get(f"/v1/ledgers/{LEDGER}/influence", params={"lens": "eye"})
        assert (refused.status_code, refused.json()["where"]) == (400, "lens")
        empty = await asked(client, "influence", domain="nowhere")
        (nothing,) = empty["windows"]
        assert nothing["advice"]["lift"] is None
        assert "before a decision" in nothing["advice"]["why_null"]["lift"]
