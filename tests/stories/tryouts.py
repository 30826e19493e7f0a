"""A team that never decides for good: everything is provisional, and much is taken back."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("tryouts", "2024-01-08", "2025-12-31")
    story.people("gia", "hal", "ines", "jo", "kit")
    _back_and_forth(story)
    _for_good(story)
    _looked_at(story)
    _own(story)
    _others(story)
    return story


def _for_now(story: Story, field: str, many: int = 12, start: str = "2025-01-13") -> list[str]:
    """Provisional decisions by Gia and Hal in turn, three weeks apart."""
    ids = [f"{field}-{n}" for n in range(many)]
    for n, id in enumerate(ids):
        story.made(id, day(start, 21 * n), field, "hal" if n % 2 else "gia", outcome="provisional")
    return ids


def _back_and_forth(story: Story) -> None:
    """A third taken back by who had decided; on pages a sixth."""
    for field, back in (("interface", (1, 4, 7, 10)), ("pages", (1, 7))):
        story.field(field, ("gia", "hal"))
        ids = _for_now(story, field)
        for n in back:
            who, made = "hal" if n % 2 else "gia", day("2025-01-13", 21 * n)
            if n % 3 == 1 and n < 6:
                story.overridden(ids[n], day(made, 5), who)
            else:
                story.reopened(ids[n], day(made, 5), who)
                story.made(ids[n], day(made, 9), field, who, outcome="provisional")
    story.knot("churn", "interface", None, since=("2025-01-13", "2025-12-31"))
    story.near_miss("churn", "pages", "two of twelve are less than a fifth")
    story.near_miss("override habit", "interface", "each took back what was their own")
    story.near_miss("unlearned", "interface", "nobody overrode anybody")


def _for_good(story: Story) -> None:
    """What held for two weeks is accepted by the same; on colours it is rejected as often as not."""
    for field, outcome in (("fonts", "accepted"), ("colours", "rejected")):
        story.field(field, ("gia", "hal"))
        for n, id in enumerate(_for_now(story, field)):
            if n % 2 or field == "fonts":
                who = "hal" if n % 2 else "gia"
                story.made(id, day("2025-01-13", 21 * n + 14), field, who, outcome=outcome)
    story.near_miss("churn", "fonts", "nothing was taken back: it became final")
    story.near_miss("stalled", "fonts", "nothing waits: what is provisional is decided")
    story.knot("churn", "colours", None, since=("2025-01-13", "2025-12-31"))


def _looked_at(story: Story) -> None:
    """All of them are to be reviewed in two weeks; one was not, and one was made anew instead."""
    for field in ("caches", "queues"):
        story.field(field, ("gia", "hal"))
    for n in range(4):
        for field in ("caches", "queues"):
            id, made = f"{field}-{n}", day("2025-03-03", 14 * n)
            told = {"outcome": "provisional", "review_on": day(made, 14)}
            story.made(id, made, field, "hal" if n % 2 else "gia", **told)
            if field == "queues" or n != 2:
                story.tell(day(made, 13), "decision.reviewed", id, by="ines", result="kept")
    story.knot("overdue", "caches", None, since=("2025-04-14", "2025-04-14"))
    story.near_miss("overdue", "queues", "each was looked at on the eve")


def _own(story: Story) -> None:
    """Gia decides alone, for now, what she asked for; Hal did so too, and had it decided by both instead."""
    for field, who in (("data", "gia"), ("logs", "hal")):
        story.field(field, ("gia", "hal"))
        story.opened(f"{field}-1", "2025-05-05", field, who)
        story.made(f"{field}-1", "2025-05-06", field, who, outcome="provisional")
    story.made("logs-1", "2025-05-12", "logs", "gia", "hal", outcome="provisional")
    story.knot("self-approval", "data", "gia", since="2025-05-06", severity="notice")
    story.near_miss("self-approval", "logs", "for six days", mended=True)
    story.near_miss("unlearned", "logs", "nobody's word was replaced without them")


def _others(story: Story) -> None:
    """What the first shift decided for now the second rejects; on stock it only says so for good."""
    story.body("early", "gia", "jo")
    story.body("late", "hal", "kit")
    for field, outcome in (("tools", "rejected"), ("stock", "accepted")):
        story.field(field, ("body/early", "body/late"))
        story.made(f"{field}-1", "2025-06-02", field, "body/early", outcome="provisional")
        story.made(f"{field}-1", "2025-06-16", field, "body/late", outcome=outcome)
    story.knot("incoherence", "tools", "body/early", "body/late", since="2025-06-16", severity="notice")
    story.knot("unlearned", "tools", None, since="2025-07-16")
    story.near_miss("incoherence", "stock", "nothing was undone")
    story.near_miss("unlearned", "stock", "nothing was undone")
