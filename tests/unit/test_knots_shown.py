"""What shows a knot is among its entries: who was gone, whom somebody reports to, who proposed."""

from tests.knotted import Json, found, left, row
from tests.told import event, made, opened, person, team

AGENT: Json = {"kind": "agent", "profile": "sealed"}


def entries(pattern: str, events: list[Json]) -> tuple[int, ...]:
    (knot,) = found(pattern, events, 700)
    return knot.entries


def test_a_body_that_cannot_decide_is_shown_by_the_seats_that_ended_and_by_who_left() -> None:
    named = [*team("t", "a", "b"), row(1, "x", "body/t")]
    vacated = [event(day, "body/t", "body.seat_vacated", actor=one) for day, one in ((5, "a"), (6, "b"))]
    assert entries("vacant", [*named, *vacated]) == (3, 4), "b's seat, the last of them, and the row"
    assert entries("vacant", [*named, vacated[0], left(6, "b")]) == (4, 6), "a had left before"
    term = event(2, "body/t", "body.seat_taken", actor="c", until="2024-01-20T00:00:00Z")
    assert entries("vacant", [*named, *vacated, term]) == (4, 7)


def test_an_agent_nobody_answers_for_is_shown_by_whom_it_reports_to_and_that_they_are_gone() -> None:
    told = [
        person("a"),
        event(0, "actor/h", "actor.registered", **AGENT, reports_to="a"),
        event(0, "actor/g", "actor.registered", **AGENT, reports_to="h"),
        row(0, "x", "actor/g"),
        left(5, "a"),
        made(7, "d", "actor/g"),
    ]
    assert entries("unanswered agent", told) == (2, 3, 5, 6)
    alone = [event(0, "actor/g", "actor.registered", **AGENT), made(7, "d", "actor/g")]
    assert entries("unanswered agent", alone) == (1, 2)


def test_who_proposed_is_shown_where_that_is_what_the_knot_is_about() -> None:
    alone = [row(1, "x", "actor/a", "actor/b"), opened(2, "d", "a", "actor/a"), made(3, "d", "actor/a")]
    assert entries("self-approval", alone) == (1, 2, 3)
    proposed = event(
        1, "initiative/i", "initiative.proposed", title="T", domains=["x"], proposers=["actor/a"]
    )
    asked = [made(3 + n, f"d-{n}", "actor/b", initiative="i") for n in range(3)]
    assert entries("approval habit", [row(1, "x", "actor/a", "actor/b"), proposed, *asked]) == (2, 3, 4, 5)
