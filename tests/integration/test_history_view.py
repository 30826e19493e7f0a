"""What happened is read back from the rows as it was said, as of an instant and as known at a position."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from schemas.consultation import AdviceGiven
from services.connectors import demo
from services.projections.connection import pool
from services.projections.facts.occurrences import WITHHELD
from services.projections.history import History
from services.projections.views.ground import Structures, ground, snapshot
from services.projections.views.past import history
from tests.conftest import Database
from tests.integration.test_views import serve
from tests.recorded import Recorded, entries


async def read(database: Database, events: list[dict[str, Any]], **asked: str | None) -> History:
    """The history of a ledger that holds these events."""
    async with AsyncExitStack() as stack:
        connection = await database.connect()
        stack.push_async_callback(connection.close)
        record = Recorded(connection, "demo", entries("demo", events))
        await record.create()
        connections = await stack.enter_async_context(pool(database.url))
        await serve(connections, record, folded=False)
        async with snapshot(connections, "demo") as reading:
            base = await ground(reading, "demo", asked.get("at"), asked.get("known_at"))
            return await history(reading, base, Structures())


async def test_the_whole_demo_is_read_back_with_every_decision_and_its_acts(database: Database) -> None:
    events = list(demo.events(3))
    past = await read(database, events)
    told = {e["subject"][9:] for e in events if e["subject"].startswith("decision/")}
    assert set(past.decisions) == told
    made = sum(e["type"] in ("locus.decision.made.v1", "locus.decision.overridden.v1") for e in events)
    assert len(past.acts) >= made * 0.99
    assert all((past.consulted, past.decided, past.spaces, past.knots))
    texts = {data.text for c in past.consultations.values() for _, data in c.advice}
    assert texts <= {None, WITHHELD}


async def test_what_had_not_occurred_or_was_not_known_is_not_there(database: Database) -> None:
    events = list(demo.events(3))
    half = await read(database, events, at="2025-01-01")
    assert half.at == datetime(2025, 1, 1, tzinfo=UTC)
    assert all(step.at <= half.at for d in half.decisions.values() for step in d.steps)
    assert all(act.at <= half.at for act in half.acts)
    assert any(isinstance(s.data, AdviceGiven) for c in half.consultations.values() for s in c.steps)
