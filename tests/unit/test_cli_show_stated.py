"""`show matrix` and `show remit` draw all that a row and a mandate state, and nothing that they do not."""

from typing import Any

import pytest

from services.cli_show import draw
from services.cli_show_stated import GONE
from tests.unit.test_cli_drawing import RESTS_ON, drawn, names_of

ROW = {
    "domain": "lim",
    "position": 21,
    "stated": "2025-01-06T00:00:00Z",
    "effective": "2025-01-06T00:00:00Z",
    "decides": [{"holder": "actor/a-1", "live": True, "weight": 1}],
    "rule": {"kind": "any"},
    "rule_in_words": "it decides alone",
    "limits": None,
    "accountable": None,
    "contributes": [],
    "min_wait": None,
    "informs": [],
    "escalates_to": None,
    "amends": [],
    "amend_rule": None,
    "by": ["a-1"],
    "basis": None,
}
FULL = ROW | {
    "limits": {"max": {"amount": 1000.0, "unit": "EUR"}, "text": "only on weekdays"},
    "accountable": {"holder": "actor/a-1", "live": True},
    "contributes": [
        {"holder": "actor/a-10", "live": True, "mandatory": True},
        {"holder": "body/b-1", "live": True, "mandatory": False},
    ],
    "min_wait": "P1DT12H",
    "informs": [{"holder": "actor/j.doe", "live": True}],
    "escalates_to": {"holder": "body/b-1", "live": True},
    "amends": [{"holder": "actor/a-10", "live": True, "weight": 1}],
}
LENT = {
    "mandate": "m-1",
    "position": 30,
    "scope": "domain/lim",
    "from": {"holder": "actor/a-10", "live": True},
    "to": [{"holder": "actor/j.doe", "live": True}],
    "since": "2025-01-06T00:00:00Z",
    "until": "2025-05-16T00:00:00Z",
    "limits": {"max": {"amount": 1000.0, "unit": "EUR"}, "text": None},
    "redelegable": False,
}


def domain(row: Any, **more: Any) -> dict[str, Any]:
    known = {"domain": "lim", "name": "Limited :fire:", "parent": None, "stakes": None, "retired": False}
    rest = {"inherited_from": None, "since": ROW["stated"], "vacant": False, "mandates": [], "why_null": {}}
    return known | rest | {"row": row} | more


def told(view: str, answer: dict[str, Any], width: int = 80) -> str:
    answer = answer | {"rests_on": RESTS_ON | {"view": view}}
    return drawn(lambda console: draw(console, names_of(answer), view, answer), width)


@pytest.mark.parametrize("width", [80, 130])
def test_a_row_is_drawn_with_all_that_it_states(width: int) -> None:
    answer = {"domains": [domain(FULL, mandates=[LENT])], "history": None}
    assert told("matrix", answer, width).splitlines()[:-1] == [
        "Limited :fire:  since 2025-01-06",
        "    Ada [b]Lovelace[/b]: it decides alone",
        "    up to 1,000 EUR, only on weekdays",
        "    asks Bo!, Circle; waits 1 day 12 hours",
        "    tells Jo",
        "    escalates to Circle; accountable: Ada [b]Lovelace[/b]; may amend: Bo",
        "! has to be asked",
        "  · Bo lends Limited :fire: to Jo, up to 1,000 EUR, until 2025-05-16",
    ]


def test_a_plain_row_has_one_line_and_a_column_each_where_there_is_room() -> None:
    answer = {"domains": [domain(ROW)], "history": None}
    assert told("matrix", answer).splitlines()[:-1] == [
        "Limited :fire:  since 2025-01-06",
        "    Ada [b]Lovelace[/b]: it decides alone",
    ]
    assert told("matrix", answer, 130).splitlines()[1].split("  ") == [
        *("Limited :fire:", "Ada [b]Lovelace[/b]", "it decides alone", "2025-01-06")
    ]


def test_what_was_stated_before_is_drawn_whole_as_well() -> None:
    change = {"effective": ROW["stated"], "until": None, "position": 21, "row": FULL}
    said = " ".join(told("matrix", {"domains": [domain(ROW)], "history": [change]}).split())
    assert "2025-01-06 to … (entry 21) Ada [b]Lovelace[/b]: it decides alone; up to 1,000 EUR" in said
    assert "waits 1 day 12 hours; tells Jo; escalates to Circle" in said


def remit_of(**row: Any) -> dict[str, Any]:
    one = {
        "domain": "lim",
        "name": "Limited :fire:",
        "row_domain": "lim",
        "share": 1.0,
        "others": [],
        "rule_in_words": "it decides alone",
        "limits": None,
        "consult": [],
        "min_wait": None,
        "inform": [],
        "escalate_to": None,
    } | row
    roles = {key: [] for key in ("consulted", "informed", "receives_escalations", "may_amend", "lent_to_it")}
    holder = {"holder": "actor/a-1", "name": None, "live": True, "decides_with_others": [], "why_null": {}}
    return holder | roles | {"decides_alone": [one], "lent_by_it": []}


def test_a_remit_says_that_it_is_not_known_whether_somebody_is_there() -> None:
    answer = remit_of() | {
        "decides_alone": [],
        "live": None,
        "why_null": {"live": "nobody had registered it"},
    }
    assert told("remit", answer).splitlines()[:2] == ["Ada [b]Lovelace[/b]", "nobody had registered it"]


def test_a_remit_says_whom_to_ask_first_how_long_to_wait_how_far_it_goes_and_whom_to_tell() -> None:
    answer = remit_of(
        limits=FULL["limits"],
        consult=FULL["contributes"],
        min_wait="P1D",
        inform=FULL["informs"],
        escalate_to=FULL["escalates_to"],
    )
    role = {"domain": "b", "name": "B", "row_domain": "b", "body": None, "mandatory": True}
    answer |= {"consulted": [role], "lent_to_it": [LENT]}
    assert told("remit", answer).splitlines()[:-1] == [
        *("Ada [b]Lovelace[/b]", "", "decides alone", "  Limited :fire:  100.0 %: it decides alone"),
        "      up to 1,000 EUR, only on weekdays",
        "      asks Bo!, Circle; waits 1 day",
        "      tells Jo",
        "      escalates to Circle",
        "! has to be asked",
        "is asked: B!",
        "  · Bo lends Limited :fire: to Jo, up to 1,000 EUR, until 2025-05-16",
    ]
    plain = told("remit", remit_of()).splitlines()
    assert plain[3:-1] == ["  Limited :fire:  100.0 %: it decides alone"]


def test_the_remit_of_a_domain_says_whom_to_ask_and_what_is_lent() -> None:
    part = {"holder": "actor/a-1", "share": 1.0, "live": True, "alone": True, "ways": []}
    said = told("remit", {"domain": domain(FULL, mandates=[LENT]), "by_node": [part], "by_seat": []})
    assert "    asks Bo!, Circle; waits 1 day 12 hours\n" in said
    assert "Bo lends Limited :fire: to Jo, up to 1,000 EUR" in said


def test_a_remit_names_those_with_a_share_of_whom_its_words_do_not_speak() -> None:
    shares = [{"holder": f"actor/{one}", "share": 0.25} for one in ("a-10", "j.doe")]
    words = "actor/a-1 and actor/a-10: any one of them may decide without the others"
    assert told("remit", remit_of(rule_in_words=words, others=shares, share=0.5)).splitlines()[3:-1] == [
        "  Limited :fire:  50.0 %: Ada [b]Lovelace[/b] and Bo: any one of them may",
        "    decide without the others",
        "      others with a share: Jo",
    ]


@pytest.mark.parametrize("live", [True, False])
def test_below_names_in_brackets_it_is_said_what_brackets_are(live: bool) -> None:
    bo = {"holder": "actor/a-10", "live": live}
    row = ROW | {"decides": [ROW["decides"][0], bo | {"weight": 1}]}
    plain = {"domains": [domain(ROW)], "history": None}
    part = bo | {"share": 1.0, "alone": True, "ways": []}
    for said in (
        told("matrix", plain | {"domains": [domain(row)]}),
        told("matrix", plain | {"domains": [domain(row)]}, 130),
        told("matrix", plain | {"domains": [domain(ROW, mandates=[LENT | {"from": bo}])]}),
        told("matrix", plain | {"history": [{"effective": None, "until": None, "position": 1, "row": row}]}),
        told("remit", remit_of(inform=[bo])),
        told("remit", remit_of() | {"lent_to_it": [LENT | {"from": bo}]}),
        told("remit", {"domain": domain(ROW), "by_node": [part], "by_seat": []}),
    ):
        lines = [line.strip() for line in said.splitlines()]
        assert ("(Bo)" in said, lines.count(GONE)) == ((False, 0) if live else (True, 1))
    assert GONE not in told("remit", remit_of() | {"live": False})
