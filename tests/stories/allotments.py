"""An allotment association: volunteers who decide a few times a year, mostly at the yearly assembly."""

from tests.stories.telling import Story, day

ASSEMBLIES = ("2022-04-09", "2023-04-15", "2024-04-13", "2025-04-12")


def told() -> Story:
    story = Story("allotments", "2022-01-10", "2025-12-31")
    story.people("ada", "bea", "cem", "dov", "eva", "fay", "gil", "hana", "ivo", "jan")
    story.body("assembly", "ada", "bea", "cem", "dov", "eva", rule={"kind": "quota", "more_than": "1/2"})
    story.body("board", "ada", "bea", "fay", rule={"kind": "quota", "at_least": 2})
    _yearly(story)
    _offices(story)
    _between(story)
    _undone(story)
    return story


def _yearly(story: Story) -> None:
    """A proposal waits eleven months for the next assembly and then is decided; the newest waits still."""
    story.field("dues", ["body/assembly"])
    story.field("statutes", ["body/assembly"], stakes="strategic")
    for n, held in enumerate(ASSEMBLIES):
        story.made(f"dues-{n}", held, "dues", "body/assembly")
    story.initiative("sliding-scale", "2025-06-02", "dues", "jan")
    story.knot("stalled", "dues", None, since=("2025-06-02", "2025-08-31"))
    story.made("statutes-1", ASSEMBLIES[2], "statutes", "body/assembly")
    story.initiative("proxy-votes", "2025-11-03", "statutes", "jan")
    story.near_miss(
        "stalled", "statutes", "nineteen months without a decision, eight weeks of them asked for"
    )


def _offices(story: Story) -> None:
    """Two offices of one seat whose term ends: one is filled again that day, the other never."""
    for office, who in (("treasurer", "gil"), ("auditor", "hana")):
        story.body(office, rule="any")
        until = "2025-04-12T09:00:00Z"
        story.tell("2023-04-15", "body.seat_taken", office, actor=who, until=until)
    story.tell("2025-04-12", "body.seat_taken", "auditor", actor="ivo")
    story.row("accounts", ["body/treasurer"], when="2023-04-16")
    story.row("audits", ["body/auditor"], when="2023-04-16")
    story.made("accounts-1", "2024-05-04", "accounts", "body/treasurer")
    story.made("accounts-2", "2025-05-03", "accounts", "gil")
    story.made("audits-1", "2025-05-04", "audits", "body/auditor")
    story.knot("vacant", "accounts", "body/treasurer", since="2025-04-12", severity="notice")
    story.near_miss("vacant", "audits", "elected anew the very moment the term ended")
    story.near_miss("stale statement", "accounts", "the office is there; only nobody sits in it")
    story.near_miss("shadow authority", "accounts", "once is not three times")


def _between(story: Story) -> None:
    """Word of mouth, a promise, a storm, and keys that one of two hands out, eight times in four years."""
    for field in ("paths", "compost", "hut", "safety", "keys"):
        story.field(field, ("gil", "hana"))
    story.made("paths-1", "2024-06-08", "paths", "gil", formality="tacit", ref=None)
    story.knot("unformalised", "paths", "gil", since="2024-06-08", severity="notice")
    story.made("compost-1", "2024-06-09", "compost", "hana", formality="tacit", ref=None)
    story.tell("2024-06-30", "decision.formalised", "compost-1", by="ada", ref="https://minutes.example/c")
    story.near_miss("unformalised", "compost", "written down three weeks later", mended=True)
    story.made("hut-1", "2024-09-01", "hut", "hana", review_on="2025-03-01T00:00:00Z")
    story.knot("overdue", "hut", None, since="2025-03-01")
    storm = {"reason": "The storm took the roof.", "ratify_by": "2025-04-30T00:00:00Z"}
    story.made("safety-1", "2025-02-02", "safety", "gil", emergency=storm)
    story.tell(ASSEMBLIES[3], "decision.ratified", "safety-1", by=["ada", "bea", "cem"])
    story.near_miss("overdue", "safety", "ratified at the next assembly, before the day")
    for n in range(8):
        story.made(f"keys-{n}", day("2022-03-01", 180 * n), "keys", "gil")
    story.near_miss("dominance", "keys", "eight times are too few to say")
    story.domain("bees")
    story.made("bees-1", "2025-02-10", "bees", "ivo")
    story.row("bees", ("ivo", "jan"), when="2025-04-12", effective_from="2025-01-01T00:00:00Z")
    story.made("bees-2", "2025-04-13", "bees", "jan")
    story.knot("retroactive", "bees", "ivo", since=("2025-02-10", "2025-04-12"), severity="notice")
    story.near_miss("retroactive", "bees", "decided after it was stated", "jan")
    story.near_miss("unstated", "bees", "stated for that time, if late")


def _undone(story: Story) -> None:
    """One of five decisions of the board on plots is overruled by the assembly, with whom it had met."""
    story.field("plots", ["body/board"])
    told = {"name": "Open evening", "kind": "forum", "members": ["body/board", "body/assembly"]}
    story.tell("2022-05-02", "space.opened", "evening", **told)
    story.tell("2024-03-02", "space.session_held", "evening", attendees=["body/board", "body/assembly"])
    for n in range(5):
        story.made(f"plots-{n}", day("2022-03-05", 240 * n), "plots", "body/board")
    story.overridden("plots-3", "2024-04-13", "body/assembly")
    story.knot("unlearned", "plots", None, since=("2024-04-13", "2024-05-13"))
    story.near_miss("override habit", "plots", "a fifth of five is one: too few to be a habit")
    story.near_miss("churn", "plots", "the same")
    story.near_miss("incoherence", "plots", "they had met before")
    story.near_miss("silos", "plots", "two sit in both")
