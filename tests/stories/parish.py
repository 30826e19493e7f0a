"""A parish council: two terms, a gap between them, by-elections, and one who never comes."""

from tests.stories.telling import Json, Story, day

FIRST = ("art", "bo", "cleo", "dan", "ned")
SECOND = ("art", "bo", "eda", "pia", "rob")
MAJORITY = {"kind": "quota", "more_than": "1/2"}


def told() -> Story:
    story = Story("parish", "2023-03-01", "2025-12-31")
    story.people(*FIRST, "eda", "pia", "rob", "quin", "mia", "olga", "sue", "tess", "uri", "vic", "clerk")
    story.body("council", rule=MAJORITY)
    story.body("elders", "vic", "tess", rule="consent")
    for actor in FIRST:
        until = "2025-04-01T00:00:00Z"
        story.tell("2023-04-01T00:00", "body.seat_taken", "council", actor=actor, until=until)
    _first_term(story)
    _second_term(story)
    _rules(story)
    _machines(story)
    return story


def _in_council(*actors: str) -> list[Json]:
    return [{"holder": f"actor/{one}", "under": "council"} for one in actors]


def _first_term(story: Story) -> None:
    """Ned goes and is followed by Olga; three of the four who were left had decided meanwhile."""
    story.row("roads", ["body/council"], when="2023-04-02")
    story.row("lighting", FIRST, MAJORITY, when="2023-04-02")
    story.tell("2024-02-01", "actor.left", "ned", reason="moved to the coast")
    for n in range(3):
        story.made(f"roads-{n}", day("2024-02-05", 7 * n), "roads", deciders=_in_council("art", "bo", "cleo"))
    story.tell("2024-03-10", "body.seat_taken", "council", actor="olga", until="2025-04-01T00:00:00Z")
    story.near_miss("shadow authority", "roads", "three of the four who were left are more than half")
    story.near_miss("stale statement", "roads", "it names the council, not who sits there")
    story.knot("stale statement", "lighting", "ned", since=("2024-02-01", "2024-03-02"))
    story.near_miss("vacant", "lighting", "three of the four others are enough")


def _second_term(story: Story) -> None:
    """Five weeks nobody sat there. Then fourteen votes on housing without Pia, three without Quin."""
    for actor in SECOND:
        story.tell("2025-05-06", "body.seat_taken", "council", actor=actor)
    story.near_miss("vacant", "roads", "nobody sat there from April to May", mended=True)
    story.row("housing", ["body/council"], when="2025-05-07")
    story.tell("2025-11-03", "body.seat_vacated", "council", actor="rob")
    story.tell("2025-11-10", "body.seat_taken", "council", actor="quin")
    for n in range(14):
        id, asked = f"housing-{n}", day("2025-05-12", 16 * n)
        fifth = "quin" if asked > "2025-11-10" else "rob"
        story.opened(id, asked, "housing", "clerk", (*SECOND[:4], fifth), rule=MAJORITY)
        there = ("art", "bo", "eda", *(["rob"] if fifth == "rob" else []))
        for actor in there:
            story.position(id, day(asked, 4), actor)
        story.made(id, day(asked, 6), "housing", deciders=_in_council(*there))
    story.knot("exclusion", "housing", "pia", since=("2025-05-12", "2025-12-31"))
    story.near_miss("exclusion", "housing", "three votes are too few to say", "quin")
    story.near_miss("stale statement", "housing", "it names the council, not Rob")
    story.near_miss("bottleneck", "housing", "whoever never came held nothing up for long")


def _rules(story: Story) -> None:
    """It takes both bodies to decide on bylaws, and one clerk to change who does."""
    both = ("body/council", "body/elders")
    story.row("bylaws", both, "all", when="2025-05-07", amends=["clerk"], amend_rule={"kind": "any"})
    story.row("elections", both, "all", when="2025-05-07", amends=both, amend_rule={"kind": "all"})
    story.knot("meta-authority", "bylaws", "clerk", since="2025-05-07", severity="notice")
    story.near_miss("meta-authority", "elections", "it takes as many to change as to decide")
    story.made("bylaws-1", "2025-06-02", "bylaws", *both)
    story.made("elections-1", "2025-06-03", "elections", *both)
    story.near_miss("silos", "bylaws", "they decide together")


def _machines(story: Story) -> None:
    """Two programs decide who gets the hall and the lots; whoever answers for the first has left."""
    story.agent("hall-bot", "sue")
    story.agent("lot-bot", "uri")
    story.field("halls", ("hall-bot", "tess"))
    story.field("lots", ("lot-bot", "tess"))
    story.tell("2025-02-01", "actor.left", "sue")
    story.tell("2025-01-10", "actor.left", "uri")
    story.tell("2025-02-20", "actor.returned", "uri")
    story.made("halls-1", "2025-03-10", "halls", "hall-bot")
    story.made("lots-1", "2025-03-10", "lots", "lot-bot")
    story.knot("unanswered agent", "halls", None, since=("2025-02-01", "2025-03-10"))
    story.near_miss("unanswered agent", "lots", "he was back by then")
