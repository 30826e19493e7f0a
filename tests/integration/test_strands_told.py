"""What reaches beyond a strand, or beyond its last word, is not left out of what is read for a question."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain
from random import Random
from typing import Any

import pytest

from services.projections import weaving
from services.projections.connection import pool
from services.projections.views.ground import ground, snapshot
from tests.conftest import Database
from tests.integration.test_strands import LEDGER, VIEWS, Answers, folded, ready
from tests.integration.test_worker_histories import followed
from tests.recorded import Recorded, entries
from tests.told import event, made, on, opened, person, row
from tests.unruly import DAYS, DOMAINS, unruly

Json = dict[str, Any]
LATE = {"from": on(100).isoformat()}


def proposed(day: float, id: str, domain: str, **data: Any) -> Json:
    told = {"title": "I", "domains": [domain], "proposers": ["actor/b"]}
    return event(day, f"initiative/{id}", "initiative.proposed", **told | data)


def asked(day: float, id: str, about: str) -> Json:
    return event(day, f"consultation/{id}", "consultation.requested", about=about, asked=["actor/b"], by="a")


def superseded(day: float, id: str) -> Json:
    return event(day, f"decision/{id}", "decision.superseded", by_decision="other")


def corrected(of: Json, **data: Any) -> Json:
    """What was told, told otherwise."""
    new = of["data"] | data
    data = {name: value for name, value in new.items() if value is not None}
    named = {"source": of["source"], "id": of["id"], "reason": "R", "data": data}
    return event(40, of["subject"], "event.corrected", **named)


def histories() -> dict[str, list[Json]]:
    """By the domain each is about. All is over by the fiftieth day but for what the name says."""
    of_none = made(3, "unfiled", "a", domains=["no more of it"], initiative="left")
    domains = ["never proposed"]
    return {
        "asked as it was made": [
            made(5, "tied", "a", domains=["asked as it was made"]),
            asked(5, "tied", "decision/tied"),
        ],
        "filed elsewhere": [
            proposed(1, "first", "filed elsewhere"),
            proposed(1, "second", "filed elsewhere"),
            asked(2, "first", "initiative/first"),
            opened(2, "refiled", "a", domains=["filed elsewhere"], initiative="first"),
            made(3, "refiled", "a", domains=["filed elsewhere"], initiative="second"),
        ],
        "no more of it": [
            proposed(1, "left", "no more of it"),
            of_none,
            corrected(of_none, initiative=None),
        ],
        "superseded unmade": [
            opened(1, "unmade", "a", "b", domains=["superseded unmade"]),
            superseded(2, "unmade"),
        ],
        "paused before": [
            event(1, "initiative/paused", "initiative.paused", reason="R", waiting_on="actor/b"),
            proposed(2, "paused", "paused before"),
            made(3, "paused", "a", domains=["paused before"], initiative="paused"),
        ],
        "completed before": [
            event(1, "initiative/early", "initiative.completed"),
            proposed(2, "early", "completed before"),
        ],
        "never proposed": [
            asked(1, "unheard", "initiative/unheard"),
            opened(90, "unheard", "a", domains=domains, initiative="unheard"),
            made(110, "unheard", "a", domains=domains, initiative="unheard"),
        ],
        "a row of it": [
            made(1, "taught", "a", domains=["taught"], stakes="high"),
            event(2, "lesson/rests", "lesson.recorded", from_="decision/taught", text="L"),
            row(105, "a row of it", "b", basis="lesson/rests"),
        ],
        "would be changed": [
            made(1, "elsewhere", "a", domains=["elsewhere"]),
            event(
                2,
                "lesson/wish",
                "lesson.recorded",
                from_="decision/elsewhere",
                text="L",
                proposes_row="would be changed",
            ),
            asked(3, "wish", "lesson/wish"),
        ],
        "joined last": [
            proposed(1, "joined", "closed"),
            event(2, "initiative/joined", "initiative.withdrawn"),
            opened(3, "joining", "a", domains=["joined last"]),
            made(106, "joining", "a", domains=["joined last"], initiative="joined"),
        ],
    }


def questions(rng: Random | None = None) -> Iterator[Json]:
    """About each domain and about all there is, from the hundredth day and for ever; or at random."""
    if rng is None:
        for domain in histories():
            yield {"domain": domain}
            yield LATE | {"domain": domain}
            yield LATE | {"domain": domain, "stakes": "high"}
        yield LATE
    for _ in range(25 if rng else 0):
        day = rng.choice((rng.randrange(DAYS + 10), DAYS + 10))
        first, last = on(day).isoformat(), on(day + rng.choice((1, 10))).isoformat()
        given = {
            "from": first,
            "to": last,
            "domain": rng.choice(DOMAINS),
            "stakes": "high",
            "interval": "week",
        }
        odds = {"from": 0.6, "to": 0.4, "domain": 0.5, "stakes": 0.3, "interval": 0.2}
        yield {name: value for name, value in given.items() if rng.random() < odds[name]}


async def holds(
    database: Database,
    events: Sequence[Json],
    first: int,
    monkeypatch: pytest.MonkeyPatch,
    rng: Random | None,
) -> None:
    """Asked of strands that were folded before the last entries were told, then of all."""
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, events, timedelta(hours=3)))
    try:
        async with pool(database.url) as connections:
            number = await ready(connections, record, first)
            for upto in (first, len(events)):
                await folded(connections, number, upto)
                await record.append(len(events))
                await followed(connections, LEDGER, number, 500, len(events))
                async with snapshot(connections, LEDGER) as reading:
                    answers = Answers(reading, monkeypatch)
                    for given in questions(rng):
                        at = on(rng.choice((rng.randrange(DAYS), 200)) if rng else 200).isoformat()
                        early = rng is not None and rng.random() < 0.5
                        known = str(rng.randrange(len(events))) if early and rng else None
                        ground_ = await ground(reading, LEDGER, at, known)
                        for view in VIEWS.values():
                            narrow, whole = await answers.both(view, given, ground_)
                            assert narrow == whole, (upto, view.name, given, at, known)
    finally:
        await connection.close()


async def test_what_reaches_beyond_a_strand_is_answered_as_from_everything(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [person("a"), person("b"), *chain.from_iterable(histories().values())]
    await holds(database, events, len(events) - 1, monkeypatch, None)


@pytest.mark.parametrize(
    "seed", [0, 5, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(6, 30))]
)
async def test_whatever_is_said_of_whatever_is_answered_as_from_everything(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(seed)
    events = unruly(rng, rng.choice((30, 60, 120)))
    monkeypatch.setattr(weaving, "STEP", rng.choice((1, 7, 400)))
    await holds(database, events, rng.randrange(len(events) // 2, len(events)), monkeypatch, rng)
