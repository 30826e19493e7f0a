"""A faculty: an adviser everybody follows, an examiner who writes his own rules, a timetable in motion."""

from tests.stories.telling import Story, day

_PROFESSORS = ("abel", "berta", "carl")


def told() -> Story:
    story = Story("faculty", "2025-01-06", "2025-12-31")
    story.people(*_PROFESSORS, "uma", "vito", "wanda", "yuri")
    _advice(story)
    _amending(story)
    _reopening(story)
    return story


def _advice(story: Story) -> None:
    """Uma and Yuri are followed, Yuri by right; Wanda nine times only, Vito every other time."""
    story.field("curriculum", _PROFESSORS, {"kind": "quota", "at_least": 2}, may_ask=["yuri"])
    for n in range(24):
        id, asked, yes = f"c-{n}", day("2025-07-07", 7 * n), n % 2 == 0
        followed, other = ("support", "objection") if yes else ("objection", "support")
        story.asked(id, asked, id, "abel")
        for voice, first, last in (("uma", 0, 24), ("yuri", 0, 24), ("wanda", 12, 21)):
            if first <= n < last:
                story.advised(id, day(asked, 1), voice, followed)
        story.advised(id, day(asked, 1), "vito", followed if n % 4 < 2 else other)
        story.made(
            id, day(asked, 3), "curriculum", "abel", "berta", outcome="accepted" if yes else "rejected"
        )
    story.knot("hidden influence", "curriculum", "uma", since=("2025-08-31", "2025-12-31"))
    story.near_miss("hidden influence", "curriculum", "the row asks him", "yuri")
    story.near_miss("hidden influence", "curriculum", "followed every other time", "vito")
    story.near_miss("hidden influence", "curriculum", "nine pieces of advice are too few", "wanda")


def _amending(story: Story) -> None:
    """Two must agree on exams, and one may change that alone."""
    story.field("exams", ("abel", "berta"), "all", amends=["abel"], amend_rule={"kind": "any"})
    story.knot("meta-authority", "exams", "abel", since="2025-01-06")
    story.field("rooms", ("abel", "berta"), "all", amends=["abel", "berta"], amend_rule={"kind": "all"})
    story.near_miss("meta-authority", "rooms", "it takes the same two to change it")
    story.field("labs", ("abel", "berta"), "any", amends=["abel", "carl"], amend_rule={"kind": "any"})
    story.near_miss("meta-authority", "labs", "one decides, one may change it")


def _reopening(story: Story) -> None:
    story.field("timetable", ("carl",))
    story.field("library", ("berta",))
    story.field("sports", ("abel",))
    plan = {"timetable": ("carl", 12, 4), "library": ("berta", 15, 3), "sports": ("abel", 9, 5)}
    for domain, (who, times, reopened) in plan.items():
        for n in range(times):
            id, made = f"{domain}-{n}", day("2025-08-11", 9 * n)
            story.made(id, made, domain, who)
            if n >= times - reopened:
                story.reopened(id, day(made, 2), who)
                story.made(id, day(made, 3), domain, who)
    story.knot("churn", "timetable", "carl", since=("2025-08-11", "2025-12-31"))
    story.near_miss("churn", "library", "three of fifteen are a fifth, and no more")
    story.near_miss("churn", "sports", "nine decisions are too few to speak of a habit")
