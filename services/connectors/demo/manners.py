"""How people behave, field by field: how often they decide, who speaks up, who takes part, who takes long.

This is the latent process. It knows habits and rates, and nothing of how anybody looks for patterns in them.
"""

from dataclasses import dataclass, field

from services.connectors.demo.cast import FOREVER
from services.connectors.demo.clock import DAY, HOUR, day

Span = tuple[float, float]
Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Habit:
    """How one actor takes part in a field from `since` on. Spans are seconds."""

    since: int = 0
    answers_within: Span | None = None  # positions, from the opening
    advises_within: Span | None = None  # asked advice, from the request
    takes_part: float | None = None  # how often; None: as anybody does
    gives_reasons: float = 0.4
    always_approves: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody without a part who advises here, and how often those who decide go the same way."""

    actor: str
    since: int
    until: int
    speaks: float
    followed: float
    at_most: int = 2**31


@dataclass(frozen=True, slots=True)
class Stand_in:  # noqa: N801 — one word would read as a verb
    """Somebody who decides in the holder's place for a while, under a mandate."""

    actor: str
    since: int
    until: int


@dataclass(slots=True)
class Manner:
    """A field's ways. `central_every`, `every`: days between decisions before and after it is handed over."""

    central_every: float = 30
    every: float = 30
    accepts: float = 0.8
    volunteers: float = 0.15
    favours: dict[str, int] = field(
        default_factory=dict
    )  # how many turns each holder takes in a round; 1 if absent
    habits: dict[str, Habit] = field(default_factory=dict)
    voices: list[Voice] = field(default_factory=list)
    stand_ins: list[Stand_in] = field(default_factory=list)
    quiet: list[Window] = field(default_factory=list)  # nothing new is proposed then
    second_thoughts: float = 0.012  # how often a decision is reversed, and how often reopened
    amounts: Span | None = None  # EUR


def manners() -> dict[str, Manner]:
    """The core fields' ways. A field not named here has the ordinary ones."""
    return _places() | _people_and_money()


def _places() -> dict[str, Manner]:
    return {
        "governance": Manner(every=75, volunteers=0, central_every=75),
        "pricing": Manner(
            every=40,
            stand_ins=[Stand_in("a-2", day(2024, 2, 1), day(2024, 5, 1))],
            quiet=[(day(2025, 2, 20), day(2025, 6, 20))],
        ),
        "discounts": Manner(quiet=[(day(2025, 3, 6), day(2025, 5, 21)), (day(2025, 9, 20), FOREVER)]),
        "roadmap": Manner(
            every=10,
            accepts=0.55,
            volunteers=0.1,
            voices=[Voice("a-38", day(2025, 1, 15), FOREVER, speaks=0.85, followed=0.97)],
        ),
        "design": Manner(every=45, favours={"actor/a-2": 0}),
        "architecture": Manner(
            every=16,
            habits={
                "a-45": Habit(takes_part=0.06),
                "a-51": Habit(advises_within=(0.2 * HOUR, 0.8 * HOUR), takes_part=1.0),
            },
        ),
        "security": Manner(
            every=9,
            habits={
                "a-39": Habit(since=day(2025, 5, 1), advises_within=(55 * DAY, 68 * DAY), takes_part=1.0)
            },
        ),
        "tooling": Manner(every=12, favours={"actor/a-27": 17}),
        "releases": Manner(
            every=10,
            habits={
                "a-24": Habit(
                    answers_within=(120, 1_500), gives_reasons=0, always_approves=True, takes_part=1.0
                ),
                "a-30": Habit(
                    answers_within=(65 * 60, 100 * 60), gives_reasons=0, always_approves=True, takes_part=1.0
                ),
            },
        ),
        "customers": Manner(volunteers=0),
        "support": Manner(every=16),
        "onboarding": Manner(
            every=20,
            volunteers=0,
            voices=[Voice("a-53", day(2025, 1, 20), FOREVER, speaks=0.9, followed=1.0, at_most=9)],
        ),
        "events": Manner(quiet=[(0, FOREVER)]),
        "field": Manner(every=25, volunteers=0, quiet=[(0, day(2025, 3, 11))]),
    }


def _people_and_money() -> dict[str, Manner]:
    return {
        "people": Manner(every=40, volunteers=0.1, second_thoughts=0, habits={"a-41": Habit(takes_part=0.0)}),
        "learning": Manner(every=55, quiet=[(day(2025, 11, 10), FOREVER)]),
        "finance": Manner(every=45, second_thoughts=0),
        "budget": Manner(
            every=12,
            favours={"actor/a-29": 2},
            stand_ins=[
                Stand_in("a-5", day(2024, 2, 12), day(2024, 3, 11)),
                Stand_in("a-11", day(2024, 4, 1), day(2024, 5, 6)),
            ],
            amounts=(2_000, 90_000),
        ),
        "procurement": Manner(every=25, amounts=(200, 18_000), quiet=[(day(2025, 5, 9), day(2025, 6, 21))]),
        "travel": Manner(every=22, quiet=[(day(2025, 5, 28), FOREVER)]),
        "stationery": Manner(quiet=[(day(2024, 5, 20), FOREVER)]),
    }
