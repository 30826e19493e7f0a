"""A federation of schools: teams that never meet, fields nobody is named for, domains that were moved."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("schools", "2025-01-06", "2025-12-31")
    story.people("nell", "olaf", "petra", "ruth", "stan", "ken", "gil", "hana", "bea")
    story.body("north", "nell", "olaf")
    story.body("south", "petra", "ruth")
    story.body("west", "stan", "ken")
    story.body("kitchen", "ken", "bea")
    story.body("works", "gil")
    story.body("boiler", "hana")
    _apart(story)
    _unstated(story)
    return story


def _side_by_side(story: Story, first: tuple[str, str], second: tuple[str, str]) -> None:
    for n in range(3):
        for place, (domain, body) in enumerate((first, second)):
            story.made(f"{domain}-{body}-{n}", day("2025-10-06", 25 * n + place), domain, f"body/{body}")


def _apart(story: Story) -> None:
    """North and south run the buses and share nobody; others share a seat, or a table."""
    story.field("transport", ("body/north", "body/south"))
    _side_by_side(story, ("transport", "north"), ("transport", "south"))
    story.knot("silos", "transport", "body/north", "body/south", since=("2025-10-06", "2026-01-05"))
    story.field("meals", ("body/west", "body/kitchen"))
    _side_by_side(story, ("meals", "west"), ("meals", "kitchen"))
    story.near_miss("silos", "meals", "one has a seat in both")
    story.field("outings", ("body/north", "body/west"))
    _side_by_side(story, ("outings", "north"), ("outings", "west"))
    told = {"name": "Table", "kind": "circle", "members": ["body/north", "body/west"], "cadence": "P1M"}
    story.tell("2025-06-02", "space.opened", "table", **told)
    for n in range(7):
        attendees = ["actor/nell", "actor/stan"]
        story.tell(day("2025-06-10", 30 * n), "space.session_held", "table", attendees=attendees)
    story.near_miss("silos", "outings", "they meet every month")
    story.field("buildings", ("body/works",))
    story.field("heating", ("body/boiler",), parent="buildings")
    _side_by_side(story, ("buildings", "works"), ("heating", "boiler"))
    both = "body/works", "body/boiler"
    story.knot("silos", ("buildings", "heating"), *both, since=("2025-10-06", "2026-01-05"))


def _unstated(story: Story) -> None:
    """Nobody is named for the gardens. The lockers' row was taken back; wifi was moved from under one."""
    story.domain("gardens")
    for n in range(3):
        story.made(f"g-{n}", day("2025-03-03", 20 * n), "gardens", "gil")
    story.knot("unstated", "gardens", "gil", since="2025-03-03")
    story.field("grounds", ("gil",))
    story.domain("yards", parent="grounds")
    story.made("y-1", "2025-03-05", "yards", "gil")
    story.near_miss("unstated", "yards", "inherits the row of the grounds")
    story.near_miss("vacant", "yards", "inherits the row of the grounds")
    story.field("lockers", ("gil",))
    story.tell("2025-06-01", "matrix.row_cleared", "lockers", reason="We meant to think again.")
    story.made("k-1", "2025-07-01", "lockers", "gil")
    story.knot("vacant", "lockers", None, since="2025-06-01")
    story.near_miss("unstated", "lockers", "a row was in force once")
    story.field("computers", ("hana",))
    story.domain("wifi", parent="computers")
    story.tell("2025-09-01", "domain.updated", "wifi", name="Wifi")
    story.made("w-1", "2025-10-01", "wifi", "hana")
    story.knot("vacant", "wifi", None, since="2025-09-01")
    story.near_miss("unstated", "wifi", "it inherited a row until it was moved")
    story.field("desks", ("gil",), parent="grounds")
    story.tell("2025-06-02", "matrix.row_cleared", "desks")
    story.made("k-2", "2025-07-02", "desks", "gil")
    story.near_miss("vacant", "desks", "inherits again since its own row was taken back")
