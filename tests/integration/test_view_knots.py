"""`knots` over HTTP: the demo's, filtered, answered, as of and as known then, under other thresholds."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest

from services.connectors import demo
from services.platform.settings import Settings, SettingsError
from services.projections.knots.settings import Settings as Thresholds
from services.projections.main import app
from services.projections.views.knots import Asked, knots
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked
from tests.pasts import past

EVENTS = list(demo.events(7))
AT = "2026-01-01T00:00:00Z"


def event(n: int, subject: str, what: str, time: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "urn:coach",
        "id": f"coach-{n}",
        "type": f"locus.knot.{what}.v1",
        "subject": subject,
        "time": time,
        "data": data,
    }


def in_memory(question: Asked, rests_on: Any, **moment: Any) -> Any:
    told = knots(question, past(EVENTS, **moment), Thresholds(), rests_on)
    return msgspec.json.decode(msgspec.json.encode(told))["knots"]


async def test_the_answer_is_the_same_from_rows_and_from_memory(database: Database) -> None:
    async with told(database, EVENTS) as client:
        answer = await asked(client, "knots", at=AT)
        at = datetime.fromisoformat(AT)
        assert answer["knots"] == in_memory(Asked(), None, at=at)
        assert answer["settings"] == msgspec.to_builtins(Thresholds())
        known = await asked(client, "knots", known_at=2500, state="all")
        assert known["knots"] == in_memory(Asked(state="all"), None, known=2500)
        await _is_filtered(client, answer["knots"])
        await _goes_on(client, answer)
        await _refuses(client)


async def _is_filtered(client: httpx.AsyncClient, every: list[dict[str, Any]]) -> None:
    async def ids(**question: Any) -> list[str]:
        return [one["id"] for one in (await asked(client, "knots", at=AT, **question))["knots"]]

    assert await ids(pattern="Shadow-Authority") == [
        one["id"] for one in every if one["pattern"] == "shadow authority"
    ]
    assert await ids(severity="warning") == [one["id"] for one in every if one["severity"] == "warning"]
    assert await ids(domain="hosting") == [one["id"] for one in every if one["domain"] == "hosting"]
    assert await ids(actor="a-57") == [one["id"] for one in every if "actor/a-57" in one["actors"]]
    assert await ids(body="b-7") == [one["id"] for one in every if "body/b-7" in one["actors"]]
    assert await ids(to="2025-01-01") == [one["id"] for one in every if one["since"] < "2025-01-01"]
    closed = (await asked(client, "knots", at=AT, state="closed", from_="2025-06-04"))["knots"]
    assert closed
    assert all(one["until"] > "2025-06-04" and one["state"] == "closed" for one in closed)


async def _goes_on(client: httpx.AsyncClient, now: dict[str, Any]) -> None:
    """A series counts what the list of all shows, month by month, whatever state was asked for."""
    assert now["series"] == []
    for narrowed in ({}, {"from_": "2025-02-10", "to": "2025-11-20"}, {"domain": "engineering"}):
        every = (await asked(client, "knots", at=AT, state="all", **narrowed))["knots"]
        months = (await asked(client, "knots", at=AT, interval="month", **narrowed))["series"]
        assert len(months) > 8
        for month in months:
            begins, ends = month["from"], month["to"]
            still = [
                one for one in every if one["since"] < ends and (one["until"] is None or one["until"] >= ends)
            ]
            assert month["open"] == len(still) == sum(month["severities"].values())
            assert month["patterns"] == dict(sorted(Counter(one["pattern"] for one in still).items()))
            assert month["begun"] == sum(begins <= one["since"] < ends for one in every)
            assert month["closed"] == sum(begins <= (one["until"] or "") < ends for one in every)
        for before, after in pairwise(months):
            assert after["open"] == before["open"] + after["begun"] - after["closed"]
    assert months[-1]["open"] == sum(one["until"] is None for one in every) > 0


async def _refuses(client: httpx.AsyncClient) -> None:
    for question, where in (
        ({"pattern": "shadows"}, "pattern"),
        ({"from": "2025-02-01", "to": "2025-01-01"}, "to"),
        ({"state": "ajar"}, "state"),
        ({"domain": "a/b"}, "domain"),
    ):
        refused = await client.get(f"/v1/ledgers/{LEDGER}/knots", params=question)
        assert (refused.status_code, refused.json()["where"]) == (400, where)
    wrong = await client.get(f"/v1/ledgers/{LEDGER}/knots", params={"pattern": "shadows"})
    assert "shadow authority" in wrong.json()["hint"]


async def test_people_answer_knots_and_raise_their_own(database: Database) -> None:
    (shadow,) = [
        one
        for one in in_memory(Asked(), None, at=datetime.fromisoformat(AT))
        if one["pattern"] == "shadow authority"
    ]
    said = [
        event(1, f"knot/{shadow['id']}", "answered", "2025-11-03T10:00:00Z", response="accept", by="a-1"),
        event(2, "knot/k-9", "raised", "2025-11-04T10:00:00Z", by="a-2", pattern="lone wolf",
              about=["domain/hosting", "actor/a-57"], entries=[1, 2], note="sealed.v1.x"),
        event(3, "knot/k-9", "answered", "2025-11-05T10:00:00Z", response="dispute", by="a-3"),
        event(4, "knot/0000", "answered", "2025-11-06T10:00:00Z", response="change", by="a-3"),
    ]  # fmt: skip
    async with told(database, [*EVENTS, *said]) as client:
        answer = await asked(client, "knots", at=AT)
        (mine,) = [one for one in answer["knots"] if one["id"] == shadow["id"]]
        assert (mine["state"], mine["answered"], mine["answers"][0]["by"]) == ("open", "accept", "actor/a-1")
        raised = answer["raised"][-1]
        assert (raised["pattern"], raised["note"], raised["answered"]) == ("lone wolf", True, "dispute")
        assert [one["id"] for one in answer["lost"]] == ["0000"]
        only = await asked(client, "knots", at=AT, pattern="lone wolf")
        assert (only["knots"], len(only["raised"]), only["lost"]) == ([], 1, [])
        hosting = await asked(client, "knots", at=AT, domain="hosting")
        assert (bool(hosting["knots"]), hosting["lost"]) == (True, [])
        before = await asked(client, "knots", at="2025-11-01")
        assert ([one["id"] for one in before["raised"]], before["lost"]) == (demo_raised(), [])


def demo_raised() -> list[str]:
    raised = (one for one in EVENTS if one["type"] == "locus.knot.raised.v1")
    return [one["subject"].removeprefix("knot/") for one in raised]


def test_thresholds_come_from_the_environment_and_nonsense_is_named() -> None:
    with pytest.raises(SettingsError, match=r"LOCUS_KNOTS: .*shadow_lest.*JSON object"):
        app(Settings(database_url="postgresql://nowhere", knots='{"shadow_lest": 4}'))
