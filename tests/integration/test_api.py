"""The views' API: what answers rest on, tags, problems that name the parameter, and who may ask."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from services.platform.merkle import Frontier, leaf_hash
from services.platform.settings import Settings
from services.projections import rebuilding
from services.projections.connection import pool, tenant
from services.projections.main import parked
from tests.conftest import Database
from tests.described import check, document
from tests.integration.test_worker_histories import built, followed
from tests.integration.views_site import LEDGER, asked, site
from tests.recorded import Recorded, entries

HOME = f"/v1/ledgers/{LEDGER}"
SERVE = "UPDATE projections.generations SET serving = true"


def said(type: str, subject: str, day: int, **data: Any) -> dict[str, Any]:
    """An event on a day of January 2024, recorded at once."""
    return {
        "specversion": "1.0",
        "id": f"{type}-{subject}-{day}-{data.get('actor')}",
        "source": "urn:test",
        "type": f"locus.{type}.v1",
        "subject": subject,
        "time": f"2024-01-{day:02}T00:00:00Z",
        "data": data,
    }


def decided(number: int, day: int, *deciders: str, **more: Any) -> dict[str, Any]:
    given = {"domains": ["discounts"], "outcome": "accepted", "attested": "recorded", **more}
    return said(
        "decision.made", f"decision/q-{number}", day, deciders=[{"holder": one} for one in deciders], **given
    )


EVENTS = [
    said("actor.registered", "actor/ann", 1, kind="person", profile={"name": "Ann"}),
    said("actor.registered", "actor/ben", 1, kind="person", profile={"name": "Ben"}, reports_to="ann"),
    said("actor.registered", "actor/cat", 1, kind="agent", profile={"name": "Cat"}, reports_to="ben"),
    said("body.formed", "body/board", 2, name="Board", kind="board", rule={"kind": "all"}),
    said("body.seat_taken", "body/board", 2, actor="ann"),
    said("body.seat_taken", "body/board", 2, actor="ben"),
    said("domain.defined", "domain/pricing", 3, name="Pricing", stakes="high"),
    said("domain.defined", "domain/discounts", 3, name="Discounts", parent="pricing"),
    said(
        "matrix.row_set",
        "matrix/pricing",
        4,
        by=["ann"],
        decides=[{"holder": "body/board"}],
        rule={"kind": "any"},
        contributes=[{"holder": "actor/cat", "mandatory": True}],
        min_wait="P3D",
        informs=["actor/cat"],
        escalates_to="actor/ann",
        amends=[{"holder": "actor/ann"}],
    ),
    said(
        "mandate.delegated",
        "mandate/m-1",
        5,
        scope="domain/discounts",
        to=["actor/ben"],
        **{"from": "body/board"},
    ),
    decided(1, 6, "body/board"),
    decided(2, 8, "actor/ben"),
    decided(3, 20, "actor/cat", attested="inferred"),
    decided(4, 21, stakes="low"),
    decided(5, 22, "actor/ann", outcome="deferred"),
    said("decision.overridden", "decision/q-2", 25, deciders=[{"holder": "body/board"}], reason="too deep"),
]


@pytest.fixture
async def record(database: Database) -> AsyncGenerator[Recorded]:
    connection = await database.connect()
    lines = entries(LEDGER, EVENTS)
    recorded = Recorded(connection, LEDGER, lines)
    await recorded.create()
    await recorded.append(len(lines))
    async with pool(database.url) as connections:
        await built(connections, LEDGER, 100, len(lines))
        async with tenant(connections, LEDGER) as tenants:
            await tenants.execute(SERVE)
    yield recorded
    await connection.close()


@pytest.fixture
async def client(database: Database, record: Recorded) -> AsyncGenerator[httpx.AsyncClient]:
    async with site(database) as reader:
        yield reader


async def test_an_answer_says_what_it_rests_on(client: httpx.AsyncClient, record: Recorded) -> None:
    answer = await asked(client, "authority")
    last = json.loads(record.lines[-1])["recorded"]
    assert answer["rests_on"] == {
        "ledger": LEDGER,
        "position": len(EVENTS),
        "root": record.frontier.root().hex(),
        "view": "authority",
        "version": 1,
        "at": last,
        "known_at": last,
    }


@pytest.mark.parametrize("path", ["authority", "knots?domain=pricing", "live", "nothing", "drift?by=x"])
async def test_head_is_answered_as_get_is_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(10):
        head = await client.head(f"{HOME}/{path}")
    if path == "live":  # which ends with its head, as no `GET` of it would
        assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    else:
        whole = await client.get(f"{HOME}/{path}")
        assert (head.status_code, head.headers) == (whole.status_code, whole.headers)
        assert whole.content
    assert head.content == b""


async def test_an_answer_as_known_earlier_rests_on_the_root_of_then(
    client: httpx.AsyncClient, record: Recorded
) -> None:
    then = Frontier().extend(leaf_hash(line) for line in record.lines[:11])
    by_position = await asked(client, "authority", known_at=11)
    by_time = await asked(client, "authority", known_at=json.loads(record.lines[10])["recorded"])
    assert by_position == by_time
    assert by_position["rests_on"]["root"] == then.root().hex()
    assert by_position["windows"][0]["decisions"] == 1


async def test_nothing_is_known_before_the_first_entry(client: httpx.AsyncClient) -> None:
    for known_at in ("0", "1999-12-31"):
        answer = await asked(client, "authority", known_at=known_at)
        assert (answer["rests_on"]["position"], answer["rests_on"]["at"]) == (0, None)
        assert answer["windows"][0]["decisions"] == 0
        assert answer["windows"][0]["concentration"]["node"]["hhi"] is None


async def test_shares_are_given_by_holder_beside_what_is_left_out(client: httpx.AsyncClient) -> None:
    [window] = (await asked(client, "authority"))["windows"]
    left_out = {name: window[name] for name in ("inferred", "unknown", "deferred", "returned", "unresolved")}
    assert left_out == {"inferred": 1, "unknown": 1, "deferred": 1, "returned": 0, "unresolved": 0}
    assert [(row["holder"], row["decisions"], row["inferred"]) for row in window["rows"]] == [
        ("body/board", 2, 0),
        ("actor/ben", 1, 0),
        ("actor/cat", 1, 1),
    ]
    node, seat = window["concentration"]["node"], window["concentration"]["seat"]
    assert node["in_words"] == "as if 2.7 decided equally"
    assert node["why_null"]["gini"] == "only the seat lens compares people"
    assert (seat["holders"], seat["roster"]) == (3, 3)
    assert seat["gini"] is not None


async def test_the_standing_tense_credits_the_last_word(client: httpx.AsyncClient) -> None:
    [window] = (await asked(client, "authority", tense="standing"))["windows"]
    assert {row["holder"]: row["decisions"] for row in window["rows"]} == {"body/board": 2, "actor/cat": 1}
    [before] = (await asked(client, "authority", tense="standing", at="2024-01-24"))["windows"]
    assert {row["holder"]: row["decisions"] for row in before["rows"]} == {
        "body/board": 1, "actor/ben": 1, "actor/cat": 1,
    }  # fmt: skip


@pytest.mark.parametrize("by", ["actor", "body", "domain", "level", "stakes"])
@pytest.mark.parametrize("interval", [None, "week", "year"])
async def test_authority_can_be_asked_by_everything(
    client: httpx.AsyncClient, by: str, interval: str | None
) -> None:
    windows = (await asked(client, "authority", by=by, interval=interval, lens="seat"))["windows"]
    assert sum(window["decisions"] for window in windows) == 4
    assert {row["by"] for window in windows for row in window["rows"]} == {by}


async def test_rows_by_body_show_how_concentrated_it_is_inside(client: httpx.AsyncClient) -> None:
    [row] = (await asked(client, "authority", by="body"))["windows"][0]["rows"]
    assert (row["body"], row["name"], row["share"], row["decisions"]) == ("board", "Board", 0.5, 2)
    assert row["inside"]["effective_deciders"] == 2
    assert row["inside"]["roster"] == 2


async def test_rows_by_domain_are_of_subtrees(client: httpx.AsyncClient) -> None:
    rows = (await asked(client, "authority", by="domain"))["windows"][0]["rows"]
    assert {(row["domain"], row["name"], row["decisions"]) for row in rows} == {
        ("discounts", "Discounts", 4),
        ("pricing", "Pricing", 4),
    }
    assert rows[0]["top"][0]["holder"] == "body/board"


async def test_rows_by_stakes_and_levels_add_up(client: httpx.AsyncClient) -> None:
    [by_stakes] = (await asked(client, "authority", by="stakes"))["windows"]
    assert [(row["stakes"], row["decisions"], row["unknown"]) for row in by_stakes["rows"]] == [
        ("high", 4, 0),
        ("low", 0, 1),
    ]
    [by_level] = (await asked(client, "authority", by="level"))["windows"]
    assert {row["level"]: row["share"] for row in by_level["rows"]} == {0: 0.25, 1: 0.5, 2: 0.25}
    assert by_level["levels"]["coverage"] == 1
    assert by_level["levels"]["closeness"] == pytest.approx(0.5)


async def test_filters_narrow_what_is_asked(client: httpx.AsyncClient) -> None:
    questions: list[tuple[dict[str, str], int]] = [
        ({"domain": "pricing"}, 4),
        ({"domain": "elsewhere"}, 0),
        ({"body": "board"}, 2),
        ({"actor": "ben"}, 3),
        ({"stakes": "none"}, 0),
        ({"stakes": "high"}, 4),
        ({"attested": "recorded"}, 3),
        ({"from": "2024-01-08", "to": "2024-01-20"}, 1),
        ({"from": "2024-01-08", "to": "2024-01-08"}, 0),
    ]
    for question, expected in questions:
        [window] = (await asked(client, "authority", **question))["windows"]
        assert window["decisions"] == expected, question


async def test_a_series_shows_empty_windows_with_nulls(client: httpx.AsyncClient) -> None:
    windows = (await asked(client, "authority", interval="week", from_="2024-01-05", to="2024-01-23"))[
        "windows"
    ]
    assert [(window["from"][:10], window["to"][:10], window["decisions"]) for window in windows] == [
        ("2024-01-05", "2024-01-08", 1),
        ("2024-01-08", "2024-01-15", 1),
        ("2024-01-15", "2024-01-22", 1),
        ("2024-01-22", "2024-01-23", 0),
    ]
    assert windows[3]["concentration"]["seat"]["evenness"] is None
    assert windows[3]["concentration"]["seat"]["why_null"]["evenness"]


async def test_drift_compares_both_sides_of_the_same_decisions(client: httpx.AsyncClient) -> None:
    [window] = (await asked(client, "drift"))["windows"]
    assert (window["decisions"], window["inferred"], window["unstated"]) == (4, 1, 0)
    assert window["mandate"] == {"yes": 3, "no": 1, "unknown": 1, "out_of_mandate": 0.25, "why_null": {}}
    [row] = window["rows"]
    assert (row["domain"], row["decisions"], row["drift"]) == ("pricing", 4, window["drift"])
    assert 0 < window["drift"] < 1
    [by_actor] = (await asked(client, "drift", by="actor"))["windows"]
    assert {row["holder"]: row["difference"] for row in by_actor["rows"]} == {
        "actor/ben": -0.75,
        "body/board": 0.5,
        "actor/cat": 0.25,
    }
    [by_body] = (await asked(client, "drift", by="body"))["windows"]
    assert [row["holder"] for row in by_body["rows"]] == ["body/board"]
    [by_stakes] = (await asked(client, "drift", by="stakes"))["windows"]
    assert [(row["stakes"], row["decisions"]) for row in by_stakes["rows"]] == [("high", 4), ("low", 0)]


async def test_the_matrix_tells_whose_row_a_domain_has_and_since_when(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "matrix")
    discounts, pricing = answer["domains"]
    assert (discounts["domain"], discounts["inherited_from"], discounts["vacant"]) == (
        "discounts",
        "pricing",
        False,
    )
    assert (pricing["inherited_from"], pricing["since"]) == (None, "2024-01-04T00:00:00Z")
    assert discounts["mandates"][0]["from"] == {"holder": "body/board", "live": True}
    assert discounts["row"]["rule_in_words"] == "it decides alone"
    assert discounts["row"]["contributes"] == [{"holder": "actor/cat", "live": True, "mandatory": True}]
    assert answer["history"] is None
    assert (await asked(client, "matrix", at="2024-01-03"))["domains"][0]["why_null"]["row"]


async def test_a_subtree_of_the_matrix_comes_with_its_history(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "matrix", domain="pricing")
    assert [row["domain"] for row in answer["domains"]] == ["discounts", "pricing"]
    [change] = answer["history"]
    assert (change["effective"], change["until"], change["position"]) == ("2024-01-04T00:00:00Z", None, 9)


async def test_a_remit_tells_what_one_decides_alone_and_by_which_way(client: httpx.AsyncClient) -> None:
    ben = await asked(client, "actors/ben/remit")
    [alone] = ben["decides_alone"]
    assert (alone["domain"], alone["share"], alone["row_domain"]) == ("discounts", 1.0, "pricing")
    assert [(way["way"], way["body"], way["mandate"]) for way in alone["ways"]] == [
        ("seat", "board", None),
        ("mandate", None, "m-1"),
    ]
    assert (alone["consult"][0]["holder"], alone["min_wait"]) == ("actor/cat", "P3D")
    [together] = ben["decides_with_others"]
    assert (together["domain"], together["share"]) == ("pricing", 0.5)
    assert together["others"] == [{"holder": "actor/ann", "share": 0.5}]
    assert [mandate["mandate"] for mandate in ben["lent_to_it"]] == ["m-1"]


async def test_a_remit_tells_who_is_asked_told_and_escalated_to(client: httpx.AsyncClient) -> None:
    cat, ann = await asked(client, "actors/cat/remit"), await asked(client, "actors/ann/remit")
    assert cat["decides_alone"] == cat["decides_with_others"] == []
    assert {(role["domain"], role["mandatory"]) for role in cat["consulted"]} == {
        ("discounts", True),
        ("pricing", True),
    }
    assert len(cat["informed"]) == len(ann["receives_escalations"]) == len(ann["may_amend"]) == 2


async def test_of_an_id_that_nobody_ever_named_a_remit_does_not_say_that_it_is_there(
    client: httpx.AsyncClient,
) -> None:
    for kind, holder in (("actors", "actor"), ("bodies", "body")):
        nope, why = await asked(client, f"{kind}/nope/remit"), "no seat, row or mandate gives it a part"
        assert (nope["holder"], nope["live"], nope["decides_alone"]) == (f"{holder}/nope", None, [])
        assert why in nope["why_null"]["live"]


async def test_a_body_and_a_domain_have_remits(client: httpx.AsyncClient) -> None:
    board = await asked(client, "bodies/board/remit")
    assert (board["name"], [remit["domain"] for remit in board["decides_alone"]]) == (
        "Board",
        ["discounts", "pricing"],
    )
    discounts = await asked(client, "domains/discounts/remit")
    assert [(one["holder"], one["share"], one["alone"]) for one in discounts["by_seat"]] == [
        ("actor/ben", 1.0, True)
    ]
    pricing = await asked(client, "domains/pricing/remit")
    assert [(one["holder"], one["alone"]) for one in pricing["by_seat"]] == [
        ("actor/ann", False),
        ("actor/ben", False),
    ]


@pytest.mark.parametrize("path", ["authority", "drift?tense=standing", "matrix", "actors/ben/remit"])
async def test_an_answer_one_has_is_not_sent_again(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(f"{HOME}/{path}")
    tag = first.headers["etag"]
    again = await client.get(f"{HOME}/{path}", headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = await client.get(f"{HOME}/{path}", headers={"if-none-match": '"other"'})
    assert changed.content == first.content


async def test_what_another_program_answered_is_sent_anew(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await client.get(f"{HOME}/authority")
    monkeypatch.setattr("services.projections.answering._program", lambda: "mended")
    again = await client.get(f"{HOME}/authority", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (200, first.content)


async def test_tags_differ_by_question_and_position(client: httpx.AsyncClient) -> None:
    paths = ["authority", "authority?by=level", "authority?known_at=12", "authority?at=2024-01-10", "drift"]
    tags = [(await client.get(f"{HOME}/{path}")).headers["etag"] for path in paths]
    assert len(set(tags)) == len(paths)
    past = await client.get(f"{HOME}/authority?known_at=12")
    assert past.headers["cache-control"] == "private, max-age=3600"


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("authority?lens=nodes", "lens"),
        ("authority?by=person", "by"),
        ("authority?from=yesterday", "from"),
        ("authority?to=2024-02-30", "to"),
        ("authority?to=2024-01-01T00:00:00", "to"),
        ("authority?from=2024-02-01&to=2024-01-01", "to"),
        ("authority?at=9999-12-31T23:00:00-05:00", "at"),
        ("authority?known_at=999", "known_at"),
        ("authority?known_at=-1", "known_at"),
        ("authority?known_at=99999999999999999999999", "known_at"),
        ("authority?lense=seat", "lense"),
        ("authority?domain=a/b", "domain"),
        ("authority?domain=", "domain"),
        ("authority?body=%00", "body"),
        ("authority?stakes=huge", "stakes"),
        ("authority?interval=day&from=0001-01-01", "interval"),
        ("drift?by=level", "by"),
        ("matrix?lens=seat", "lens"),
        ("flow?level=-1", "level"),
        ("coordination?level=-1", "level"),
        ("actors/%00/remit", "actor"),
    ],
)
async def test_a_bad_parameter_is_named(client: httpx.AsyncClient, path: str, where: str) -> None:
    response = await client.get(f"{HOME}/{path}")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["where"] == where


async def test_of_a_word_that_a_parameter_does_not_take_those_that_it_takes_are_told(
    client: httpx.AsyncClient,
) -> None:
    for path, hint in [
        ("drift?by=level", "by takes domain, actor, body, stakes"),
        ("authority?lens=nodes", "lens takes node, seat"),
        ("flow?stakes=huge", "stakes takes low, medium, high, strategic, none"),
        ("knots?state=gone", "state takes open, closed, all"),
        ("flow?level=high", "/schema says what this address takes"),
    ]:
        assert (await client.get(f"{HOME}/{path}")).json()["hint"] == hint


async def test_what_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    for path, slug in [
        ("/v1/ledgers/nobody/authority", "unknown-ledger"),
        ("/v1/ledgers/No%00body/authority", "unknown-ledger"),
        (f"{HOME}/matrix?domain=nowhere", "unknown-domain"),
        (f"{HOME}/matrix?domain=discounts&at=2024-01-01", "unknown-domain"),
        (f"{HOME}/domains/nowhere/remit", "unknown-domain"),
        (f"{HOME}/elsewhere", "not-found"),
    ]:
        response = await client.get(path)
        assert (response.status_code, response.json()["type"]) == (404, f"urn:locus:problem:{slug}")
        assert {"detail", "where", "hint"} <= response.json().keys()


async def test_of_what_is_not_there_it_is_said_in_a_sentence_why_and_what_helps(
    client: httpx.AsyncClient, record: Recorded, database: Database
) -> None:
    gone = decided(9, 28, "actor/ann")
    data = {"source": gone["source"], "id": gone["id"], "reason": "it never was"}
    withdrawn = said("event.retracted", gone["subject"], 29, **data)
    record.lines += entries(LEDGER, [*EVENTS, gone, withdrawn])[-2:]
    await record.append(2)
    async with pool(database.url) as connections:
        await followed(connections, LEDGER, 1, 100, len(record.lines))
    known, later = len(EVENTS) + 1, "mend its id, or ask `at` and `known_at` a later time"
    for path, detail, hint in [
        (
            "decisions/q-9",
            "what was recorded of decision/q-9 was retracted",
            f"ask `known_at` {known} for what was known of it until then",
        ),
        ("decisions/q-0", "as of then, nothing is recorded of decision/q-0", later),
        ("decisions/q-3?at=2024-01-19", "as of then, nothing is recorded of decision/q-3", later),
        (f"decisions/q-9?known_at={known - 1}", "as of then, nothing is recorded of decision/q-9", later),
        (
            "matrix?domain=nowhere",
            "as of then, nobody had named a domain nowhere",
            "GET …/matrix lists the domains named by then",
        ),
    ]:
        problem = (await client.get(f"{HOME}/{path}")).json()
        assert (problem["detail"], problem["hint"]) == (detail, hint), path
    assert (await asked(client, "decisions/q-9", known_at=known))["decision"] == "q-9"


async def test_a_position_not_read_yet_is_worth_another_try(
    client: httpx.AsyncClient, record: Recorded
) -> None:
    record.lines += entries(LEDGER, [*EVENTS, decided(9, 28, "actor/ann")])[-1:]
    await record.append(1)
    response = await client.get(f"{HOME}/authority?known_at={len(EVENTS) + 1}")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    check(await document(client), response)
    assert (await asked(client, "progress"))["behind"] == 1


async def test_progress_is_visible(client: httpx.AsyncClient) -> None:
    progress = await asked(client, "progress")
    assert (progress["position"], progress["behind"], progress["parked"], progress["alarm"]) == (
        16,
        0,
        0,
        None,
    )
    async with asyncio.timeout(10):  # it looks by itself, once it has begun
        told = 'locus_views_behind_entries{ledger="acme"} 0.0'
        while told not in (await client.get("/metrics")).text:  # noqa: ASYNC110 — nobody tells when it is there
            await asyncio.sleep(0.05)
    assert (await client.get("/health/ready")).status_code == 200


async def test_views_need_a_token_for_them_and_for_the_ledger(database: Database, record: Recorded) -> None:
    async with site(database, ledgers=["other"]) as elsewhere:
        assert (await elsewhere.get(f"{HOME}/matrix")).status_code == 403
    async with site(database, scopes=["publish"]) as publisher:
        assert (await publisher.get(f"{HOME}/matrix")).status_code == 403
        assert (await publisher.get(f"{HOME}/matrix", headers={"authorization": ""})).status_code == 401


async def test_one_structure_serves_questions_of_any_time(client: httpx.AsyncClient) -> None:
    first = await asked(client, "actors/ben/remit")
    await asked(client, "actors/ben/remit", known_at=9)
    assert await asked(client, "actors/ben/remit") == first


async def test_the_schema_describes_parameters_and_answers(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/schema/openapi.json")).json()
    authority = schema["paths"]["/v1/ledgers/{ledger}/authority"]["get"]
    described = {one["name"]: one["schema"].get("description") for one in authority["parameters"]}
    wanted = {
        "from",
        "to",
        "interval",
        "by",
        "domain",
        "body",
        "actor",
        "stakes",
        "level",
        "lens",
        "tense",
        "attested",
    }
    assert wanted | {"at", "known_at", "ledger", "table", "If-None-Match"} == described.keys()
    assert all(described[name] for name in wanted | {"at", "known_at"})
    assert "description" in schema["components"]["schemas"]["Concentration"]["properties"]["k50"]


async def test_answers_are_as_the_schema_says(client: httpx.AsyncClient) -> None:
    schema = await document(client)
    given = {"ledger": LEDGER, "domain": "discounts", "actor": "ben", "body_id": "board", "decision": "q-1"}
    for path in schema["paths"]:
        if path.endswith(("/live", "{initiative}")):
            continue
        check(schema, answer := await client.get(path.format(**given)))
        check(schema, await client.get(path.format(**given), params={"x": "1"}))
        check(schema, await client.get(path.format(**given), headers={"authorization": "Bearer unknown"}))
        check(schema, await client.get(path.format(**given | {"ledger": "elsewhere", "decision": "q-0"})))
        for accept in ("text/csv", "image/png"):
            check(schema, await client.get(path.format(**given), headers={"accept": accept}))
        if tag := answer.headers.get("etag"):
            check(schema, held := await client.get(path.format(**given), headers={"if-none-match": tag}))
            assert held.status_code == 304


async def test_the_schema_tells_the_bounds_of_numbers(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    told = {
        name: next(
            one["schema"]
            for one in paths[f"/v1/ledgers/{{ledger}}/{view}"]["get"]["parameters"]
            if one["name"] == name
        )
        for view, name in (("overview", "days"), ("flow", "level"))
    }
    assert (told["days"]["minimum"], told["days"]["maximum"]) == (1, 36_500)
    assert told["level"]["minimum"] == 0
    for path in ("overview?days=0", "overview?days=36501", "flow?level=-1"):
        assert (await client.get(f"{HOME}/{path}")).status_code == 400


async def test_an_id_that_is_not_utf8_is_not_taken_for_another(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{HOME}/decisions/%FF")
    assert (answer.status_code, answer.json()["detail"], answer.json()["where"]) == (400, "not UTF-8", "path")


async def test_a_rebuild_asked_for_by_hand_is_refused_without_views(database: Database) -> None:
    async with pool(database.url) as connections:
        with pytest.raises(rebuilding.NothingBuiltError, match="no views of nobody"):
            await rebuilding.rebuild(connections, "nobody", sign_off=False)


async def test_nothing_parked_is_an_empty_list(database: Database, record: Recorded) -> None:
    assert await parked(Settings(database_url=database.url), LEDGER) == []
