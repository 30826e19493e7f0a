"""Reading over HTTP: pages, streams, filters, subjects, roots, the directory."""

import json
from typing import Any

import httpx
import pytest

from services.platform.merkle import EMPTY_ROOT, Frontier, leaf_hash
from tests.conftest import Database
from tests.integration.ledger_site import (
    BATCH,
    EVENTS,
    LEDGER,
    NDJSON,
    STRUCTURED,
    bearer,
    decision,
    event,
    made,
    site,
    token,
)

HOME = f"/v1/ledgers/{LEDGER}"
LINES = {"accept": "application/x-ndjson"}


async def publish(client: httpx.AsyncClient, *said: dict[str, Any]) -> None:
    """Record these one by one."""
    for one in said:
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(one))
        assert answer.status_code == 201, answer.text


async def positions(client: httpx.AsyncClient, **query: Any) -> list[int]:
    """The positions found, the same in a page and in a stream."""
    page = (await client.get(EVENTS, params=query)).json()
    stream = await client.get(EVENTS, params=query, headers=LINES)
    assert [json.loads(line) for line in stream.text.splitlines()] == page["entries"]
    return [entry["position"] for entry in page["entries"]]


async def test_pages_follow_one_another_by_their_cursor_without_gap_or_overlap(database: Database) -> None:
    async with site(database) as client:
        await publish(client, *(made() for _ in range(5)))
        found, after = [], "0"
        while after is not None:
            page = (await client.get(EVENTS, params={"after": after, "limit": 2})).json()
            found += [entry["position"] for entry in page["entries"]]
            after = page["next"]
        assert found == [1, 2, 3, 4, 5]


async def test_every_form_serves_the_stored_bytes(database: Database) -> None:
    async with site(database) as client:
        await publish(client, made(), made())
        connection = await database.connect()
        stored = [
            row["entry"]
            for row in await connection.fetch("SELECT entry FROM ledger.entries ORDER BY position")
        ]
        await connection.close()
        assert (await client.get(EVENTS, headers=LINES)).content == b"".join(line + b"\n" for line in stored)
        page = (await client.get(EVENTS)).content
        assert page == b'{"entries":[%b],"next":null}' % b",".join(stored)
        assert (await client.get(f"{EVENTS}/2")).content == stored[1]


async def test_a_stream_goes_on_over_many_pages_and_stops_at_its_limit(database: Database) -> None:
    async with site(database) as client:
        await client.post(EVENTS, headers=NDJSON, content="\n".join(json.dumps(made()) for _ in range(4_500)))
        answer = await client.get(EVENTS, headers=LINES)
        assert [json.loads(line)["position"] for line in answer.text.splitlines()] == list(range(1, 4_501))
        answer = await client.get(EVENTS, headers=LINES, params={"limit": 2_001, "after": 7})
        assert [json.loads(line)["position"] for line in answer.text.splitlines()] == list(range(8, 2_009))


async def test_long_entries_make_shorter_pages_that_miss_nothing(database: Database) -> None:
    async with site(database) as client:
        long = [made(data=decision(choice="x" * 19_000)) for _ in range(60)]
        await client.post(EVENTS, headers=NDJSON, content="\n".join(json.dumps(one) for one in long))
        page = (await client.get(EVENTS, params={"limit": 1000})).json()
        assert 50 < len(page["entries"]) < 60
        rest = (await client.get(EVENTS, params={"limit": 1000, "after": page["next"]})).json()
        assert len(page["entries"]) + len(rest["entries"]) == 60
        assert rest["next"] is None
        assert len((await client.get(EVENTS, headers=LINES)).text.splitlines()) == 60


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/json"),
        ("application/json, text/event-stream;q=0.1", "application/json"),
        ("text/event-stream;q=0, application/json", "application/json"),
        ("application/x-ndjson;q=0.5, application/json", "application/json"),
        ("application/x-ndjson, application/json;q=0.5", "application/x-ndjson"),
        ("application/x-ndjson;q=0, text/event-stream;q=0, */*", "application/json"),
    ],
)
async def test_the_form_is_the_one_a_client_likes_best(
    facts: httpx.AsyncClient, accept: str, given: str
) -> None:
    answer = await facts.get(EVENTS, headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == given
    assert answer.headers["vary"] == "accept"


@pytest.mark.parametrize("accept", ["text/csv", "application/xml", "application/json;q=0"])
async def test_a_client_that_takes_no_form_is_told_all(facts: httpx.AsyncClient, accept: str) -> None:
    answer = await facts.get(EVENTS, headers={"accept": accept})
    assert (answer.status_code, answer.json()["where"], answer.headers["vary"]) == (406, "Accept", "accept")


FACTS = [
    made("decision/d-1", source="urn:a", time="2026-01-01T00:00:00Z"),
    made("decision/d-2", source="urn:b", time="2026-01-03T00:00:00Z", data=decision(domains=["discounts"])),
    event("decision.communicated", "decision/d-1", to=["actor/a-9"])
    | {"source": "urn:a", "time": "2026-01-02T00:00:00Z"},
    event("domain.defined", "domain/pricing", name="Pricing")
    | {"source": "urn:b", "time": "2025-12-31T00:00:00Z"},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"after": 2}, [3, 4]),
        ({"type": "locus.decision.made.v1"}, [1, 2]),
        ({"subject": "decision/d-1"}, [1, 3]),
        ({"subject": "decision/d-1", "after": 1}, [3]),
        ({"subject": "decision/d-1", "type": "locus.decision.made.v1"}, [1]),
        ({"subject": "decision/d-1", "actor": "a-9"}, [3]),
        ({"subject": "decision/d-1", "domain": "pricing"}, [1]),
        ({"actor": "a-1"}, [1, 2]),
        ({"actor": "actor/a-1"}, [1, 2]),
        ({"domain": "pricing"}, [1, 4]),
        ({"domain": "pricing", "after": 1}, [4]),
        ({"actor": "a-1", "domain": "pricing"}, [1]),
        ({"actor": "a-1", "source": "urn:b"}, [2]),
        ({"actor": "a-1", "occurred_from": "2026-01-02"}, [2]),
        ({"source": "urn:b"}, [2, 4]),
        ({"source": "urn:b", "type": "locus.decision.made.v1"}, [2]),
        ({"source": "urn:a", "occurred_to": "2026-01-02"}, [1]),
        ({"occurred_from": "2026-01-01", "occurred_to": "2026-01-03"}, [1, 3]),
        ({"occurred_from": "2026-01-02T01:00:00+01:00"}, [2, 3]),
        ({"occurred_to": "2026-01-01"}, [4]),
        ({"recorded_from": "2026-01-01"}, [1, 2, 3, 4]),
        ({"recorded_to": "2026-01-01"}, []),
        ({"actor": "nobody"}, []),
        ({"subject": "decision/none"}, []),
    ],
)
async def test_filters_leave_what_passes_all_of_them(
    facts: httpx.AsyncClient, query: dict[str, Any], expected: list[int]
) -> None:
    assert await positions(facts, **query) == expected


@pytest.fixture
async def facts(database: Database) -> Any:
    """A service whose ledger holds FACTS."""
    async with site(database) as client:
        await publish(client, *FACTS)
        yield client


async def test_recorded_ranges_cut_between_commits(facts: httpx.AsyncClient) -> None:
    entries = (await facts.get(EVENTS)).json()["entries"]
    second, fourth = entries[1]["recorded"], entries[3]["recorded"]
    assert await positions(facts, recorded_from=second, recorded_to=fourth) == [2, 3]
    assert await positions(
        facts, recorded_from=second, recorded_to=fourth, type="locus.decision.made.v1"
    ) == [2]


async def test_many_that_occurred_in_a_range_are_found_by_walking(database: Database) -> None:
    async with site(database) as client:
        lines = [json.dumps(made(time=f"2026-01-{1 + n % 2:02}T00:00:00Z")) for n in range(300)]
        await client.post(EVENTS, headers=NDJSON, content="\n".join(lines))
        connection = await database.connect()
        written = await connection.fetchval("SELECT pg_get_functiondef('ledger.history'::regproc)")
        assert "many CONSTANT integer := 10000" in written
        await connection.execute(written.replace(":= 10000", ":= 10"))
        await connection.close()
        walked = await positions(client, occurred_to="2026-01-02", limit=20)
        assert walked == list(range(1, 40, 2))


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"typ": "x"}, "typ"),
        ({"after": "-1"}, "after"),
        ({"after": "x"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"limit": "99999999999999999999"}, "limit"),
        ({"actor": "a\0b"}, "actor"),
        ({"actor": ""}, "actor"),
        ({"actor": "x" * 513}, "actor"),
        ({"occurred_from": "yesterday"}, "occurred_from"),
        ({"occurred_from": "2026-01-01T00:00:00"}, "occurred_from"),
        ({"recorded_to": "0001-01-01T00:00:00+05:00"}, "recorded_to"),
    ],
)
async def test_a_parameter_that_means_nothing_is_named(
    facts: httpx.AsyncClient, query: dict[str, str], where: str
) -> None:
    answer = await facts.get(EVENTS, params=query)
    assert answer.status_code == 400
    assert answer.json()["where"] == where
    assert answer.json()["hint"]


async def test_a_subject_shows_where_it_stands_and_its_stream(facts: httpx.AsyncClient) -> None:
    subject = (await facts.get(f"{HOME}/subjects/decision/d-1")).json()
    assert (subject["subject"], subject["version"], subject["phase"]) == ("decision/d-1", 2, ["made"])
    assert [entry["position"] for entry in subject["entries"]] == [1, 3]
    first = (await facts.get(f"{HOME}/subjects/decision/d-1", params={"limit": 1})).json()
    rest = (await facts.get(f"{HOME}/subjects/decision/d-1", params={"after": first["next"]})).json()
    assert [entry["position"] for entry in first["entries"] + rest["entries"]] == [1, 3]


async def test_the_root_at_every_position_is_that_of_the_stored_bytes(database: Database) -> None:
    async with site(database) as client:
        await publish(client, made())
        await client.post(EVENTS, headers=BATCH, content=json.dumps([made() for _ in range(6)]))
        await publish(client, made())
        lines = (await client.get(EVENTS, headers=LINES)).content.splitlines()
        tree = Frontier()
        for position, line in enumerate(lines, 1):
            tree = tree.add(leaf_hash(line))
            answer = (await client.get(f"{HOME}/log/root/{position}")).json()
            assert answer == {"ledger": LEDGER, "position": position, "root": tree.root().hex()}
        assert (await client.get(f"{HOME}/log/root/0")).json()["root"] == EMPTY_ROOT.hex()
        assert (await client.get(f"{HOME}/log/root/9")).status_code == 404


@pytest.mark.parametrize(
    "path", ["events/0", "events/5", "events/99999999999999999999", "subjects/decision/none", "log/root/5"]
)
async def test_what_is_not_there_is_a_problem(facts: httpx.AsyncClient, path: str) -> None:
    answer = await facts.get(f"{HOME}/{path}")
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("written", ["1_0", "+1", "%201", "1%0A", "-1", "1.0", "%D9%A1", "9" * 17])
@pytest.mark.parametrize("path", ["events/{}", "log/root/{}", "events?after={}"])
async def test_a_position_is_written_in_digits(facts: httpx.AsyncClient, path: str, written: str) -> None:
    answer = await facts.get(f"{HOME}/{path.format(written)}")
    assert (answer.status_code, answer.json()["where"]) == (400, "after" if "after" in path else "position")


@pytest.mark.parametrize(
    "path", ["", "/acme/events/1", "/acme/subjects/decision/d-1", "/acme/log/root/1", "/acme/directory"]
)
async def test_a_parameter_that_nobody_reads_is_refused(facts: httpx.AsyncClient, path: str) -> None:
    answer = await facts.get(f"/v1/ledgers{path}?since=1")
    assert (answer.status_code, answer.json()["where"]) == (400, "since")
    assert answer.json()["type"] == "urn:locus:problem:bad-parameter"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"type": "locus.decision.mad.v1"}, "did you mean locus.decision.made.v1?"),
        ({"type": "made"}, "types are written locus.<kind>.<what>.v1"),
        ({"subject": "d-1"}, "write kind/id: decision/d-7"),
        ({"subject": "decision/"}, "write kind/id: decision/d-7"),
    ],
)
async def test_what_no_entry_can_have_is_refused_and_what_would_do_is_said(
    facts: httpx.AsyncClient, asked: dict[str, str], hint: str
) -> None:
    answer = await facts.get(f"{HOME}/events", params=asked)
    assert (answer.status_code, answer.json()["where"]) == (400, *asked)
    assert answer.json()["hint"] == hint


@pytest.mark.parametrize("path", ["events", "events/1", "subjects/decision/d", "log/root/1", "directory"])
async def test_reading_a_ledger_that_is_not_there_says_so(facts: httpx.AsyncClient, path: str) -> None:
    answer = await facts.get(f"/v1/ledgers/none/{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:locus:problem:unknown-ledger")


async def test_reading_takes_the_scope_history_for_that_ledger(
    facts: httpx.AsyncClient, database: Database
) -> None:
    for headers, status in (
        (bearer("nobody"), 401),
        (bearer(await token(database, scopes=["publish", "views", "admin"])), 403),
        (bearer(await token(database, scopes=["history"], ledgers=["other"])), 403),
        (bearer(await token(database, scopes=["history"], ledgers=[LEDGER])), 200),
    ):
        assert (await facts.get(EVENTS, headers=headers)).status_code == status


PERSON = {"kind": "person", "profile": {"name": "Ada", "handles": ["forge:ada"]}}


async def test_the_directory_shows_actors_as_last_described(database: Database) -> None:
    async with site(database) as client:
        registered = event("actor.registered", "actor/a-1", **PERSON)
        renamed = {"kind": "person", "profile": {"name": "Ada L."}, "reports_to": "a-2"}
        wrong = event("actor.updated", "actor/a-2", kind="person", profile={"name": "Bert"})
        await publish(
            client,
            registered,
            event("actor.updated", "actor/a-1", **renamed),
            wrong,
            event("actor.registered", "actor/a-3", **PERSON),
            event("actor.merged", "actor/a-3", into="a-1"),
            event(
                "event.corrected",
                "actor/a-2",
                source=wrong["source"],
                id=wrong["id"],
                reason="a slip",
                data={"kind": "agent", "profile": {"name": "Robert"}},
            ),
        )
        people = (await client.get(f"{HOME}/directory")).json()
        assert people == {
            "people": [
                {"actor": "a-1", "kind": "person", "profile": {"name": "Ada L."}, "reports_to": "a-2"},
                {"actor": "a-2", "kind": "agent", "profile": {"name": "Robert"}},
                {"actor": "a-3", **PERSON, "merged_into": "a-1"},
            ],
            "next": None,
        }
        some = (await client.get(f"{HOME}/directory", params={"actor": ["a-3", "a-9"]})).json()
        assert [one["actor"] for one in some["people"]] == ["a-3"]
        first = (await client.get(f"{HOME}/directory", params={"limit": 2})).json()
        rest = (await client.get(f"{HOME}/directory", params={"after": first["next"]})).json()
        assert [one["actor"] for one in first["people"] + rest["people"]] == ["a-1", "a-2", "a-3"]


async def test_ledgers_are_made_once_and_listed_for_whom_they_are(database: Database) -> None:
    async with site(database) as client:
        assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 409
        assert (await client.post("/v1/ledgers", json={"ledger": "Acme!"})).status_code == 400
        assert (await client.post("/v1/ledgers", json={"ledger": "acme\n"})).status_code == 400
        assert (await client.post("/v1/ledgers", json={"ledger": "beta"})).status_code == 201
        listed = (await client.get("/v1/ledgers")).json()
        assert listed == {
            "ledgers": [{"ledger": LEDGER, "last": 0}, {"ledger": "beta", "last": 0}],
            "next": None,
        }
        mine = bearer(await token(database, ledgers=["beta"], scopes=["history"]))
        assert [
            one["ledger"] for one in (await client.get("/v1/ledgers", headers=mine)).json()["ledgers"]
        ] == ["beta"]
        assert (await client.post("/v1/ledgers", json={"ledger": "gamma"}, headers=mine)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"[" * 100_000, b'{"ledger": "beta", "ledger": "gamma"}', b'{"ledger": 7}', b'{"ledger": "a\xff"}'],
)
async def test_a_ledger_whose_name_cannot_be_read_is_not_made(facts: httpx.AsyncClient, body: bytes) -> None:
    answer = await facts.post("/v1/ledgers", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["hint"]
    assert len((await facts.get("/v1/ledgers")).json()["ledgers"]) == 1


@pytest.mark.parametrize("name", ["a%00b", "ACME", "x" * 3000])
async def test_a_name_that_no_ledger_can_have_is_not_looked_for(facts: httpx.AsyncClient, name: str) -> None:
    for answer in (
        await facts.get(f"/v1/ledgers/{name}/events"),
        await facts.post(f"/v1/ledgers/{name}/events", headers=STRUCTURED, content=json.dumps(made())),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (404, "urn:locus:problem:unknown-ledger")
        assert len(problem["detail"]) < 200


@pytest.mark.parametrize("path", ["acme/subjects/decision/%FF", "acme/people/a%C3", "%FF/events"])
async def test_an_id_that_is_not_utf8_is_not_taken_for_another(facts: httpx.AsyncClient, path: str) -> None:
    answer = await facts.get(f"/v1/ledgers/{path}")
    assert (answer.status_code, answer.json()["detail"], answer.json()["where"]) == (400, "not UTF-8", "path")


async def test_nothing_is_published_to_a_name_that_is_not_utf8(facts: httpx.AsyncClient) -> None:
    answer = await facts.post("/v1/ledgers/%FF/events", headers=STRUCTURED, content=json.dumps(made()))
    assert (answer.status_code, answer.json()["where"]) == (400, "path")


async def test_options_tells_every_method(facts: httpx.AsyncClient) -> None:
    answer = await facts.options(EVENTS)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, OPTIONS, POST, HEAD")
    refused = await facts.put(EVENTS)
    assert set(refused.headers["allow"].split(", ")) == {"GET", "OPTIONS", "POST", "HEAD"}


@pytest.mark.parametrize("of", ["occurred", "recorded"])
async def test_a_range_that_ends_before_it_begins_is_refused(facts: httpx.AsyncClient, of: str) -> None:
    asked = {f"{of}_from": "2026-01-02", f"{of}_to": "2026-01-01"}
    answer = await facts.get(EVENTS, params=asked)
    assert (answer.status_code, answer.json()["where"]) == (400, f"{of}_to")
    assert answer.json()["hint"] == f"the range is [{of}_from, {of}_to)"
    assert (await facts.get(EVENTS, params=asked | {f"{of}_to": "2026-01-02"})).json()["entries"] == []


@pytest.mark.parametrize("last", ["x", "9" * 5_000, "-1"])
async def test_a_last_event_id_that_is_no_position_is_named(facts: httpx.AsyncClient, last: str) -> None:
    headers = {"accept": "text/event-stream", "last-event-id": last}
    answer = await facts.get(EVENTS, headers=headers)
    assert (answer.status_code, answer.json()["where"]) == (400, "Last-Event-ID")


async def test_the_service_says_how_it_is(database: Database) -> None:
    async with site(database) as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200
        paths = (await client.get("/schema/openapi.json")).json()["paths"]
        assert (
            "application/cloudevents+json"
            in paths["/v1/ledgers/{ledger}/events"]["post"]["requestBody"]["content"]
        )
        new = paths["/v1/ledgers"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert set(new["properties"]) == {"ledger", "origin"}
        await publish(client, made())
        assert 'locus_ledger_events_total{outcome="recorded"}' in (await client.get("/metrics")).text
