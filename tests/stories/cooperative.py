"""A food cooperative: one buyer who buys everything, and a member nobody hears."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("cooperative", "2025-01-06", "2025-12-31")
    story.people("alba", "bert", "cleo", "dora", "emil", "finn", "gita", "hugo", "ines")
    _buying(story)
    _voting(story)
    return story


def _buying(story: Story) -> None:
    """Four may buy alone; one does in twenty-two of twenty-four."""
    buyers = ("alba", "bert", "cleo", "dora")
    story.field("buying", buyers)
    for n in range(24):
        made = day("2025-08-01", 6 * n)
        story.opened(f"b-{n}", day(made, days=-2), "buying", "ines", buyers, rule="any")
        story.made(f"b-{n}", made, "buying", {5: "bert", 11: "cleo"}.get(n, "alba"))
    story.knot("dominance", "buying", "alba", since=("2025-08-31", "2025-11-01"), severity="notice")
    story.near_miss("exclusion", "buying", "under `any` nobody needs to take part", "dora")

    story.field("hours", ("emil", "finn"))
    for n in range(12):
        story.made(
            f"h-{n}", day("2025-09-01", 7 * n), "hours", "finn" if n % 12 in (1, 3, 6, 8, 10) else "emil"
        )
    story.near_miss("dominance", "hours", "seven of twelve by one of two is chance")

    story.field("suppliers", ("gita", "hugo"))
    for n in range(9):
        story.made(f"s-{n}", day("2025-10-01", 7 * n), "suppliers", "gita")
    story.near_miss("dominance", "suppliers", "nine decisions are too few to tell")

    story.field("shop", buyers)
    for n in range(14):
        story.made(f"p-{n}", day("2025-09-02", 7 * n), "shop", "dora", "cleo")
    story.near_miss("dominance", "shop", "always the same two, but never one alone")


def _voting(story: Story) -> None:
    """Six vote on members, five do; in the newsletter one is silent nine times only."""
    voters = ("alba", "bert", "cleo", "dora", "emil", "finn")
    _votes(story, "membership", voters, "finn", 16)
    story.knot("exclusion", "membership", "finn", since=("2025-08-31", "2025-12-31"))
    _votes(story, "newsletter", ("gita", "hugo", "dora", "emil"), "gita", 9)
    story.near_miss("exclusion", "newsletter", "nine votes are too few to tell")


def _votes(story: Story, domain: str, voters: tuple[str, ...], silent: str, times: int) -> None:
    rule = {"kind": "quota", "more_than": "1/2"}
    story.field(domain, voters, rule)
    heard = [one for one in voters if one != silent]
    for n in range(times):
        opened, id = day("2025-07-10", 10 * n), f"{domain}-{n}"
        story.opened(id, opened, domain, "ines", voters, rule=rule)
        for place, voter in enumerate(heard):
            story.position(id, day(opened, hours=30 + place), voter, reason="We know them.")
        story.made(id, day(opened, days=3), domain, *heard)
