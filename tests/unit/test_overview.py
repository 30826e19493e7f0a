"""An overview says where authority sits, where it moved and what needs a conversation; its figures agree."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from services.connectors import demo
from services.projections.knots.settings import Settings
from services.projections.overview.answer import Overview
from services.projections.overview.building import overview
from services.projections.tables import tables, written
from services.projections.views.answer import RestsOn
from services.projections.views.question import Question
from tests import histories
from tests.pasts import past
from tests.unit.test_dossier import ANN, BEN, CAT, row, said

END = datetime(2026, 1, 1, tzinfo=UTC)


def seen(events: list[dict[str, Any]], at: datetime | None = END, days: int = 365, **asked: Any) -> Overview:
    history = past(events, at=at, every=timedelta(minutes=1))
    rests_on = RestsOn(ledger="acme", position=len(events), root="", view="", version=1, at=at, known_at=at)
    return overview(rests_on, history, Settings(), Question(**asked), days)


def made(day: int, decider: str | None, domain: str = "x", **more: Any) -> dict[str, Any]:
    """Decided so many days before the end."""
    deciders = [] if decider is None else [{"holder": decider}]
    event = said(
        0, f"decision/d-{day}", "decision.made", deciders=deciders, **MADE | {"domains": [domain]} | more
    )
    return event | {"time": (END - timedelta(days=day)).isoformat()}


MADE = {"outcome": "accepted", "attested": "recorded"}


def test_two_periods_are_compared_and_the_last_holds_its_last_instant() -> None:
    whole = seen([made(400, ANN), made(366, ANN), made(365, BEN), made(0, CAT)])
    assert (whole.before.decisions, whole.now.decisions) == (2, 2)
    assert [(one.holder, one.share, one.before) for one in whole.sits.largest] == [
        (BEN, 0.5, 0.0),
        (CAT, 0.5, 0.0),
    ]
    assert whole.sits.in_words.endswith("1.0 in the period before: more spread")
    assert [(m.holder, m.change) for m in whole.moving.overall] == [(ANN, -1.0), (BEN, 0.5), (CAT, 0.5)]


def test_a_domain_needs_five_decisions_in_each_period_to_move() -> None:
    few = [made(400 + n, ANN) for n in range(5)] + [made(10 + n, BEN) for n in range(4)]
    assert seen(few).moving.by_domain == []
    moves = seen([*few, made(20, BEN), made(21, CAT, "y")]).moving.by_domain
    assert [(move.holder, move.domain, move.before, move.now) for move in moves] == [
        (ANN, "x", 1.0, 0.0),
        (BEN, "x", 0.0, 1.0),
    ]
    assert [len(move.entries) for move in moves] == [5, 5]


def several(first: int, *deciders: str, domain: str = "x") -> list[dict[str, Any]]:
    return [made(first + place, decider, domain) for place, decider in enumerate(deciders)]


def test_a_share_that_moved_by_less_than_five_points_or_by_one_decision_is_no_movement_to_tell() -> None:
    by_one = [*several(400, *[ANN] * 3, BEN, BEN), *several(10, *[ANN] * 4, BEN)]
    assert [move.change for move in seen(by_one).moving.by_domain] == pytest.approx([-0.2, 0.2])
    assert seen(by_one).moving.in_words == "nothing moved notably"
    by_four_points = [*several(400, *[ANN] * 12, *[BEN] * 13), *several(10, *[ANN] * 13, *[BEN] * 12)]
    assert seen(by_four_points).moving.in_words == "nothing moved notably"
    by_two = [*several(400, *[ANN] * 3, BEN, BEN), *several(10, ANN, *[BEN] * 4)]
    assert seen(by_two).moving.in_words == (
        "of all decisions, actor/ann went from 60 % to 20 %;"
        " of all decisions, actor/ben went from 40 % to 80 %;"
        " most notably on x, where actor/ann went from 60 % to 20 % and actor/ben went from 40 % to 80 %"
    )
    same = several(400, ANN) + several(10, ANN)
    assert seen(same).moving.in_words == "no share changed"


def test_those_whose_shares_moved_as_much_are_told_as_one() -> None:
    moved = [*several(400, *[ANN] * 6), *several(10, BEN, BEN, BEN, CAT, CAT, CAT)]
    told = "actor/ann went from 100 % to 0 %{} actor/ben and actor/cat each went up by 50 points"
    first, second = told.format("; of all decisions,"), told.format(" and")
    assert seen(moved).moving.in_words == f"of all decisions, {first}; most notably on x, where {second}"
    as_much = [*moved, *several(420, *[ANN] * 6, domain="y"), *several(30, *[BEN, CAT] * 3, domain="y")]
    assert seen(as_much).moving.in_words.endswith("; most notably on x and y alike")


def test_those_who_drift_or_lack_rows_as_much_are_told_as_one() -> None:
    first = row(0, ANN) | {"time": "2024-01-01T00:00:00Z"}
    whole = seen([first, *several(1, BEN, CAT), *several(5, ANN, domain="y"), *several(6, ANN, domain="z")])
    [apart] = whole.drifting.largest
    assert (
        "on x, actor/ben and actor/cat each decided 50 points more than stated, actor/ann 100"
        in apart.in_words
    )
    assert whole.unstated.in_words.endswith("; most on y and z")
    other = row(0, ANN) | {"time": "2024-01-01T00:00:00Z", "subject": "matrix/y", "id": "other"}
    both = seen([first, other, *several(1, BEN, CAT), *several(5, BEN, CAT, domain="y")])
    assert "; most on x and y alike; " in both.drifting.in_words


def proposed(day: int, *, decided: int | None) -> list[dict[str, Any]]:
    """So many days before the end; decided so many."""
    begun = said(0, f"initiative/i-{day}", "initiative.proposed", title="I", domains=["x"], proposers=[ANN])
    begun |= {"time": (END - timedelta(days=day)).isoformat()}
    return [begun] if decided is None else [begun, made(decided, ANN, initiative=f"i-{day}")]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            [*proposed(20, decided=10), *proposed(21, decided=9), *proposed(400, decided=399)],
            "half of 2 initiatives and decisions with a known proposal in this period were decided within"
            " 10.0 days; the one in the period before was decided within 24 hours; nothing is open",
        ),
        (
            [*proposed(20, decided=None), *proposed(400, decided=390), *proposed(401, decided=300)],
            "the one initiative or decision with a known proposal in this period is not decided yet;"
            " half of 2 in the period before were decided within 10.0 days; 1 open, for 20.0 days",
        ),
        (
            [*proposed(20, decided=None), *proposed(21, decided=None)],
            "fewer than half of 2 initiatives and decisions with a known proposal in this period are decided"
            " so far; none in the period before; 2 open, half for 20.5 days or more",
        ),
        (
            [made(3, ANN)],
            "no initiative or decision with a known proposal in this period waited to be decided;"
            " none in the period before; nothing is open",
        ),
    ],
)
def test_the_line_of_the_flow_says_of_how_many_it_is(events: list[Any], words: str) -> None:
    assert seen(events).flow.in_words == words


def test_without_decisions_before_there_is_nothing_to_compare_with() -> None:
    whole = seen([made(3, ANN)])
    assert whole.moving.why_null == {"overall": "it takes decisions in both periods to tell"}
    assert whole.sits.largest[0].before is None
    assert whole.sits.in_words == (
        "as if one person decided everything (1.0 with bodies as one holder each);"
        " nothing was decided in the period before"
    )
    assert whole.sits.by_stakes[0].in_words.startswith("1 decision of no known stakes, as if one person")


@pytest.mark.parametrize("at", [None, END, datetime(1, 1, 3, tzinfo=UTC)])
def test_of_nothing_there_is_an_overview_too(at: datetime | None) -> None:
    whole = seen([], at=at)
    assert whole.sits.concentration.seat.effective_deciders is None
    assert whole.sits.in_words == "nothing was decided by anybody known"
    assert whole.drifting.node is None
    assert whole.coverage.in_words == "nothing was decided in this period"
    assert (whole.flow.open, whole.conversations.knots) == (0, [])
    assert whole.now.to == at


def test_stated_is_set_beside_done_with_who_decided_more_and_who_less() -> None:
    first = row(0, ANN) | {"time": "2024-01-01T00:00:00Z"}
    whole = seen([first, *(made(n, BEN) for n in range(3)), made(9, ANN), made(8, CAT, "y")])
    [apart] = whole.drifting.largest
    assert (apart.domain, apart.more, apart.more_by, apart.less, apart.less_by) == (
        "x",
        BEN,
        0.75,
        ANN,
        -0.75,
    )
    assert "actor/ben decided 75 points more than stated, actor/ann 75 points less" in apart.in_words
    assert (whole.drifting.out_of_mandate.count, whole.drifting.out_of_mandate.of) == (3, 4)
    assert (whole.unstated.unstated.count, [one.domain for one in whole.unstated.domains]) == (1, ["y"])
    assert whole.unstated.in_words == (
        "1 of 5 decisions had no row, 0 had one that nobody could act under; most on y"
    )


def test_what_is_not_known_is_said() -> None:
    whole = seen([made(1, None), made(2, ANN, attested="inferred"), made(3, ANN, outcome="deferred")])
    assert (whole.coverage.unknown.count, whole.coverage.unknown.of) == (1, 2)
    assert (whole.coverage.inferred.rate, whole.coverage.deferred) == (1.0, 1)
    assert whole.coverage.in_words == (
        "of 1 decision, the deciders of 1 were inferred; the deciders of 1 of 2 are not known;"
        " whether 2 of 2 were in mandate cannot be told"
    )


def test_the_gravest_knot_of_each_pattern_is_shown_with_a_question() -> None:
    events = list(demo.events(3))
    whole = seen(events, domain="pricing")
    shown = whole.conversations.knots
    patterns = [one.pattern for one in shown]
    assert len(patterns) == len(set(patterns))
    assert all(one.question.endswith("?") and one.sentence and one.link for one in shown)


def test_the_demo_has_moved_from_few_to_many() -> None:
    whole = seen(list(demo.events(3)))
    now, before = whole.sits.concentration.seat, whole.sits.before.seat
    assert now.effective_deciders is not None
    assert before.effective_deciders is not None
    assert now.effective_deciders > 1.5 * before.effective_deciders
    closeness = whole.sits.closeness
    assert closeness.now is not None
    assert closeness.before is not None
    assert closeness.now > closeness.before
    assert sum(one.decisions for one in whole.sits.by_stakes) == whole.now.decisions
    assert len(whole.in_words) == 7
    assert all(sentence.endswith(".") for sentence in whole.in_words)


def test_what_came_after_changes_nothing_said_of_then() -> None:
    events = [made(n, ANN if n % 3 else BEN) for n in range(700, 0, -7)]
    then = END - timedelta(days=200)
    early = [event for event in events if datetime.fromisoformat(event["time"]) <= then]
    told, again = seen(events, at=then), seen(early, at=then)
    assert msgspec.structs.replace(told, rests_on=again.rests_on).sits.largest == again.sits.largest
    assert told.moving.overall == again.moving.overall


@pytest.mark.parametrize("seed", range(10))
def test_whatever_was_recorded_has_an_overview_whose_shares_sum_to_one(seed: int) -> None:
    events = histories.history(Random(seed))
    for lens in ("node", "seat"):
        whole = seen(events, at=None, days=10, lens=lens)
        assert len(whole.in_words) == 7
        for table in tables(Overview):
            assert written(whole, table)
    instants = [datetime.fromisoformat(event["time"]) for event in events]
    whole = seen(events, at=max(instants), days=36_500)
    assert whole.before.decisions == 0
    assert whole.moving.overall == []
    if len(whole.sits.largest) < 5 and whole.now.decisions:
        assert sum(one.share for one in whole.sits.largest) == pytest.approx(1)
