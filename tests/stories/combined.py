"""Two firms made one: each brought its matrix, its people's names and its teams, and they overlap in time."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("combined", "2024-01-08", "2025-06-30")
    story.people("ann", "abe", "bob", "cat", "dan", "eve", "fin", "gia", "ann-b")
    story.body("board-a", "ann", "abe")
    story.body("board", "ann", "abe", "bob")
    story.body("sales-a", "ann", "dan")
    story.body("sales-b", "bob", "eve")
    story.body("depot-a", "abe", "cat")
    story.body("depot-b", "eve", "fin")
    _two_rows(story)
    _two_names(story)
    _boards(story)
    _teams(story)
    _tree(story)
    return story


def _two_rows(story: Story) -> None:
    """The row of Bob's firm was stated in June for September, that of Ann's in July for August."""
    story.field("pricing", ["ann"])
    story.row("pricing", ["bob"], when="2024-06-03", effective_from="2024-09-01T00:00:00Z")
    both = {"kind": "quota", "at_least": 2}
    story.row("pricing", ("ann", "abe"), both, when="2024-07-15", effective_from="2024-08-01T00:00:00Z")
    for n, (when, who) in enumerate(
        (
            ("2024-06-20", "bob"),
            ("2024-06-25", "ann"),
            ("2024-07-05", "ann"),
            ("2024-07-10", "bob"),
            ("2024-07-20", "ann"),
            ("2024-08-12", "bob"),
            ("2024-09-02", "bob"),
            ("2024-10-02", "bob"),
            ("2024-11-04", "bob"),
        )
    ):
        story.made(f"pricing-{n}", when, "pricing", who)
    story.made("pricing-9", "2024-08-14", "pricing", "ann", "abe")
    story.knot("shadow authority", "pricing", "bob", since="2024-08-12", severity="notice")
    story.knot("overlap", "pricing", "ann", "bob", since="2024-08-12")
    story.near_miss(
        "shadow authority", "pricing", "alone while she might, with Abe when she had to", "ann", "abe"
    )
    story.near_miss("retroactive", "pricing", "both were stated before they took effect")


def _two_names(story: Story) -> None:
    """Ann has another name in the other firm's books, under which she decided."""
    story.field("rebates", ("ann", "bob"))
    for n in range(4):
        story.made(f"rebate-{n}", day("2024-09-03", 20 * n), "rebates", "ann-b")
    story.tell("2025-02-03", "actor.merged", "ann-b", into="ann")
    story.near_miss("shadow authority", "rebates", "it turned out to be Ann")
    story.field("terms", ("ann-b", "bob"), when="2024-09-04")
    story.knot("stale statement", "terms", "ann", since=("2025-02-03", "2025-03-05"))


def _boards(story: Story) -> None:
    for field in ("capital", "hiring"):
        story.field(field, ["body/board-a"])
    story.tell("2024-10-01", "body.dissolved", "board-a", into=["board"])
    story.row("hiring", ["body/board"], when="2024-10-10")
    story.knot("vacant", "capital", "body/board-a", since="2024-10-01", severity="notice")
    story.knot("stale statement", "capital", "body/board-a", since=("2024-10-01", "2024-10-31"))
    story.near_miss("vacant", "hiring", "for nine days", mended=True)
    story.near_miss("stale statement", "hiring", "set anew within the month")


def _teams(story: Story) -> None:
    """Two teams each decide on channels and on freight; only those of freight ask the same person."""
    for field, asked, by in (("channels", (), "sales"), ("freight", ["gia"], "depot")):
        story.field(field, (f"body/{by}-a", f"body/{by}-b"), may_ask=asked)
        for n in range(12):
            made = day("2024-12-02", 17 * n)
            team = f"body/{by}-b" if n % 2 else f"body/{by}-a"
            if asked:
                story.asked(f"ask-{field}-{n}", day(made, -2), f"{field}-{n}", "fin", *asked)
                story.advised(f"ask-{field}-{n}", day(made, -1), "gia")
            story.made(f"{field}-{n}", made, field, team)
    story.knot("silos", "channels", "body/sales-a", "body/sales-b", since=("2024-12-02", "2025-06-10"))
    story.near_miss("silos", "freight", "both ask Gia")
    story.near_miss("overlap", "channels", "either may")


def _tree(story: Story) -> None:
    """What one firm had no row for; what hung elsewhere; what was stated for the month before."""
    story.field("brand", ["dan"])
    story.made("brand-1", "2024-07-10", "brand", "cat")
    story.row("brand", ("cat", "dan"), when="2024-08-01", effective_from="2024-07-01T00:00:00Z")
    story.knot("retroactive", "brand", "cat", since=("2024-07-10", "2024-08-01"), severity="notice")
    story.field("sales", ("cat", "dan"))
    story.domain("returns", parent="sales")
    story.domain("warranty")
    for field in ("returns", "warranty"):
        story.made(f"{field}-1", "2024-11-11", field, "cat")
    story.knot("unstated", "warranty", "cat", since="2024-11-11")
    story.near_miss("unstated", "returns", "sales has a row")
    story.field("marketing", ("cat", "dan"))
    story.field("digital", ("fin", "gia"))
    story.domain("web", parent="marketing")
    story.tell("2024-09-16", "domain.updated", "web", name="Web", parent="digital")
    for n in range(4):
        story.made(f"web-{n}", day("2024-09-17", 9 * n), "web", "fin")
    story.near_miss("shadow authority", "digital", "the web lies there since September")
    story.near_miss("shadow authority", "marketing", "the web lies elsewhere since September")
