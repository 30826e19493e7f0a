"""A harbour: advice that came too late, words taken back, who may change the rules."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("harbour", "2024-01-08", "2025-12-31")
    story.people("ana", "ben", "cas", "dag", "eda", "fin", "gil", "mo", "ole")
    story.body("divers", "cas", "dag")
    _advised(story)
    _stamped(story)
    _taken_back(story)
    _amending(story)
    _quiet(story)
    return story


def _advised(story: Story) -> None:
    story.field("dredging", ("ana", "ben"), must_ask=["body/divers"])
    story.asked("c-1", "2025-03-03", "a-1", "ana", "body/divers")
    story.advised("c-1", "2025-03-04", "cas")
    story.made("a-1", "2025-03-06", "dredging", "ana")
    story.near_miss("bypassed consultation", "dredging", "one of those asked advised for them")
    story.field("berths", ("ana", "ben"), "all")
    for n in range(20):
        id, asked, yes = f"berths-{n}", day("2025-07-07", 8 * n), n % 2 == 0
        stance = "support" if yes else "objection"
        story.asked(id, asked, id, "ana")
        story.advised(id, day(asked, 1 if n < 8 else 5), "mo", stance)
        story.tell(day(asked, 1), "consultation.advice_given", id, stance=stance)
        story.made(id, day(asked, 3), "berths", "ana", "ben", outcome="accepted" if yes else "rejected")
    story.near_miss("hidden influence", "berths", "mostly said what had been decided; others gave no name")
    story.field("anchorage", ("ana", "ben"), "all", must_ask=["eda", "fin"])
    for n in range(14):
        id, asked = f"anchorage-{n}", day("2025-07-08", 12 * n)
        story.asked(id, asked, id, "ana", "eda")
        story.advised(id, day(asked, 1), "eda")
        story.made(id, day(asked, 3), "anchorage", "ana", "ben")
    story.knot("exclusion", "anchorage", "fin", since=("2025-08-31", "2025-12-31"))
    story.knot("bypassed consultation", "anchorage", "fin", since="2025-07-11")


def _stamped(story: Story) -> None:
    """Forty papers: Cas refuses two, Dag is slow at times, but mostly quick."""
    story.field("papers", ("cas", "dag"), "all")
    for n in range(40):
        opened = day("2025-07-09", 4 * n)
        story.opened(f"papers-{n}", opened, "papers", "gil", ("cas", "dag"), rule="all")
        story.position(f"papers-{n}", day(opened, minutes=10), "cas", "reject" if n in (7, 21) else "approve")
        story.position(f"papers-{n}", day(opened, minutes=20 if n % 3 else 50 * 60), "dag")
        if n in (7, 21):
            story.made(f"papers-{n}", day(opened, 3), "papers", "cas", "dag", outcome="rejected")
        else:
            story.made(f"papers-{n}", day(opened, 3), "papers", "cas", "dag")
    story.knot("rubber stamp", "papers", "dag", since=("2025-07-09", "2025-12-31"))
    story.near_miss("rubber stamp", "papers", "refused two of forty", "cas")


def _taken_back(story: Story) -> None:
    """Ben takes back what he decided himself; Ana voids what Ben decided."""
    story.field("tariffs", ("ben",))
    story.field("pilots", ("ana", "ben"))
    for n in range(12):
        for domain, other, undone in (("tariffs", "ben", (2, 5, 8, 11)), ("pilots", "ana", (3, 7, 9, 10))):
            id, made = f"{domain}-{n}", day("2024-02-05", 55 * n)
            story.made(id, made, domain, "ben")
            if n in undone:
                story.overridden(id, day(made, 4), other, outcome=None)
                if other == "ana":
                    story.debrief(id, day(made, 20), f"decision/{id}", "ana", "ben")
    story.knot("churn", "tariffs", "ben", since=("2025-01-01", "2025-12-31"))
    story.near_miss("override habit", "tariffs", "nobody else undid it")
    story.near_miss("unlearned", "tariffs", "who takes back a word of his own overrides nobody")
    story.knot("override habit", "pilots", None, since=("2025-01-01", "2025-12-31"))
    story.near_miss("churn", "pilots", "somebody else undid it")


def _amending(story: Story) -> None:
    """Who may change a row, by weights."""
    for domain, amends, rule, weight in (
        ("locks", ("ana", "ben", "cas"), "all", 2),
        ("cranes", ("ana",), "any", 2),
        ("ropes", ("ana",), "any", 3),
    ):
        story.domain(domain)
        decides = [
            {"holder": "actor/ana", "weight": weight},
            {"holder": "actor/ben"},
            {"holder": "actor/cas"},
        ]
        told = {"by": [], "decides": decides, "rule": {"kind": "quota", "at_least": 3}}
        more = {"amends": [{"holder": f"actor/{one}"} for one in amends], "amend_rule": {"kind": rule}}
        story.tell(story.start, "matrix.row_set", domain, **told, **more)
    story.near_miss("meta-authority", "locks", "it takes three to change what two decide")
    story.knot("meta-authority", "cranes", "ana", since="2024-01-08")
    story.near_miss("meta-authority", "ropes", "she decides alone as well")


def _quiet(story: Story) -> None:
    story.field("quays", ("ana", "ben"))
    for n in range(12):
        story.made(f"quays-{n}", day("2025-05-01", 10 * n), "quays", "ana" if n % 2 else "ben")
    story.opened("quays-x", "2025-09-01", "quays", "ole")
    story.knot("stalled", "quays", None, since=("2025-11-01", "2025-11-30"))
    story.field("buoys", ("ana", "ben"))
    story.initiative("i-1", "2025-04-01", "buoys", "ole")
    story.made("buoys-1", "2025-05-01", "buoys", "ben", initiative="i-1")
    story.near_miss("stalled", "buoys", "what was proposed was decided")
