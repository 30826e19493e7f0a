"""`locus verify` on a database: what is right passes, each kind of tampering is named with its position."""

import json
from typing import Any

import asyncpg
import pytest

from services.audit import reading, verifying, work
from services.audit.claims import Trust
from services.audit.report import Report
from services.audit.verifying import Asked
from services.failures import CommandFailed
from services.platform.checkpoint import Checkpoint
from services.platform.merkle import Frontier, leaf_hash
from services.platform.note import Note, Signer, signed
from tests.audits import LOG
from tests.conftest import Database
from tests.integration.ledger_site import BATCH, EVENTS, LEDGER, STRUCTURED, decision, event, made, site

REPLACED = (
    "UPDATE ledger.entries SET entry = convert_to(replace(convert_from(entry, 'UTF8'), 'OLD', 'NEW'), 'UTF8')"
    " WHERE position = "
)


async def recorded(database: Database, commits: tuple[int, ...] = (1, 1, 1, 3, 1, 1)) -> None:
    """A ledger with a commit of each of these sizes."""
    async with site(database) as client:
        for size in commits:
            events = [made("decision/" + "abc"[number % 3]) for number in range(size)]
            kind, body = (STRUCTURED, events[0]) if size == 1 else (BATCH, events)
            answer = await client.post(EVENTS, headers=kind, content=json.dumps(body))
            assert answer.status_code == 201, answer.text


@pytest.fixture(
    params=[(2, reading.SLICE), (work.STRETCH, 2)], ids=["stretches of 2", "slices of 2"], autouse=True
)
def cut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found must not depend on where the log is cut."""
    stretch, slice = request.param
    monkeypatch.setattr(verifying, "STRETCH", stretch)
    monkeypatch.setattr(reading, "SLICE", slice)


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
    return REPLACED.replace("OLD", old).replace("NEW", new) + str(position)


async def test_a_log_that_nobody_touched_is_right(database: Database) -> None:
    await recorded(database)
    report = await checked(database)
    assert (report.verdict, report.entries, report.faults_in_all) == ("right", 8, 0), report.told()


async def test_an_auditor_s_own_login_is_enough(database: Database) -> None:
    await recorded(database)
    await tamper(database, "CREATE ROLE our_auditor LOGIN IN ROLE locus_auditor")
    try:
        report = await verifying.of_database(
            f"{database.url}&user=our_auditor", LEDGER, Asked(target="here"), lambda _done, _all: None
        )
        assert (report.verdict, report.entries) == ("right", 8), report.told()
    finally:
        await tamper(database, "DROP ROLE our_auditor")


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
            "UPDATE ledger.entries a SET entry = b.entry FROM ledger.entries b"
            " WHERE a.position IN (2, 7) AND b.position = 9 - a.position"
        ],
        2,
        {"column", "root"},
    ),
    ("an entry dropped", ["DELETE FROM ledger.entries WHERE position = 3"], 3, {"order"}),
    ("the last entry cut", ["DELETE FROM ledger.entries WHERE position = 8"], 8, {"order"}),
    (
        "an entry inserted",
        [
            "INSERT INTO ledger.entries SELECT ledger, 9, recorded, occurred, version, latest, 'decision/y',"
            " type, source, 'new', phase, entry FROM ledger.entries WHERE position = 8"
        ],
        9,
        {"column", "commit"},
    ),
    (
        "an entry back-dated",
        [
            "UPDATE ledger.entries SET recorded = recorded - interval '1 year', entry = convert_to("
            "regexp_replace(convert_from(entry, 'UTF8'), '\"recorded\":\"20..', '\"recorded\":\"2001'),"
            " 'UTF8') WHERE position = 3"
        ],
        3,
        {"recorded", "root"},
    ),
    (
        "the column subject",
        ["UPDATE ledger.entries SET subject = 'decision/q' WHERE position = 7"],
        7,
        {"column"},
    ),
    (
        "the column occurred",
        ["UPDATE ledger.entries SET occurred = '2020-01-01Z' WHERE position = 1"],
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
    ("no JSON", ["UPDATE ledger.entries SET entry = 'gone' WHERE position = 2"], 2, {"unreadable", "root"}),
]


@pytest.mark.parametrize(
    ("what", "statements", "position", "kinds"), TAMPERING, ids=[one[0] for one in TAMPERING]
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


async def test_the_narrowest_place_comes_first(database: Database) -> None:
    await recorded(database)
    note = await kept(database, 8)
    await tamper(database, replaced(5, '"parts":2', '"parts":3'))
    faults = (await checked(database, checkpoints=[note])).faults
    assert [(fault.position, fault.until, fault.kind) for fault in faults] == [
        (5, 6, "root"),
        (1, 8, "checkpoint"),
    ]


NOWHERE = [
    (
        "entries",
        "INSERT INTO ledger.entries SELECT ledger, {place}, recorded, occurred, 9, latest, subject, type,"
        " source, 'new', phase, 'x' FROM ledger.entries WHERE position = 8",
        "position {place}",
    ),
    (
        "commits",
        "INSERT INTO ledger.commits SELECT ledger, {place}, {place}, recorded - interval '1h', root,"
        " frontier FROM ledger.commits WHERE last = 8",
        "last {place}",
    ),
    ("mentions", "INSERT INTO ledger.mentions VALUES ('acme', 'actor', 'x', {place})", "position {place}"),
]


@pytest.mark.parametrize("place", [-9, 0])
@pytest.mark.parametrize(("table", "insert", "named"), NOWHERE, ids=[one[0] for one in NOWHERE])
async def test_a_row_before_the_first_position_is_named(
    database: Database, table: str, insert: str, named: str, place: int
) -> None:
    await recorded(database)
    await tamper(
        database,
        "ALTER TABLE ledger.entries DROP CONSTRAINT entries_place",
        "ALTER TABLE ledger.commits DROP CONSTRAINT commits_some",
        insert.format(place=place),
    )
    (fault,) = (await checked(database)).faults
    where = named.format(place=place if place or table != "mentions" else "0 or NULL")
    assert (fault.position, fault.what) == (0, f"ledger.{table} holds a row where there can be none: {where}")


async def test_the_ledger_takes_no_entry_before_the_first_position(database: Database) -> None:
    await recorded(database)
    with pytest.raises(asyncpg.CheckViolationError, match="entries_place"):
        await tamper(database, NOWHERE[0][1].format(place=0))


async def test_a_login_that_is_no_auditor_is_told_what_it_needs(database: Database) -> None:
    await recorded(database, ())
    await tamper(database, "CREATE ROLE nobody_yet LOGIN")
    try:
        with pytest.raises(CommandFailed, match="GRANT locus_auditor TO"):
            await verifying.of_database(
                f"{database.url}&user=nobody_yet", LEDGER, Asked(target="here"), lambda _done, _all: None
            )
    finally:
        await tamper(database, "DROP ROLE nobody_yet")


async def test_faults_behind_the_first_are_found_too(database: Database) -> None:
    await recorded(database)
    await tamper(database, replaced(2, '"parts":2', '"parts":3'), replaced(7, '"parts":2', '"parts":3'))
    report = await checked(database)
    assert [(fault.position, fault.kind) for fault in report.faults] == [(2, "root"), (7, "root")]


async def test_a_version_or_an_identity_that_is_there_twice_is_named(database: Database) -> None:
    await recorded(database)
    await tamper(
        database,
        "ALTER TABLE ledger.entries DROP CONSTRAINT entries_identity",
        "ALTER TABLE ledger.entries DROP CONSTRAINT entries_subject_version",
        "UPDATE ledger.entries a SET version = b.version, source = b.source, id = b.id, subject = b.subject"
        " FROM ledger.entries b WHERE a.position = 8 AND b.position = 1",
        "UPDATE ledger.entries a SET entry = convert_to(replace(convert_from(b.entry, 'UTF8'),"
        " '\"position\":1,', '\"position\":8,'), 'UTF8') FROM ledger.entries b"
        " WHERE a.position = 8 AND b.position = 1",
    )
    kinds = {fault.kind for fault in (await checked(database)).faults if fault.position == 8}
    assert {"identity", "version", "root"} <= kinds


MENTIONS = [
    ("dropped", "DELETE FROM ledger.mentions WHERE kind = 'actor' AND position = 3", [3]),
    ("moved", "UPDATE ledger.mentions SET position = 99 WHERE kind = 'domain' AND position = 8", [8, 99]),
    ("added", "INSERT INTO ledger.mentions VALUES ('acme', 'actor', 'x', 5)", [5]),
    ("all gone", "DELETE FROM ledger.mentions", [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8]),
]


@pytest.mark.parametrize(("what", "statement", "places"), MENTIONS, ids=[one[0] for one in MENTIONS])
async def test_an_entry_hidden_from_filters_or_shown_by_them_wrongly_is_named(
    database: Database, what: str, statement: str, places: list[int]
) -> None:
    await recorded(database)
    await tamper(database, statement)
    faults = (await checked(database)).faults
    assert [(fault.position, fault.kind) for fault in faults] == [(at, "mention") for at in places], what


async def test_what_a_correction_names_in_the_place_of_other_things_is_looked_for_too(
    database: Database,
) -> None:
    async with site(database) as client:
        first = made("decision/a")
        second = event(
            "event.corrected",
            "decision/a",
            source=first["source"],
            id=first["id"],
            reason="other domain",
            data=decision(domains=["sales"]),
        )
        for one in (first, second):
            answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(one))
            assert answer.status_code == 201, answer.text
    assert (await checked(database)).verdict == "right"
    await tamper(database, "DELETE FROM ledger.mentions WHERE value = 'sales'")
    faults = (await checked(database)).faults
    assert [(fault.position, fault.kind) for fault in faults] == [(2, "mention")]


async def test_a_tile_names_the_very_entry_that_was_changed_in_a_large_commit(database: Database) -> None:
    await recorded(database, (200, 200))
    await tamper(database, replaced(77, '"parts":2', '"parts":3'))
    report = await checked(database)
    assert {(fault.position, fault.kind) for fault in report.faults} == {(77, "tile"), (77, "root")}


TILES = [
    ("a byte of a tile", "UPDATE ledger.tiles SET hashes = overlay(hashes placing 'x' from 33)", 2, None),
    ("a tile dropped", "DELETE FROM ledger.tiles", 1, 256),
    ("a node", "UPDATE ledger.nodes SET hash = sha256('x')", 1, 256),
    ("a node dropped", "DELETE FROM ledger.nodes", 1, 256),
    (
        "a tile of entries that are not there",
        "INSERT INTO ledger.tiles SELECT ledger, 1, hashes FROM ledger.tiles",
        261,
        512,
    ),
]


@pytest.mark.parametrize(("what", "statement", "first", "last"), TILES, ids=[one[0] for one in TILES])
async def test_a_tile_that_is_not_the_trees_is_named(
    database: Database, what: str, statement: str, first: int, last: int | None
) -> None:
    await recorded(database, (260,))
    assert (await checked(database)).verdict == "right"
    await tamper(database, statement)
    faults = (await checked(database)).faults
    assert [(fault.position, fault.until, fault.kind) for fault in faults] == [(first, last, "tile")], what


async def kept(database: Database, size: int, key: Signer = LOG) -> tuple[str, bytes]:
    """A checkpoint that somebody took of the first entries."""
    connection = await database.connect()
    try:
        origin = await connection.fetchval("SELECT origin FROM ledger.ledgers")
        lines = await connection.fetch(
            "SELECT entry FROM ledger.entries WHERE position <= $1 ORDER BY position", size
        )
    finally:
        await connection.close()
    root = Frontier().extend(leaf_hash(row["entry"]) for row in lines).root()
    return "kept", str(signed(str(Checkpoint(origin, size, root)), [key.named(origin)])).encode()


async def rewritten(database: Database) -> None:
    """Everything made anew over other bytes, commits and tiles too: what whoever has the database can do."""
    connection = await database.connect()
    try:
        await connection.execute(replaced(3, '"parts":2', '"parts":3'))
        lines = await connection.fetch("SELECT entry FROM ledger.entries ORDER BY position")
        for row in await connection.fetch("SELECT last FROM ledger.commits"):
            tree = Frontier().extend(leaf_hash(line["entry"]) for line in lines[: row["last"]])
            await connection.execute(
                "UPDATE ledger.commits SET root = $1, frontier = $2 WHERE last = $3",
                tree.root(),
                tree.to_bytes(),
                row["last"],
            )
    finally:
        await connection.close()


async def test_a_rewrite_of_everything_shows_against_a_kept_checkpoint(database: Database) -> None:
    await recorded(database)
    early, late = await kept(database, 2), await kept(database, 7)
    await rewritten(database)
    assert (await checked(database)).verdict == "right", "nothing inside shows it"
    report = await checked(database, checkpoints=[early, late])
    assert [(fault.position, fault.until, fault.kind) for fault in report.faults] == [(3, 7, "checkpoint")]


async def test_a_tail_cut_with_its_commits_shows_against_a_kept_checkpoint(database: Database) -> None:
    await recorded(database)
    note = await kept(database, 8)
    await tamper(
        database,
        "DELETE FROM ledger.entries WHERE position > 6",
        "DELETE FROM ledger.commits WHERE last > 6",
        "DELETE FROM ledger.mentions WHERE position > 6",
    )
    assert (await checked(database)).verdict == "right", "nothing inside shows it"
    fault = (await checked(database, checkpoints=[note])).faults[0]
    assert (fault.position, fault.kind) == (7, "checkpoint")
    assert "end at position 6" in fault.what


async def test_a_size_stored_beside_the_checkpoint_that_is_not_its_own_is_named(database: Database) -> None:
    await recorded(database)
    _, note = await kept(database, 7)
    connection = await database.connect()
    await connection.execute("INSERT INTO ledger.checkpoints VALUES ('acme', 7, $1)", note.decode())
    await connection.close()
    assert (await checked(database)).verdict == "right"
    await tamper(database, "UPDATE ledger.checkpoints SET size = 6")
    assert [(fault.position, fault.kind) for fault in (await checked(database)).faults] == [(0, "column")]


async def test_a_checkpoint_of_another_key_is_not_believed(database: Database) -> None:
    await recorded(database)
    _, note = await kept(database, 8, Signer("other", b"\5" * 32))
    origin = Checkpoint.parse(Note.parse(note).text).origin
    trust = Trust(keys=(LOG.named(origin).verifier,))
    report = await checked(database, checkpoints=[("kept", note)], trust=trust)
    assert (report.verdict, report.faults[0].kind) == ("wrong", "checkpoint")
    assert (await checked(database, checkpoints=[await kept(database, 8)], trust=trust)).verdict == "right"
