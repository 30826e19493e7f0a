"""An orchestra: a manager who overrules, two bodies that do not talk, trials nobody looks back on."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("orchestra", "2024-01-08", "2025-12-31")
    story.people("cora", "dirk", "ona", "ada", "sid", "tom")
    story.body("music", "ona", "ada")
    story.body("stage", "ona", "sid")
    _overruled(story)
    _undone(story)
    _tried(story)
    return story


def _overruled(story: Story) -> None:
    """Cora decides, Dirk may decide as well; he overrides four of twelve, of costumes two."""
    for domain, overridden in (("repertoire", (1, 4, 7, 10)), ("costumes", (1, 7))):
        story.field(domain, ("cora", "dirk"))
        for n in range(12):
            id, made = f"{domain}-{n}", day("2024-01-15", 60 * n)
            story.made(id, made, domain, "cora")
            if n in overridden:
                story.overridden(id, day(made, 5), "dirk")
                story.debrief(id, day(made, 12), f"decision/{id}", "cora", "dirk")
    story.knot("override habit", "repertoire", None, since=("2025-01-01", "2025-12-31"))
    story.near_miss("override habit", "costumes", "two of twelve are less than a fifth")
    story.near_miss("unlearned", "repertoire", "each was talked over within a week")


def _undone(story: Story) -> None:
    """What the musicians decide the stage undoes: once before they had ever met over it, once after."""
    for domain in ("concerts", "tours"):
        story.field(domain, ("body/music", "body/stage"))
    story.made("u-1", "2025-02-20", "concerts", "body/music")
    story.overridden("u-1", "2025-03-01", "body/stage")
    story.knot("incoherence", "concerts", "body/music", "body/stage", since="2025-03-01")
    story.knot("unlearned", "concerts", None, since=("2025-03-01", "2025-03-31"))
    told = {"name": "Green room", "kind": "circle", "members": ["body/music", "body/stage"]}
    story.tell("2025-04-01", "space.opened", "green", **told)
    story.tell("2025-05-01", "space.session_held", "green", attendees=["actor/ada", "actor/sid"])
    story.made("u-2", "2025-05-05", "tours", "body/music")
    story.overridden("u-2", "2025-05-10", "body/stage")
    story.debrief("u-2", "2025-06-08", "decision/u-2", "ada", "sid")
    story.near_miss("incoherence", "tours", "they had met before")
    story.near_miss("silos", "concerts", "they share a seat")
    story.near_miss("unlearned", "tours", "talked over on the twenty-ninth day")


def _tried(story: Story) -> None:
    story.field("programme", ("cora", "dirk"))
    for n, concluded in ((1, False), (2, True)):
        domain = "programme" if n == 1 else "tickets"
        if n == 2:
            story.field(domain, ("cora", "dirk"))
        story.initiative(f"i-{n}", "2025-01-20", domain, "sid")
        story.made(f"t-{n}", "2025-01-27", domain, "cora", initiative=f"i-{n}")
        told = {"initiative": f"i-{n}", "hypothesis": "More will come.", "ends_at": "2025-03-01T09:00:00Z"}
        story.tell("2025-02-01", "experiment.started", f"x-{n}", **told)
        if concluded:
            story.tell("2025-03-30", "experiment.concluded", f"x-{n}", result="refuted")
    story.knot("unlearned", "programme", None, since=("2025-03-01", "2025-03-31"))
    story.near_miss("unlearned", "tickets", "concluded on the twenty-ninth day")
    story.field("touring", ("cora", "dirk"))
    for n, outcome, debrief in ((3, "failed", False), (4, "failed", True), (5, "partial", False)):
        domain = {3: "touring", 4: "choir", 5: "records"}[n]
        if n > 3:
            story.field(domain, ("cora", "dirk"))
        story.initiative(f"i-{n}", "2025-01-21", domain, "tom")
        story.made(f"t-{n}", "2025-01-28", domain, "dirk", initiative=f"i-{n}")
        story.tell("2025-05-01", "initiative.completed", f"i-{n}", outcome=outcome)
        if debrief:
            story.debrief(f"i-{n}", "2025-05-28", f"initiative/i-{n}", "tom")
    story.knot("unlearned", "touring", None, since=("2025-05-01", "2025-05-31"))
    story.near_miss("unlearned", "choir", "talked over within the month")
    story.near_miss("unlearned", "records", "it did not fail")
