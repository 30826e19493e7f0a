"""A hospital ward: who must be asked, who must be told, and who is no longer there."""

from tests.stories.telling import Story


def told() -> Story:
    story = Story("ward", "2025-01-06", "2025-12-31")
    story.people("nina", "omar", "pia", "quinn", "rosa", "tess", "val")
    story.body("night", "rosa", "tess")
    _asked(story)
    _told(story)
    _gone(story)
    return story


def _asked(story: Story) -> None:
    """Not asked; asked too late; advised when all was over; and twice as the row demands."""
    story.field("medication", ("omar", "nina"), stakes="high", must_ask=["pia"], min_wait="P2D")
    story.asked("c-1", "2025-02-03", "m-1", "omar", "pia")
    story.advised("c-1", "2025-02-04", "pia")
    story.made("m-1", "2025-02-06", "medication", "omar")
    story.made("m-2", "2025-02-20", "medication", "omar")
    story.knot("bypassed consultation", "medication", "pia", since="2025-02-20", severity="warning")

    story.field("dosage", ("omar", "nina"), must_ask=["pia"], min_wait="P2D")
    story.asked("c-2", "2025-03-03", "m-3", "omar", "pia")
    story.made("m-3", "2025-03-05", "dosage", "omar")
    story.near_miss(
        "bypassed consultation", "dosage", "asked, had the two days to the minute, and was silent"
    )

    story.field("beds", ("nina", "quinn"), must_ask=["rosa"], min_wait="P3D")
    story.asked("c-3", "2025-04-01", "m-4", "nina", "rosa")
    story.made("m-4", "2025-04-02", "beds", "nina")
    story.knot("bypassed consultation", "beds", "rosa", since="2025-04-02", severity="notice")

    story.field("visiting", ("nina", "quinn"), must_ask=["tess"])
    story.asked("c-4", "2025-05-01", "m-5", "nina", "tess")
    story.made("m-5", "2025-05-05", "visiting", "nina")
    story.advised("c-4", "2025-05-06", "tess")
    story.knot("bypassed consultation", "visiting", "tess", since=("2025-05-05", "2025-05-06"))

    story.field("menus", ("nina", "quinn"), may_ask=["tess"])
    story.made("m-6", "2025-05-07", "menus", "nina")
    story.near_miss("bypassed consultation", "menus", "may be asked, need not be")


def _told(story: Story) -> None:
    story.field("rounds", ("nina", "omar"), informs=["body/night"])
    story.made("t-1", "2025-06-01", "rounds", "nina")
    story.knot("uninformed", "rounds", "body/night", since=("2025-06-01", "2025-06-15"))

    story.field("cleaning", ("nina", "omar"), informs=["body/night", "rosa"])
    story.made("t-2", "2025-06-02", "cleaning", "nina")
    story.communicated("t-2", "2025-06-15", "body/night")
    story.communicated("t-2", "2025-06-16", "rosa")
    story.near_miss("uninformed", "cleaning", "told on the thirteenth and at the end of the fourteenth day")

    story.field("laundry", ("nina", "omar"), informs=["quinn"])
    story.made("t-3", "2025-12-22", "laundry", "nina")
    story.near_miss("uninformed", "laundry", "nine days are not over the fortnight")


def _gone(story: Story) -> None:
    """One of two who must agree leaves, and the row goes on naming both."""
    story.field("quality", ("omar", "val"), {"kind": "quota", "at_least": 2}, stakes="strategic")
    story.field("hygiene", ("quinn", "val"))
    story.made("q-1", "2025-03-10", "quality", "omar", "val")
    story.tell("2025-07-01", "actor.left", "val", reason="moved away")
    story.knot("vacant", "quality", "omar", "val", since="2025-07-01", severity="warning")
    story.knot("stale statement", "quality", "val", since=("2025-07-01", "2025-07-31"))
    story.row("hygiene", ["quinn"], when="2025-07-20")
    story.near_miss("vacant", "hygiene", "one of two who may each decide alone has stayed")
    story.near_miss("stale statement", "hygiene", "set anew nineteen days after she left")
