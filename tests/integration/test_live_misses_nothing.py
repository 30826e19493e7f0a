"""What a follower is told is enough: an answer that changed was named, with what it is about."""

import json
import os
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from random import Random
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest

from services.connectors import demo
from services.projections.changed import Changed, shown
from services.projections.connection import pool
from services.projections.live_http import _reads
from services.projections.views.ground import Structures, ground, snapshot
from services.projections.views.moved import moved
from tests.conftest import Database
from tests.histories import history
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER
from tests.told import event, made, opened, person, row, team

Json = dict[str, Any]
SEED = int(os.environ.get("LOCUS_SEED", "1"))
FAR = "2090-01-01"  # the same instant for both, so that nothing differs by age alone
LISTS = {
    "domain": "domains",
    "actor": "actors",
    "body": "bodies",
    "decision": "decisions",
    "initiative": "initiatives",
}
WHOLE = ("authority", "drift", "matrix", "flow", "influence", "participation", "coordination", "learning")
FILTERED = ("authority", "flow", "influence", "participation", "knots")
_KNOWN = re.compile(r"known_at=\d+")


class About(NamedTuple):
    """A question: its view, its address and what it is about."""

    view: str
    path: str
    kind: str | None = None
    id: str | None = None

    def named(self, changes: Sequence[Changed]) -> bool:
        """Whether somebody who shows its answer was told to ask again."""
        lists = [
            getattr(one, LISTS[self.kind]) if self.kind else None for one in changes if self.view in one.views
        ]
        return any(names is None or self.id in names for names in lists)


class Followed:
    """A ledger, as it was known at any position, and what was told between two."""

    def __init__(self, client: httpx.AsyncClient, connections: asyncpg.Pool) -> None:
        self.client, self.connections, self.structures = client, connections, Structures()

    async def changes(self, since: int, until: int) -> list[Changed]:
        async with snapshot(self.connections, LEDGER) as connection:
            base = await ground(connection, LEDGER, None, str(until))
            return shown(await moved(connection, base, self.structures, since), _reads())

    async def ask(self, about: About, known_at: int) -> Any:
        asked = {"at": FAR, "known_at": known_at}
        if about.kind is not None and "/" not in about.path:
            asked[about.kind] = about.id or ""
        response = await self.client.get(f"/v1/ledgers/{LEDGER}/{about.path}", params=asked)
        answer = json.loads(_KNOWN.sub("", response.text))
        answer.pop("rests_on", None)
        return answer

    async def missed(self, asked: Sequence[About], since: int, until: int) -> list[About]:
        changes = await self.changes(since, until)
        silent = [about for about in asked if not about.named(changes)]
        return [one for one in silent if await self.ask(one, since) != await self.ask(one, until)]


@asynccontextmanager
async def followed(database: Database, events: Sequence[Json]) -> AsyncGenerator[Followed]:
    async with told(database, events) as client, pool(database.url) as connections:
        yield Followed(client, connections)


def questions(events: Sequence[Json], rng: Random) -> list[About]:
    ids: dict[str, list[str]] = {}
    for one in events:
        kind, _, id = one["subject"].partition("/")
        ids.setdefault(kind, []).append(id)
    some = {kind: rng.choice(of) for kind, of in ids.items()}
    found = [About(view, view) for view in (*WHOLE, "knots", "trust")]
    found += [About(view, view, "domain", some["domain"]) for view in (*WHOLE, "knots")]
    for kind in ("actor", "body"):
        if kind in some:
            found += [About(view, view, kind, some[kind]) for view in FILTERED]
            many = rng.sample(ids[kind], min(3, len(ids[kind])))
            found += [About("remit", f"{LISTS[kind]}/{id}/remit", kind, id) for id in many]
    for kind in ("decision", "initiative"):
        many = rng.sample(ids.get(kind, []), min(10, len(ids.get(kind, []))))
        found += [About("dossier", f"{kind}s/{id}", kind, id) for id in many]
    return found


PLACE = [
    person("a"),
    *team("team", "a"),
    event(0, "domain/x", "domain.defined", name="X"),
    event(0, "domain/below", "domain.defined", name="Below", parent="x"),
    row(1, "x", "body/team"),
    event(2, "initiative/i", "initiative.proposed", title="I", domains=["x"], proposers=["actor/a"]),
    opened(3, "q", "a", initiative="i"),
    made(4, "q", "a", initiative="i"),
    event(5, "debrief/b", "debrief.held", about="decision/q", participants=["actor/a"], adjustments=[]),
    event(6, "space/s", "space.opened", name="S", kind="circle"),
]


THEN: list[tuple[Json, list[About]]] = [
    (
        row(20, "x", "z"),
        [
            About("remit", "bodies/team/remit", "body", "team"),  # the row named it until now
            About("remit", "actors/a/remit", "actor", "a"),  # by a seat
            About("matrix", "matrix", "domain", "below"),  # inherits
        ],
    ),
    (
        event(21, "lesson/l", "lesson.recorded", from_="debrief/b", text="T"),
        [About("learning", "learning", "domain", "x")],
    ),
    (
        event(22, "initiative/i", "initiative.completed", outcome="failed"),
        [About("dossier", "decisions/q", "decision", "q")],
    ),
    (
        event(23, "space/s", "space.session_held", attendees=["actor/a"]),
        [About("coordination", "coordination", "body", "team")],
    ),
    (
        made(24, "other", "z", domains=["elsewhere"]),
        [About("participation", "participation", "actor", "a")],  # the figures of all
    ),
]


async def test_whom_a_change_reaches_only_by_others_is_told_of_it(database: Database) -> None:
    async with followed(database, [*PLACE, *(one for one, _ in THEN)]) as place:
        for position, (_, concerned) in enumerate(THEN, len(PLACE)):
            changes = await place.changes(position, position + 1)
            for about in concerned:
                assert await place.ask(about, position) != await place.ask(about, position + 1), about
                assert about.named(changes), about


@pytest.mark.long
@pytest.mark.parametrize("whose", ["random", "demo"])
async def test_no_answer_changes_unsaid(database: Database, whose: str) -> None:
    rng = Random(SEED)
    events = history(Random(SEED)) if whose == "random" else list(islice(demo.events(SEED), 700))
    async with followed(database, events) as place:
        for _ in range(30):
            since = rng.randrange(5, len(events) - 5)
            until = since + rng.choice([1, 1, 1, 2, 5])
            assert await place.missed(questions(events, rng), since, until) == [], (since, until)
