"""What was refused for good over NATS is kept sealed, for a while, within bounds, to be published again."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from click.testing import CliRunner

from services import cli
from services.ledger import rejected
from services.ledger.rejected import RejectedMessages
from services.ledger.vault import Vault
from services.ledger.vault_files import KeyFiles
from services.platform.embedded import Nats
from tests.conftest import Database
from tests.described import check, document
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import EVENTS, LEDGER, SOURCE, bearer, decision, event, made, token
from tests.integration.nats_site import STRUCTURED, Site, publishing, running_nats, site
from tests.ledgers import check_log

REJECTED = f"/v1/ledgers/{LEDGER}/rejected"
SECRET = "Ada Lovelace has the measles"


@pytest.fixture(scope="module")
def server() -> Iterator[Nats]:
    with running_nats() as running:
        yield running


@pytest.fixture
async def ledger(database: Database, server: Nats, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(database, server, tmp_path) as running:
        yield running


def advice(**changes: Any) -> dict[str, Any]:
    """Somebody's words, in an event with a member that nobody knows."""
    said = {"by": "a-7", "stance": "concern", "text": SECRET, "colour": "red"} | changes
    return made("consultation/c-1", type="locus.consultation.advice_given.v1", data=said)


async def listed(site: Site) -> list[dict[str, Any]]:
    answer = await site.http.get(REJECTED)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rejected"]
    return found


async def rows(database: Database) -> list[asyncpg.Record]:
    connection = await database.connect()
    try:
        return await connection.fetch("SELECT * FROM ledger.rejected ORDER BY id")
    finally:
        await connection.close()


async def test_a_message_refused_for_good_is_listed_and_shown_as_it_was_sent(
    ledger: Site, database: Database
) -> None:
    said = advice()
    answer = await ledger.nats.send(said)
    assert answer.json["status"] == 422
    (kept,) = await listed(ledger)
    assert (kept["publisher"], kept["reason"], kept["subject"]) == (
        "forge",
        "unknown-member",
        "consultation/c-1",
    )
    assert (kept["source"], kept["event_id"]) == (SOURCE, said["id"])
    lives = datetime.fromisoformat(kept["expires"]) - datetime.fromisoformat(kept["at"])
    assert lives == timedelta(days=30)
    shown = (await ledger.http.get(f"{REJECTED}/{kept['id']}")).json()
    assert json.loads(shown["body"]) == said
    assert shown["problem"] == answer.json
    assert shown["headers"] == {"content-type": STRUCTURED}  # the token is not kept


async def test_what_is_kept_is_nowhere_in_the_clear(ledger: Site, database: Database) -> None:
    await ledger.nats.send(advice())
    await ledger.nats.send(SECRET.encode())
    await ledger.nats.send(made(SECRET, id=5, source=7))
    await ledger.nats.send([SECRET], "application/cloudevents-batch+json")
    await ledger.nats.send(advice(by=SECRET))
    found = await rows(database)
    assert len(found) == 5
    assert "Lovelace" not in str([dict(row) for row in found])
    assert ledger.nats.token not in str([dict(row) for row in found])
    assert [row["actors"] for row in found] == [["a-7"], None, ["a-1"], [], None]


async def test_reading_one_is_put_on_record(ledger: Site) -> None:
    await ledger.nats.send(advice())
    (kept,) = await listed(ledger)
    await ledger.http.get(f"{REJECTED}/{kept['id']}")
    noted = (await ledger.http.get("/v1/accesses", params={"ledger": LEDGER})).json()["accesses"]
    assert [(one["action"], one["object"]) for one in noted] == [("show_rejected", f"rejected/{kept['id']}")]


async def test_it_is_told_as_the_schema_says(ledger: Site) -> None:
    schema = await document(ledger.http)
    await ledger.nats.send(advice())
    (kept,) = await listed(ledger)
    check(schema, await ledger.http.get(REJECTED))
    check(schema, await ledger.http.get(f"{REJECTED}/{kept['id']}"))
    check(schema, retried := await ledger.http.post(f"{REJECTED}/{kept['id']}/retry"))
    assert retried.status_code == 422


async def test_what_was_impossible_can_be_published_again_once_it_is_possible(
    ledger: Site, database: Database
) -> None:
    opened = event("space.opened", "space/s-1", name="n", kind="forum", members=[], domains=[])
    await ledger.nats.send(opened)
    await ledger.nats.send(event("space.closed", "space/s-1"))
    said = event("space.closed", "space/s-1")
    assert (await ledger.nats.send(said)).json["type"] == "urn:locus:problem:impossible"
    (kept,) = await listed(ledger)
    again = await ledger.http.post(f"{REJECTED}/{kept['id']}/retry")
    assert (again.status_code, again.json()["type"]) == (422, "urn:locus:problem:impossible")
    assert len(await listed(ledger)) == 1
    first = (await check_log(database.url))[1]["event"]
    undone = event("event.retracted", "space/s-1", source=SOURCE, id=first["id"], reason="too soon")
    await ledger.nats.send(undone)
    again = await ledger.http.post(f"{REJECTED}/{kept['id']}/retry")
    assert [receipt["version"] for receipt in again.json()["receipts"]] == [4]
    assert await listed(ledger) == []
    gone = await ledger.http.post(f"{REJECTED}/{kept['id']}/retry")
    assert (gone.status_code, gone.json()["where"]) == (404, "id")


async def test_binary_messages_are_published_again_with_their_headers(
    ledger: Site, database: Database, server: Nats
) -> None:
    async with publishing(server, await token(database, "limited", sources=("urn:other",))) as publisher:
        answer = await publisher.send(
            decision(), None, ce_id="b-1", ce_specversion="1.0", ce_source=SOURCE,
            ce_type="locus.decision.made.v1", ce_subject="decision/d-1", ce_time="2026-01-31T09:30:00Z",
        )  # fmt: skip
    assert answer.json["type"] == "urn:locus:problem:foreign-source"
    (kept,) = await listed(ledger)
    assert (kept["publisher"], kept["source"], kept["subject"]) == ("limited", SOURCE, "decision/d-1")
    again = await ledger.http.post(f"{REJECTED}/{kept['id']}/retry")
    assert again.json()["receipts"][0]["id"] == "b-1"
    (entry,) = await check_log(database.url)
    assert entry["publisher"] == "forge"  # whoever published it again


async def test_only_an_admin_of_the_ledger_sees_any_of_it(ledger: Site, database: Database) -> None:
    await ledger.nats.send(advice())
    (kept,) = await listed(ledger)
    for allowed in ({"scopes": ("publish", "history")}, {"ledgers": ("other",)}):
        headers = bearer(await token(database, **allowed))  # type: ignore[arg-type] — either is an argument of it
        for path in (REJECTED, f"{REJECTED}/{kept['id']}"):
            assert (await ledger.http.get(path, headers=headers)).status_code == 403
    headers = bearer(await token(database, scopes=("admin",)))
    again = await ledger.http.post(f"{REJECTED}/{kept['id']}/retry", headers=headers)
    assert (again.status_code, again.json()["detail"]) == (403, "the token lacks the scope `publish`")
    await ledger.http.post("/v1/ledgers", json={"ledger": "other"})
    assert (await ledger.http.get(f"/v1/ledgers/other/rejected/{kept['id']}")).status_code == 404


async def test_strangers_duplicates_and_unknown_ledgers_leave_nothing_behind(
    ledger: Site, database: Database
) -> None:
    await ledger.nats.send(advice(), authorization="Bearer nonsense")
    await ledger.nats.send(advice(), ledger="nobodys")
    said = made()
    await ledger.nats.send(said)
    await ledger.nats.send(said)
    await ledger.http.post(EVENTS, json=advice(), headers={"content-type": STRUCTURED})
    assert await rows(database) == []


async def test_a_publisher_has_so_much_room_a_day_and_no_more(
    database: Database, server: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejected, "MOST_A_DAY", 3)
    async with site(database, server, tmp_path) as ledger:
        for _ in range(5):
            assert (await ledger.nats.send(advice())).json["status"] == 422
        assert len(await listed(ledger)) == 3
        async with publishing(server, await token(database, "another")) as publisher:
            await publisher.send(advice())
        assert len(await listed(ledger)) == 4
        monkeypatch.setattr(rejected, "MOST_BYTES_A_DAY", 10)
        async with publishing(server, await token(database, "a third")) as publisher:
            await publisher.send(advice())
        assert len(await listed(ledger)) == 4


async def test_messages_expire_and_go_with_the_person_they_name(ledger: Site, database: Database) -> None:
    for said in (advice(by="a-7"), advice(by="a-8"), b"nobody can tell"):
        await ledger.nats.send(said)
    async with (
        asyncpg.create_pool(dsn=database.url, user="locus_appender", min_size=0) as pool,
        asyncpg.create_pool(dsn=database.url, user="locus_vault", min_size=0) as keepers,
    ):
        moment = datetime.now(UTC)
        vault = Vault(keepers, KeyFiles(database.keys), now=lambda: moment)
        messages = RejectedMessages(pool, vault, lambda: moment)
        assert await messages.purge(LEDGER, "a-7") == 2
        (left,) = await rows(database)
        assert left["actors"] == ["a-8"]
        assert await sealing_keys(database) == [f"rejected/{left['id']}"]
        moment += timedelta(days=29)
        assert await messages.expire() == 0
        moment += timedelta(days=2)
        assert await messages.expire() == 1
        assert await sealing_keys(database) == []


async def test_who_is_named_by_a_refused_message_alone_is_erased_as_well(
    ledger: Site, database: Database
) -> None:
    await ledger.nats.send(advice(by="a-7"))
    await ledger.nats.send(b"nobody can tell")
    people = f"/v1/ledgers/{LEDGER}/people"
    nobody = await ledger.http.delete(f"{people}/a-8", params={"basis": "asked"})
    assert (nobody.status_code, len(await rows(database))) == (404, 2)
    assert (await ledger.http.get(f"{people}/a-7")).json()["refused"] is True
    await ledger.http.put(f"{people}/a-7/hold", json={"reason": "case 7"})
    kept = await ledger.http.delete(f"{people}/a-7", params={"basis": "asked"})
    assert (kept.status_code, len(await rows(database))) == (409, 2)
    await ledger.http.delete(f"{people}/a-7/hold")
    done = (await ledger.http.delete(f"{people}/a-7", params={"basis": "asked"})).json()
    assert (done["position"], done["final_by"] > done["erased_at"]) == (1, True)
    assert (await rows(database), await sealing_keys(database)) == ([], [])
    again = await ledger.nats.send(advice(by="a-7"))
    assert (again.json["status"], await rows(database)) == (422, [])
    assert (await ledger.http.get(f"{people}/a-7")).json()["refused"] is False


async def sealing_keys(database: Database) -> list[str]:
    """Of messages: whose rows may lie about in copies, and say nothing without them."""
    connection = await database.connect()
    try:
        found = await connection.fetch("SELECT holder FROM vault.keys WHERE holder LIKE 'rejected/%'")
    finally:
        await connection.close()
    return [row["holder"] for row in found]


async def test_a_message_whose_key_is_gone_says_so(
    ledger: Site, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.nats.send(advice())
    (kept,) = await listed(ledger)
    connection = await database.connect()
    await connection.execute("UPDATE ledger.rejected SET sealed = sealed || 'x'")
    await connection.close()
    answer = await ledger.http.get(f"{REJECTED}/{kept['id']}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:unopenable")
    assert "altered" in answer.json()["detail"] or "changed" in answer.json()["detail"]


@pytest.mark.parametrize("role", ["locus_appender", "locus_reader", "locus_projector", "locus_relay"])
async def test_no_role_that_can_log_in_touches_the_table(ledger: Site, database: Database, role: str) -> None:
    await ledger.nats.send(advice())
    connection = await database.connect(role)
    await connection.execute("SET locus.ledger = 'acme'")
    for statement in ("SELECT * FROM", "DELETE FROM", "TRUNCATE"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"{statement} ledger.rejected")
    await connection.close()
    assert len(await rows(database)) == 1


async def test_the_command_line_lists_shows_and_retries(
    database: Database, server: Nats, tmp_path: Path
) -> None:
    nats = {"LOCUS_NATS_URL": server.url_of("intake")}
    secret = await token(database)
    async with (
        serving(database, **nats) as url,
        httpx.AsyncClient(base_url=url, headers=bearer(secret)) as http,
        publishing(server, await token(database, "limited", sources=("urn:other",))) as publisher,
    ):
        await http.post("/v1/ledgers", json={"ledger": LEDGER})
        environment = {"LOCUS_URL": url, "LOCUS_TOKEN": secret, "COLUMNS": "200"}
        assert "no refused message is kept" in await told(environment, "list")
        await publisher.send(made("decision/d-1"))
        (kept,) = json.loads(await told(environment, "list", "--json"))["rejected"]
        assert "foreign-source" in await told(environment, "list")
        assert "left out: a wider terminal or" in await told(environment | {"COLUMNS": "40"}, "list")
        assert "this token may not publish as" in await told(environment, "show", kept["id"])
        assert "position 1: decision/d-1" in await told(environment, "retry", kept["id"])
        assert "no message" in await told(environment, "retry", kept["id"], code=5)


async def told(environment: dict[str, str], *arguments: str, code: int = 0) -> str:
    """What the command says."""

    words = ["rejected", *arguments, "--ledger", LEDGER]
    done = await asyncio.to_thread(CliRunner(env=environment).invoke, cli.main, words)
    assert done.exit_code == code, done.output
    return done.output
