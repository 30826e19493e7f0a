"""Two tenants in one database: nothing of one is ever in an answer to the other, whichever address is asked.

Addresses come from the routes of the services themselves, so that a new one cannot be forgotten. What the
database does about it is in tests/integration/test_roles.py and test_tenants.py; that a token for one ledger
opens no address of another in test_publishers.py there.
"""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar

from services.ledger.main import app as ledger_app
from services.platform import auth, serving, web
from services.platform.settings import Settings
from services.projections.connection import pool, tenant
from services.projections.main import app as views_app
from tests.attacks.served import KEY
from tests.conftest import Database
from tests.integration.ledger_site import BATCH, bearer, event, token
from tests.integration.test_worker_histories import built

MARK = {"acme": "amber", "other": "olive"}  # in every text, id and name of a tenant
OPEN = {"/health/live", "/health/ready", "/metrics"}  # for everybody, and without anything of anybody
ENDLESS = {"/v1/ledgers/{ledger:str}/live"}  # a stream, listened to in a test of its own
ANSWERED = 400  # statuses below: something was given


@dataclass
class Sites:
    """Both services, each with its routes, and a token of each tenant."""

    apps: dict[str, Any]
    clients: dict[str, httpx.AsyncClient]
    routes: dict[str, list[tuple[str, str]]]  # by service: method and path
    tokens: dict[str, str]

    def headers(self, ledger: str) -> dict[str, str]:
        return bearer(self.tokens[ledger])


def events(mark: str) -> list[dict[str, Any]]:
    """One of everything that is answered from."""
    profile = {"kind": "person", "profile": {"name": f"{mark} name"}}
    made = {"domains": [f"{mark}-domain"], "outcome": "accepted", "attested": "recorded"}
    row = {"rule": {"kind": "any"}, "by": [f"{mark}-a"], "decides": [{"holder": f"actor/{mark}-a"}]}
    return [
        event("actor.registered", f"actor/{mark}-a", **profile),
        event("body.formed", f"body/{mark}-b", name=f"{mark} body", kind="team"),
        event("domain.defined", f"domain/{mark}-domain", name=f"{mark} domain"),
        event("matrix.row_set", f"matrix/{mark}-domain", **row, contributes=[], informs=[]),
        event("decision.made", f"decision/{mark}-d", **made, deciders=[{"holder": f"actor/{mark}-a"}]),
        event("decision.position_taken", f"decision/{mark}-d", by=f"{mark}-a", value="hold", reason=mark),
    ]


@pytest.fixture
async def sites(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sites]:
    """Two ledgers, published to and viewed."""
    made: list[Litestar] = []
    plain = web.application

    def kept(*arguments: Any, **more: Any) -> Litestar:
        made.append(plain(*arguments, **more))
        return made[-1]

    monkeypatch.setattr(web, "application", kept)
    settings = Settings(
        database_url=database.url,
        vault_keys=str(database.keys),
        signing_key=KEY.secret(),
        signed=str(database.keys / "signed"),
    )
    async with AsyncExitStack() as stack:
        apps, clients, routes = {}, {}, {}
        for name, make in (("ledger", ledger_app), ("views", views_app)):
            service = apps[name] = make(settings)
            await stack.enter_async_context(serving.started(service))
            transport = httpx.ASGITransport(service)  # type: ignore[arg-type] — the same protocol, typed twice
            client = httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30)
            clients[name] = await stack.enter_async_context(client)
            routes[name] = [
                (method, route.path)
                for route in made[-1].routes
                for method in sorted(getattr(route, "methods", {"GET"}) - {"OPTIONS", "HEAD"})
            ]
        tokens = {ledger: await token(database, ledger, auth.SCOPES, [ledger]) for ledger in MARK}
        for ledger, mark in MARK.items():
            new = {"ledger": ledger, "origin": f"{mark}.example/log"}
            answer = await clients["ledger"].post("/v1/ledgers", json=new, headers=bearer(tokens[ledger]))
            assert answer.status_code == 201, answer.text
            headers = BATCH | bearer(tokens[ledger])
            body = json.dumps(events(mark))
            answer = await clients["ledger"].post(
                f"/v1/ledgers/{ledger}/events", content=body, headers=headers
            )
            assert answer.status_code == 201, answer.text
            async with pool(database.url) as connections:
                await built(connections, ledger, 100, len(events(mark)))
                async with tenant(connections, ledger) as connection:
                    await connection.execute("UPDATE projections.generations SET serving = true")
        yield Sites(apps, clients, routes, tokens)


def addresses(path: str, ledger: str, mark: str) -> set[str]:
    """A route's address with everything there is in its place, and each of the other tenant's ids."""
    filled = path.replace("{ledger:str}", ledger).replace("{rest:path}", "/0/000.p/6")
    ids = (f"{mark}-a", f"{mark}-b", f"{mark}-d", f"{mark}-domain", "1", "6")
    kinds = ("actor", "decision", "body", "domain", "matrix")
    given = {filled.replace("{kind:str}", kind) for kind in kinds} if "{kind:str}" in filled else {filled}
    return {re.sub(r"\{[^}]+\}", one, address) for one in ids for address in given}


def reading(sites: Sites) -> list[tuple[str, str]]:
    """Every address of a ledger that is read, by service."""
    return [
        (service, path)
        for service, routes in sites.routes.items()
        for method, path in routes
        if method == "GET" and path not in OPEN | ENDLESS and not path.startswith("/schema")
    ]


async def test_every_address_wants_a_token_but_those_that_tell_nothing(sites: Sites) -> None:
    tried = 0
    for service, routes in sites.routes.items():
        for method, path in routes:
            address = re.sub(r"\{[^}]+\}", "1", path.replace("{ledger:str}", "acme"))
            answer = await sites.clients[service].request(method, address)
            if path in OPEN or path.startswith("/schema"):
                assert not [mark for mark in MARK.values() if mark in answer.text], path
            else:
                assert answer.status_code == 401, (path, answer.text)
                assert answer.json()["type"] == "urn:locus:problem:unauthenticated"
                tried += 1
    assert tried > 25, "the routes were not found"


async def test_nothing_of_another_tenant_is_in_any_answer_whatever_is_asked_for(sites: Sites) -> None:
    """A token of acme, asking acme for what is the other's, and for everything."""
    answered = 0
    for service, path in reading(sites):
        for ledger, mark in MARK.items():
            for address in addresses(path, "acme", mark):
                answer = await sites.clients[service].get(address, headers=sites.headers("acme"))
                assert answer.status_code != 500, (address, answer.text)
                if path == "/v1/accesses":  # where what acme has asked for is found again
                    assert {one["ledger"] for one in answer.json()["accesses"]} <= {"acme"}
                    continue
                told = re.sub(rf"{mark}-(a|b|d|domain)\b", "", answer.text)  # what was asked for, repeated
                assert MARK["other"] not in told, (address, answer.text)
                answered += ledger == "acme" and answer.status_code < ANSWERED
    assert answered > 20, "nothing was answered"


async def test_who_follows_the_views_of_one_tenant_hears_nothing_of_another(sites: Sites) -> None:
    (path,) = ENDLESS
    for ledger, allowed in (("acme", True), ("other", False)):
        address = path.replace("{ledger:str}", ledger)
        status, said = await first_words(sites, address, sites.headers("acme"))
        assert (status == 200) == allowed, said
        assert MARK["other"] not in said


async def first_words(sites: Sites, address: str, headers: dict[str, str]) -> tuple[int, str]:
    """The status and what a stream says first; it never ends, and the client above waits for ends."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # nothing comes after the request
    asked.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"after=0",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    following = asyncio.create_task(sites.apps["views"](scope, asked.get, told.put))
    try:
        async with asyncio.timeout(10):
            status = (await told.get())["status"]
            said = b""
            while not said.strip():
                said += (await told.get())["body"]
            return status, said.decode()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_filter_finds_nothing_of_another_tenant(sites: Sites) -> None:
    mark = MARK["other"]
    for asked in (
        f"actor={mark}-a",
        f"domain={mark}-domain",
        f"subject=decision/{mark}-d",
        "ledger=other",
        "after=0&ledger=other",
    ):
        answer = await sites.clients["ledger"].get(
            f"/v1/ledgers/acme/events?{asked}", headers=sites.headers("acme")
        )
        assert mark not in answer.text, asked
        assert answer.json().get("entries", []) == []


async def test_connections_used_by_both_in_turn_never_mix_them_up(sites: Sites) -> None:
    """Hundreds of requests of both at once over the few connections there are, failing ones among them."""
    paths = [one for one in reading(sites) if "{ledger:str}" in one[1] and "/log/tile" not in one[1]]
    choose = random.Random(7)

    async def ask(ledger: str) -> tuple[str, httpx.Response]:
        service, path = choose.choice(paths)
        address = choose.choice(sorted(addresses(path, ledger, MARK[ledger])))
        return ledger, await sites.clients[service].get(address, headers=sites.headers(ledger))

    for _ in range(4):
        answers = await asyncio.gather(*[ask(choose.choice(list(MARK))) for _ in range(60)])
        for ledger, answer in answers:
            (another,) = set(MARK) - {ledger}
            assert MARK[another] not in answer.text, answer.url
        assert sum(answer.status_code < ANSWERED for _, answer in answers) > 10
