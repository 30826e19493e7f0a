"""The views over HTTP say what the naive oracle finds in the same entries, as of and as known at any time."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest

from services.projections.connection import tenant
from services.projections.worker import Worker
from tests.conftest import Database
from tests.integration.test_worker_histories import built, fold, recorded
from tests.integration.views_site import asked, site
from tests.oracle.grouped import COUNTS, Grouped
from tests.oracle.oracle import STAKES, World, instant, read
from tests.oracle.test_flow_oracle import listed, near
from tests.recorded import Recorded

SEEDS = range(10)
QUESTIONS = 6
SERVE = "UPDATE projections.generations SET serving = true"
AS_VERSION_1 = (
    "DELETE FROM projections.cells WHERE grain IN ('third', 'quarter')",
    "UPDATE projections.generations SET facts_version = 1",
)
OF_VERSION_1 = "SELECT 1 FROM projections.generations WHERE facts_version = 1"


async def serve(connections: asyncpg.Pool, record: Recorded, *, folded: bool = False) -> None:
    """Build the views of a whole history, and give them to readers."""
    await record.append(len(record.lines))
    number = await built(connections, record.ledger, 50, len(record.lines))
    if folded:
        await fold(connections, record.ledger, number)
    async with tenant(connections, record.ledger) as connection:
        await connection.execute(SERVE)


class Asker:
    """Random questions about one history, asked of the views and of the oracle."""

    def __init__(self, client: httpx.AsyncClient, ledger: str, lines: list[bytes], rng: Random) -> None:
        self.client, self.ledger, self.rng = client, ledger, rng
        self.entries = read(lines)

    def moment(self) -> datetime:
        instants = [instant(entry["event"]["time"]) for entry in self.entries]
        return min(instants) + (max(instants) - min(instants)) * self.rng.random()

    def question(self) -> dict[str, Any]:
        """What both understand; None is left out."""
        pick = self.rng.choice
        start, end = sorted((self.moment(), self.moment()))
        return {
            "start": pick([None, start]),
            "end": pick([None, end]),
            "domain": pick(["", "", "d-a", "d-b"]),
            "body": pick([None, None, None, "b-1"]),
            "actor": pick([None, None, None, "a-1", "a-2"]),
            "stakes": pick([None, None, None, *STAKES, "none"]),
            "level": pick([None, None, None, 0, 1, 2]),
            "attested": pick([None, None, "recorded"]),
            "tense": pick(["made", "standing"]),
        }

    def world(self) -> tuple[World, dict[str, Any]]:
        known = self.rng.randint(5, len(self.entries))
        at = self.rng.choice([None, self.moment()])
        position = known if self.rng.random() < 0.5 else None
        as_of = {"known_at": position, "at": at and at.isoformat()}
        return World(self.entries, position, at), as_of

    async def ask(
        self, view: str, question: dict[str, Any], as_of: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        start, end = question["start"], question["end"]
        given = {
            **question,
            "start": None,
            "end": None,
            "from": start and start.isoformat(),
            "to": end and end.isoformat(),
            "domain": question["domain"] or None,
            **as_of,
            **more,
        }
        return await asked(self.client, view, self.ledger, **given)


def close(ours: Mapping[str, float], theirs: Mapping[str, float]) -> bool:
    return all(abs(ours.get(key, 0) - theirs.get(key, 0)) < 1e-9 for key in ours.keys() | theirs.keys())


def check_authority(window: dict[str, Any], expected: dict[str, Any], lens: str) -> None:
    assert window["decisions"] == expected["n"]
    for name in ("inferred", "unknown", "deferred", "returned"):
        assert window[name] == expected[name]
    assert close({row["holder"]: row["share"] for row in window["rows"]}, expected["shares"])
    ours, theirs = window["concentration"][lens], expected["concentration"]
    assert ours["hhi"] == pytest.approx(theirs["hhi"])
    assert ours["effective_deciders"] == pytest.approx(theirs["effective"])
    assert ours["evenness"] == pytest.approx(theirs["evenness"])
    assert ours["k50"] == theirs["k50"]
    assert window["levels"]["coverage"] == pytest.approx(expected["level_coverage"])
    assert window["levels"]["closeness"] == pytest.approx(expected["closeness"])


def check_drift(window: dict[str, Any], expected: dict[str, Any]) -> None:
    assert window["decisions"] == expected["n"]
    for name in ("unstated", "vacant", "unknown"):
        assert window[name] == expected[name]
    assert {name: window["mandate"][name] for name in ("yes", "no", "unknown")} == expected["mandate"]
    assert window["mandate"]["out_of_mandate"] == expected["out_of_mandate"]
    assert window["drift"] == pytest.approx(expected["drift"], abs=1e-9)
    assert window["noise"] == pytest.approx(expected["noise"])


def check_whole(window: dict[str, Any], grouped: Grouped) -> None:
    """What is said of all groups together."""
    both = grouped.both(grouped.chosen, {})
    assert {lens: spread(window["concentration"][lens]) for lens in ("node", "seat")} == near(
        {lens: both[lens] for lens in ("node", "seat")}
    )
    assert {name: window[name] for name in COUNTS} == {
        name: count for name, count in grouped.counts(grouped.chosen).items() if name in COUNTS
    }


def spread(told: dict[str, Any]) -> dict[str, Any]:
    names = ("holders", "hhi", "evenness", "k50", "gini", "roster")
    return {name: told[name] for name in names} | {"effective": told["effective_deciders"]}


def authority_rows(window: dict[str, Any], by: str) -> dict[Any, Any]:
    rows = window["rows"]
    if by == "level":
        return {row["level"]: [row["share"], row["decisions"]] for row in rows}
    if by == "actor":
        return {row["holder"]: [row["share"], row["decisions"], row["inferred"]] for row in rows}
    if by == "body":
        parts = {row["body"]: [row["share"], row["decisions"], row["inferred"]] for row in rows}
        return {row["body"]: [*parts[row["body"]], spread(row["inside"])] for row in rows}
    return {
        row[by]: {name: row[name] for name in ("decisions", *COUNTS)}
        | {lens: spread(row["concentration"][lens]) for lens in ("node", "seat")}
        | {"top": [one["share"] for one in row["top"]]}
        for row in rows
    }


def drift_rows(window: dict[str, Any], by: str) -> dict[str, Any]:
    rows = window["rows"]
    if by == "actor":
        return {row["holder"]: [row["stated"], row["actual"], row["difference"]] for row in rows}
    if by == "domain":
        names = ("decisions", "inferred", "drift", "noise")
        return {row["domain"]: [row[name] for name in names] for row in rows}
    names = (
        "decisions",
        "inferred",
        "drift",
        "noise",
        "unstated",
        "vacant",
        "unknown",
        "deferred",
        "returned",
    )
    mandates = {
        row["stakes"]: {name: row["mandate"][name] for name in ("yes", "no", "unknown")} for row in rows
    }
    return {
        row["stakes"]: {name: row[name] for name in names} | {"mandate": mandates[row["stakes"]]}
        for row in rows
    }


@pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(n, marks=pytest.mark.long) for n in range(10, 110))])
async def test_views_of_random_histories_are_those_of_the_oracle(database: Database, seed: int) -> None:
    async with recorded(database, seed) as (connections, record), site(database) as client:
        await serve(connections, record, folded=seed % 2 == 0)
        await agrees(Asker(client, record.ledger, record.lines, Random(seed)))


@pytest.mark.parametrize("seed", SEEDS[:4])
async def test_rows_of_version_1_are_read_rightly_until_those_of_this_version_take_over(
    database: Database, seed: int
) -> None:
    async with recorded(database, seed) as (connections, record), site(database) as client:
        await serve(connections, record, folded=True)
        for statement in AS_VERSION_1:
            await record.connection.execute(statement)
        asker = Asker(client, record.ledger, record.lines, Random(seed))
        assert await record.connection.fetch(OF_VERSION_1)
        await agrees(asker)
        worker = asyncio.create_task(Worker(connections, "worker", poll=0.005).run())
        try:
            async with asyncio.timeout(20):
                while await record.connection.fetch(OF_VERSION_1):  # noqa: ASYNC110 — it happens in the database
                    await asyncio.sleep(0.02)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        assert not await record.connection.fetch(OF_VERSION_1)
        await agrees(asker)


async def agrees(asker: Asker) -> None:
    """Ask at random, of authority and drift."""
    for _ in range(QUESTIONS):
        question, (world, as_of) = asker.question(), asker.world()
        for lens in ("node", "seat"):
            answer = await asker.ask("authority", question, as_of, lens=lens)
            check_authority(answer["windows"][0], world.authority(lens, **question), lens)
            grouped = Grouped(world, lens, question)
            check_whole(answer["windows"][0], grouped)
            if asker.rng.random() < 0.5:
                await agrees_by(asker, grouped, as_of)
            answer = await asker.ask("drift", question, as_of, lens=lens)
            expected = world.drift(lens, **question)
            check_drift(answer["windows"][0], expected)


async def agrees_by(asker: Asker, grouped: Grouped, as_of: dict[str, Any]) -> None:
    """Ask group by group."""
    question, lens = grouped.question, grouped.lens
    by = asker.rng.choice(["actor", "body", "domain", "level", "stakes"])
    answer = await asker.ask("authority", question, as_of, lens=lens, by=by)
    assert authority_rows(answer["windows"][0], by) == near(listed(grouped.authority(by))), question
    by = asker.rng.choice(["actor", "domain", "stakes"])
    answer = await asker.ask("drift", question, as_of, lens=lens, by=by)
    assert drift_rows(answer["windows"][0], by) == near(listed(grouped.drift(by))), question


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_matrix_of_random_histories_is_that_of_the_oracle(database: Database, seed: int) -> None:
    async with recorded(database, seed) as (connections, record), site(database) as client:
        await serve(connections, record)
        asker = Asker(client, record.ledger, record.lines, Random(seed))
        for _ in range(QUESTIONS):
            world, as_of = asker.world()
            assert world.at is not None
            answer = await asked(client, "matrix", record.ledger, **as_of)
            expected = world.matrix(world.at)
            assert [row["domain"] for row in answer["domains"]] == sorted(expected)
            for row in answer["domains"]:
                theirs = expected[row["domain"]]
                found = row["row"]
                assert (found and found["domain"]) == theirs["row"]
                assert row["vacant"] == theirs["vacant"]
                if found:
                    assert sorted(one["holder"] for one in found["decides"]) == sorted(set(theirs["decides"]))
