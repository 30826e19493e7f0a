"""What ends with its domain, what no mandate allowed, and what is told as of the end."""

from tests.knotted import domain, found, left, mandate, row, spans
from tests.told import event, holders

RETIRED = event(100, "domain/x", "domain.retired")


def test_nothing_is_stale_in_a_domain_once_it_was_retired() -> None:
    told = [domain("x"), row(0, "x", "a-1", "a-2"), left(50, "a-1"), RETIRED]
    assert spans("stale statement", told) == [("domain/x", ("actor/a-1",), 80, 100)]
    assert spans("stale statement", [*told[:2], RETIRED, left(150, "a-1")]) == []


def test_nothing_is_vacant_in_a_domain_once_it_was_retired() -> None:
    told = [domain("x"), row(0, "x", "a-1"), left(50, "a-1"), RETIRED]
    assert spans("vacant", told) == [("domain/x", ("actor/a-1",), 50, 100)]


def test_a_vacant_row_shows_everybody_who_left_since() -> None:
    told = [domain("x"), row(0, "x", "a-1", "a-2", rule={"kind": "quota", "at_least": 2})]
    (one,) = found("vacant", [*told, left(50, "a-1"), left(60, "a-2")], 700)
    assert (one.figure, one.entries) == (0, (2, 3, 4))


def test_a_mandate_whose_limits_are_exceeded_makes_nothing_retroactive() -> None:
    made = event(
        10, "decision/q", "decision.made",
        domains=["x"], outcome="accepted", deciders=holders(("a-2",)), attested="recorded", stakes="high",
    )  # fmt: skip
    lent = mandate(20, "m", "actor/a-1", "actor/a-2", effective_from="2020-01-01T00:00:00Z")
    told = [domain("x"), row(0, "x", "a-1"), made]
    assert len(spans("retroactive", [*told, lent])) == 1
    low = lent | {"data": lent["data"] | {"limits": {"stakes_up_to": "low"}}}
    assert spans("retroactive", [*told, low]) == []


def test_who_may_change_a_row_is_told_as_it_is_now() -> None:
    stated = row(
        0, "x", "a-1", "a-2", "a-3", "a-4", rule={"kind": "all"},
        amends=holders(("a-1", "a-2")), amend_rule={"kind": "all"},
    )  # fmt: skip
    (one,) = found("meta-authority", [domain("x"), stated, left(50, "a-2"), left(60, "a-4")], 700)
    assert (one.figure, one.threshold) == (1, 2)
