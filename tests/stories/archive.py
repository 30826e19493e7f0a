"""An archive whose year was typed in half a year late, with slips that were mended afterwards."""

from tests.stories.telling import Story, day

TYPED = "2025-06-02"


def told() -> Story:
    story = Story("archive", "2025-01-06", "2025-06-10")
    story.people("kim", "lou", "max", "nia", "pia")
    for field in ("records", "loans", "keys", "vault", "climate"):
        story.field(field, ["kim"])
    story.field("stacks", ["max", "kim"])
    story.field("maps", ["nia", "kim"])
    story.field("news", ["kim"], informs=["pia"])
    story.field("tours", ["kim"], informs=["pia"])
    _written(story)
    _shadows(story)
    _left(story)
    _told(story)
    return story


def _written(story: Story) -> None:
    first = story.made("r-1", "2025-02-10", "records", "kim", ref=None, late=TYPED)
    story.correct("2025-06-04", first, data=first["data"] | {"ref": "https://minutes.example/r-1"})
    story.near_miss("unformalised", "records", "it was written down; only its copy lacked where")
    story.made("l-1", "2025-02-11", "loans", "kim", ref=None, late=TYPED)
    story.knot("unformalised", "loans", "kim", since="2025-02-11")


def _shadows(story: Story) -> None:
    for n in range(4):
        wrong = story.made(f"k-{n}", day("2025-02-03", 9 * n), "keys", "lou", late=TYPED)
        if n % 2:
            story.retract("2025-06-05", wrong)
    story.near_miss("shadow authority", "keys", "two of the four never were")
    for n in range(4):
        one = story.made(f"v-{n}", day("2025-02-04", 9 * n), "vault", "lou", late=TYPED)
        if n == 1:
            story.correct("2025-06-05", one, data=one["data"] | {"deciders": [{"holder": "actor/kim"}]})
    story.knot("shadow authority", "vault", "lou", since=("2025-02-04", "2025-03-03"))


def _left(story: Story) -> None:
    story.tell("2025-02-03", "actor.left", "max", late="2025-05-26")
    story.knot("stale statement", "stacks", "max", since=("2025-03-04", "2025-03-06"))
    gone = story.tell("2025-01-20", "actor.left", "nia")
    story.correct("2025-06-05", gone, time="2025-05-20T09:00:00Z")
    story.near_miss("stale statement", "maps", "gone for three weeks, not for five months")


def _told(story: Story) -> None:
    story.made("n-1", "2025-03-03", "news", "kim", late=TYPED)
    story.communicated("n-1", "2025-03-12", "pia", late=TYPED)
    story.near_miss("uninformed", "news", "told in time, typed in late")
    story.made("t-1", "2025-03-04", "tours", "kim", late=TYPED)
    story.communicated("t-1", "2025-03-06", "pia", late=TYPED)
    story.retract("2025-06-05", story.tell("2025-03-07", "decision.communicated", "t-1", to=["actor/pia"]))
    story.near_miss("uninformed", "tours", "told once, and noted twice")
    story.made("c-1", "2025-02-12", "climate", "kim", review_on="2025-04-01T09:00:00Z", late=TYPED)
    looked = {"by": "kim", "result": "kept"}
    story.retract("2025-06-05", story.tell("2025-03-20", "decision.reviewed", "c-1", **looked))
    story.knot("overdue", "climate", None, since="2025-04-01")
