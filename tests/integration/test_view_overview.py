"""The overview over HTTP says what the views it points to say."""

from collections.abc import AsyncGenerator, Iterator
from random import Random
from typing import Any

import httpx
import pytest

from services.connectors import demo
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked

AT = "2026-01-01T00:00:00Z"


@pytest.fixture
async def client(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    async with told(database, list(demo.events(3))) as reader:
        yield reader


async def linked(client: httpx.AsyncClient, link: str) -> dict[str, Any]:
    answer = await client.get(link)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def questions(rng: Random, times: int) -> Iterator[dict[str, Any]]:
    """What a first look asks, and others at random."""
    yield {"at": AT}
    yield {"at": AT, "lens": "seat", "attested": "recorded"}
    for _ in range(times):
        domain, days = rng.choice((None, "pricing", "engineering")), rng.choice((90, 200, 365))
        lens, attested = rng.choice(("node", "seat")), rng.choice(("all", "recorded"))
        moment = {"at": f"2025-{rng.randint(1, 12):02}-15", "known_at": rng.choice((None, 8000))}
        yield moment | {"days": days, "domain": domain, "lens": lens, "attested": attested}


async def test_its_figures_are_those_of_the_views_it_links_to(client: httpx.AsyncClient) -> None:
    for question in questions(Random(11), 5):
        whole = await asked(client, "overview", **question)
        await _sits(client, whole)
        await _moving(client, whole)
        await _stated(client, whole)
        knots = await linked(client, whole["conversations"]["link"])
        assert knots["counts"] == whole["conversations"]["counts"]
        [window] = (await linked(client, whole["flow"]["link"]))["windows"]
        assert window["open_work"]["n"] == whole["flow"]["open"]
        assert max((row["days"] for row in window["waiting"]["rows"]), default=None) == pytest.approx(
            whole["flow"]["waited_days"]
        )


async def _sits(client: httpx.AsyncClient, whole: dict[str, Any]) -> None:
    [window] = (await linked(client, whole["sits"]["link"]))["windows"]
    assert window["concentration"] == whole["sits"]["concentration"]
    assert window["decisions"] == whole["now"]["decisions"]
    assert window["levels"]["closeness"] == pytest.approx(whole["sits"]["closeness"]["now"])
    shares = {row["holder"]: row["share"] for row in window["rows"]}
    assert all(shares[one["holder"]] == pytest.approx(one["share"]) for one in whole["sits"]["largest"])


async def _moving(client: httpx.AsyncClient, whole: dict[str, Any]) -> None:
    answer = await linked(client, whole["moving"]["link"])
    assert answer["question"]["lens"] == whole["lens"]
    assert answer["windows"][0]["decisions"] == whole["now"]["decisions"]
    rows = {row["domain"]: row for row in answer["windows"][0]["rows"]}
    for move in whole["moving"]["by_domain"]:
        row = rows[move["domain"]]
        top = {one["holder"]: one["share"] for one in row["top"]}
        if row["decisions"] == move["decisions"] and move["holder"] in top:  # nothing lies below it
            assert top[move["holder"]] == pytest.approx(move["now"])


async def _stated(client: httpx.AsyncClient, whole: dict[str, Any]) -> None:
    drifting, unstated = whole["drifting"], whole["unstated"]
    [window] = (await linked(client, drifting["link"]))["windows"]
    assert window["drift"] == pytest.approx(drifting[whole["lens"]])
    rows = {row["domain"]: row for row in window["rows"]}
    for one in drifting["largest"]:
        assert rows[one["domain"]]["drift"] == pytest.approx(one["drift"])
    out = drifting["out_of_mandate"]
    assert (window["mandate"]["no"], window["mandate"]["yes"]) == (out["count"], out["of"] - out["count"])
    [window] = (await linked(client, unstated["link"]))["windows"]
    assert window["unstated"] == unstated["unstated"]["count"]
    assert window["vacant"] == unstated["vacant"]["count"]


async def test_the_period_before_is_the_one_that_ends_where_this_one_begins(
    client: httpx.AsyncClient,
) -> None:
    whole = await asked(client, "overview", at=AT, days=90)
    before = whole["before"]
    [window] = (await asked(client, "authority", from_=before["from"], to=before["to"], at=AT))["windows"]
    assert window["concentration"] == whole["sits"]["before"]


async def test_its_largest_shares_are_its_table(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        f"/v1/ledgers/{LEDGER}/overview", params={"at": AT}, headers={"accept": "text/csv"}
    )
    header, *rows = answer.text.splitlines()
    assert header == "rests_on,holder,share,before,decisions,inferred,why_null,entries"
    assert len(rows) == 5


async def test_a_period_without_days_is_refused(client: httpx.AsyncClient) -> None:
    for days in ("0", "-1", "1000000", "many"):
        answer = await client.get(f"/v1/ledgers/{LEDGER}/overview", params={"days": days})
        assert (answer.status_code, answer.json()["where"]) == (400, "days")
