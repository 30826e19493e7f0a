"""Two ledgers that ought to say the same, side by side: what one view answers of each."""

import json
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx

from services.projections.connection import pool
from tests.conftest import Database
from tests.integration.test_worker_histories import built
from tests.integration.views_site import site
from tests.questions import Asked
from tests.recorded import Recorded

Json = dict[str, Any]
GROUP = 15
PLACES = {"ended_by", "entry", "entries", "position", "row_position", "closed_position"}
SERVE = "UPDATE projections.generations SET serving = true"
_KNOWN = re.compile(r"known_at=\d+")
_WORD = re.compile(r"[^\s,;:.?`]+")
_KNOT = re.compile(r"(?<![0-9a-f])[0-9a-f]{20}(?![0-9a-f])")


class Ledger:
    """One of the two, with what each of its positions holds."""

    def __init__(self, name: str, lines: Sequence[bytes]) -> None:
        self.name, self.lines = name, lines
        said = [json.loads(line)["event"] for line in lines]
        self.events = {n: f"{event['source']} {event['id']}" for n, event in enumerate(said, 1)}

    async def ask(self, client: httpx.AsyncClient, asked: Asked) -> tuple[int, Any]:
        """The answer, with events in the place of positions."""
        response = await client.get(f"/v1/ledgers/{self.name}/{asked.path}", params=asked.parameters)
        # Links name the ledger and the position.
        text = _KNOWN.sub("known_at=0", response.text.replace(f"/ledgers/{self.name}/", "/ledgers/it/"))
        answer = json.loads(text)
        for member in ("ledger", "position", "root", "known_at"):
            answer.get("rests_on", {}).pop(member, None)
        return response.status_code, self._placed(answer)

    def _placed(self, told: Any, name: str = "") -> Any:
        if isinstance(told, dict):
            return {member: self._placed(value, member) for member, value in told.items()}
        if isinstance(told, list):
            placed = [self._placed(value, name) for value in told]
            return sorted(placed) if name == "entries" else placed
        if name in PLACES and isinstance(told, int):
            return self.events.get(told, told)
        return told


@asynccontextmanager
async def twins(database: Database, *ledgers: Ledger) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the views of ledgers, each committed in groups."""
    connection = await database.connect()
    try:
        async with pool(database.url) as connections:
            for ledger in ledgers:
                await _recorded(connection, connections, ledger)
            await connection.execute(SERVE)
    finally:
        await connection.close()
    async with site(database) as client:
        yield client


async def _recorded(connection: asyncpg.Connection, connections: asyncpg.Pool, ledger: Ledger) -> None:
    record = Recorded(connection, ledger.name, ledger.lines)
    await record.create()
    while record.frontier.size < len(record.lines):
        await record.append(GROUP)
    await built(connections, ledger.name, 50, len(record.lines))


def relined(ledger: str, entries: Sequence[Json]) -> list[bytes]:
    """Stored lines, numbered anew in this order, recorded group by group in one instant."""
    versions: dict[str, int] = {}
    lines = []
    for place, entry in enumerate(entries):
        group = entries[place - place % GROUP : place - place % GROUP + GROUP]
        subject = entry["event"]["subject"]
        versions[subject] = versions.get(subject, 0) + 1
        told = {"ledger": ledger, "position": place + 1, "version": versions[subject]}
        recorded = max(one["recorded"] for one in group)
        lines.append(json.dumps(entry | told | {"recorded": recorded}, separators=(",", ":")).encode())
    return lines


def without_knots_ids(told: Any) -> Any:
    """The same without what follows from names: the ids of knots, and the order they give."""
    return json.loads(_KNOT.sub("knot", json.dumps(told)))


def as_sets(told: Any) -> Any:
    """The same, each list and sentence in an order of its own, and numbers as exact as sums in any order."""
    if isinstance(told, dict):
        return {name: as_sets(value) for name, value in told.items()}
    if isinstance(told, list):
        return sorted(map(as_sets, told), key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(told, str):
        return " ".join(sorted(_WORD.findall(told)))
    return round(told, 9) if isinstance(told, float) else told


def differing(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        return [w for n in names for w in differing(one.get(n), other.get(n), f"{where}/{n}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [w for n, pair in pairs for w in differing(*pair, f"{where}/{n}")]
    return [] if one == other else [f"{where}: {one!r:.300} is now {other!r:.300}"]
