"""What the `knots` view finds agrees with the oracle, as of and as known at any time.

Compared are scope, actors, beginning and end, the figure, and the entries: all that the oracle shows, and
beside them only what was decided meanwhile, that somebody who was one of two had left twice, and that a
domain was moved.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from random import Random
from typing import Any

import pytest

from services.connectors import demo, peps
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from tests.histories import START, _Writer, by_the_week, history
from tests.oracle.knots import PATTERNS as LAW
from tests.oracle.knots_history import knotted
from tests.oracle.knots_undone import matters
from tests.oracle.knots_world import Episode, Knotted, Limits
from tests.oracle.oracle import read
from tests.pasts import HOUR, past
from tests.recorded import entries
from tests.unplanted import unplanted

Json = dict[str, Any]
SEED = int(os.environ.get("LOCUS_SEED", "1"))
PEPS = os.environ.get("LOCUS_PEPS", "")
LOW = Limits(shadow_least=1, overlap_least=1, stalled_days=3, stale_days=1, undone_least=2)
STORIES = """
    allotments brigade city clinic combined cooperative faculty forge harbour museum newspaper orchestra
    parish schools startup tryouts ward
""".split()  # noqa: SIM905 — a list reads better as words
SHOW_ALL = frozenset({"incoherence", "overlap", "retroactive", "self-approval", "unstated"})
"""Those that show every decision they rest on."""
MEANWHILE = frozenset({"stale statement", "vacant"})
"""Those that show every decision made while they lasted."""
ALSO_SHOWN = {
    "self-approval": (("decision", "decision.opened"), ("initiative", "initiative.proposed")),
    "vacant": (("body", "body.seat_taken"),),
}
"""Those that also show who proposed, or whose seats were the last."""
ROUNDING = 0.0501  # days are told with one decimal


def compare(
    events: Sequence[Json],
    at: datetime | None = None,
    known: int | None = None,
    every: timedelta = HOUR,
    limits: Limits | None = None,
) -> Counter[str]:
    """How many of each pattern both find; AssertionError where they do not agree."""
    seen = past(events, at, known, every)
    world = Knotted(read(entries("acme", events, every)[: known or None]), at=seen.at)
    world.limits = limits or Limits()
    settings = Settings(**world.limits._asdict())
    counted: Counter[str] = Counter()
    for pattern, law in LAW.items():
        expected = {one[:4]: one for one in law(world)}
        told = list(PATTERNS[pattern].episodes(seen, settings))
        found = {
            one[:4]: one
            for one in (
                Episode(k.scope, k.actors, k.since, k.until, k.figure, frozenset(k.entries)) for k in told
            )
        }
        for k in told if pattern in SHOW_ALL else ():
            assert (k.decisions, k.inferred) == rests_on(world, frozenset(k.entries)), k
        for k in told if pattern in MEANWHILE else ():
            shown = {act["position"] for act in meanwhile(world, k, inherited=pattern == "vacant")}
            assert (k.decisions, k.inferred) == rests_on(world, frozenset(shown)), k
            assert shown == decided(world) & set(k.entries), k
        for k in told if pattern == "stalled" else ():
            many = len(matters(world, k.entries))
            assert f"while {many} matter{'s' if many > 1 else ''} wait" in k.sentence, k
        assert found.keys() == expected.keys(), pattern
        for key, one in expected.items():
            check(pattern, world, found[key], one)
        counted[pattern] = len(expected)
    return counted


def rests_on(world: Knotted, entries: frozenset[int]) -> tuple[int, int]:
    """How many decisions these entries decided, and of how many of them who did was inferred."""
    acts = [word for words in world.words.values() for word in words if word["position"] in entries]
    known = [act for act in acts if act["word"] != "reopened"]
    inferred = {act["decision"] for act in known if act["attested"] == "inferred"}
    return len({act["decision"] for act in known}), len(inferred)


def decided(world: Knotted) -> set[int]:
    """The positions of all that was decided, whatever its outcome and whoever decided."""
    words = (word for words in world.words.values() for word in words)
    return {word["position"] for word in words if word["word"] != "reopened"}


def meanwhile(world: Knotted, k: Found, *, inherited: bool) -> Iterator[Json]:
    """What counts as decided under the row of a knot, or on its domain where there was none."""
    for act in world.acts:
        here = act["governed"] and act["scope"] == k.scope
        if inherited:
            below = not act["governed"] and k.domain in act["scopes"]
            here = here or below or act["home"] == k.domain
        lasted = k.since <= act["occurred"] and (k.until is None or act["occurred"] < k.until)
        if here and lasted and act["deciders"]:
            yield act


def check(pattern: str, world: Knotted, found: Episode, expected: Episode) -> None:
    assert found.figure == pytest.approx(expected.figure, abs=ROUNDING), (pattern, found, expected)
    decided = {word["position"] for words in world.words.values() for word in words}
    left = {event["position"] for event in world.of("actor") if event["type"] == "actor.left"}
    missing = expected.entries - found.entries  # of two leavings of one person either shows it
    assert not missing or (missing <= left and found.entries & left), (pattern, found, expected)
    moved = {event["position"] for event in world.of("domain")}
    also = {
        event["position"]
        for kind, type in ALSO_SHOWN.get(pattern, ())
        for event in world.of(kind)
        if event["type"] == type
    }
    assert found.entries - expected.entries <= decided | left | moved | also, (pattern, found, expected)


@pytest.mark.parametrize("name", STORIES)
def test_the_knots_of_a_story_are_those_of_the_oracle(name: str) -> None:
    story = import_module(f"tests.stories.{name}").told()
    events, rng = story.events, Random(name)
    for question in ({"at": story.end}, *questions(rng, events), {"limits": LOW}):
        compare(events, **question)


def questions(rng: Random, events: Sequence[Json]) -> Iterator[Json]:
    """All of it, as of an earlier instant, and as known at an earlier position."""
    first, last = (datetime.fromisoformat(events[place]["time"]) for place in (0, -1))
    yield {}
    yield {"at": first + (last - first) * rng.uniform(0.3, 1)}
    yield {"known": rng.randint(len(events) // 3, len(events))}


@pytest.mark.parametrize("seed", [7, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 7))])
def test_the_knots_of_the_demo_are_those_of_the_oracle(seed: int) -> None:
    rng, events = Random(SEED), list(demo.events(seed))
    for question in questions(rng, events):
        compare(events, every=timedelta(minutes=90), **question)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_the_knots_of_where_nothing_is_wrong_are_those_of_the_oracle(seed: int) -> None:
    events, _ = unplanted(seed)
    for question in questions(Random(seed), events):
        compare(events, **question)


def _random(seed: int) -> Iterator[Counter[str]]:
    rng = Random(seed)
    events = knotted(seed) if rng.random() < 0.7 else history(Random(seed))
    limits = LOW if rng.random() < 0.7 else Limits()
    at = START + timedelta(days=rng.uniform(1, 400))
    known = rng.randint(1, len(events))
    for question in ({}, {"at": at}, {"known": known}):
        yield compare(events, limits=limits, **question)


@pytest.mark.parametrize("seed", [41186, 41403, 41413, 41447])
def test_the_knots_of_histories_that_were_told_wrongly_once_are_those_of_the_oracle(seed: int) -> None:
    """A seat held for no time, one in a body that may decide, two rows of one knot, a domain moved away."""
    for _ in _random(seed):
        pass


@pytest.mark.parametrize("many", [20, pytest.param(300, marks=pytest.mark.long)])
def test_the_knots_of_random_histories_are_those_of_the_oracle(many: int) -> None:
    """With late, corrected, retracted and merged facts; and every pattern is among them."""
    counted: Counter[str] = Counter()
    for seed in range(many) if many < 100 else range(SEED, SEED + many):
        for one in _random(seed):
            counted += one
    assert counted.keys() == LAW.keys()


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(n, marks=pytest.mark.long) for n in range(SEED, SEED + 100))]
)
def test_the_knots_of_what_was_told_by_the_week_are_those_of_the_oracle(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_the_week(_Writer, monkeypatch)
    for _ in _random(seed):
        pass


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
def test_the_knots_of_the_peps_are_those_of_the_oracle() -> None:
    events = list(peps.read(PEPS))
    for question in questions(Random(SEED), events):
        compare(events, every=timedelta(hours=60), **question)
