"""Every view as CSV over HTTP: negotiated, tagged, documented."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.conftest import Database
from tests.integration.test_api import HOME, record
from tests.integration.views_site import asked, site
from tests.recorded import Recorded

__all__ = ["record"]  # a fixture
CSV = {"accept": "text/csv"}


@pytest.fixture
async def client(database: Database, record: Recorded) -> AsyncGenerator[httpx.AsyncClient]:
    async with site(database) as reader:
        yield reader


async def table(client: httpx.AsyncClient, path: str, **question: str) -> list[dict[str, str]]:
    answer = await client.get(f"{HOME}/{path}", params=question, headers=CSV)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def test_shares_are_the_same_in_both_forms(client: httpx.AsyncClient) -> None:
    given = await asked(client, "authority", interval="month")
    rows = await table(client, "authority", interval="month")
    expected = [(w["from"], r["holder"], r["share"]) for w in given["windows"] for r in w["rows"]]
    assert [(r["windows.from"], r["holder"], float(r["share"])) for r in rows] == expected
    assert {r["rests_on"] for r in rows} == {f"acme@{given['rests_on']['position']}"}


@pytest.mark.parametrize(
    "path", ["drift", "matrix", "domains/pricing/remit", "actors/ben/remit", "bodies/board/remit"]
)
async def test_every_view_is_a_table(client: httpx.AsyncClient, path: str) -> None:
    rows = await table(client, path)
    assert rows
    assert all(None not in row and row["rests_on"].startswith("acme@") for row in rows)


async def test_a_table_is_chosen_by_name_and_an_unknown_name_is_answered_with_those_there_are(
    client: httpx.AsyncClient,
) -> None:
    windows = await table(client, "drift", table="windows", interval="month")
    assert "mandate.out_of_mandate" in windows[0]
    refused = await client.get(f"{HOME}/drift", params={"table": "rows"}, headers=CSV)
    problem: dict[str, Any] = refused.json()
    assert (refused.status_code, problem["where"]) == (400, "table")
    assert problem["hint"] == "there are: windows, windows.rows, answer"
    refused = await client.get(f"{HOME}/drift", params={"table": "windows"})
    assert (refused.status_code, refused.json()["where"]) == (400, "table")


async def test_each_form_has_its_own_tag_and_says_what_it_rests_on(client: httpx.AsyncClient) -> None:
    path = f"{HOME}/authority"
    as_json = await client.get(path)
    as_csv = await client.get(path, headers=CSV)
    assert json.loads(as_csv.headers["locus-rests-on"]) == as_json.json()["rests_on"]
    assert as_csv.headers["content-disposition"] == 'inline; filename="acme-authority-16.csv"'
    assert as_json.headers["vary"] == as_csv.headers["vary"] == "accept"
    held = {"if-none-match": as_csv.headers["etag"]}
    assert (await client.get(path, headers=CSV | held)).status_code == 304
    assert (await client.get(path, headers=held)).status_code == 200
    other = await client.get(path, headers=CSV | held, params={"table": "windows"})
    assert other.status_code == 200


async def test_other_forms_are_refused_with_those_there_are(client: httpx.AsyncClient) -> None:
    refused = await client.get(f"{HOME}/authority", headers={"accept": "application/xml"})
    assert (refused.status_code, refused.json()["type"]) == (406, "urn:locus:problem:not-acceptable")
    assert refused.json()["hint"] == "ask for application/json or text/csv"
    assert refused.headers["vary"] == "accept"


async def test_the_documentation_names_the_form_and_the_parameter(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    views = {path: found["get"] for path, found in paths.items() if found["get"].get("tags") == ["views"]}
    del views["/v1/ledgers/{ledger}/progress"], views["/v1/ledgers/{ledger}/live"]
    for path, operation in views.items():
        assert set(operation["responses"]["200"]["content"]) == {"application/json", "text/csv"}, path
        assert "406" in operation["responses"]
        assert [one["in"] for one in operation["parameters"] if one["name"] == "table"] == ["query"]
