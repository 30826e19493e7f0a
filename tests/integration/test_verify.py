"""`locus verify` on a database: what is right passes, and each kind of tampering is named with its position."""

import json
from typing import Any

import pytest

from services.audit import verifying
from services.audit.report import Report
from services.audit.verifying import Asked
from tests.conftest import Database
from tests.integration.ledger_site import BATCH, EVENTS, LEDGER, STRUCTURED, made, site

ENTRIES = "ledger.entries"


async def recorded(database: Database, commits: tuple[int, ...] = (1, 1, 1, 3, 1, 1)) -> None:
    """A ledger with a commit of each of these sizes."""
    async with site(database) as client:
        for size in commits:
            events = [made("decision/" + "abc"[number % 3]) for number in range(size)]
            kind, body = (STRUCTURED, events[0]) if size == 1 else (BATCH, events)
            answer = await client.post(EVENTS, headers=kind, content=json.dumps(body))
            assert answer.status_code == 201, answer.text


async def checked(database: Database, **asked: Any) -> Report:
    return await verifying.of_database(
        database.url, LEDGER, Asked(target="here", **asked), lambda _done, _all: None
    )


async def tamper(database: Database, *statements: str) -> None:
    """As a superuser, who may do everything."""
    connection = await database.connect()
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def replaced(position: int, old: str, new: str) -> str:
    """An update of an entry's bytes."""
    return (
        f"UPDATE {ENTRIES} SET entry = convert_to(replace(convert_from(entry, 'UTF8'), '{old}', '{new}'), 'UTF8')"
        f" WHERE position = {position}"
    )


async def test_a_log_that_nobody_touched_is_right(database: Database) -> None:
    await recorded(database)
    report = await checked(database)
    assert (report.verdict, report.entries, report.faults_in_all) == ("right", 8, 0), report.told()


async def test_an_empty_log_is_right(database: Database) -> None:
    await recorded(database, ())
    report = await checked(database)
    assert (report.verdict, report.entries) == ("right", 0)


TAMPERING: list[tuple[str, list[str], int, set[str]]] = [
    ("a byte of an entry", [replaced(3, '"parts":2', '"parts":3')], 3, {"root"}),
    ("the subject in an entry", [replaced(2, "decision/a", "decision/z")], 2, {"column", "root", "version"}),
    (
        "two entries swapped",
        [
            f"UPDATE {ENTRIES} a SET entry = b.entry FROM {ENTRIES} b"
            " WHERE a.position IN (2, 7) AND b.position = 9 - a.position"
        ],
        2,
        {"column", "root"},
    ),
    ("an entry dropped", [f"DELETE FROM {ENTRIES} WHERE position = 3"], 3, {"order"}),
    ("the last entry cut", [f"DELETE FROM {ENTRIES} WHERE position = 8"], 8, {"order"}),
    (
        "an entry inserted",
        [
            f"INSERT INTO {ENTRIES} SELECT ledger, 9, recorded, occurred, version, latest, 'decision/y', type,"
            f" source, 'new', phase, entry FROM {ENTRIES} WHERE position = 8"
        ],
        9,
        {"column", "commit"},
    ),
    (
        "an entry back-dated",
        [
            f"UPDATE {ENTRIES} SET recorded = recorded - interval '1 year', entry = convert_to(regexp_replace("
            "convert_from(entry, 'UTF8'), '\"recorded\":\"20..', '\"recorded\":\"2001'), 'UTF8') WHERE position = 3"
        ],
        3,
        {"recorded", "root"},
    ),
    (
        "the column subject",
        [f"UPDATE {ENTRIES} SET subject = 'decision/q' WHERE position = 7"],
        7,
        {"column"},
    ),
    (
        "the column occurred",
        [f"UPDATE {ENTRIES} SET occurred = '2020-01-01Z' WHERE position = 1"],
        1,
        {"column"},
    ),
    ("a commit's root", ["UPDATE ledger.commits SET root = sha256('x') WHERE last = 6"], 6, {"commit"}),
    ("a commit's frontier", ["UPDATE ledger.commits SET frontier = '' WHERE last = 2"], 2, {"commit"}),
    ("a commit dropped", ["DELETE FROM ledger.commits WHERE last = 2"], 2, {"commit", "recorded"}),
    ("the last commit dropped", ["DELETE FROM ledger.commits WHERE last = 8"], 8, {"commit"}),
    (
        "a commit back-dated",
        ["UPDATE ledger.commits SET recorded = recorded - interval '1 year' WHERE last = 7"],
        7,
        {"recorded"},
    ),
    ("no JSON", [f"UPDATE {ENTRIES} SET entry = 'gone' WHERE position = 2"], 2, {"unreadable", "root"}),
]


@pytest.mark.parametrize(
    ("what", "statements", "position", "kinds"), TAMPERING, ids=lambda one: str(one)[:24]
)
async def test_tampering_is_named_with_its_position(
    database: Database, what: str, statements: list[str], position: int, kinds: set[str]
) -> None:
    await recorded(database)
    await tamper(database, *statements)
    report = await checked(database)
    assert report.verdict == "wrong", what
    assert report.faults[0].position == position, report.told()
    assert kinds <= {fault.kind for fault in report.faults}, report.told()


async def test_a_byte_within_a_commit_of_several_is_named_as_a_stretch(database: Database) -> None:
    await recorded(database)
    await tamper(database, replaced(5, '"parts":2', '"parts":3'))
    first = (await checked(database)).faults[0]
    assert (first.position, first.until, first.kind) == (5, 6, "root")


async def test_faults_behind_the_first_are_found_too(database: Database) -> None:
    await recorded(database)
    await tamper(database, replaced(2, '"parts":2', '"parts":3'), replaced(7, '"parts":2', '"parts":3'))
    report = await checked(database)
    assert [(fault.position, fault.kind) for fault in report.faults] == [(2, "root"), (7, "root")]
