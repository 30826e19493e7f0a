"""What goes on around decisions, asked over HTTP, is what plain loops find in the same entries."""

from random import Random
from typing import Any

import pytest

from tests.conftest import Database
from tests.integration.test_views import Asker, serve
from tests.integration.test_worker_histories import recorded
from tests.integration.views_site import asked, site
from tests.oracle.around import Around

Json = dict[str, Any]
QUESTIONS = 5
SEEDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 20))]


@pytest.mark.parametrize("seed", SEEDS)
async def test_views_around_decisions_are_those_of_the_oracle(database: Database, seed: int) -> None:
    async with recorded(database, seed) as (connections, record), site(database) as client:
        await serve(connections, record)
        asker = Asker(client, record.ledger, record.lines, Random(seed))
        for number in range(QUESTIONS):
            world, as_of = asker.world()
            start, end = sorted((asker.moment(), asker.moment())) if number else (None, None)
            around = Around(world, start, end)
            given = as_of | {"from": start and start.isoformat(), "to": end and end.isoformat()}
            answers = {
                view: (await asked(client, view, record.ledger, **given))["windows"][0] for view in CHECKS
            }
            for view, check in CHECKS.items():
                check(answers[view], around)


def check_learning(window: Json, around: Around) -> None:
    for name, count in around.experiments().items():
        assert window["experiments"][name]["count"] == count, name
    held, expected = window["debriefs"], around.debriefs()
    assert held["held"]["count"] == expected["held"]
    assert held["participants"] == expected["participants"]
    assert held["with_adjustments"]["count"] == expected["with_adjustments"]
    told, lessons = window["lessons"], around.lessons()
    assert told["recorded"]["count"] == lessons["recorded"]
    assert told["proposing"]["count"] == lessons["proposing"]
    assert {kind: one["count"] for kind, one in told["by_source"].items()} == lessons["by_source"]
    assert window["mistakes"]["all"]["count"] == len(around.mistakes())
    assert window["mistakes"]["debriefed"]["count"] == around.looked_back()


def check_trust(window: Json, around: Around) -> None:
    for lived in window["lived"]:
        expected = around.lived(lived["question"])
        assert lived["pulses"]["count"] == expected.pop("pulses")
        assert {name: lived[name] for name in expected} == pytest.approx(expected)


def check_coordination(window: Json, around: Around) -> None:
    assert window["sessions"]["count"] == around.sessions()
    shared = window["sharing"]["shared"]
    assert (shared["count"], shared["of"]) == around.shared()


def check_participation(window: Json, around: Around) -> None:
    for part in window["parts"]:
        deciding, holder = part["deciding"], part["holder"]
        assert deciding["positions"]["count"] == around.positions(holder)
        for lens in ("node", "seat"):
            assert deciding[f"share_{lens}"] == pytest.approx(around.shares(holder, lens))


def check_flow(window: Json, around: Around) -> None:
    hold = next(one for one in window["hold"] if one["by"] == "all")
    expected = around.hold()
    assert (hold["n"], hold["censored"]) == (expected["n"], expected["censored"])
    for how in ("overridden", "reversed", "reopened"):
        assert hold[how]["count"] == expected[how], how
    assert hold["p50_days"] == pytest.approx(expected["p50_days"])


CHECKS = {
    "flow": check_flow,
    "learning": check_learning,
    "trust": check_trust,
    "coordination": check_coordination,
    "participation": check_participation,
}
