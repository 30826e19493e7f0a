"""A museum: rows that are inherited, lent, weighed, and held by bodies."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("museum", "2025-01-06", "2025-12-31")
    story.people("ana", "ben", "cara", "dov", "eli", "fay", "gus", "hal", "ivy", "jon", "kim")
    _inherited(story)
    _lent(story)
    _bodies(story)
    _weighed(story)
    _machines(story)
    return story


def _inherited(story: Story) -> None:
    """What is true of three small fields is true of the row they share."""
    story.field("collections", ("ana", "ben"), "all")
    for n, domain in enumerate(("paintings", "prints", "maps")):
        story.domain(domain, parent="collections")
        story.made(f"{domain}-1", day("2025-08-04", 10 * n), domain, "cara")
        story.made(f"{domain}-2", day("2025-08-05", 10 * n), domain, "ana", "ben")
    story.knot("shadow authority", "collections", "cara", since=("2025-08-04", "2025-08-24"))
    story.near_miss("shadow authority", "prints", "the row is that of all collections")
    story.domain("buildings")
    story.domain("annexe", parent="buildings")
    story.made("annexe-1", "2025-06-10", "annexe", "jon")
    story.row("buildings", ("jon",), when="2025-06-20", effective_from="2025-06-01T00:00:00Z")
    story.knot("retroactive", "buildings", "jon", since=("2025-06-10", "2025-06-20"))
    story.field("guards", ("ana", "ben"), escalates_to="actor/kim")
    story.tell("2025-05-01", "actor.left", "kim")
    story.knot("stale statement", "guards", "kim", since=("2025-05-01", "2025-05-31"))
    story.near_miss("vacant", "guards", "those who decide are there")


def _lent(story: Story) -> None:
    for domain, more in (
        ("loans", {"until": "2025-06-01T00:00:00Z"}),
        ("shop", {"limits": {"text": "Small."}}),
    ):
        story.field(domain, ("ana",))
        lent = {"scope": f"domain/{domain}", "from_": "actor/ana", "to": ["actor/dov"], **more}
        story.tell("2025-02-01", "mandate.delegated", domain, **lent)
    for n, made in enumerate(("2025-04-01", "2025-04-10", "2025-08-01", "2025-08-10", "2025-08-20")):
        story.made(f"loans-{n}", made, "loans", "dov")
    story.knot("shadow authority", "loans", "dov", since=("2025-08-01", "2025-08-20"))
    for n in range(4):
        story.made(f"shop-{n}", day("2025-08-02", 10 * n), "shop", "dov")
    story.near_miss("shadow authority", "shop", "whether it was small nobody can tell")


def _bodies(story: Story) -> None:
    """The board decides as all of its seats, a guide alone."""
    story.body("board", "fay", "gus")
    story.body("guides", "hal", "eli", rule="any")
    story.field("statutes", ("body/board",))
    story.field("tours", ("body/guides",))
    for n in range(4):
        story.made(f"statutes-{n}", day("2025-08-04", 10 * n), "statutes", "fay")
        story.made(f"tours-{n}", day("2025-08-04", 10 * n), "tours", "hal")
    story.knot("shadow authority", "statutes", "fay", since=("2025-08-04", "2025-08-24"))
    story.near_miss("shadow authority", "tours", "each guide speaks for all of them")
    for n in range(3):
        deciders = [{"holder": "actor/fay", "under": "board"}, {"holder": "actor/gus", "under": "board"}]
        story.made(f"acts-{n}", day("2025-09-20", 10 * n), "statutes", deciders=deciders)


def _weighed(story: Story) -> None:
    story.domain("lights")
    story.domain("sounds")
    for domain, rule in (
        ("lights", {"kind": "quota", "more_than": "1/2"}),
        ("sounds", {"kind": "quota", "at_least": 4}),
    ):
        weights = [{"holder": "actor/ana", "weight": 3}, {"holder": "actor/ivy", "weight": 2}]
        told = {"by": [], "decides": weights, "rule": rule}
        story.tell(story.start, "matrix.row_set", domain, **told)
    story.tell("2025-12-10", "actor.left", "ivy")
    story.near_miss("vacant", "lights", "half of the weight that is left is easily passed")
    story.knot("vacant", "sounds", "ana", "ivy", since="2025-12-10")
    story.near_miss("stale statement", "sounds", "three weeks are not thirty days")


def _machines(story: Story) -> None:
    """A gate that nobody ever answered for."""
    story.tell(story.start, "actor.registered", "gate", kind="agent", profile={"name": "gate"})
    story.field("doors", ("gate", "ana"))
    story.made("doors-1", "2025-06-01", "doors", "gate")
    story.knot("unanswered agent", "doors", "gate", since="2025-06-01")
    story.tell(story.start, "actor.registered", "clock", kind="system", profile={"name": "clock"})
    story.field("hours", ("clock", "ana"))
    story.made("hours-1", "2025-06-01", "hours", "clock")
    story.near_miss("unanswered agent", "hours", "a system is no agent")
