"""People: sealed when stored, opened in the directory alone, erased for good, held if they must be."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from click.testing import CliRunner

from schemas import Event, actor, decision
from services import cli
from services.ledger.appender import Appender
from services.ledger.errors import Conflict, Refused
from services.ledger.history import History
from services.ledger.main import readers
from services.ledger.people import People, Person
from services.ledger.vault import Vault
from services.ledger.vault_files import KeyFiles, KeysMissing
from services.platform.database import as_role
from tests import recorded
from tests.conftest import Database
from tests.integration.ledger_process import address, serving, started
from tests.integration.ledger_site import (
    EVENTS,
    LEDGER,
    STRUCTURED,
    bearer,
    event,
    made,
    site,
    site_again,
    token,
)
from tests.ledgers import appending as appending_with
from tests.ledgers import check_log, keeping, now
from tests.ledgers import event as said

PEOPLE = f"/v1/ledgers/{LEDGER}/people"
DIRECTORY = f"/v1/ledgers/{LEDGER}/directory"
ADA = {"kind": "person", "profile": {"name": "Ada Marker", "email": "ada@marker.example"}}
BASIS = {"basis": "asked for it"}


async def publish(client: httpx.AsyncClient, *sent: dict[str, Any]) -> list[dict[str, Any]]:
    answers = [await client.post(EVENTS, json=one, headers=STRUCTURED) for one in sent]
    assert [answer.status_code for answer in answers] == [201] * len(sent), [a.text for a in answers]
    return [answer.json() for answer in answers]


async def directory(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get(DIRECTORY)
    assert answer.headers["cache-control"] == "no-store"
    people: list[dict[str, Any]] = answer.json()["people"]
    return people


async def erase(client: httpx.AsyncClient, id: str = "a-1") -> httpx.Response:
    return await client.request("DELETE", f"{PEOPLE}/{id}", json=BASIS)


def reason(text: str | None, by: str = "a-1", **more: Any) -> dict[str, Any]:
    """A position taken."""
    words = {} if text is None else {"reason": text}
    return event("decision.position_taken", "decision/d-1", by=by, value="block", **words) | more


async def superuser(database: Database, statement: str, *arguments: Any) -> list[asyncpg.Record]:
    connection = await database.connect()
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


async def test_what_is_personal_is_sealed_for_every_reader_and_opened_in_the_directory(
    database: Database,
) -> None:
    async with site(database) as client:
        registered = event("actor.registered", "actor/a-1", **ADA)
        await publish(client, registered, reason("Marker of a reason"))
        await publish(
            client, event("consultation.advice_given", "consultation/c", stance="concern", text="Marker")
        )
        for accept in ("application/json", "application/x-ndjson"):
            history = (await client.get(EVENTS, headers={"accept": accept})).text
            assert history.count('"sealed.v1.') == 3
            assert "arker" not in history
        people = await directory(client)
        holders = await superuser(database, "SELECT holder FROM vault.keys ORDER BY holder")
        read = (await client.get("/v1/accesses")).json()["accesses"]
    assert people == [{"actor": "a-1", **ADA}]
    assert [row["holder"] for row in holders] == ["actor/a-1", "consultation/c"]
    assert ("read_directory", LEDGER, "actor/a-1", "answered") in [
        (one["action"], one["ledger"], one["object"], one["outcome"]) for one in read
    ]
    await check_log(database.url)


async def test_a_retry_seals_to_the_same_and_other_words_are_a_conflict(database: Database) -> None:
    async with site(database) as client:
        once = reason("Because")
        (first,) = await publish(client, once)
        again = await client.post(EVENTS, json=once, headers=STRUCTURED)
        assert (again.status_code, again.json()) == (200, first | {"duplicate": True})
        other = reason("Because not", id=once["id"])
        answer = await client.post(EVENTS, json=other, headers=STRUCTURED)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:identity-taken")


async def test_a_profile_that_is_a_text_is_refused_and_text_that_looks_sealed_is_sealed(
    database: Database,
) -> None:
    async with site(database) as client:
        text = event("actor.registered", "actor/a-1", kind="person", profile="sealed.v1.AAAA")
        answer = await client.post(EVENTS, json=text, headers=STRUCTURED)
        assert (answer.status_code, answer.json()["where"]) == (422, "/data/profile")
        await publish(client, reason("sealed.v1.AAAA"))
        (entry,) = (await client.get(EVENTS)).json()["entries"]
    assert len(entry["event"]["data"]["reason"]) > len("sealed.v1.AAAA")


async def test_a_corrected_profile_is_sealed_and_shown(database: Database) -> None:
    async with site(database) as client:
        first = event("actor.registered", "actor/a-1", **ADA)
        data = {"kind": "person", "profile": {"name": "Ada Amended"}}
        named = {"source": first["source"], "id": first["id"], "reason": "a slip", "data": data}
        await publish(client, first, event("event.corrected", "actor/a-1", **named))
        assert await directory(client) == [{"actor": "a-1", **data}]
        assert "Amended" not in (await client.get(EVENTS)).text


async def test_entries_of_format_0_are_read_in_plain(database: Database) -> None:
    old = event("actor.registered", "actor/a-1", **ADA)
    lines = recorded.entries("old", [old, reason("In plain"), event("actor.left", "actor/a-1")])
    connection = await database.connect()
    ledger = recorded.Recorded(connection, "old", lines)
    await ledger.create()
    await ledger.append(3)
    await connection.execute("INSERT INTO ledger.mentions VALUES ('old', 'actor', 'a-1', 1)")
    await connection.close()
    async with site(database) as client:
        answer = await client.get("/v1/ledgers/old/directory")
        assert answer.json()["people"] == [{"actor": "a-1", **ADA}]
        refused = await client.request("DELETE", "/v1/ledgers/old/people/a-1", json=BASIS)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:locus:problem:ledger-format-0")
        assert await superuser(database, "SELECT FROM vault.erased") == []  # its words are in plain for good
        entries = (await client.get("/v1/ledgers/old/events")).json()["entries"]
    assert entries[1]["event"]["data"]["reason"] == "In plain"


async def test_an_erased_person_is_gone_and_the_log_still_holds(database: Database) -> None:
    async with site(database) as client:
        registered, voice = event("actor.registered", "actor/a-1", **ADA), reason("Marker")
        await publish(client, registered, voice, event("actor.registered", "actor/a-2", **ADA))
        answer = await erase(client)
        assert answer.status_code == 200, answer.text
        done = answer.json()
        assert (done["actor"], done["position"]) == ("a-1", 4)
        assert done["erased_at"] < done["final_by"]
        assert await directory(client) == [
            {"actor": "a-1", "kind": "person", "erased": True},
            {"actor": "a-2", **ADA},
        ]
        state = (await client.get(f"{PEOPLE}/a-1")).json()
        assert (state["erased"], state["final"], state["sealed"]) == (True, False, False)
        assert (await erase(client)).json() == done
        last = (await client.get(f"{EVENTS}/4")).json()
    assert last["publisher"] == "locus"
    assert last["event"]["source"] == f"urn:locus:ledger:{LEDGER}"
    assert (last["event"]["type"], last["event"]["data"]) == ("locus.person.erased.v1", BASIS)
    entries = await check_log(database.url)
    assert len(entries) == 4


async def test_after_an_erasure_new_words_are_refused_and_old_ones_known_again(database: Database) -> None:
    async with site(database) as client:
        registered, voice = event("actor.registered", "actor/a-1", **ADA), reason("Because")
        firsts = await publish(client, registered, voice)
        await erase(client)
        for one, where in (
            (event("actor.updated", "actor/a-1", **ADA), "/data/profile"),
            (reason("More"), "/data/reason"),
        ):
            answer = await client.post(EVENTS, json=one, headers=STRUCTURED)
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:locus:problem:person-erased")
            assert answer.json()["where"] == where
        for one, first in zip((registered, voice), firsts, strict=True):
            again = await client.post(EVENTS, json=one, headers=STRUCTURED)
            assert (again.status_code, again.json()) == (200, first | {"duplicate": True})
        taken = voice | {"data": voice["data"] | {"value": "approve"}}
        assert (await client.post(EVENTS, json=taken, headers=STRUCTURED)).status_code == 409
        await publish(client, reason(None), event("actor.left", "actor/a-1"), made())


async def test_a_held_person_is_not_erased_until_the_hold_is_lifted(database: Database) -> None:
    async with site(database) as client:
        await publish(client, event("actor.registered", "actor/a-1", **ADA))
        held = await client.put(f"{PEOPLE}/a-1/hold", json={"reason": "case 7"})
        assert (held.status_code, held.json()["hold"]["reason"]) == (200, "case 7")
        answer = await erase(client)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:legal-hold")
        assert "case 7" in answer.json()["detail"]
        assert await directory(client) == [{"actor": "a-1", **ADA}]
        released = await client.delete(f"{PEOPLE}/a-1/hold")
        assert (released.status_code, released.json()["hold"]) == (200, None)
        assert (await erase(client)).status_code == 200
        late = await client.put(f"{PEOPLE}/a-1/hold", json={"reason": "case 8"})
        assert (late.status_code, late.json()["type"]) == (409, "urn:locus:problem:person-erased")
        noted = (await client.get("/v1/accesses")).json()["accesses"]
    assert [(one["action"], one["outcome"]) for one in noted if one["action"] != "read_directory"] == [
        ("hold_person", "answered"),
        ("erase_person", "legal-hold"),
        ("release_person", "answered"),
        ("erase_person", "answered"),
        ("hold_person", "person-erased"),
    ]


async def test_a_person_is_erased_by_every_id_that_was_merged_into_theirs(database: Database) -> None:
    async with site(database) as client:
        ids = [f"a-{number}" for number in range(1, 6)]
        slip = event("actor.merged", "actor/a-4", into="a-1")
        named = {"source": slip["source"], "id": slip["id"], "reason": "a slip", "data": {"into": "a-3"}}
        undone = event("actor.merged", "actor/a-5", into="a-1")
        gone = {"source": undone["source"], "id": undone["id"], "reason": "another person"}
        await publish(
            client,
            *[event("actor.registered", f"actor/{id}", **ADA) for id in ids],
            event("actor.merged", "actor/a-2", into="a-1"),
            event("actor.merged", "actor/a-3", into="a-2"),
            slip,
            event("event.corrected", "actor/a-4", **named),
            undone,
            event("event.retracted", "actor/a-5", **gone),
            reason("Marker", by="a-9"),
            event("actor.merged", "actor/a-9", into="a-4"),
            event("actor.merged", "actor/a-1", into="a-2"),  # nonsense, but it may be said
        )
        state = (await client.get(f"{PEOPLE}/a-1")).json()
        assert (state["aliases"], state["merged_into"]) == (["a-2", "a-3", "a-4", "a-9"], "a-2")
        done = (await erase(client)).json()
        assert (done["actor"], done["aliases"]) == ("a-1", ["a-2", "a-3", "a-4", "a-9"])
        assert (await erase(client)).json() == done
        assert [one["actor"] for one in await directory(client) if "profile" in one] == ["a-5"]
        for id in done["aliases"]:
            assert (await client.get(f"{PEOPLE}/{id}")).json()["erased"]
    told = [one["event"] for one in await check_log(database.url)][-5:]
    assert [one["subject"] for one in told] == [f"actor/{id}" for id in ("a-1", *done["aliases"])]
    assert {(one["type"], one["data"]["basis"]) for one in told} == {
        ("locus.person.erased.v1", BASIS["basis"])
    }
    assert [row["holder"] for row in await superuser(database, "SELECT holder FROM vault.keys")] == [
        "actor/a-5"
    ]


async def test_an_id_that_was_merged_is_erased_alone_and_says_whose_it_is(database: Database) -> None:
    async with site(database) as client:
        registered = [event("actor.registered", f"actor/{id}", **ADA) for id in ("a-1", "a-2")]
        await publish(client, *registered, event("actor.merged", "actor/a-1", into="a-2"))
        done = (await erase(client)).json()
        assert (done["aliases"], done["merged_into"]) == ([], "a-2")
        assert [one["actor"] for one in await directory(client) if "profile" in one] == ["a-2"]


async def test_a_hold_on_any_id_of_a_person_keeps_all_of_them(database: Database) -> None:
    async with site(database) as client:
        registered = [event("actor.registered", f"actor/{id}", **ADA) for id in ("a-1", "a-2")]
        await publish(client, *registered, event("actor.merged", "actor/a-2", into="a-1"))
        await client.put(f"{PEOPLE}/a-2/hold", json={"reason": "case 7"})
        answer = await erase(client)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:legal-hold")
        assert "actor/a-2" in answer.json()["detail"]
        assert await superuser(database, "SELECT FROM vault.erased") == []
        await client.delete(f"{PEOPLE}/a-2/hold")
        assert (await erase(client)).json()["aliases"] == ["a-2"]


async def test_a_hold_is_not_evaded_by_erasing_another_id_of_the_person(database: Database) -> None:
    async with site(database) as client:
        ids = [f"a-{number}" for number in range(1, 6)]
        chain = {"a-1": "a-2", "a-2": "a-3", "a-4": "a-3", "a-3": "a-2"}  # round, which may be said
        await publish(
            client,
            *[event("actor.registered", f"actor/{id}", **ADA) for id in ids],
            *[event("actor.merged", f"actor/{id}", into=into) for id, into in chain.items()],
        )
        for held in ids[:4]:
            await client.put(f"{PEOPLE}/{held}/hold", json={"reason": "case 7"})
            for id in ids[:4]:
                answer = await erase(client, id)
                assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:legal-hold")
                assert f"actor/{held}" in answer.json()["detail"]
                hold = (await client.get(f"{PEOPLE}/{id}")).json()["hold"]
                assert (hold["actor"], hold["reason"]) == (held, "case 7")
            await client.delete(f"{PEOPLE}/{held}/hold")
        assert await superuser(database, "SELECT FROM vault.erased") == []
        await client.put(f"{PEOPLE}/a-5/hold", json={"reason": "another person"})
        assert (await erase(client, "a-4")).status_code == 200
        held = await client.put(f"{PEOPLE}/a-3/hold", json={"reason": "case 8"})
        assert held.json()["hold"]["actor"] == "a-3"
        assert (await erase(client, "a-4")).status_code == 200  # as before: it had begun


async def test_the_command_line_names_every_id_before_it_erases(database: Database) -> None:
    secret = await token(database)
    async with serving(database) as url, httpx.AsyncClient(base_url=url, headers=bearer(secret)) as client:
        await client.post("/v1/ledgers", json={"ledger": LEDGER})
        registered = [event("actor.registered", f"actor/{id}", **ADA) for id in ("a-1", "a-2", "a-3")]
        merged = [
            event("actor.merged", f"actor/{id}", into=into) for id, into in (("a-1", "a-2"), ("a-2", "a-3"))
        ]
        await publish(client, *registered, *merged)

        async def told(answer: str) -> str:
            runner = CliRunner(env={"LOCUS_URL": url, "LOCUS_TOKEN": secret})
            words = ["person", "erase", "a-2", "--ledger", LEDGER, "--basis", "asked"]
            return (await asyncio.to_thread(runner.invoke, cli.main, words, input=answer)).output

        assert "Erase a-2, a-1 (merged into a-3, which is not erased with it) from acme?" in await told("n")
        assert len([one for one in await directory(client) if "profile" in one]) == 3
        said = await told("y")
        assert "aliases: a-1\nmerged into: a-3\n" in said
        assert [one["actor"] for one in await directory(client) if "profile" in one] == ["a-3"]


async def test_only_administrators_erase_and_only_whom_there_is(database: Database) -> None:
    async with site(database) as client:
        nobody = await erase(client, "nobody")
        assert (nobody.status_code, nobody.json()["where"]) == (404, "actor")
        for body in (b"", b"{}", b'{"basis":""}', b'{"basis":"x","more":1}', b"[", b'"x"'):
            answer = await client.request("DELETE", f"{PEOPLE}/a-1", content=body)
            assert answer.status_code == 400, (body, answer.text)
            assert answer.json()["hint"]
        await publish(client, event("actor.registered", "actor/a-1", **ADA))
        for method, path, member in (("DELETE", "a-1", "basis"), ("PUT", "a-1/hold", "reason")):
            told = (await client.request(method, f"{PEOPLE}/{path}")).json()
            assert (told["status"], told["where"], f"`{member}`" in told["detail"]) == (
                400,
                f"/{member}",
                True,
            )
        reader = bearer(await token(database, scopes=["publish", "history", "views"]))
        for method, path in (("GET", "a-1"), ("DELETE", "a-1"), ("PUT", "a-1/hold"), ("DELETE", "a-1/hold")):
            answer = await client.request(method, f"{PEOPLE}/{path}", json=BASIS, headers=reader)
            assert answer.status_code == 403


# What follows stands below HTTP: several processes, crashes, epochs, copies put back.


class Site:
    """A ledger process's inner parts."""

    def __init__(self, vault: Vault, appender: Appender, people: People) -> None:
        self.vault, self.appender, self.people = vault, appender, people

    async def publish(self, *events: Event) -> list[int]:
        return [one.position for one in await self.appender.submit("acme", events, "tests")]

    async def opens(self, holder: str = "actor/a-1") -> bool:
        return (await self.vault.held("acme", [holder])).get(holder) is not None


async def inner(database: Database) -> AsyncIterator[Site]:
    async with (
        keeping(database.url, database.keys) as vault,
        readers(database.url) as pool,
        appending_with(database.url, keys=vault.keys) as appender,
    ):
        yield Site(vault, appender, People(vault, appender, History(pool), now=now, epoch=timedelta(days=7)))


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Site]:
    async for made_site in inner(database):
        yield made_site


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Site]:
    async for made_site in inner(database):
        yield made_site


def voiced(id: object, by: str = "a-1") -> Event:
    return said(id, "decision/d-1", decision.PositionTaken(by=by, value="hold", reason=f"Marker {id}"))


def registered(id: str = "a-1") -> Event:
    profile = actor.Profile(name="Ada Marker")
    return said(f"r-{id}", f"actor/{id}", actor.Registered(kind="person", profile=profile))


async def test_two_processes_that_need_a_new_key_at_once_use_one(
    database: Database, one: Site, other: Site
) -> None:
    await asyncio.gather(
        *[
            where.publish(voiced(f"{n}-{where is one}", by=f"a-{n % 7}"))
            for n in range(70)
            for where in (one, other)
        ]
    )
    again = await asyncio.gather(
        *[
            where.appender.submit("acme", [voiced(f"{n}-{where is not one}", by=f"a-{n % 7}")], "tests")
            for n in range(70)
            for where in (one, other)
        ]
    )
    assert all(receipt.duplicate for (receipt,) in again)
    assert len(await superuser(database, "SELECT FROM vault.keys")) == 7
    assert len(await check_log(database.url)) == 140


async def test_no_key_outlives_an_erasure_that_races_with_publishing(
    database: Database, one: Site, other: Site
) -> None:
    await one.publish(registered())

    async def go_on(where: Site, n: int) -> str:
        for step in itertools.count():
            try:
                await where.publish(voiced(f"{n}-{step}"))
            except Refused as refused:
                return refused.slug
        raise AssertionError

    publishing = [asyncio.create_task(go_on(where, n)) for n, where in enumerate((one, other))]
    await asyncio.sleep(0.05)
    await one.people.erase("acme", "a-1", "asked")
    assert await asyncio.gather(*publishing) == ["person-erased"] * 2
    assert not await other.opens()
    assert await superuser(database, "SELECT FROM vault.keys") == []


@pytest.mark.parametrize("point", ["erase:intent", "erase:key-gone", "erase:recorded"])
async def test_an_erasure_is_finished_whatever_died_in_it(database: Database, point: str) -> None:
    async with site(database) as client:
        registered = [event("actor.registered", f"actor/{id}", **ADA) for id in ("a-1", "a-2")]
        await publish(client, *registered, event("actor.merged", "actor/a-2", into="a-1"))
    process = await started(
        "ledger", "serve",
        LOCUS_DATABASE_URL=database.url, LOCUS_VAULT_KEYS=str(database.keys), LOCUS_FAULT=f"{point}:1",
    )  # fmt: skip
    headers = bearer(await token(database))
    async with httpx.AsyncClient(base_url=await address(process), headers=headers) as client:
        with pytest.raises(httpx.TransportError):
            await erase(client)
    await process.wait()
    async with site_again(database) as client:
        positions: list[int | None] = [None]
        async with asyncio.timeout(10):
            while None in positions:
                states = [await client.get(f"{PEOPLE}/{id}") for id in ("a-1", "a-2")]
                positions = [state.json()["position"] for state in states]
        assert [one.get("erased") for one in await directory(client)] == [True, True]
        assert (await erase(client)).json()["position"] == positions[0]
    assert sorted(filter(None, positions)) == [4, 5]
    assert [entry["event"]["type"] for entry in await check_log(database.url)][3:] == [
        "locus.person.erased.v1"
    ] * 2


@pytest.mark.parametrize("point", ["epoch:rewrapped", "epoch:destroyed"])
async def test_a_turn_of_the_epoch_is_finished_whatever_died_in_it(database: Database, point: str) -> None:
    async with site(database) as client:
        await publish(client, *[event("actor.registered", f"actor/a-{n}", **ADA) for n in (1, 2)])
        await erase(client)
    await superuser(database, "UPDATE vault.erased SET gone = gone - interval '30 days'")
    process = await started(
        "ledger", "serve",
        LOCUS_DATABASE_URL=database.url, LOCUS_VAULT_KEYS=str(database.keys), LOCUS_FAULT=f"{point}:1",
    )  # fmt: skip
    await process.wait()
    assert (database.keys / "epoch-00000002.key").exists()
    async with site_again(database) as client:
        assert (await client.get(f"{PEOPLE}/a-1")).json()["final"] is True
        assert (await directory(client))[1] == {"actor": "a-2", **ADA}
    assert sorted(path.name for path in database.keys.iterdir()) == [
        "epoch-00000001.destroyed",
        "epoch-00000002.key",
    ]


async def test_the_epoch_turns_by_itself_when_an_erasure_has_waited_long_enough(
    database: Database, one: Site
) -> None:
    await one.publish(registered(), registered("a-2"))
    assert not await one.people.turn_if_due()
    await one.people.erase("acme", "a-1", "asked")
    assert not await one.people.turn_if_due()
    await superuser(database, "UPDATE vault.erased SET gone = gone - interval '7 days'")
    assert await one.people.turn_if_due()
    assert not await one.people.turn_if_due()
    assert (await one.people.person("acme", "a-1")).final
    assert await one.opens("actor/a-2")


async def test_more_keys_than_are_wrapped_at_once_all_come_into_the_new_epoch(
    one: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ledger.vault._AT_ONCE", 2)
    names = [f"a-{number}" for number in range(5)]
    await one.publish(*[registered(name) for name in names])
    await one.vault.turn()
    assert [await one.opens(f"actor/{name}") for name in names] == [True] * 5


async def test_epochs_turn_under_load_and_every_word_still_opens(one: Site, other: Site) -> None:
    async def turn() -> None:
        for _ in range(4):
            await asyncio.sleep(0.02)
            await other.vault.turn()

    turning = asyncio.create_task(turn())
    names = [f"a-{n}" for n in range(60)]
    keys = {}
    for name in names:
        await one.publish(voiced(name, by=name))
        keys[name] = (await one.vault.held("acme", [f"actor/{name}"]))[f"actor/{name}"]
    await turning
    assert None not in keys.values()
    for name in names:
        assert (await other.vault.held("acme", [f"actor/{name}"]))[f"actor/{name}"] == keys[name]


async def test_rows_put_back_after_the_epoch_was_destroyed_open_nothing(
    database: Database, one: Site, other: Site
) -> None:
    await one.publish(registered(), registered("a-2"))
    keys = await superuser(database, "SELECT * FROM vault.keys")
    await one.people.erase("acme", "a-1", "asked")
    await one.vault.turn()
    await superuser(database, "DELETE FROM vault.keys")
    await superuser(database, "DELETE FROM vault.erased")
    await superuser(database, "UPDATE vault.epochs SET destroyed = NULL WHERE epoch = 1")
    await superuser(database, "DELETE FROM vault.epochs WHERE epoch > 1")
    for row in keys:
        await superuser(database, "INSERT INTO vault.keys VALUES ($1, $2, $3, $4)", *row)
    assert not await other.opens()
    await other.people.recover()
    assert not await other.opens()
    with pytest.raises(Refused, match="destroyed"):
        await other.publish(voiced(1))
    assert (await other.people.person("acme", "a-1")).position == 3
    await other.publish(voiced(2, by="a-2"))  # for the living there is a new key, in a new epoch
    assert [row["epoch"] for row in await superuser(database, "SELECT epoch FROM vault.keys")] == [3]


async def test_a_vault_restored_from_before_an_erasure_erases_again(
    database: Database, one: Site, other: Site
) -> None:
    """The epoch still stands, so the key would open: the log says that it must not."""
    await one.publish(registered())
    (key,) = await superuser(database, "SELECT * FROM vault.keys")
    await one.people.erase("acme", "a-1", "asked")
    await superuser(database, "DELETE FROM vault.erased")
    await superuser(database, "INSERT INTO vault.keys VALUES ($1, $2, $3, $4)", *key)
    assert await other.opens()
    await other.people.recover()
    assert not await other.opens()
    state = await other.people.person("acme", "a-1")
    assert (state.erased, state.position, state.basis) == (True, 2, "asked")


async def test_trouble_of_one_ledger_does_not_keep_the_others_from_their_erasures(
    database: Database, one: Site
) -> None:
    await one.publish(registered())
    for ledger in ("aaa", "acme"):
        await one.vault.intend(ledger, ["actor/a-1"], "asked")
    connection = await database.connect()
    await recorded.Recorded(connection, "aaa", []).create()
    await connection.close()
    assert await one.people.recover() is False
    assert (await one.people.person("acme", "a-1")).position == 2
    assert await one.people.recover() is False


async def test_a_ledger_restored_from_before_an_erasure_tells_of_it_again(
    database: Database, one: Site, other: Site
) -> None:
    await one.publish(registered())
    await one.people.erase("acme", "a-1", "asked")
    await superuser(database, "DELETE FROM ledger.entries WHERE position > 1")
    await superuser(database, "DELETE FROM ledger.mentions WHERE position > 1")
    await superuser(database, "DELETE FROM ledger.commits WHERE last > 1")
    await other.people.recover()
    assert [entry["event"]["type"] for entry in await check_log(database.url)][1:] == [
        "locus.person.erased.v1"
    ]
    assert isinstance(await other.people.person("acme", "a-1"), Person)


async def test_the_vault_does_not_open_without_its_keys(database: Database, one: Site) -> None:
    await one.publish(registered())
    (database.keys / "epoch-00000001.key").rename(database.keys / "elsewhere")
    with pytest.raises(KeysMissing, match=r"has no epoch-00000001\.key"):
        await one.vault.begin()
    with pytest.raises(KeysMissing):
        await one.publish(voiced(1))
    process = await started(
        "ledger", "serve", LOCUS_DATABASE_URL=database.url, LOCUS_VAULT_KEYS=str(database.keys)
    )
    assert await process.wait() == 6
    (database.keys / "elsewhere").rename(database.keys / "epoch-00000001.key")
    (database.keys / "epoch-00000001.key").chmod(0o644)
    with pytest.raises(KeysMissing, match="only their owner may read"):
        await one.vault.begin()


async def test_a_key_moved_to_another_person_opens_nothing(database: Database, one: Site) -> None:
    await one.publish(registered(), registered("a-2"))
    await superuser(
        database,
        "UPDATE vault.keys SET wrapped = (SELECT wrapped FROM vault.keys WHERE holder = 'actor/a-2')"
        " WHERE holder = 'actor/a-1'",
    )
    assert not await one.opens()
    assert await one.opens("actor/a-2")


async def test_erasures_at_once_are_one(one: Site, other: Site) -> None:
    await one.publish(registered())
    erased = await asyncio.gather(
        *[where.people.erase("acme", "a-1", f"asked {n}") for n in range(5) for where in (one, other)]
    )
    assert {person.position for person in erased} == {2}
    assert len({person.basis for person in erased}) == 1
    with pytest.raises(Conflict, match="is erased, or is just being"):
        await one.people.hold("acme", "a-1", "late", "tests")


def test_key_files_are_their_owners_alone(database: Database) -> None:
    files = KeyFiles(database.keys)
    epoch = files.make()
    (path,) = database.keys.iterdir()
    assert (database.keys.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert len(files.read(epoch) or b"") == 64
    files.destroy(epoch)
    files.destroy(epoch)
    assert files.read(epoch) is None
    assert files.make() == epoch + 1


def test_a_key_is_told_from_another_even_when_it_is_destroyed(database: Database) -> None:
    files = KeyFiles(database.keys)
    one, other = files.make(), files.make()
    digests = files.digest(one), files.digest(other)
    files.destroy(one)
    assert (files.digest(one), files.digest(other)) == digests
    assert digests[0] != digests[1]


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("destroyed", [True, False])
async def test_the_keys_of_another_vault_are_refused_and_left_as_they_are(
    database: Database, tmp_path: Path, noted: bool, destroyed: bool
) -> None:
    async for here in inner(database):
        await here.publish(registered())
    theirs = KeyFiles(tmp_path / "theirs")
    theirs.make()
    if not noted:  # as in a vault made before it was noted which key is whose
        await superuser(database, "UPDATE vault.epochs SET digest = NULL")
    if destroyed and noted:
        theirs.make()
        theirs.destroy(1)
    before = await superuser(database, "SELECT * FROM vault.keys"), _contents(theirs.directory)
    async with asyncpg.create_pool(**as_role(database.url, "locus_vault"), min_size=0) as pool:
        for act in (Vault.turn, Vault.begin):
            with pytest.raises(KeysMissing, match="another vault's epoch-00000001"):
                await act(Vault(pool, theirs, now=now))
    assert (await superuser(database, "SELECT * FROM vault.keys"), _contents(theirs.directory)) == before
    async for here in inner(database):
        assert await here.opens()


async def test_which_key_is_whose_is_noted_of_a_vault_made_before(database: Database) -> None:
    async for here in inner(database):
        await here.publish(registered())
    (noted,) = await superuser(database, "SELECT digest FROM vault.epochs")
    await superuser(database, "UPDATE vault.epochs SET digest = NULL")
    async for here in inner(database):
        assert await here.opens()
    assert await superuser(database, "SELECT digest FROM vault.epochs") == [noted]


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


async def test_the_role_of_the_vault_sees_nothing_else(database: Database) -> None:
    connection = await database.connect("locus_vault")
    for table in ("ledger.entries", "ledger.ledgers", "access.tokens", "projections.facts"):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError)):
            await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608 — the names are right above
    await connection.close()
    for role in ("locus_appender", "locus_reader", "locus_projector"):
        connection = await database.connect(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM vault.keys")
        await connection.close()
