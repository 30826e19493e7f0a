"""Where only chance is at work, a family of tests finds anything in at most one window of twenty."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from services.projections.history import Act
from services.projections.knots import dominance, exclusion, influence
from services.projections.knots.chance import benjamini_hochberg
from services.projections.knots.settings import Settings
from services.projections.knots.tested import Trial
from services.projections.measures import UNIT, apportion

START = datetime(2025, 1, 1, tzinfo=UTC)
WINDOWS = 1_500


def act(number: int, domain: str, **more: Any) -> Act:
    told: dict[str, Any] = {
        "decision": f"d-{number}",
        "position": number,
        "at": START + timedelta(hours=number),
        "first": START,
        "stands": True,
        "word": "made",
        "outcome": "accepted",
        "status": "counted",
        "inferred": False,
        "initiative": None,
        "home": domain,
        "scopes": (domain,),
        "stakes": None,
        "row_domain": domain,
        "row_position": 1,
        "mandate": "yes",
        "vacant": False,
        "node": {},
        "seat": {},
        "stated_node": {},
        "stated_seat": {},
    }
    return Act(**(told | more))


def turns(rng: Random) -> list[dominance.Turn]:
    """Whoever decides is drawn from the power the row gives."""
    found = []
    for n in range(rng.randint(2, 6)):
        holders = [f"actor/a-{k}" for k in range(rng.randint(2, 5))]
        units = apportion({holder: Fraction(1, len(holders)) for holder in holders})
        for _ in range(rng.randint(10, 40)):
            made = act(len(found) + 1, f"x-{n}")
            found.append(dominance.Turn(made.at, f"x-{n}", rng.choice(holders), units, made))
    assert sum(found[0].chances.values()) == UNIT
    return found


def advised(rng: Random) -> list[influence.Advised]:
    """What advisers say has nothing to do with what is decided."""
    found = []
    for n in range(rng.randint(1, 4)):
        accepts, advisers = (
            rng.uniform(0.5, 0.9),
            [(f"actor/a-{k}", rng.uniform(0.4, 0.95)) for k in range(4)],
        )
        for _ in range(rng.randint(12, 40)):
            accepted = rng.random() < accepts
            pieces = [
                influence.Piece(adviser, rng.random() < supports, 0)
                for adviser, supports in advisers
                if rng.random() < 0.7
            ]
            made = act(len(found) + 1, f"x-{n}")
            found.append(influence.Advised(made.at, made, accepted, pieces))
    return found


def chances(rng: Random) -> list[exclusion.Chance]:
    """All take part equally often."""
    found = []
    often = rng.uniform(0.6, 0.97)
    for n in range(rng.randint(2, 6)):
        for _ in range(rng.randint(10, 40)):
            made = act(len(found) + 1, f"x-{n}")
            for k in range(rng.randint(3, 6)):
                took = rng.random() < often
                found.append(exclusion.Chance(made.at, f"x-{n}", f"actor/a-{k}", "elector", took, made, ()))
    return found


CASES: dict[str, tuple[Callable[[Random], list[Any]], Callable[..., Any]]] = {
    "dominance": (turns, dominance.trials),
    "hidden influence": (advised, influence.trials),
    "exclusion": (chances, exclusion.trials),
}


@pytest.mark.parametrize("pattern", CASES)
def test_hardly_a_window_of_twenty_finds_anything_by_chance(pattern: str) -> None:
    observe, trials = CASES[pattern]
    rng = Random(f"calibration of {pattern}")
    alarms, tests = 0, 0
    for _ in range(WINDOWS):
        family: list[Trial[Any]] = list(trials(observe(rng), Settings()))
        tests += len(family)
        alarms += any(p <= 0.05 for p in benjamini_hochberg([trial.p for trial in family]))
    print(f"{pattern}: {alarms} of {WINDOWS} windows with {tests / WINDOWS:.1f} tests each")
    bound = 0.05 + 3 * (0.05 * 0.95 / WINDOWS) ** 0.5
    assert tests > WINDOWS
    assert alarms / WINDOWS <= bound
