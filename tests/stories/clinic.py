"""A clinic that never closes: many small decisions at every hour, each by whoever is on duty."""

from tests.stories.telling import Story, day

NURSES = ("amy", "bel", "cas")


def told() -> Story:
    story = Story("clinic", "2025-01-06", "2025-08-31")
    story.people(*NURSES, "dora", "eli", "fay", "gus", "hana", "ivy", "jon", "kim")
    story.body("hygiene", "hana", "kim")
    _beds(story)
    _together(story)
    _told(story)
    _asked(story)
    _stamped(story)
    return story


def _beds(story: Story) -> None:
    """Any nurse may give a bed, and Amy gives nearly all; medicines go by who is on duty, day and night."""
    story.field("beds", NURSES)
    story.field("medicines", NURSES)
    for n in range(48):
        who = NURSES[1 + n % 2] if n % 8 == 7 else "amy"
        story.made(f"bed-{n}", day("2025-03-02T02:15", 3.75 * n), "beds", who)
        on_duty = NURSES[n * 11 % 24 // 8]
        story.made(f"medicine-{n}", day("2025-03-03T00:00", 3.5 * n, hours=11 * n % 24), "medicines", on_duty)
    story.knot("dominance", "beds", "amy", since=("2025-03-02", "2025-06-30"), severity="notice")
    story.near_miss("dominance", "medicines", "a third each, as the shifts fall")
    story.near_miss("overlap", "beds", "any of them may")
    story.near_miss("overlap", "medicines", "any of them may")


def _together(story: Story) -> None:
    """Two of three doctors discharge; by night Dora did it alone, and Eli."""
    story.field("discharges", ("dora", "eli", "fay"), {"kind": "quota", "at_least": 2})
    story.field("transfers", ("dora", "eli", "fay"), {"kind": "quota", "at_least": 2})
    for n in range(8):
        night = day("2025-04-01T03:00", 2 * n)
        story.made(f"discharge-{n}", night, "discharges", "eli" if n % 2 else "dora")
        story.made(f"transfer-{n}", night, "transfers", "eli" if n % 2 else "dora", "fay")
    story.knot("overlap", "discharges", "dora", "eli", since="2025-04-11")
    story.knot("shadow authority", "discharges", "dora", since="2025-04-09", severity="notice")
    story.knot("shadow authority", "discharges", "eli", since="2025-04-11", severity="notice")
    story.near_miss("shadow authority", "transfers", "two of three, as it should be")
    story.near_miss("overlap", "transfers", "never alone")


def _told(story: Story) -> None:
    """What happens at night is told in a weekly round; two visits were left out of it."""
    story.field("isolation", ("gus", "ivy"), informs=["body/hygiene"])
    story.field("visits", ("gus", "ivy"), informs=["hana"])
    for n in range(12):
        made = day("2025-05-05T22:30", n)
        story.made(f"isolation-{n}", made, "isolation", "gus" if n % 2 else "ivy")
        story.communicated(
            f"isolation-{n}", day("2025-05-12T08:00", 7 * (n // 6)), "hana", "kim", "body/hygiene"
        )
    for n in range(5):
        story.made(f"visit-{n}", day("2025-05-05T23:10", n), "visits", "gus" if n % 2 else "ivy")
        if n not in (1, 3):
            story.communicated(f"visit-{n}", "2025-05-12T08:00", "hana")
    story.knot("uninformed", "visits", "hana", since=("2025-05-06", "2025-05-20"), severity="notice")
    story.near_miss("uninformed", "isolation", "each was in the round of that week")


def _asked(story: Story) -> None:
    """Two hours for the pharmacist; once it was thirty minutes. And a rule of the evening for that noon."""
    for field in ("doses", "antibiotics"):
        story.field(field, ("gus", "ivy"), must_ask=["kim"], min_wait="PT2H")
    for n in range(8):
        night = day("2025-06-02T01:00", 3 * n)
        for field, hurried in (("doses", False), ("antibiotics", n == 5)):
            id = f"{field}-{n}"
            story.asked(f"ask-{id}", night, id, "gus", "kim")
            if not hurried:
                story.advised(f"ask-{id}", day(night, hours=1), "kim")
            after = {"minutes": 30} if hurried else {"hours": 2}
            story.made(id, day(night, **after), field, "ivy" if n % 2 else "gus")
    story.knot("bypassed consultation", "antibiotics", "kim", since="2025-06-17", severity="notice")
    story.near_miss("bypassed consultation", "doses", "two hours to the minute, at one in the night")
    story.domain("surge")
    story.made("surge-1", "2025-05-05T12:00", "surge", "fay")
    story.row("surge", ("fay", "gus"), when="2025-05-05T18:00", effective_from="2025-05-05T08:00:00Z")
    story.knot("retroactive", "surge", "fay", since="2025-05-05", severity="info")


def _stamped(story: Story) -> None:
    """Both must agree to overtime, and always do; Gus within minutes and without a word."""
    story.field("overtime", ("gus", "ivy"), "all")
    for n in range(38):
        id, asked = f"overtime-{n}", day("2025-02-01T05:30", 5 * n)
        story.opened(id, asked, "overtime", "jon", ("gus", "ivy"), rule="all")
        story.position(id, day(asked, minutes=10), "gus")
        story.position(id, day(asked, minutes=20), "ivy", reason="I looked at the roster.")
        story.made(id, day(asked, minutes=30), "overtime", "gus", "ivy")
    story.knot("rubber stamp", "overtime", "gus", since=("2025-02-01", "2025-08-31"))
    story.near_miss("rubber stamp", "overtime", "she says why, each time", "ivy")
    story.near_miss("bottleneck", "overtime", "twenty minutes are not three times ten")
    story.near_miss("approval habit", "overtime", "who asks could not decide")
