"""Every view of the demo, asked over HTTP and drawn: it fits the terminal, and people have their names."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from rich.cells import cell_len

from services import cli_show
from services.cli_show_asking import TAKEN, asked
from services.connectors import demo
from services.failures import CommandFailed
from tests.conftest import Database
from tests.integration.test_views import serve
from tests.integration.test_worker_histories import recorded
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, site

AT = "2026-01-01"
ERASED = "a-5"
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((view, {}) for view in TAKEN if view not in ("remit", "dossier")),
    *((view, {"interval": "quarter"}) for view, takes in TAKEN.items() if "interval" in takes),
    ("authority", {"by": "domain"}),
    ("authority", {"by": "domain", "domain": "engineering"}),
    ("authority", {"by": "stakes"}),
    ("drift", {"by": "actor"}),
    *(
        (view, {"by": by, "interval": "year"})
        for view in ("authority", "drift")
        for by in ("domain", "stakes")
    ),
    ("authority", {"by": "level", "interval": "month"}),
    ("drift", {"by": "body", "interval": "week"}),
    ("matrix", {"domain": "security"}),
    ("remit", {"actor": "a-9"}),
    ("remit", {"domain": "security"}),
    ("knots", {"state": "all"}),
    ("knots", {"pattern": "stalled", "severity": "notice"}),
    ("flow", {"domain": "security", "stakes": "high", "level": "2"}),
    ("participation", {"actor": "a-29"}),
    ("participation", {"domain": "governance", "from_": "2025-12-31"}),
    ("overview", {"days": "90", "domain": "product", "lens": "seat"}),
    ("coordination", {"space": "s-1"}),
    ("trust", {"to": "2023-01-01"}),
    ("learning", {"body": "b-3"}),
    ("dossier", {"decision": "d-d891921a"}),
    ("dossier", {"initiative": "i-76c90bcb"}),
)


class Bridge:
    """The client of the command line, over the application itself; asked the same again, it remembers."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._kept: dict[str, bytes] = {}

    def get(self, path: str, **query: Any) -> Any:
        return json.loads(self.read(path, **query))

    def read(self, path: str, accept: str = "*/*", **query: Any) -> bytes:
        given = {name: value for name, value in query.items() if value is not None}
        key = repr((path, accept, given))
        if key not in self._kept:
            asking = self._client.get(path, params=given, headers={"accept": accept})
            answer = asyncio.run_coroutine_threadsafe(asking, self._loop).result()
            if answer.status_code == 404:
                raise CommandFailed(answer.text, 5)
            assert answer.status_code == 200, (path, given, answer.text)
            self._kept[key] = answer.content
        return self._kept[key]


class Directory:
    """Who the actors are; one was erased."""

    def get(self, _: str, **__: Any) -> Any:
        ids = [f"{kind}-{number}" for kind in "ag" for number in range(1, 100)]
        people = [{"actor": one, "profile": {"name": f"N. of {one}"}} for one in ids if one != ERASED]
        return {"people": people, "next": None}


@pytest.fixture
async def views(database: Database) -> AsyncGenerator[Bridge]:
    async with told(database, list(demo.events(7))) as client:
        yield Bridge(client)


@pytest.fixture
def shown(views: Bridge, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a command prints at a width."""

    async def show(view: str, question: dict[str, Any], width: int = 80, **form: Any) -> str:
        monkeypatch.setenv("COLUMNS", str(width))
        asking = asked(LEDGER, view, {"at": AT} | question)
        of: Any = (views, Directory(), LEDGER, view, asking)
        (await asyncio.to_thread(cli_show.answered, *of, **form))()
        return capsys.readouterr().out

    return show


async def test_every_view_fits_the_terminal_names_people_and_draws_series(shown: Any) -> None:
    for view, question in QUESTIONS:
        for width in (80, 120):
            told = await shown(view, question, width)
            assert re.search(rf"^{view} v\d+ · as of {AT}", told, re.MULTILINE), view
            wide = [line for line in lines(told) if cell_len(line) > width]
            assert not wide, (view, question, wide)
            unnamed = set(re.findall(r"actor/[\w-]+", told)) - {f"actor/{ERASED}"}
            assert not unnamed, (view, question)
            assert "\x1b" not in told, "no colour where there is no terminal"
            if question.get("interval") == "quarter":
                assert re.search(r"[▁▂▃▄▅▆▇█]{5}", told), (view, "has no sparkline")


async def test_the_command_an_overview_names_tells_all_of_the_knots_it_chose_from(shown: Any) -> None:
    given = {"domain": "product", "at": "2025-07-01T12:00:00+02:00", "known_at": "8000"}
    told = await shown("overview", given, 60)
    words = next(line for line in told.splitlines() if line.startswith("locus show knots ")).split()[3:]
    question = {
        option[2:].replace("-", "_"): value for option, value in zip(words[::2], words[1::2], strict=True)
    }
    assert question.pop("ledger") == LEDGER
    said = json.loads(await shown("overview", given, as_json=True))["conversations"]
    listed = json.loads(await shown("knots", question, as_json=True))
    assert {one["knot"] for one in said["knots"]} <= {one["id"] for one in listed["knots"]}
    assert sum(said["counts"].values()) == len(listed["knots"])
    assert (listed["rests_on"]["at"], listed["rests_on"]["position"]) == ("2025-07-01T10:00:00Z", 8000)


async def test_what_was_planted_is_what_one_reads_first_and_tables_are_printed_as_they_come(
    shown: Any,
) -> None:
    knots = await shown("knots", {})
    assert "● 3 decisions on Strategy, made tacitly by N. of a-4 and N. of a-6" in knots
    assert knots.index("warning (") < knots.index("notice (") < knots.index("raised by people (2)")
    flow = await shown("flow", {}, 120)
    assert re.search(r"^N\. of a-39 +1449\.7 d  █{12} ", flow, re.MULTILINE)
    assert re.search(r"^N\. of a-38 +29 of 31 +15\.4  \+0\.44  █", await shown("influence", {}), re.MULTILINE)
    for by in ("domain", "stakes"):
        assert not re.search(r"(?<!\d )%", await shown("authority", {"by": by}, 60)), "torn from its figure"
    tree = await shown("authority", {"by": "domain"})
    assert re.search(r"^Engineering .*\n(├ .*\n(│? .*\n)*)+└ Tooling", tree, re.MULTILINE)
    dossier = await shown("dossier", {"decision": "d-d891921a"})
    assert "◆  actor/a-5 overrode it (rejected): it did not hold" in dossier
    untold = await shown("dossier", {"decision": "d-38453d70"})
    assert "! to be told of the last word, and was not: Engineering" in untold
    usual = list(csv.DictReader(io.StringIO(await shown("knots", {}, table=""))))
    assert {"rests_on", "pattern", "sentence"} <= set(usual[0])
    legs = list(csv.DictReader(io.StringIO(await shown("flow", {}, table="windows.legs"))))
    assert legs[0]["from"] == "proposed"
    assert json.loads(await shown("knots", {}, as_json=True))["rests_on"]["view"] == "knots"


@pytest.mark.parametrize("seed", range(4))
async def test_histories_full_of_gaps_are_drawn_as_well(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    async with recorded(database, seed) as (connections, record):
        await serve(connections, record)
        async with site(database) as client:
            views: Any = Bridge(client)
            subjects = {json.loads(line)["event"]["subject"] for line in record.lines}
            for view, question in (*everything(), *dossiers(subjects)):
                asking = asked(record.ledger, view, question)
                with suppress(CommandFailed):  # the dossier of what was retracted
                    of: Any = (views, Directory(), record.ledger, view, asking)
                    (await asyncio.to_thread(cli_show.answered, *of))()
                told = capsys.readouterr().out or f"404 {view}"
                assert view == "dossier" or not told.startswith("404")
                assert "None" not in told, (view, question, told)
                assert view != "overview" or "\n–: " not in told, "of what is not drawn"
                assert max(map(cell_len, lines(told))) <= 60, (view, question)


def lines(told: str) -> list[str]:
    """What has to fit: all but a command to be copied whole."""
    return [line for line in told.splitlines() if not line.startswith("locus show ")]


def everything() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every view by itself, as a series, and by everything its rows may be by."""
    for view, takes in TAKEN.items():
        if view in ("remit", "dossier"):
            continue
        yield view, {}
        if "interval" in takes:
            yield view, {"interval": "month"}
        if "by" in takes:
            yield from ((view, {"by": by}) for by in ("actor", "body", "domain", "stakes"))
        if {"by", "interval"} <= set(takes):
            yield from (
                (view, {"by": by, "interval": "quarter"}) for by in ("actor", "body", "domain", "stakes")
            )
    yield "knots", {"state": "all"}
    yield "matrix", {"domain": "d-a"}
    yield "participation", {"actor": "a-1"}


def dossiers(subjects: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of every decision and initiative there is."""
    for kind, _, id in (subject.partition("/") for subject in sorted(subjects)):
        if kind in ("decision", "initiative"):
            yield "dossier", {kind: id}
