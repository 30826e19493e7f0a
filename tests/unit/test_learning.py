"""What was learnt: every figure by hand over small histories, and over the demo what must always hold."""

from typing import Any

import msgspec

from services.cli_show_learning import learning as draw_learning
from services.connectors import demo
from services.projections.learning.answer import Cover, LearningWindow
from services.projections.learning.window import learning
from services.projections.views.learning import Asked
from tests.pasts import past
from tests.told import event, made, on, overridden, person, row, team
from tests.unit.test_cli_drawing import drawn, names_of


def asked(events: list[dict[str, Any]], at: float = 300, **question: Any) -> list[LearningWindow]:
    return learning(past(events, on(at)), Asked(**question).question())


def one(events: list[dict[str, Any]], at: float = 300, **question: Any) -> LearningWindow:
    (window,) = asked(events, at, **question)
    return window


def started(day: float, id: str, **data: Any) -> dict[str, Any]:
    return event(day, f"experiment/{id}", "experiment.started", hypothesis="H", **data)


def concluded(day: float, id: str, result: str = "refuted", **data: Any) -> dict[str, Any]:
    return event(day, f"experiment/{id}", "experiment.concluded", result=result, **data)


def debrief(day: float, id: str, about: str, *adjustments: str) -> dict[str, Any]:
    people = ["actor/a", "actor/b"]
    return event(
        day, f"debrief/{id}", "debrief.held", about=about, participants=people, adjustments=list(adjustments)
    )


def lesson(day: float, id: str, source: str, **data: Any) -> dict[str, Any]:
    return event(day, f"lesson/{id}", "lesson.recorded", from_=source, text="T", **data)


def initiative(day: float, id: str, outcome: str | None, domain: str = "x") -> list[dict[str, Any]]:
    subject = f"initiative/{id}"
    proposed = event(
        day - 5, subject, "initiative.proposed", title="I", domains=[domain], proposers=["actor/a"]
    )
    told = {} if outcome is None else {"outcome": outcome}
    return [proposed, event(day, subject, "initiative.completed", **told)]


def cover(window: LearningWindow, kind: str) -> Cover:
    return next(one for one in window.debriefs.cover if one.kind == kind)


def test_experiments_are_started_concluded_documented_and_overdue_as_of_the_window() -> None:
    story = [
        started(1, "one", limits={"text": "one team"}),
        started(2, "two", ends_at=on(40).isoformat()),
        concluded(11, "one", evidence="counted"),
        started(50, "three", ends_at=on(60).isoformat()),
        concluded(70, "three", "supported"),
    ]
    found = one(story, at=100).experiments
    assert (found.started.count, found.with_limits.count, found.concluded.count) == (3, 1, 2)
    assert (found.refuted.count, found.supported.count, found.documented.in_words) == (
        1,
        1,
        "1 of 2 was documented",
    )
    assert [(owed.subject, owed.days, owed.entry) for owed in found.overdue] == [("experiment/two", 60, 2)]
    assert (found.how_long.median_days, found.how_long.open) == (20, 1)
    months = asked(story, at=100, interval="month")
    assert [[owed.subject for owed in window.experiments.overdue] for window in months] == [
        [],
        ["experiment/two"],
        ["experiment/two"],
        ["experiment/two"],
    ]


def test_a_debrief_covers_what_ended_before_it_and_what_is_owed_is_named() -> None:
    story = [
        *initiative(10, "won", "succeeded"),
        *initiative(20, "lost", "failed"),
        *initiative(30, "done", None),
        debrief(9, "early", "initiative/won", "ask first"),
        debrief(26, "late", "initiative/lost", "Ask first."),
    ]
    found = one(story, at=50)
    assert cover(found, "initiative_succeeded").looked_back.count == 0
    assert [(owed.subject, owed.days) for owed in cover(found, "initiative_succeeded").not_yet] == [
        ("initiative/won", 40)
    ]
    lost = cover(found, "initiative_failed")
    assert (lost.looked_back.rate, lost.how_soon.in_words) == (
        1,
        "the only one was looked back on within 6 days",
    )
    assert cover(found, "initiative_completed").looked_back.of == 1
    (repeated,) = found.debriefs.repeated
    assert (repeated.text, repeated.debriefs.count) == ("ask first", 2)
    assert found.debriefs.participants == 2


def test_what_was_said_in_several_debriefs_is_drawn_as_that_and_no_more() -> None:
    (window,) = asked(
        [debrief(1, "r", "decision/d", "Ask first"), debrief(2, "s", "decision/e", "ask first.")]
    )
    answer = {"windows": [msgspec.to_builtins(window)], "question": {}}
    told = drawn(lambda console: draw_learning(console, names_of(answer), answer))
    assert "\nSaid in more than one debrief\n" in told
    assert "not done" not in told


def test_a_lesson_changes_the_matrix_when_a_later_row_rests_on_it_and_not_when_one_merely_follows() -> None:
    story = [
        event(0, "domain/x", "domain.defined", name="X"),
        lesson(10, "l-1", "decision/d", proposes_row="x"),
        row(20, "x", "a", basis="lesson/l-1"),
        lesson(30, "l-2", "decision/d", proposes_row="x"),
        row(40, "x", "b"),
        lesson(50, "l-3", "space/s"),
    ]
    found = one(story).lessons
    assert (found.recorded.count, found.changed_matrix.in_words) == (3, "1 of 2 proposals changed a row")
    assert (found.how_long.n, found.how_long.open, found.how_long.median_days) == (2, 1, 10)
    (changed,) = found.rows
    assert (changed.domain, changed.lesson, changed.days, changed.proposed) == ("x", "l-1", 10, True)
    assert changed.entries == [2, 3]
    assert {kind: counted.count for kind, counted in found.by_source.items()} == {"decision": 2, "space": 1}
    assert one(story, at=15).lessons.changed_matrix.count == 0


def test_mistakes_are_followed_step_by_step_and_a_refuted_hypothesis_is_none() -> None:
    story = [
        *map(person, "ab"),
        *initiative(10, "lost", "failed"),
        made(11, "d", "a"),
        overridden(12, "d", "b"),
        made(11, "again", "a"),
        event(13, "decision/again", "decision.reopened", by="a", reason="R"),
        made(14, "again", "a"),
        started(1, "x"),
        concluded(15, "x"),
        debrief(16, "r", "decision/d"),
        lesson(17, "l", "debrief/r", proposes_row="x"),
        row(18, "x", "a", basis="lesson/l"),
    ]
    found = one(story).mistakes
    assert found.in_words == "of 3, 1 was looked back on, 1 left a lesson, 1 changed a row"
    assert found.changed_matrix.entries == [6]
    assert one([started(1, "x"), concluded(2, "x")]).mistakes.why_null == {
        "in_words": "nothing went wrong here"
    }


def test_a_domain_takes_what_lies_in_it_whatever_it_hangs_on() -> None:
    story = [
        event(0, "domain/x", "domain.defined", name="X"),
        event(0, "domain/y", "domain.defined", name="Y", parent="x"),
        event(0, "domain/z", "domain.defined", name="Z"),
        *initiative(10, "in", "failed", "y"),
        *initiative(10, "out", "failed", "z"),
        started(11, "e", initiative="in"),
        debrief(12, "r", "experiment/e"),
        lesson(13, "l", "debrief/r"),
    ]
    found = one(story, domain="x")
    assert (found.mistakes.all.count, found.experiments.started.count) == (1, 1)
    assert (found.debriefs.held.count, found.lessons.recorded.count) == (1, 1)
    other = one(story, domain="z")
    assert (other.mistakes.all.count, other.debriefs.held.count, other.lessons.recorded.count) == (1, 0, 0)


def test_what_was_concluded_belongs_where_its_domain_was_by_then() -> None:
    story = [
        event(0, "domain/x", "domain.defined", name="X"),
        event(0, "domain/y", "domain.defined", name="Y", parent="x"),
        *initiative(10, "i", "failed", "y"),
        started(11, "e", initiative="i"),
        event(12, "domain/y", "domain.updated", name="Y"),
        concluded(13, "e"),
    ]
    found = one(story, domain="x").experiments
    assert (found.started.count, found.concluded.count) == (1, 0)
    assert cover(one(story, domain="x"), "experiment").looked_back.of == 0
    assert one(story, domain="y").experiments.concluded.count == 1


def test_a_body_takes_what_its_people_had_a_part_in() -> None:
    story = [
        *map(person, "ab"),
        *team("ours", "a"),
        *team("theirs", "b"),
        *initiative(10, "i", "failed"),
        made(11, "d", "b"),
        overridden(12, "d", "b", "a"),
        debrief(13, "r", "decision/d"),
    ]
    ours, theirs = one(story, body="ours"), one(story, body="theirs")
    assert (ours.mistakes.all.count, ours.debriefs.held.count) == (2, 1)
    assert (theirs.mistakes.all.count, theirs.debriefs.held.count) == (1, 1)
    assert one(story, body="nobody").mistakes.all.count == 0


def test_over_the_demo_quarters_sum_to_the_whole() -> None:
    history = past(list(demo.events(3)))
    (whole,) = learning(history, Asked().question())
    quarters = learning(history, Asked(interval="quarter").question())
    for figure in ("started", "concluded"):
        parts = [getattr(quarter.experiments, figure).count for quarter in quarters]
        assert sum(parts) == getattr(whole.experiments, figure).count
    assert sum(one.mistakes.all.count for one in quarters) == whole.mistakes.all.count
    assert sum(one.debriefs.held.count for one in quarters) == whole.debriefs.held.count
    assert len(whole.lessons.rows) == 2


def test_a_series_goes_on_where_nothing_but_a_row_changed_for_a_lesson() -> None:
    events = [
        person("a"),
        debrief(1, "d", "domain/x"),
        lesson(2, "l", "debrief/d", proposes_row="x"),
        row(40, "x", "a", basis="lesson/l"),
    ]
    months = asked(events, at=50, interval="month", start="2024-02-01")
    assert [[row.domain for row in month.lessons.rows] for month in months] == [["x"]]


def test_what_was_provisional_and_then_rejected_did_not_stand_and_accepted_was_confirmed() -> None:
    events = [person("a"), made(1, "q", "a", outcome="provisional")]
    assert one([*events, made(5, "q", "a")]).mistakes.all.count == 0
    assert one([*events, made(5, "q", "a", outcome="rejected")]).mistakes.all.count == 1
