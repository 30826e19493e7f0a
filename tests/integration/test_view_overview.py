"""The overview over HTTP says what the views it points to say."""

from collections.abc import AsyncGenerator
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


async def test_its_figures_are_those_of_the_views_it_links_to(client: httpx.AsyncClient) -> None:
    for more in ({}, {"lens": "seat", "domain": "pricing"}):
        whole = await asked(client, "overview", at=AT, **more)
        [window] = (await linked(client, whole["sits"]["link"]))["windows"]
        assert window["concentration"] == whole["sits"]["concentration"]
        assert window["decisions"] == whole["now"]["decisions"]
        assert window["levels"]["closeness"] == pytest.approx(whole["sits"]["closeness"]["now"])
        shares = {row["holder"]: row["share"] for row in window["rows"]}
        assert all(shares[one["holder"]] == pytest.approx(one["share"]) for one in whole["sits"]["largest"])
        [window] = (await linked(client, whole["drifting"]["link"]))["windows"]
        assert window["drift"] == pytest.approx(whole["drifting"]["node"])
        assert window["unstated"] == whole["unstated"]["unstated"]["count"]
        out = whole["drifting"]["out_of_mandate"]
        assert (window["mandate"]["no"], window["mandate"]["yes"]) == (out["count"], out["of"] - out["count"])
        knots = await linked(client, whole["conversations"]["link"])
        assert knots["counts"] == whole["conversations"]["counts"]
        [window] = (await linked(client, whole["flow"]["link"]))["windows"]
        assert window["open_work"]["n"] == whole["flow"]["open"]


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
    assert header == "rests_on,holder,share,before,decisions,inferred,entries"
    assert len(rows) == 5


async def test_a_period_without_days_is_refused(client: httpx.AsyncClient) -> None:
    for days in ("0", "-1", "1000000", "many"):
        answer = await client.get(f"/v1/ledgers/{LEDGER}/overview", params={"days": days})
        assert (answer.status_code, answer.json()["where"]) == (400, "days")
