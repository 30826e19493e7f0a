"""Refused accesses are put on record, whoever refuses them, and whoever watches can read it."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from services.platform.accesses import Accesses
from tests.conftest import Database
from tests.integration.ledger_site import EVENTS, NDJSON, STRUCTURED, bearer, made, site, token
from tests.integration.views_site import site as views

ACCESSES = "/v1/accesses"


async def recorded(client: httpx.AsyncClient, number: int, **filters: Any) -> list[dict[str, Any]]:
    """The accesses on record, once there are so many."""
    for _ in range(100):
        answer = await client.get(ACCESSES, params=filters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["accesses"]
        if len(found) >= number:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{found} are not {number}")


async def test_everything_that_is_refused_is_on_record(database: Database) -> None:
    async with site(database) as client:
        weak = bearer(await token(database, "weak", ["publish"], ["acme"], ["urn:weak"]))
        await client.get(EVENTS, headers=weak)
        await client.get(EVENTS, headers={"authorization": "Bearer nobody"})
        await client.post(EVENTS, json=made(), headers=STRUCTURED | weak)
        await client.post("/v1/ledgers/other/events", json=made(), headers=STRUCTURED | weak)
        await client.post("/v1/ledgers", json={"ledger": "mine"}, headers=weak)
        found = await recorded(client, 5)
    told = {
        (one["publisher"], one["action"], one["ledger"], one["object"], one["outcome"], one["times"])
        for one in found
    }
    assert told == {
        ("weak", "read_events", "acme", EVENTS, "forbidden", 1),
        (None, "read_events", None, None, "unauthenticated", 1),
        ("weak", "publish", "acme", "https://forge.example/org", "foreign-source", 1),
        ("weak", "publish", "other", None, "forbidden", 1),
        ("weak", "create_ledger", None, "/v1/ledgers", "forbidden", 1),
    }


async def test_a_bulk_load_of_foreign_lines_is_one_row_with_a_number(database: Database) -> None:
    async with site(database) as client:
        weak = bearer(await token(database, "weak", ["publish"], ["acme"], ["urn:weak"]))
        lines = b"\n".join(httpx.Request("POST", "http://x", json=made()).content for _ in range(40))
        await client.post(EVENTS, content=lines, headers=NDJSON | weak)
        (one,) = await recorded(client, 1)
        assert (one["outcome"], one["times"]) == ("foreign-source", 40)


async def test_the_views_put_refusals_on_record_as_well(database: Database) -> None:
    async with views(database, scopes=["history"]) as client:
        assert (await client.get("/v1/ledgers/acme/matrix")).status_code == 403
    async with site(database) as client:  # what waited was written at the end
        (one,) = await recorded(client, 1)
    assert (one["publisher"], one["action"], one["outcome"]) == ("reader", "read_matrix", "forbidden")


async def test_the_record_is_read_in_pages_and_by_ledger_and_publisher(database: Database) -> None:
    connection = await database.connect("locus_reader")
    accesses = Accesses(connection)
    for number in range(5):
        await accesses.record(
            publisher=f"p-{number % 2}", action="read_directory", ledger=f"l-{number}", outcome="read"
        )
    await connection.close()
    async with site(database) as client:
        first = (await client.get(ACCESSES, params={"limit": 3})).json()
        rest = (await client.get(ACCESSES, params={"limit": 3, "after": first["next"]})).json()
        ledgers = [one["ledger"] for one in first["accesses"] + rest["accesses"]]
        assert (ledgers, rest["next"]) == ([f"l-{number}" for number in range(5)], None)
        assert [one["ledger"] for one in await recorded(client, 2, publisher="p-1")] == ["l-1", "l-3"]
        assert [one["publisher"] for one in await recorded(client, 1, ledger="l-2")] == ["p-0"]


async def test_an_admin_of_one_ledger_reads_the_accesses_to_it_alone(database: Database) -> None:
    connection = await database.connect("locus_reader")
    for ledger in ("acme", "other", None):
        await Accesses(connection).record(publisher="p", action="x", ledger=ledger, outcome="read")
    await connection.close()
    async with site(database) as client:
        client.headers.update(bearer(await token(database, "limited", ["admin"], ["acme"])))
        assert [one["ledger"] for one in await recorded(client, 1)] == ["acme"]
        assert (await client.get(ACCESSES, params={"ledger": "other"})).status_code == 403
        client.headers.update(bearer(await token(database, "reader", ["history"])))
        assert (await client.get(ACCESSES)).status_code == 403


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 5000, "\n{}"])
async def test_whatever_is_sent_can_be_put_on_record(database: Database, text: str) -> None:
    connection = await database.connect("locus_reader")
    await Accesses(connection).record(publisher=None, action="x", ledger=text, object=text, outcome="read")
    await connection.close()
    async with site(database) as client:
        (one,) = await recorded(client, 1)
    assert one["ledger"].isprintable()
    assert len(one["object"]) <= 300


class Away:
    """A database that is away until it is not."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.written: list[Any] = []

    async def execute(self, _: str, /, *columns: Any) -> str:
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError
        self.written += zip(*columns, strict=True)
        return ""


async def test_what_waits_while_the_database_is_away_is_written_later() -> None:
    away = Away(failures=2)
    async with Accesses(away, pause=0.01) as accesses:
        for _ in range(3):
            accesses.refused(publisher="p", action="a", ledger="l", outcome="forbidden")
        await asyncio.sleep(0.3)
        assert [(row[1], row[-1]) for row in away.written] == [("p", 3)]


async def test_too_many_different_ones_are_dropped_counted_and_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = Away(failures=0)
    async with Accesses(away, pause=60) as accesses:
        for number in range(5000):
            accesses.refused(publisher="p", action="a", ledger=f"l-{number}", outcome="forbidden")
    assert len(away.written) == 1024
    assert "dropped=3976" in capsys.readouterr().out.replace("\x1b[0m", "").replace("\x1b[35m", "").replace(
        "\x1b[36m", ""
    )


async def test_what_cannot_be_put_on_record_is_told_to_who_asked() -> None:
    with pytest.raises(ConnectionRefusedError):
        await Accesses(Away(failures=1)).record(publisher="p", action="a", ledger="l", outcome="read")


@pytest.mark.parametrize("role", ["locus_appender", "locus_reader", "locus_projector", "locus_auditor"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM access.accesses",
        "UPDATE access.accesses SET times = 1",
        "DELETE FROM access.accesses",
        "TRUNCATE access.accesses",
        "INSERT INTO access.accesses (at, action, outcome, times) VALUES (now(), 'x', 'y', 1)",
    ],
)
async def test_no_login_touches_the_record_but_through_its_functions(
    database: Database, role: str, statement: str
) -> None:
    connection = await database.connect(role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for"):
        await connection.execute(statement)
    await connection.close()
