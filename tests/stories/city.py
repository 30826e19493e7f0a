"""A city office: asking up, waiting on one, and a market nobody decides on."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("city", "2021-01-04", "2025-12-31")
    story.people("ana", "cy", "di", "ed", "flo", "gus", "hal", "ida", "jo", "kai", "lu", "max", bo="cy")
    _asking_up(story)
    _waiting(story)
    _standing_still(story)
    _promised(story)
    return story


def _asking_up(story: Story) -> None:
    """Who could decide alone leaves it to a superior, or passes it on."""
    story.field("permits", ("bo", "cy"))
    story.field("parking", ("di", "ed"), "all")
    story.field("signs", ("flo", "gus"))
    story.field("fees", ("hal", "ana"))
    for n in range(4):
        opened = day("2025-08-04", 20 * n)
        story.opened(f"a-{n}", opened, "permits", "bo")
        story.made(f"a-{n}", day(opened, 2), "permits", "cy")
        story.opened(f"b-{n}", opened, "parking", "di")
        story.made(f"b-{n}", day(opened, 2), "parking", "di", "ed")
    story.knot("approval habit", "permits", "bo", since=("2025-08-04", "2025-09-15"))
    story.near_miss("approval habit", "parking", "could not decide alone")
    for n in range(2):
        opened = day("2025-09-01", 20 * n)
        story.opened(f"c-{n}", opened, "signs", "flo")
        story.made(f"c-{n}", day(opened, 2), "signs", "gus")
    story.near_miss("approval habit", "signs", "only twice")
    for n in range(3):
        opened = day("2025-09-02", 20 * n)
        story.opened(f"d-{n}", opened, "fees", "hal")
        told = {"by": "hal", "from_": "actor/hal", "to": "actor/ana", "reason": "Please look."}
        story.tell(day(opened, 1), "decision.escalated", f"d-{n}", **told)
        story.made(f"d-{n}", day(opened, 2), "fees", "ana")
    story.knot("approval habit", "fees", "hal", since=("2025-09-02", "2025-10-15"))


def _waiting(story: Story) -> None:
    """Advice on inspections takes five days, from Ida ninety; on fountains Max takes twelve."""
    story.field("inspections", ("cy", "di"))
    for n in range(28):
        id, asked = f"i-{n}", day("2025-02-03", 8 * n)
        slow = n % 4 == 1
        story.asked(id, asked, id, "cy", "jo", "kai", "lu", *(["ida"] if slow else []))
        for place, adviser in enumerate(("jo", "kai", "lu")):
            story.advised(id, day(asked, 5, place), adviser)
        if slow:
            story.advised(id, day(asked, 90), "ida")
        story.made(id, day(asked, 91 if slow else 6), "inspections", "di" if n % 2 else "cy")
    story.knot("bottleneck", "inspections", "ida", since=("2025-02-03", "2025-12-31"))
    story.field("fountains", ("cy", "di"))
    for n in range(10):
        id, asked = f"f-{n}", day("2025-02-04", 20 * n)
        story.asked(id, asked, id, "cy", "jo", "max")
        story.advised(id, day(asked, 5), "jo")
        story.advised(id, day(asked, 12), "max")
        story.made(id, day(asked, 13), "fountains", "di" if n % 2 else "cy")
    story.near_miss("bottleneck", "fountains", "slower, but not three times as slow", "max")


def _standing_still(story: Story) -> None:
    story.field("markets", ("ed", "flo"))
    story.made("m-1", "2025-03-03", "markets", "ed")
    story.made("m-2", "2025-05-01", "markets", "flo")
    story.initiative("i-1", "2025-07-01", "markets", "gus")
    story.knot("stalled", "markets", None, since=("2025-07-01", "2025-09-29"))
    story.field("festivals", ("ed", "flo"))
    story.made("m-3", "2025-10-15", "festivals", "ed")
    story.initiative("i-2", "2025-10-20", "festivals", "gus")
    story.near_miss("stalled", "festivals", "eleven weeks are not yet long")
    story.field("parks", ("ed", "flo"))
    story.made("m-4", "2025-03-04", "parks", "flo")
    story.initiative("i-3", "2025-06-20", "parks", "gus")
    story.tell("2025-06-25", "initiative.withdrawn", "i-3")
    story.near_miss("stalled", "parks", "nothing is waiting to be decided")
    story.field("planning", ("ed", "flo"))
    for n in range(12):
        story.made(f"l-{n}", day("2021-02-01", 150 * n), "planning", "ed" if n % 2 else "flo")
    story.initiative("i-4", "2025-08-12", "planning", "gus")
    story.near_miss("stalled", "planning", "here five months between decisions are the custom")


def _promised(story: Story) -> None:
    story.field("grants", ("ed", "flo"))
    story.made("g-1", "2025-03-10", "grants", "ed", review_on="2025-09-01T00:00:00Z")
    story.knot("overdue", "grants", None, since=("2025-09-01", "2025-09-01"))
    story.field("subsidies", ("ed", "flo"))
    story.made("g-2", "2025-03-11", "subsidies", "ed", review_on="2025-09-01T00:00:00Z")
    story.tell("2025-08-31", "decision.reviewed", "g-2", by="flo", result="kept")
    story.near_miss("overdue", "subsidies", "reviewed on the eve")
    story.field("loans", ("ed", "flo"))
    story.made("g-3", "2025-03-12", "loans", "ed", review_on="2026-02-01T00:00:00Z")
    story.near_miss("overdue", "loans", "the day has not come")
