"""A racing team: it decides in seconds by the track, and by whoever is there in the workshop."""

from tests.stories.telling import Story, day

CREW = ("xen", "yan", "zed")
WORKSHOP = ("una", "vic", "wes")
MAJORITY = {"kind": "quota", "more_than": "1/2"}


def told() -> Story:
    story = Story("pits", "2025-01-06", "2025-07-10")
    story.people("chief", *CREW, *WORKSHOP)
    story.field("stops", CREW, MAJORITY)
    story.field("tyres", WORKSHOP)
    _stops(story)
    _tyres(story)
    return story


def _stops(story: Story) -> None:
    for n in range(38):
        id, when = f"stop-{n}", day("2025-03-02", n % 4, minutes=3 * n)
        story.opened(id, when, "stops", "chief", CREW, rule=MAJORITY)
        story.position(id, day(when, minutes=0.2), "zed")
        reason = "The tyre is worn." if n % 3 == 0 else None
        story.position(id, day(when, minutes=0.3), "yan", reason=reason)
        story.position(id, day(when, minutes=0.4), "xen", "reject" if n % 2 else "approve")
        story.made(id, day(when, minutes=0.5), "stops", *CREW)
    story.knot("rubber stamp", "stops", "zed", severity="notice")
    story.near_miss("rubber stamp", "stops", "reasons every third time", "yan")
    story.near_miss("rubber stamp", "stops", "as often against as for", "xen")


def _tyres(story: Story) -> None:
    for n in range(24):
        id, when = f"tyre-{n}", day("2025-01-13", 6 * n)
        story.opened(id, when, "tyres", "chief", WORKSHOP, rule="any")
        story.made(id, day(when, 3 + n / 5), "tyres", WORKSHOP[n % 3])
    story.near_miss("bottleneck", "tyres", "any one of them may decide: nobody waits for the other two")
    story.near_miss("exclusion", "tyres", "nobody need take part where any one may decide")
    story.near_miss("dominance", "tyres", "they take turns")
