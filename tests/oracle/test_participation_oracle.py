"""What `participation` says of each in random histories, the stories and the demo, against plain loops."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.evidence import Rate
from services.projections.participation.answer import Coverage, Part, PartWindow, Path
from services.projections.participation.window import Participation
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import bounds, moments, narrowing, series
from tests.oracle.oracle import World
from tests.oracle.reflective import reflective
from tests.oracle.rostered import Roster, Ways
from tests.oracle.taking_part import TakingPart
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near
from tests.oracle.test_influence_oracle import advised
from tests.oracle.test_remit_oracle import holders
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]
SPREAD = ("deciding", "advising", "proposing", "waiting")
FIGURES = ("gini", "half_by", "people", "without", "n")
OTHERWISE = ("mandate", "reports", "away")
TAKEN = ("decided_alone", "decided_with_others", "asked_up", "could_alone")


def count(of: Rate) -> tuple[int, int]:
    return of.count, of.of


def told(part: Part) -> Facts:
    proposing, advising, deciding, attending = part.proposing, part.advising, part.deciding, part.attending
    waiting, positions = part.waiting, part.contribution.get("position")
    assert deciding.positions.count == (positions.count if positions else 0)
    return {
        "kind": part.kind,
        "proposed": proposing.proposed.count,
        "taken": {name: getattr(proposing, name).count for name in TAKEN},
        "without asking up": count(proposing.without_asking_up),
        "asked": (advising.asked.count, advising.open.count),
        "not asked": advising.not_asked.count,
        "advising": (advising.advised.count, advising.unasked.count, advising.late.count),
        "silent": advising.silent.count,
        "decided": deciding.decisions.count,
        "shares": [deciding.share_node, deciding.share_seat],
        "electing": (deciding.elector_heard.count, deciding.elector_silent.count),
        "attending": (attending.attended.count, attending.absent.count, attending.facilitated.count),
        "waited": [waiting.items.count, waiting.days, waiting.median_days, waiting.open.count],
        "oldest": waiting.oldest_open_days,
        "did": {kind: one.count for kind, one in part.contribution.items()},
    }


def known(of: Coverage) -> Facts:
    rates = {"proposers": of.with_proposers, "electorate": of.with_electorate}
    rates |= {"consultation": of.with_consultation}
    assert {one.of for one in rates.values()} == {of.decisions.count}
    return {
        "decisions": of.decisions.count,
        "inferred": of.inferred.count,
        "unknown": of.unknown.count,
        **{name: one.count for name, one in rates.items()},
        "unresolved": of.unresolved_share,
        "anonymous": of.anonymous_advice.count,
    }


def together(window: PartWindow) -> Facts:
    spreads = {name: getattr(window.spread, name) for name in SPREAD}
    return {
        "roster": (window.took_part.count, window.took_part.of),
        "idle": window.took_no_part,
        **{name: {figure: getattr(one, figure) for figure in FIGURES} for name, one in spreads.items()},
    }


def way(path: Path) -> set[tuple[Any, ...]]:
    assert [one.from_ for one in path.spans] == sorted(one.from_ for one in path.spans)
    found = [(one.kind, one.of, one.role, one.from_, one.to, one.entry) for one in path.spans]
    assert len(set(found)) == len(found)
    assert path.bodies == len({of for kind, of, *_ in found if kind == "seat"})
    assert path.domains == len({of for kind, of, *_ in found if kind not in ("seat", *OTHERWISE)})
    return set(found)


def compare(answer: Facts, figures: Facts, where: Any) -> None:
    for name, found in figures.items():
        assert listed(answer[name]) == near(listed(found)), (name, answer[name], found, where)


def narrower(rng: Random, world: World) -> Facts:
    return narrowing(rng, world) | ({"tense": "standing"} if rng.random() < 0.3 else {})


def agree(events: Sequence[Facts], rng: Random, times: int) -> None:
    for number, lines, seen, world, when in moments(events, rng, times):
        start, end = bounds(rng, lines, seen.at) if number else (None, None)
        about = narrower(rng, world) if number else {}
        asked = {name: value for name, value in about.items() if name != "level"}
        question = Question(start=start, end=end, interval=series(rng) if number else None, **asked)
        of = Participation(seen, question, about.get("level"))
        among = Roster(world, start, end).of(about)
        compare_paths(of.paths(), Ways(world).paths(), among, about, (about, start, end, *when))
        windows = of.windows()
        for window in rng.sample(windows, min(1, len(windows))):
            taking = TakingPart(Waiting(world), window.from_, window.to, about)
            compare_window(window, taking, about, (about, window.from_, window.to, *when))


def compare_window(window: PartWindow, taking: TakingPart, about: Facts, where: Any) -> None:
    parts = [part.holder for part in window.parts]
    assert parts == sorted(set(parts))
    for part in window.parts:
        compare(told(part), taking.part(part.holder), (part.holder, *where))
    missed = {one for one in holders(taking.world) if did(taking.part(one))} - set(parts)
    if "actor" not in about:
        roster = Roster(taking.world, window.from_, window.to).of(about)
        theirs = {*roster, f"body/{about['body']}"} if "body" in about else missed
        assert not missed & theirs, where
    compare(known(window.coverage), taking.coverage(), where)
    compare(together(window), taking.together(about), where)


def compare_paths(paths: Sequence[Path], ways: Facts, among: set[str], about: Facts, where: Any) -> None:
    found = {path.holder: way(path) for path in paths}
    theirs = {one: spans for one, spans in ways.items() if one in told_of(set(ways), among, about)}
    assert set(found) == set(theirs), where
    for holder, spans in theirs.items():
        assert found[holder] == spans, (holder, found[holder] ^ spans, where)


def told_of(ways: set[str], among: set[str], about: Facts) -> set[str]:
    """Whose ways are told."""
    if "actor" in about:
        return {f"actor/{about['actor']}"}
    return among if "body" in about or "domain" in about else ways


def did(part: Facts) -> bool:
    """Whether there is anything to tell of somebody."""
    figures = [*part["taken"].values(), *part["asked"], part["not asked"], *part["electing"], part["silent"]]
    return bool(part["did"] or part["waited"][0] or part["attending"][1] or any(figures))


@pytest.mark.parametrize("seed", RANDOM)
def test_the_participation_in_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(reflective(advised(history(rng), rng), rng), rng, times=3)


@pytest.mark.parametrize("story", STORIES)
def test_the_participation_in_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 7])
def test_the_participation_in_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=1)
