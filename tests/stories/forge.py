"""A forge community: reviewers, two bots, and a rule nobody wrote down."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("forge", "2025-01-06", "2025-12-31")
    story.people("mira", "jon", "lee", "sam", "ivo", "kim", "pat")
    _reviews(story)
    _bots(story)
    _unwritten(story)
    return story


def _reviews(story: Story) -> None:
    """Three reviewers must agree: one in ten minutes, one after an hour, one with reasons."""
    reviewers = ("jon", "lee", "sam")
    story.field("reviews", reviewers, "all")
    for n in range(40):
        opened = day("2025-07-07", 4 * n)
        story.opened(f"r-{n}", opened, "reviews", "ivo", reviewers, rule="all")
        story.position(f"r-{n}", day(opened, minutes=30), "lee")
        story.position(f"r-{n}", day(opened, minutes=40), "jon", reason="I ran it, and it holds.")
        story.position(f"r-{n}", day(opened, minutes=70), "sam")
        story.made(f"r-{n}", day(opened, hours=2), "reviews", *reviewers)
    story.knot("rubber stamp", "reviews", "lee", since=("2025-07-07", "2025-12-31"))
    story.near_miss("rubber stamp", "reviews", "takes more than an hour each time", "sam")
    story.near_miss("rubber stamp", "reviews", "says why each time", "jon")


def _bots(story: Story) -> None:
    story.agent("deps", "kim")
    story.agent("merger", "pat")
    story.field("dependencies", ("deps", "mira"))
    story.field("merging", ("merger", "jon"))
    story.made("b-1", "2025-04-10", "dependencies", "deps")
    story.tell("2025-05-01", "actor.left", "kim")
    story.made("b-2", "2025-05-20", "dependencies", "deps")
    story.made("b-3", "2025-08-20", "dependencies", "deps")
    story.knot("unanswered agent", "dependencies", "deps", since="2025-05-20")
    story.made("b-4", "2025-05-15", "merging", "merger")
    story.tell("2025-06-01", "actor.left", "pat")
    now = {"kind": "agent", "profile": {"name": "merger"}, "reports_to": "jon"}
    story.tell("2025-06-10", "actor.updated", "merger", **now)
    story.made("b-5", "2025-07-01", "merging", "merger")
    story.near_miss("unanswered agent", "merging", "decided nothing until somebody else answered for it")


def _unwritten(story: Story) -> None:
    story.field("naming", ("mira", "jon"), "all")
    story.field("style", ("mira", "jon"), "all")
    story.field("licences", ("mira", "jon"), "all")
    story.made("n-1", "2025-04-01", "naming", "mira", "jon", formality="tacit")
    story.knot("unformalised", "naming", "mira", "jon", since="2025-04-01", severity="notice")
    story.made("n-2", "2025-04-10", "style", "mira", "jon", formality="tacit", ref=None)
    story.tell("2025-04-12", "decision.formalised", "n-2", by="mira", ref="https://minutes.example/style")
    story.near_miss("unformalised", "style", "written down two days later", mended=True)
    story.made("n-3", "2025-05-10", "licences", "mira", "jon", formality=None, ref=None)
    story.knot("unformalised", "licences", "mira", "jon", since="2025-05-10")
