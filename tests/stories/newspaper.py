"""A newspaper: rows that name who is no longer there, an emergency nobody confirmed, a desk never heard."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("newspaper", "2025-01-06", "2025-12-31")
    story.people("eva", "fay", "gil", "hana", "max", "old-max", "ira", "jim")
    story.body("darkroom", "ira")
    story.body("wire", "jim")
    _outlived(story)
    _emergencies(story)
    _unheard(story)
    return story


def _outlived(story: Story) -> None:
    story.field("letters", ("old-max", "eva"))
    story.tell("2025-05-01", "actor.merged", "old-max", into="max")
    story.knot("stale statement", "letters", None, since=("2025-05-01", "2025-05-31"))
    story.field("photos", ("eva", "fay"), may_ask=["body/darkroom"])
    story.tell("2025-04-01", "body.dissolved", "darkroom")
    story.knot("stale statement", "photos", "body/darkroom", since=("2025-04-01", "2025-05-01"))
    story.field("web", ("eva", "fay"), may_ask=["body/wire"])
    story.tell("2025-10-01", "body.dissolved", "wire")
    story.row("web", ("eva", "fay"), when="2025-10-25")
    story.near_miss("stale statement", "web", "set anew after twenty-four days")
    story.field("weather", ("eva", "fay"), informs=["jim"])
    story.tell("2025-12-10", "actor.left", "jim")
    story.near_miss("stale statement", "weather", "three weeks are not thirty days")
    story.field("sport", ("eva", "fay"), may_ask=["ira"])
    story.tell("2025-03-01", "actor.left", "ira")
    story.tell("2025-03-20", "actor.returned", "ira")
    story.near_miss("stale statement", "sport", "back after nineteen days")


def _emergencies(story: Story) -> None:
    urgent = {"reason": "The presses stood still.", "ratify_by": "2025-06-10T09:00:00Z"}
    for domain in ("presses", "paper"):
        story.field(domain, ("eva", "fay"), stakes="high")
        story.made(f"{domain}-1", "2025-06-01", domain, "eva", emergency=urgent)
    story.tell("2025-06-09", "decision.ratified", "paper-1", by=["fay"])
    story.knot("overdue", "presses", None, since="2025-06-10", severity="warning")
    story.near_miss("overdue", "paper", "ratified the day before")


def _unheard(story: Story) -> None:
    """Two must always be asked about headlines: Hana answers, Gil never does."""
    story.field("headlines", ("eva", "fay"), "all", must_ask=["gil", "hana"])
    for n in range(14):
        id, asked = f"h-{n}", day("2025-07-07", 12 * n)
        story.asked(id, asked, id, "eva", "gil", "hana", mandatory=True)
        story.advised(id, day(asked, hours=40), "hana")
        story.made(id, day(asked, hours=60), "headlines", "eva", "fay")
    story.knot("exclusion", "headlines", "gil", since=("2025-08-31", "2025-12-31"))
    story.near_miss("bypassed consultation", "headlines", "asked each time, and free to be silent")
