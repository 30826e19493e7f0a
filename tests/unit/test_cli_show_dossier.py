"""The drawing of a dossier says what was decided, by which rule it was asked, and what is overdue."""

from typing import Any

import msgspec

from services.cli_show_dossier import dossier
from tests.unit.test_cli_drawing import drawn, names_of
from tests.unit.test_dossier import ANN, BEN, OPENED, REOPENED, made, overridden, row, said, told

CHOICE = "Supplier ACME for three years, with a right to leave after the first of them"
PUT = OPENED["data"] | {"rule": {"kind": "all"}, "due": "2024-01-02T00:00:00Z"}
PUT |= {"electorate": [{"holder": ANN}, {"holder": BEN}]}
OFFERED = OPENED | {"data": PUT}
PROMISED: dict[str, Any] = {
    "choice": CHOICE,
    "size": {"amount": 12345.5, "unit": "EUR"},
    "stakes": "high",
    "emergency": {"reason": "no stock", "ratify_by": "2024-01-05T00:00:00Z"},
    "review_on": "2024-01-11T00:00:00Z",
}


def lines(*events: dict[str, Any], at: str = "2024-01-26T00:00:00+00:00") -> list[str]:
    """As of the 26th, at 80 columns."""
    answer = msgspec.to_builtins(told(*events))
    answer["rests_on"]["at"] = at
    return [
        line.rstrip()
        for line in drawn(lambda console: dossier(console, names_of(answer), answer)).splitlines()
    ]


def test_an_open_question_is_drawn_with_its_rule_and_for_how_long_it_has_been_overdue() -> None:
    told = lines(OFFERED)
    assert "put to actor/ann, actor/ben: all of them together" in told
    assert "  ! to be decided by 2024-01-02, overdue for 24.0 d" in told
    assert "    to be decided by 2024-01-02" in lines(OFFERED, at="2024-01-01T12:00:00+00:00")
    assert "    to be decided by 2024-01-02" in lines(OFFERED, made(4, ANN, BEN))


def test_what_was_decided_and_promised_is_drawn_and_fits() -> None:
    told = lines(row(1, ANN), made(4, ANN, **PROMISED))
    at = told.index("    “Supplier ACME for three years, with a right to leave after the first of")
    assert told[at + 1] == "    them”, 12,345.5 EUR"
    assert "    in an emergency: no stock" in told
    assert "  ! to be ratified by 2024-01-05, overdue for 21.0 d" in told
    assert "  ! to be reviewed by 2024-01-11, overdue for 15.0 d" in told
    assert max(map(len, told)) <= 80


def test_what_was_done_or_does_not_stand_any_more_is_not_overdue() -> None:
    kept = said(5, "decision/d", "decision.reviewed", by="ann", result="kept")
    told = lines(made(4, ANN, **PROMISED), kept)
    assert "    to be reviewed by 2024-01-11" in told
    assert "  ! to be ratified by 2024-01-05, overdue for 21.0 d" in told
    told = lines(made(4, ANN, **PROMISED), overridden(6, BEN))
    assert {"    to be reviewed by 2024-01-11", "    to be ratified by 2024-01-05"} <= set(told)


def test_stakes_of_a_word_are_drawn_where_they_are_others_than_the_last() -> None:
    told = lines(made(4, ANN, stakes="low", emergency={"reason": "R"}), REOPENED, made(9, ANN, stakes="high"))
    assert ("    low stakes" in told, "    high stakes" in told) == (True, False)


def test_nothing_is_drawn_of_what_was_not_said() -> None:
    told = "\n".join(lines(OPENED, made(4, ANN)))
    assert "to be" not in told
    assert "“" not in told
    assert "put to actor/ann\n" in told
