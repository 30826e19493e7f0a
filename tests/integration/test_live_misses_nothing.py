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
from tests.histories import far_apart, history
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER
from tests.told import event, made, opened, overridden, person, row, team

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
SERIES = ("authority", "drift", "flow", "influence")
WHOLE = (*SERIES, "matrix", "participation", "coordination", "learning", "trust")
FILTERED = {
    "domain": (*WHOLE, "knots"),
    "actor": (*SERIES, "participation", "knots"),
    "body": (*SERIES, "participation", "coordination", "learning", "trust", "knots"),
}
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
    for subject in sorted({one["subject"] for one in events}):
        kind, _, id = subject.partition("/")
        ids.setdefault(kind, []).append(id)
    found = [About(view, view) for view in (*WHOLE, "knots")]
    for kind, views in FILTERED.items():
        for id in some(ids.get(kind, []), 3, rng):
            found += [About(view, view, kind, id) for view in views]
            found.append(About("remit", f"{LISTS[kind]}/{id}/remit", kind, id))
    for kind in ("decision", "initiative"):
        found += [About("dossier", f"{kind}s/{id}", kind, id) for id in some(ids.get(kind, []), 10, rng)]
    return found


def some(ids: list[str], many: int, rng: Random) -> list[str]:
    return rng.sample(ids, min(many, len(ids)))


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


APART = [
    *(person(id) for id in ("ann", "bob", "cia", "old")),
    event(1, "actor/old", "actor.merged", into="bob"),
    *team("crew", "ann"),
    *team("pair", "ann"),
    opened(8, "crews", "cia", "body/crew"),
    event(0, "domain/root", "domain.defined", name="Root"),
    event(0, "domain/a", "domain.defined", name="A", parent="root"),
    event(150, "domain/a", "domain.updated", name="A"),  # alone since
    event(0, "domain/z", "domain.defined", name="Z"),
    event(2, "initiative/i", "initiative.proposed", title="I", domains=["a"], proposers=["actor/ann"]),
    opened(3, "open", "ann", "ann", domains=["a"]),
    made(4, "ours", "ann", domains=["a"]),
    made(4, "theirs", "ann", domains=["z"]),
    overridden(5, "theirs", "bob"),
    opened(6, "both", "ann", "ann", domains=["z", "a"]),
    event(
        7, "consultation/c", "consultation.requested", about="decision/both", asked=["actor/cia"], by="ann"
    ),
    event(8, "consultation/c", "consultation.advice_given", by="cia", stance="support"),
    made(9, "both", "ann", domains=["z", "a"]),
    event(10, "lesson/l", "lesson.recorded", from_="decision/ours", text="T", proposes_row="z"),
    row(10, "z", "ann", basis="lesson/late"),
    event(11, "space/s", "space.opened", name="S", kind="forum", cadence="P1M", domains=["root"]),
    event(
        12, "space/s", "space.session_held", attendees=["actor/ann"], decisions=["ours"], upcoming=["Next"]
    ),
]


MEANWHILE: list[tuple[Json, list[About]]] = [
    (
        event(20, "pulse/p", "pulse.recorded", body="crew", question="trust", experienced=0.2, respondents=6),
        [About("trust", "trust", "domain", "z")],  # of the body, whatever was decided
    ),
    (
        event(
            21, "initiative/late", "initiative.proposed", title="L", domains=["a"], proposers=["actor/cia"]
        ),
        [About("flow", "flow", "domain", "root")],  # above `a` then
    ),
    (
        event(22, "initiative/i", "initiative.paused", reason="R", waiting_on="actor/cia"),
        [About("flow", "flow", "domain", "root")],
    ),
    (
        event(23, "experiment/x", "experiment.started", initiative="i", hypothesis="H"),
        [About("learning", "learning", "domain", "root")],
    ),
    (
        opened(24, "later", "ann", "ann", domains=["a"]),
        [About("flow", "flow", "domain", "root")],
    ),
    (
        event(
            25, "decision/open", "decision.escalated", by="ann", from_="actor/ann", to="actor/cia", reason="R"
        ),
        [About("flow", "flow", "domain", "root")],
    ),
    (
        event(
            26,
            "consultation/d",
            "consultation.requested",
            about="decision/theirs",
            asked=["actor/cia"],
            by="cia",
        ),
        [About("flow", "flow", "actor", "bob")],  # his is the last word
    ),
    (
        made(27, "other", "cia", domains=["z"], outcome="rejected"),
        [About("influence", "influence", "domain", "a")],  # the rate where advised decisions are at home
    ),
    (
        event(50, "space/s", "space.session_held", attendees=["actor/cia"], decisions=["theirs"]),
        [About("coordination", "coordination", "domain", "a")],  # which the space had shared something of
    ),
    (
        made(51, "his", "bob", domains=["z"]),
        [About("authority", "authority", "actor", "old"), About("flow", "flow", "actor", "old")],
    ),
    (
        made(52, "next", "cia", domains=["z"], title="Next"),
        [About("coordination", "coordination", "domain", "root")],  # where it was announced
    ),
    (
        row(53, "z", "cia", basis="lesson/l"),
        [About("learning", "learning", "domain", "a")],
    ),
    (
        event(9, "lesson/late", "lesson.recorded", from_="decision/open", text="T"),
        [About("learning", "learning", "domain", "z")],  # where a row rests on it
    ),
    (
        event(54, "lesson/crews", "lesson.recorded", from_="decision/crews", text="T"),
        [About("learning", "learning", "body", "pair")],  # somebody of it sits in the other, too
    ),
]


@pytest.mark.parametrize(("before", "then"), [(PLACE, THEN), (APART, MEANWHILE)])
async def test_whom_a_change_reaches_only_by_others_is_told_of_it(
    database: Database, before: list[Json], then: list[tuple[Json, list[About]]]
) -> None:
    unsaid = []
    async with followed(database, [*before, *(one for one, _ in then)]) as place:
        for position, (_, concerned) in enumerate(then, len(before)):
            changes = await place.changes(position, position + 1)
            for about in concerned:
                assert await place.ask(about, position) != await place.ask(about, position + 1), about
                unsaid += [] if about.named(changes) else [(position + 1, about)]
    assert unsaid == []


@pytest.mark.parametrize("most", [4, 100])
async def test_work_of_very_many_parts_is_told_as_anything_and_not_gone_through(
    database: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("services.projections.views.moved._MOST_ROWS", most)
    proposed = event(1, "initiative/i", "initiative.proposed", title="T", domains=["x"], proposers=[])
    parts = [made(2 + n, f"d-{n}", "ann", initiative="i") for n in range(8)]
    async with followed(database, [proposed, *parts]) as place:
        (flow,) = [one for one in await place.changes(8, 9) if "flow" in one.views]
    assert flow.domains == (None if most == 4 else ["x"])


@pytest.mark.long
@pytest.mark.parametrize("whose", ["random", "far apart", "demo"])
async def test_no_answer_changes_unsaid(
    database: Database, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(SEED)
    if whose == "far apart":
        far_apart(monkeypatch)
    events = list(islice(demo.events(SEED), 700)) if whose == "demo" else history(Random(SEED))
    async with followed(database, events) as place:
        for _ in range(30):
            since = rng.randrange(5, len(events) - 5)
            until = since + rng.choice([1, 1, 1, 2, 5])
            assert await place.missed(questions(events, rng), since, until) == [], (since, until)
