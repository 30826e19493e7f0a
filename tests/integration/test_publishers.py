"""Publishers at the real service: tokens of an issuer, tokens of ours, limits."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.platform import auth, publishers
from tests.conftest import Database
from tests.integration import ledger_process
from tests.integration.ledger_site import BATCH, EVENTS, NDJSON, SOURCE, STRUCTURED, bearer, made, site, token
from tests.integration.views_site import site as views
from tests.issuer import AUDIENCE, Issuer, issuing


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


async def added(
    database: Database,
    issuer: Issuer,
    subject: str = "robot",
    scopes: Sequence[str] = ("publish", "history"),
    ledgers: Sequence[str] = ("acme",),
    sources: Sequence[str] = (SOURCE,),
) -> None:
    connection = await database.connect()
    await publishers.add(
        connection,
        f"the {subject}",
        issuer=issuer.url,
        subject=subject,
        scopes=scopes,
        ledgers=ledgers,
        sources=sources,
    )
    await connection.close()


async def limited(database: Database, publisher: str, **limits: Any) -> None:
    connection = await database.connect()
    given = {"body": None, "rate": None, "burst": None, "in_flight": None} | limits
    await publishers.limit(connection, publisher, **given)
    await connection.close()


@asynccontextmanager
async def process(database: Database, issuer: Issuer) -> AsyncGenerator[httpx.AsyncClient]:
    """A real ledger process that trusts the issuer, with the ledger acme."""
    admin = await token(database)
    async with (
        ledger_process.serving(
            database,
            LOCUS_OIDC_ISSUER=issuer.url,
            LOCUS_OIDC_AUDIENCE=AUDIENCE,
            LOCUS_TOKEN_CACHE_SECONDS="0.2",
        ) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        made = await client.post("/v1/ledgers", json={"ledger": "acme"}, headers=bearer(admin))
        assert made.status_code == 201
        yield client


async def publish(client: httpx.AsyncClient, token: str, **changes: Any) -> httpx.Response:
    return await client.post(EVENTS, content=json.dumps(made(**changes)), headers=STRUCTURED | bearer(token))


async def test_a_subject_of_the_issuer_publishes_under_its_name_as_its_source_in_its_ledger(
    database: Database, issuer: Issuer
) -> None:
    await added(database, issuer)
    async with process(database, issuer) as client:
        for algorithm in ("RS256", "ES256", "EdDSA"):
            answer = await publish(client, issuer.token(algorithm))
            assert answer.status_code == 201, answer.text
        history = (await client.get(EVENTS, headers=bearer(issuer.token()))).json()
        assert {entry["publisher"] for entry in history["entries"]} == {"the robot"}
        foreign = await publish(client, issuer.token(), source="urn:another")
        assert (foreign.status_code, foreign.json()["type"]) == (403, "urn:locus:problem:foreign-source")
        other = await client.get("/v1/ledgers/other/events", headers=bearer(issuer.token()))
        assert other.status_code == 403
        assert issuer.fetched == 1


async def test_every_token_that_is_not_to_be_believed_gets_the_same_problem(
    database: Database, issuer: Issuer
) -> None:
    await added(database, issuer)
    none = issuer.token().split(".")[1]
    async with process(database, issuer) as client:
        refused = [
            f"eyJhbGciOiJub25lIiwia2lkIjoiUlMyNTYifQ.{none}.",
            issuer.token(aud="another"),
            issuer.token(iss="https://evil.example"),
            issuer.token(exp=1),
            issuer.token(nbf=2**32),
            issuer.token(kid="unknown"),
            "a.b.c",
            "nobody",
        ]
        answers = [await publish(client, one) for one in refused]
        flood = [publish(client, issuer.token(kid=f"unknown-{number}")) for number in range(50)]
        answers += await asyncio.gather(*flood)
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert issuer.fetched == 1


async def test_a_subject_that_is_no_publisher_is_told_what_to_do(database: Database, issuer: Issuer) -> None:
    async with process(database, issuer) as client:
        for _ in range(3):
            answer = await publish(client, issuer.token())
            assert answer.status_code == 403
            assert "locus publisher add" in answer.json()["hint"]
        await added(database, issuer)
        await asyncio.sleep(0.3)
        assert (await publish(client, issuer.token())).status_code == 201
        connection = await database.connect()
        assert await publishers.remove(connection, "the robot")
        assert not await publishers.remove(connection, "the robot")
        await connection.close()
        await asyncio.sleep(0.3)
        assert (await publish(client, issuer.token())).status_code == 403


async def test_while_no_keys_can_be_had_a_publisher_is_told_to_retry(
    database: Database, issuer: Issuer
) -> None:
    issuer.status = 500
    async with process(database, issuer) as client:
        answer = await publish(client, issuer.token())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_one_subject_is_one_publisher(database: Database, issuer: Issuer) -> None:
    await added(database, issuer)
    connection = await database.connect()
    with pytest.raises(publishers.BadName, match="is another publisher already"):
        await publishers.add(
            connection, "second", issuer=issuer.url, subject="robot", scopes=[], ledgers=[], sources=[]
        )
    await connection.close()


@pytest.mark.parametrize("name", ["", " a", "a\n", "a\x00b", "\x1b[31mred", "a\u202eb", "x" * 201, "\ud800"])
async def test_a_name_that_cannot_be_shown_is_no_publisher(database: Database, name: str) -> None:
    with pytest.raises(publishers.BadName, match="the name"):
        await token(database, name)


async def test_one_token_is_withdrawn_by_its_id_and_the_other_works_on(database: Database) -> None:
    first, second = await token(database, "forge"), await token(database, "forge")
    connection = await database.connect()
    ids = {row["id"] for row in await auth.listed(connection)}
    assert ids == {auth.hashed(one).hex()[:12] for one in (first, second)}
    assert await auth.revoke_one(connection, auth.hashed(first).hex()[:12]) == 1
    assert await auth.revoke_one(connection, auth.hashed(first).hex()[:12]) == 0
    assert await auth.find_in(connection)(auth.hashed(first)) is None
    assert await auth.find_in(connection)(auth.hashed(second)) is not None
    await connection.close()


async def test_a_publisher_that_is_too_fast_is_told_to_retry_and_others_are_served(
    database: Database,
) -> None:
    await limited(database, "fast", rate=0.5, burst=3)
    async with site(database) as client:
        fast = bearer(await token(database, "fast"))
        answers = [await client.post(EVENTS, json=made(), headers=STRUCTURED | fast) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 503, 503]
        assert answers[-1].headers["retry-after"] == "2"
        assert answers[-1].json()["hint"] == "retry the same request"
        other = await client.post(EVENTS, json=made(), headers=STRUCTURED)
        assert other.status_code == 201


async def test_a_batch_counts_as_all_its_events(database: Database) -> None:
    await limited(database, "fast", rate=1, burst=10)
    async with site(database) as client:
        fast = bearer(await token(database, "fast"))
        batch = json.dumps([made() for _ in range(30)])
        first = await client.post(EVENTS, content=batch, headers=BATCH | fast)
        assert first.status_code == 201
        again = await client.post(EVENTS, content=batch, headers=BATCH | fast)
        assert (again.status_code, again.headers["retry-after"]) == (503, "21")


async def test_a_body_larger_than_the_publisher_may_send_is_refused(database: Database) -> None:
    await limited(database, "small", body=600)
    async with site(database) as client:
        small = bearer(await token(database, "small"))
        assert (await client.post(EVENTS, json=made(), headers=STRUCTURED | small)).status_code == 201
        large = made(data=made()["data"] | {"title": "x" * 600})
        answer = await client.post(EVENTS, json=large, headers=STRUCTURED | small)
        assert answer.status_code == 413
        assert "at most 600 are taken" in answer.json()["detail"]


async def test_a_bulk_load_is_slowed_down_and_all_of_it_is_recorded(database: Database) -> None:
    await limited(database, "bulk", rate=100, burst=10)
    async with site(database) as client:
        bulk = bearer(await token(database, "bulk"))
        lines = b"\n".join(json.dumps(made()).encode() for _ in range(60))
        begun = asyncio.get_running_loop().time()
        answer = await client.post(EVENTS, content=lines, headers=NDJSON | bulk)
        assert asyncio.get_running_loop().time() - begun > 0.4
        assert [json.loads(line)["duplicate"] for line in answer.text.splitlines()] == [False] * 60


async def test_requests_at_once_beyond_the_publishers_share_are_told_to_retry(database: Database) -> None:
    await limited(database, "wide", in_flight=2)
    async with site(database) as client:
        wide = bearer(await token(database, "wide"))
        hold = asyncio.Event()

        async def slow(body: bytes) -> Any:
            yield body[:10]
            await hold.wait()
            yield body[10:]

        bodies = [json.dumps(made()).encode() for _ in range(2)]
        held = [
            asyncio.create_task(client.post(EVENTS, content=slow(body), headers=STRUCTURED | wide))
            for body in bodies
        ]
        await asyncio.sleep(0.3)
        refused = await client.post(EVENTS, json=made(), headers=STRUCTURED | wide)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        hold.set()
        assert {answer.status_code for answer in await asyncio.gather(*held)} == {201}
        assert (await client.post(EVENTS, json=made(), headers=STRUCTURED | wide)).status_code == 201


async def test_reading_is_limited_like_publishing_and_its_place_is_given_back(database: Database) -> None:
    await limited(database, "reader", rate=0.5, burst=3, in_flight=1)
    async with site(database) as client:
        reader = bearer(await token(database, "reader"))
        answers = [await client.get(EVENTS, headers=reader) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
        assert answers[-1].headers["retry-after"] == "2"


async def test_the_views_are_limited_as_well(database: Database) -> None:
    await limited(database, "reader", rate=0.5, burst=2, in_flight=1)
    async with views(database) as client:
        answers = [await client.get("/v1/ledgers/acme/matrix") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 503]


async def test_a_token_for_one_ledger_opens_no_address_of_another(database: Database) -> None:
    async with (
        site(database) as ledger,
        views(database, scopes=auth.SCOPES, ledgers=["acme"]) as serving_views,
    ):
        ledger.headers.update(bearer(await token(database, "narrow", ledgers=["acme"])))
        for client in (ledger, serving_views):
            paths = (await client.get("/schema/openapi.json")).json()["paths"]
            tried = [
                (method, path)
                for path, methods in paths.items()
                if "{ledger}" in path
                for method in methods
                if method in {"get", "post", "put", "delete", "patch"}
            ]
            assert len(tried) > 5
            for method, path in tried:
                address = re.sub(r"\{[^}]+\}", "1", path.replace("{ledger}", "other"))
                answer = await client.request(method, address, headers=STRUCTURED)
                assert answer.status_code == 403, (method, path, answer.text)
        listed = (await ledger.get("/v1/ledgers")).json()["ledgers"]
        assert [one["ledger"] for one in listed] == ["acme"]


async def test_publishers_and_tokens_are_looked_after_from_the_command_line(
    database: Database, issuer: Issuer
) -> None:
    async def locus(*words: str, **more: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.cli", *words),
            env={**os.environ, "LOCUS_DATABASE_URL": database.url, "COLUMNS": "200", **more},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    who = ("--issuer", issuer.url, "--subject", "robot", "--scope", "publish", "--source", "urn:robot")
    assert await locus("publisher", "list") == (0, "no publisher is set\n")
    assert await locus("token", "list") == (0, "no token works\n")
    assert await locus("publisher", "add", "robots", *who) == (0, "robots set\n")
    assert await locus("publisher", "limit", "robots", "--rate", "7", "--in-flight", "3") == (
        0,
        "robots set\n",
    )
    _, told = await locus("publisher", "list")
    assert all(word in told for word in ("robots", "robot", "publish", "urn:robot", "rate 7, in_flight 3"))
    robots = {
        "publisher": "robots",
        "issuer": issuer.url,
        "subject": "robot",
        "scopes": ["publish"],
        "ledgers": ["*"],
        "sources": ["urn:robot"],
        "limits": {"body": None, "rate": 7.0, "burst": None, "in_flight": 3},
    }
    assert json.loads((await locus("publisher", "list", "--json"))[1]) == {"publishers": [robots]}
    code, told = await locus("publisher", "add", "a\nb", *who)
    assert (code, "characters that cannot be seen" in told) == (1, True)
    assert await locus("publisher", "remove", "robots") == (0, "robots removed\n")
    assert (await locus("publisher", "remove", "robots"))[0] == 5
    _, made = await locus("token", "create", "forge", "--scope", "publish")
    id = auth.hashed(made.strip()).hex()[:12]
    assert id in (await locus("token", "list"))[1]
    _, told = await locus("token", "list", COLUMNS="40")
    assert id in told
    assert "4 columns left out: a wider terminal shows them" in " ".join(told.split())
    (known,) = json.loads((await locus("token", "list", "--json"))[1])["tokens"]
    assert (known["id"], known["publisher"], known["scopes"]) == (id, "forge", ["publish"])
    assert known["made"] < known["ends"]
    _, told = await locus("token", "create", ":fire:", "--scope", "views", "--days", "1", "--json")
    new = json.loads(told)
    assert new.pop("token").startswith("locus_")
    _, told = await locus("token", "list", "--json")
    assert new in [{name: one[name] for name in new} for one in json.loads(told)["tokens"]]
    assert await locus("token", "revoke", "--id", new["id"]) == (0, "1 withdrawn\n")
    assert await locus("token", "revoke", "--id", id) == (0, "1 withdrawn\n")
    assert json.loads((await locus("token", "list", "--json"))[1]) == {"tokens": []}
    assert (await locus("token", "revoke", "--id", id))[0] == 5
    assert (await locus("token", "revoke"))[0] == 2
    code, told = await locus("token", "create", "", "--scope", "publish")
    assert (code, "the name is empty" in told) == (1, True)
    code, told = await locus("token", "create", "forge", "--scope", "publish", "--for-ledger", "NOPE")
    assert (code, "lower-case letters" in told) == (2, True)
    assert (await locus("token", "create", "--help"))[1].count("default: *") == 2
    admin = await database.connect()
    await admin.execute("CREATE ROLE no_owner LOGIN")
    try:
        code, told = await locus("token", "list", LOCUS_DATABASE_URL=f"{database.url}&user=no_owner")
        assert (code, "the login that ran locus migrate" in told, "Traceback" in told) == (6, True, False)
    finally:
        await admin.execute("DROP ROLE no_owner")
        await admin.close()
