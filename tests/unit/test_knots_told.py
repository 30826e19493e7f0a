"""What knots are called, and what they say once they are over."""

from tests.knotted import Json, found, left, row
from tests.told import event, made, on, opened, overridden, team

BACK = event(60, "actor/a", "actor.returned")


def says(pattern: str, events: list[Json], day: float = 400) -> str:
    (knot,) = found(pattern, sorted(events, key=lambda one: one["time"]), day)
    return knot.sentence


def proposed(title: str) -> Json:
    told = {"domains": ["x"], "proposers": ["actor/p"]}
    return event(1, "initiative/i", "initiative.proposed", title=title, **told)


def started(hypothesis: str = "H", **more: str) -> Json:
    return event(
        2, "experiment/e", "experiment.started", hypothesis=hypothesis, ends_at=on(9).isoformat(), **more
    )


# a stale statement


def test_a_row_that_named_who_came_back_is_not_said_to_have_named_them_until_then() -> None:
    named, gone = row(0, "x", "a", "b"), left(10, "a")
    assert says("stale statement", [named, gone, BACK]) == (
        "The row of x named actor/a (who decides), who left on 11 January 2024 and was back on 1 March 2024; "
        "no decisions from 10 February 2024 until 1 March 2024."
    )
    assert says("stale statement", [named, gone, BACK], day=59) == (
        "The row of x still names actor/a (who decides), who left on 11 January 2024; no decisions since "
        "10 February 2024."
    )
    replaced = [row(60, "x", "b"), event(70, "actor/a", "actor.returned")]
    for others in (replaced, [row(60, "x", "b"), BACK]):
        assert says("stale statement", [named, gone, *others]).startswith(
            "The row of x until 1 March 2024 named actor/a (who decides), who left on 11 January 2024; no "
        )


def test_the_decisions_of_a_stale_statement_are_told_with_the_days_they_are_counted_from() -> None:
    told = [row(0, "x", "a", "b"), left(10, "a"), made(20, "d", "b"), made(50, "e", "b"), BACK]
    assert says("stale statement", told).endswith("; 1 decision from 10 February 2024 until 1 March 2024.")


# silos


def test_a_silo_that_is_over_is_told_as_past() -> None:
    turns = [*team("b", "k"), *team("c", "l"), made(10, "d", "body/b"), made(20, "e", "body/c")]
    assert says("silos", turns, day=50).startswith(
        "body/b and body/c both decide on x: 2 decisions since 11 January 2024, and for 90 days nobody"
    )
    assert says("silos", turns).startswith(
        "body/b and body/c both decided on x: 2 decisions from 11 January 2024 until 20 April 2024, and for "
    )


# titles


def test_what_nobody_looked_back_on_is_called_by_its_title() -> None:
    failed = event(5, "initiative/i", "initiative.completed", outcome="failed")
    assert "looked back on the initiative “Cafe corner”, which failed on 6 January 2024; it" in says(
        "unlearned", [proposed("Cafe corner"), failed]
    )
    asked = opened(3, "d", "p", "a", title="Rye  bread")
    told = [row(0, "x", "a"), asked, made(4, "d", "a"), overridden(5, "d", "z")]
    assert "back on the override of “Rye bread” on 6 January 2024; it" in says("unlearned", told)


def test_an_experiment_is_called_by_its_initiative_else_by_a_short_hypothesis_else_by_its_subject() -> None:
    ends = "which was to end on 10 January 2024; it"
    told = says("unlearned", [proposed("Subscription"), started(initiative="i")])
    assert f"on the experiment “Subscription”, {ends}" in told
    assert f"on the experiment “Forty will”, {ends}" in says("unlearned", [started("Forty\nwill")])
    assert f"on the experiment experiment/e, {ends}" in says("unlearned", [started("H" * 61)])


def test_what_is_overdue_is_called_by_its_title_else_that_of_its_initiative_else_by_its_subject() -> None:
    due = {"review_on": on(20).isoformat()}
    ends = "decided by actor/a on 11 January 2024, is overdue, its review was due on 21 January 2024."
    told = made(10, "d", "a", **due)
    assert says("overdue", [told]) == f"x: decision/d, {ends}"
    titled, initiative = made(10, "d", "a", title="T" * 61, **due), made(10, "d", "a", initiative="i", **due)
    assert says("overdue", [titled]) == f"x: “{'T' * 59}…”, {ends}"
    assert says("overdue", [proposed("I"), initiative]) == f"x: “I”, {ends}"
    reviewed = event(30, "decision/d", "decision.reviewed", by="a", result="kept")
    assert "2024, was overdue, its review was due" in says("overdue", [told, reviewed])


def test_the_oldest_that_waits_is_called_by_its_title() -> None:
    assert "the oldest, “Solar roof”, was opened on 2 January 2024 by actor/p." in says(
        "stalled", [row(0, "x", "a"), proposed("Solar roof")]
    )
