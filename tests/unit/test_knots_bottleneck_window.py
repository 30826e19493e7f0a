"""Waits of a window that is moved on are those of the window looked at by itself."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from services.projections.knots.bottleneck_window import Held, Window
from services.projections.waits import Wait

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=60)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def held(rng: Random, position: int) -> Held:
    """Some end never, some the instant they begin, some are known where they lie long after they ended."""
    since, lasted = rng.randint(0, 300), rng.choice([None, 0, rng.randint(1, 20), rng.randint(20, 200)])
    until = None if lasted is None else day(since + lasted)
    holder, kind = rng.choice("abcde"), rng.choice(("advice", "position"))
    wait = Wait(holder, kind, "decision/d", "decision/d", day(since), position, until, None, False)  # type: ignore[arg-type]
    known, given = day(since + rng.choice([-9, 0, 0, 90])), day(since + rng.choice([0, 0, 7]))
    return Held(wait, rng.choice([None, "x", "y"]), known, given)


def expected_usual(window: Window, holder: str) -> float:
    """What the waits for one holder would take others, in plain loops."""
    ages = [age for waited in window.of.values() for age in waited.ages.values()]
    others = [age for age in ages if age.wait.holder != holder]
    whole = 0.0
    for mine in window.of[holder].ages.values():
        like = [age for age in others if age.wait.kind == mine.wait.kind]
        there = {age.wait.holder for age in ages if (age.wait.kind, age.home) == (mine.wait.kind, mine.home)}
        if mine.home is not None and len(there) > 2:
            like = [age for age in like if age.home == mine.home]
        like = like or others
        whole += sum(age.all for age in like) / len(like)
    return whole


@pytest.mark.parametrize("seed", range(40))
def test_a_window_moved_on_holds_what_one_looked_at_alone_holds(seed: int) -> None:
    rng = Random(seed)
    ahead = sorted((held(rng, n) for n in range(rng.randint(3, 120))), key=lambda one: one.wait.since)
    window, end, seen = Window(ahead), 0, 0
    while end < 700:
        end += rng.choice([1, 30, 31, 200])
        since, at = day(end) - SPAN, day(end)
        window.move(since, at)
        there = [
            one
            for one in ahead
            if one.wait.since <= at and (one.wait.until is None or one.wait.until > since)
        ]
        of = defaultdict(list)
        for one in there:
            of[one.wait.holder].append(one.by(at))
        assert window.end == at
        assert window.ages == sorted(age.all for ages in of.values() for age in ages)
        assert {holder: sorted(waited.ages.values()) for holder, waited in window.of.items()} == {
            holder: sorted(ages) for holder, ages in of.items()
        }
        for holder, waited in window.of.items():
            assert waited.units == sum(age.units for age in of[holder])
            assert waited.all == sum(age.all for age in of[holder])
            if len(window.of) > 2:
                usual = window.kinds.usual(waited.ages.values())
                assert usual == pytest.approx(expected_usual(window, holder))
                seen += 1
    assert seen or len(ahead) < 20
