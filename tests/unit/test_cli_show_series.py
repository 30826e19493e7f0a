"""A series draws the figures of whom it was asked about, and no note beside it says otherwise."""

from typing import Any

import pytest
from click.testing import CliRunner

from services import cli_show
from services.cli import main
from services.cli_show import draw
from services.failures import UNKNOWN
from tests.unit.test_cli_drawing import RESTS_ON, drawn, names_of

ASKED = dict.fromkeys(("domain", "body", "actor", "stakes", "level"))
STARTS = ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")


def told(view: str, answer: dict[str, Any]) -> str:
    answer = {"paths": [], "associations": [], **answer, "rests_on": RESTS_ON | {"view": view}}
    return drawn(lambda console: draw(console, names_of(answer), view, answer))


def part(actor: str, decided: int) -> dict[str, Any]:
    return {
        "holder": f"actor/{actor}",
        "deciding": {"decisions": {"count": decided}},
        "proposing": {"proposed": {"count": 1}},
        "advising": {"advised": {"count": 2}},
        "waiting": {"days": 3.0},
        "attending": {"attended": {"count": 4}},
    }


def participation(actor: str | None = None, body: str | None = None, *parts: list[Any]) -> str:
    windows = [
        {
            "from": start,
            "to": None,
            "coverage": {"decisions": {"count": 30}},
            "took_part": {"count": 9},
            "spread": {key: {"gini": 0.5} for key in ("deciding", "advising", "proposing")},
            "parts": found,
        }
        for start, found in zip(STARTS, parts, strict=True)
    ]
    question = ASKED | {"interval": "year", "actor": actor, "body": body}
    return told("participation", {"question": question, "windows": windows})


def test_the_participation_of_one_is_drawn_with_their_own_figures() -> None:
    lines = participation("a-10", None, [part("a-10", 13)], [part("a-10", 5)]).splitlines()
    assert lines[1].split() == ["from", "decided", "proposed", "advised", "waited", "met"]
    assert [line.split()[1] for line in lines[2:4]] == ["13", "5"]
    assert "30" not in "".join(lines[:-1])


def test_the_participation_of_a_body_is_drawn_by_those_who_sit_in_it() -> None:
    said = participation(None, "b-1", [part("a-10", 13)], [part("a-10", 5), part("j.doe", 7)])
    assert "30" not in said.rpartition("\n")[0].rpartition("\n")[0]
    assert [line.split() for line in said.splitlines() if line.startswith(("Bo", "Jo"))] == [
        ["Bo", "█▁", "13", "→", "5"],
        ["Jo", "▁", "7", "→", "7"],
    ]


@pytest.mark.parametrize("by", ["actor", "domain"])
def test_the_rows_of_a_series_of_one_window_are_drawn(by: str) -> None:
    of_actor = {"by": "actor", "holder": "actor/a-10", "difference": -0.0001}
    of_domain = {"by": "domain", "domain": "d-1", "name": "Circle", "drift": 0.25}
    window = {"from": STARTS[0], "to": None, "decisions": 3, "drift": 0.1, "noise": 0.01, "unstated": 0}
    window |= {"mandate": {"out_of_mandate": 0.0}, "rows": [of_actor if by == "actor" else of_domain]}
    said = told("drift", {"question": ASKED | {"interval": "year", "by": by}, "windows": [window]})
    row = next(line for line in said.splitlines() if line.startswith(("Bo", "Circle")))
    assert row.split()[1] == ("+0.0" if by == "actor" else "0.25"), "and no minus before zero"


def test_the_overview_of_an_empty_ledger_speaks_of_no_periods() -> None:
    none = {"from": None, "to": None}
    parts = {"largest": [], "by_stakes": [], "overall": [], "by_domain": [], "knots": []}
    answer = {"domain": None, "now": none, "before": none, "in_words": []}
    answer |= dict.fromkeys(("sits", "moving", "drifting", "conversations"), parts)
    assert told("overview", answer).splitlines()[0] == "Overview"


@pytest.mark.parametrize("view", ["authority", "drift", "flow"])
def test_of_an_empty_ledger_a_series_says_so(view: str) -> None:
    answer = {"question": ASKED | {"interval": "year"}, "windows": []}
    assert told(view, answer).splitlines()[0] == "nothing of it was recorded"


def test_no_series_is_told_to_ask_for_one() -> None:
    why = {"tau": "fewer than 6 windows of bodies have both; ask for a series"}
    answer = {"windows": [], "associations": [{"tau": None, "why_null": why}]}
    assert "ask for a series" not in told("trust", answer | {"question": ASKED | {"interval": "year"}})
    assert "ask for a series" in told("trust", answer | {"question": ASKED | {"interval": None}})


def test_an_answer_about_nobody_is_refused_and_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Service:
        def get(self, *_: Any, **__: Any) -> Any:
            return {"domain": None, "rests_on": RESTS_ON, "entries": [], "people": [], "next": None}

    monkeypatch.setattr("services.client.views_api", lambda _: Service())
    monkeypatch.setattr("services.client.ledger_api", lambda _: Service())
    monkeypatch.setattr(cli_show, "draw", lambda *_: pytest.fail("drawn all the same"))
    told = CliRunner().invoke(main, ["show", "remit", "--ledger", "acme", "--actor", "nobody"])
    assert told.exit_code == UNKNOWN
    assert "nobody has ever named an actor nobody" in told.output
