"""Two firms become one: identities merged, bodies dissolved into another, a domain moved."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("merger", "2025-01-06", "2025-06-15")
    story.people("ann", "ann2", "art", "bob", "bea", "cam", "dan", "eve", "dee", "dov", "sol", "sam")
    story.body("team-a", "ann", "art", rule="consent")
    story.body("team-b", "bob", "bea", rule="consent")
    story.body("support", "sol", "sam", rule="consent")
    story.body("design", "dee", "dov", rule="consent")
    story.field("sales", ["body/team-a"])
    story.field("exports", ["body/team-b"])
    story.field("service", ["body/support", "body/team-b"])
    story.field("pricing", ["ann", "ann2"])
    story.made("s-1", "2025-02-03", "sales", "body/team-a")
    story.made("x-1", "2025-02-04", "exports", "body/team-b")
    _joined(story)
    _unstated(story)
    _met(story)
    _one_person(story)
    _lent(story)
    _heard(story)
    return story


def _joined(story: Story) -> None:
    told = {"name": "All sales", "kind": "team", "rule": {"kind": "consent"}}
    story.tell("2025-03-03", "body.formed", "market", **told)
    for actor in ("ann", "art", "bob", "bea"):
        story.tell("2025-03-03", "body.seat_taken", "market", actor=actor)
    story.row("sales", ["body/market"], when="2025-03-03")
    story.row("service", ["body/support", "body/market"], when="2025-03-03")
    for team in ("team-a", "team-b"):
        story.tell("2025-03-03T10:00", "body.dissolved", team, into=["market"])
    story.tell("2025-03-04", "domain.updated", "exports", name="Exports", parent="sales")


def _unstated(story: Story) -> None:
    """Nobody stated the exports anew: moved below sales, they still have the row of who is gone."""
    story.made("x-2", "2025-04-07", "exports", "body/market")
    story.knot("vacant", "exports", None, since="2025-03-03")
    story.knot("stale statement", "exports", "body/team-b", since=("2025-04-01", "2025-04-03"))
    story.near_miss("shadow authority", "exports", "once is less than three times")
    story.near_miss("vacant", "sales", "the heir has what was theirs")


def _met(story: Story) -> None:
    told = {"name": "Both houses", "kind": "meeting", "members": [], "domains": ["service"]}
    story.tell("2025-02-10", "space.opened", "both", **told)
    story.tell("2025-02-20", "space.session_held", "both", attendees=["actor/bob", "actor/sol"])
    story.made("v-1", "2025-03-20", "service", "body/support")
    story.made("v-2", "2025-04-04", "service", "body/market")
    story.near_miss("silos", "service", "those who met them are in the new body now")
    story.made("v-0", "2025-02-26", "service", "body/team-b")
    story.field("brand", ["body/market", "body/design"], when="2025-03-05")
    story.made("n-1", "2025-04-10", "brand", "body/market")
    story.made("n-2", "2025-04-22", "brand", "body/design")
    story.knot("silos", "brand", "body/market", "body/design", since="2025-04-22")


def _one_person(story: Story) -> None:
    story.initiative("discount", "2025-02-12", "pricing", "ann2")
    story.made("p-1", "2025-02-20", "pricing", "ann", initiative="discount")
    story.tell("2025-03-06", "actor.merged", "ann2", into="ann")
    story.near_miss("self-approval", "pricing", "the other named there turned out to be the same person")
    story.knot("stale statement", "pricing", None, since=("2025-04-04", "2025-04-06"))


def _lent(story: Story) -> None:
    story.field("fleet", ["body/market", "cam"], when="2025-03-05")
    lent = {
        "scope": "domain/fleet",
        "from": "actor/cam",
        "to": ["actor/dan"],
        "until": "2025-05-20T09:00:00Z",
    }
    story.tell("2025-03-24", "mandate.delegated", "fleet-1", **lent)
    for n in range(8):
        story.made(f"f-{n}", day("2025-04-01", 5 * n), "fleet", ("body/market", "dan")[n % 2])
    story.near_miss("overlap", "fleet", "any one of two may decide, and one of them lent that")


def _heard(story: Story) -> None:
    story.field("tools", ["cam"], must_ask=["eve"], min_wait="P2D")
    story.asked("c-1", "2025-03-10", "t-1", "cam", "eve")
    story.made("t-1", "2025-03-14", "tools", "cam")
    story.asked("c-2", "2025-04-14", "t-1", "cam", "eve")
    story.advised("c-2", "2025-04-15", "eve")
    story.overridden("t-1", "2025-04-17", "cam")
    story.debrief("h-1", "2025-04-22", "decision/t-1", "cam", "eve")
    story.near_miss("bypassed consultation", "tools", "asked in time and silent; heard before it was undone")
    story.near_miss("unlearned", "tools", "it was talked about within days")
    story.field("gear", ["cam"], must_ask=["eve"], min_wait="P2D")
    story.asked("c-3", "2025-05-05", "t-2", "cam", "eve")
    story.made("t-2", "2025-05-06", "gear", "cam")
    story.advised("c-3", "2025-05-08", "eve")
    story.knot("bypassed consultation", "gear", "eve", since="2025-05-06")
