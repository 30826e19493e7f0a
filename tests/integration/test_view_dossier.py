"""Dossiers over HTTP: found by what belongs to them, the same as from the whole history."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec
import pytest

from services import cli_show
from services.connectors import demo
from services.projections.dossier import decision, initiative
from services.projections.facts.fact import FOREVER, OPEN
from services.projections.facts.registry import encode
from services.projections.history import History
from services.projections.views.answer import RestsOn
from services.projections.views.dossier import _around
from services.projections.views.ground import Ground
from tests.conftest import Database
from tests.integration.told_site import told as site_of
from tests.integration.views_site import LEDGER, asked
from tests.pasts import past
from tests.unit.test_cli_drawing import drawn, names_of
from tests.unit.test_dossier import ANN, BEN, corrected, made, row

EVENTS = list(demo.events(3))[:4500]


@pytest.fixture
async def client(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    async with site_of(database, EVENTS) as reader:
        yield reader


def expected(history: History, kind: str, id: str, answer: dict[str, Any]) -> Any:
    rests_on = msgspec.convert(answer["rests_on"], RestsOn)
    if kind == "initiatives":
        return msgspec.to_builtins(initiative.dossier(rests_on, history, id))
    of = history.decisions[id].initiative
    siblings = [one.id for one in history.decided.get(of or "", ())]
    return msgspec.to_builtins(decision.dossier(rests_on, history, id, siblings))


async def test_a_dossier_is_that_of_the_whole_history(client: httpx.AsyncClient) -> None:
    history = past(EVENTS)
    chosen = [("decisions", id) for id in sorted(history.decisions)[::25]]
    chosen += [("initiatives", id) for id in sorted(history.initiatives)[::25]]
    chosen += [("decisions", id) for id, one in sorted(history.decisions.items()) if len(one.words) > 1][:5]
    for kind, id in chosen:
        answer = await asked(client, f"{kind}/{id}")
        assert answer == expected(history, kind, id, answer), id


async def test_a_dossier_as_of_then_knows_nothing_later(client: httpx.AsyncClient) -> None:
    history = past(EVENTS)
    id = next(id for id, one in sorted(history.decisions.items()) if len(one.words) > 1)
    first, second = history.decisions[id].words[:2]
    early = await asked(client, f"decisions/{id}", at=first.at.isoformat())
    assert [word["position"] for word in early["words"]] == [first.position]
    known = await asked(client, f"decisions/{id}", known_at=second.position - 1)
    assert [word["position"] for word in known["words"]] == [first.position]
    assert max(line["position"] for line in known["timeline"]) < second.position
    begun = history.decisions[id].steps[0]
    answer = await client.get(f"/v1/ledgers/{LEDGER}/decisions/{id}", params={"known_at": begun.position - 1})
    assert answer.status_code == 404


async def test_who_follows_the_evidence_of_what_was_corrected_is_led_to_the_correction(
    database: Database,
) -> None:
    first = made(3, BEN)
    events = [row(1, ANN), first, corrected(4, first, data=made(3, ANN)["data"], time=made(2, ANN)["time"])]
    async with site_of(database, events) as client:
        before = await asked(client, "decisions/d", known_at=2)
        after = await asked(client, "decisions/d")
    for whole, (by, corrected_by) in ((before, (BEN, None)), (after, (ANN, 3))):
        [line], [word] = whole["timeline"], whole["words"]
        assert (line["by"], line["position"], line["corrected_by"]) == ([by], 2, corrected_by)
        assert (word["position"], word["corrected_by"]) == (2, corrected_by)
    assert after["words"][0]["at"] == made(2, ANN)["time"].replace("+00:00", "Z")
    shown = drawn(lambda console: cli_show.draw(console, names_of(after), "dossier", after), 100)
    assert "decision: accepted, has stood 2 h (entry 2, corrected by entry 3)" in shown
    assert shown.count("2, corrected by entry 3") == 2


async def test_what_nobody_recorded_has_no_dossier(client: httpx.AsyncClient) -> None:
    for path, where in (("decisions/none", "decision"), ("initiatives/none", "initiative")):
        answer = await client.get(f"/v1/ledgers/{LEDGER}/{path}")
        assert (answer.status_code, answer.json()["where"]) == (404, where)
        assert answer.json()["type"] == "urn:locus:problem:unknown-subject"
    answer = await client.get(f"/v1/ledgers/{LEDGER}/decisions/a%40b")
    assert (answer.status_code, answer.json()["where"]) == (400, "decision")


async def test_the_timeline_is_the_table(client: httpx.AsyncClient) -> None:
    id = min(past(EVENTS).decisions)
    answer = await client.get(f"/v1/ledgers/{LEDGER}/decisions/{id}", headers={"accept": "text/csv"})
    assert answer.text.startswith(
        "rests_on,at,position,corrected_by,subject,what,by,in_words,day\r\nacme@4500,"
    )


async def test_the_knots_a_decision_is_part_of_are_a_link_away(client: httpx.AsyncClient) -> None:
    knots = (await asked(client, "knots", state="all"))["knots"]
    of = {place: event["subject"] for place, event in enumerate(EVENTS, 1)}
    shown = [
        (knot["id"], of[position].removeprefix("decision/"))
        for knot in knots
        for position in knot["entries"]
        if of[position].startswith("decision/")
    ]
    assert shown
    for knot, id in shown[::25][:5]:
        link = (await asked(client, f"decisions/{id}"))["links"]["knots"]
        found = (await client.get(link)).json()["knots"]
        assert knot in {one["id"] for one in found}
        assert len(found) < len(knots)


async def test_the_sessions_that_shared_any_of_thousands_of_decisions_are_found_at_once(
    database: Database,
) -> None:
    named = ['d"7\\', *(f"d-{n}" for n in range(3000))]
    shared = [encode({"data": {"needs": ["n" * 700], "decisions": [one]}}) for one in named]
    connection = await database.connect()
    await connection.execute(
        "INSERT INTO projections.facts (ledger, generation, subject, kind, position, key, structural,"
        " valid_from, valid_to, known_from, known_to, body)"
        " SELECT 'acme', 1, 'space/s-' || n, 'space.session_held', n, '', false,"
        " now(), 'infinity', n, $2, told FROM unnest($1::bytea[]) WITH ORDINALITY AS each (told, n)",
        shared,
        OPEN,
    )
    base = Ground(
        ledger="acme", generation=1, facts_version=1, position=OPEN - 1, root=b"", known_at=None,
        at=FOREVER, now=True, folded=0,
    )  # fmt: skip
    await connection.execute("SET statement_timeout = '4s'")
    found = await _around(connection, base, set(), [*(f"other-{n}" for n in range(3000)), named[0]])
    await connection.close()
    assert found == {"space/s-1"}
