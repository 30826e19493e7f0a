"""A rescue brigade whose books are kept late: facts that came after, were mended, or were taken back."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("brigade", "2025-01-06", "2025-12-31")
    story.people("pete", "pete-two", "rita", "kit", "kit-two", "leo", "moa", "doc", "doc-old", "nils")
    story.body("board", "rita", "moa")
    _taken_back(story)
    _came_late(story)
    _one_and_the_same(story)
    _dissolved(story)
    return story


def _taken_back(story: Story) -> None:
    story.field("boats", ("pete", "rita"), "all")
    left = story.tell("2025-05-01", "actor.left", "pete")
    story.retract("2025-05-03", left)
    story.near_miss("vacant", "boats", "he had not left: it was taken back")
    story.near_miss("stale statement", "boats", "he had not left: it was taken back")
    story.field("hoses", ("pete", "rita"), "all")
    for n in range(3):
        made = story.made(f"h-{n}", day("2025-08-04", 20 * n), "hoses", "leo")
    story.retract("2025-12-01", made)
    story.near_miss("shadow authority", "hoses", "the third of three was taken back")
    story.domain("uniforms")
    made = story.made("u-1", "2025-06-10", "uniforms", "moa")
    story.row("uniforms", ("moa",), when="2025-06-20", effective_from="2025-06-01T00:00:00Z")
    story.correct("2025-07-01", made, time="2025-06-21T09:00:00Z")
    story.near_miss("retroactive", "uniforms", "it was decided after the row was set: the day was mended")


def _came_late(story: Story) -> None:
    story.field("ladders", ("pete", "rita"), "all")
    for n, late in ((0, None), (1, "2025-12-10"), (2, None)):
        story.made(f"l-{n}", day("2025-08-05", 20 * n), "ladders", "leo", late=late)
    story.knot("shadow authority", "ladders", "leo", since=("2025-08-05", "2025-09-14"))
    story.field("alarms", ("rita", "moa"), informs=["nils"])
    story.made("a-1", "2025-06-02", "alarms", "rita")
    story.communicated("a-1", "2025-06-10", "nils", late="2025-11-01")
    story.near_miss("uninformed", "alarms", "told in time, as was learnt months later")
    story.field("drills", ("rita", "moa"), must_ask=["nils"])
    story.made("d-1", "2025-06-03", "drills", "moa")
    told = {"about": "decision/d-1", "asked": ["actor/nils"], "by": "moa"}
    story.tell("2025-05-20", "consultation.requested", "d-1", **told, late="2025-11-02")
    story.near_miss("bypassed consultation", "drills", "asked before, as was learnt months later")


def _one_and_the_same(story: Story) -> None:
    """Kit decided under two ids, and so did Pete; the doctor was asked under an old one."""
    story.field("stations", ("pete", "rita"), "all")
    for n, who in enumerate(("kit", "kit-two", "kit")):
        story.made(f"s-{n}", day("2025-08-06", 20 * n), "stations", who)
    story.tell("2025-10-01", "actor.merged", "kit-two", into="kit")
    story.knot("shadow authority", "stations", "kit", since=("2025-08-06", "2025-09-15"))
    story.field("radio", ("pete",))
    for n in range(8):
        story.made(f"r-{n}", day("2025-08-07", 10 * n), "radio", "pete" if n % 2 else "pete-two")
    story.tell("2025-11-20", "actor.merged", "pete-two", into="pete")
    story.near_miss("overlap", "radio", "they are one and the same")
    story.near_miss("shadow authority", "radio", "they are one and the same")
    story.field("first-aid", ("rita", "moa"), must_ask=["doc"])
    story.asked("f-1", "2025-06-01", "f-1", "rita", "doc-old")
    story.made("f-1", "2025-06-05", "first-aid", "rita")
    story.tell("2025-06-20", "actor.merged", "doc-old", into="doc")
    story.near_miss("bypassed consultation", "first-aid", "asked under an old id")


def _dissolved(story: Story) -> None:
    story.field("budget", ("body/board",))
    story.tell("2025-07-01", "body.dissolved", "board")
    story.knot("vacant", "budget", "body/board", since="2025-07-01")
    story.knot("stale statement", "budget", "body/board", since=("2025-07-01", "2025-07-31"))
