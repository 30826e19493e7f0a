"""What `influence` says of random histories, the demo, the stories and the PEPs is what plain loops find."""

import re
from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo, peps
from services.projections.history import History
from services.projections.influence.answer import InfluenceWindow as Told
from services.projections.influence.parts import found, influence
from services.projections.views.question import Question, Window
from tests.histories import history
from tests.oracle.asking import bounds, moments, narrowing
from tests.oracle.influencing import LEFT_OUT, Influencing
from tests.oracle.oracle import World
from tests.oracle.test_flow_oracle import PEPS, RANDOM, SEED, STORIES, fields, listed, near

Facts = dict[str, Any]
HEARD = ("pieces", "followed", "judged", "matches", "expected", "lift")
ADVISER = ("integrated", "declined", "support", "concern", "objection", "information")
NODE = ("pagerank", "betweenness", "followed", "follows", "deciders", "advisers")
ROWS = 100


def told(window: Told) -> Facts:
    """Every figure of a window."""
    network, handover = window.network, window.handover
    return {
        "decisions": window.decisions,
        "inferred": (window.inferred.count, window.inferred.of),
        "advised": window.advised,
        "advice": fields(window.advice, *HEARD),
        "left_out": fields(window.left_out, *LEFT_OUT),
        "holders": window.holders,
        "advisers": {
            one.adviser: fields(one, *HEARD, *ADVISER)
            | {"domains": {of.domain: fields(of, *HEARD) for of in one.domains}}
            for one in window.advisers
        },
        "network": (network.holders, network.ties),
        "nodes": {one.holder: fields(one, *NODE) for one in network.nodes},
        "edges": {(one.decider, one.adviser): (one.weight, one.followed) for one in network.edges},
        "foremost": _named(network.in_words or ""),
        "handover": (handover.handovers, handover.pairs),
        "handed": {(one.from_, one.to): (one.handovers, one.decisions) for one in handover.rows},
    }


def expected(of: Influencing) -> Facts:
    acts, left, advisers, nodes = of.acts(), of.left, of.advisers(), of.nodes()
    edges, handed = of.edges(), of.handovers()
    return {
        "decisions": len(acts),
        "inferred": (sum(act["attested"] == "inferred" for act in acts), len(acts)),
        "advised": len({one["act"]["position"] for one in of.pieces}),
        "advice": of.heard(of.pieces),
        "left_out": {why: sum(one["why"] == why for one in left) for why in LEFT_OUT},
        "holders": len(advisers),
        "advisers": advisers,
        "network": (len(nodes), len(edges)),
        "nodes": nodes,
        "edges": {tie: (float(weight), n) for tie, (weight, n) in edges.items()},
        "foremost": (_foremost(nodes, "followed"), _foremost(nodes, "betweenness")),
        "handover": (sum(n for n, _ in handed.values()), len(handed)),
        "handed": handed,
    }


def _named(words: str) -> tuple[list[str], list[str]]:
    """Who is said to be followed most, and to lie between others: by name, or how many."""
    most, between = words.partition(" followed most")[0], words.rpartition("; ")[2]
    named = re.compile(r"(?:actor|body)/[\w-]+|^\d+")
    return named.findall(most), named.findall(between)


def _foremost(nodes: Facts, figure: str) -> list[str]:
    values = {who: round(one[figure], 9) for who, one in nodes.items()}
    most = max(values.values(), default=0)
    found = sorted(who for who, value in values.items() if value == most > 0)
    return found if len(found) < 5 else [str(len(found))]


def compare(seen: History, world: World, asked: Facts, window: Window, rng: Random) -> None:
    lens, tense = rng.choice(("node", "seat")), rng.choice(("made", "standing"))
    question = Question(
        start=window.start,
        end=window.end,
        lens=lens,
        tense=tense,
        **{name: value for name, value in asked.items() if name != "level"},
    )
    (window_told,) = influence(seen, found(seen, question, asked.get("level")), [window], lens)
    answer = listed(told(window_told))
    figures = expected(Influencing(world, asked, lens, tense, window.start, window.end))
    for name in ("advisers", "nodes", "edges", "handed"):  # of many, the foremost are shown
        if len(answer[name]) == ROWS:
            figures[name] = {one: figures[name].get(one) for one in answer[name]}
    assert answer == near(listed(figures)), (asked, window, lens, tense, seen.at)


def agree(events: Sequence[Facts], rng: Random, times: int, questions: int) -> None:
    """As of and as known at random moments, each asked a few questions."""
    for _, lines, seen, world, _ in moments(events, rng, times):
        for asked in range(questions):
            window = Window(*bounds(rng, lines, seen.at)) if asked else Window(None, None)
            compare(seen, world, narrowing(rng, world) if asked else {}, window, rng)


@pytest.mark.parametrize("seed", RANDOM)
def test_the_influence_in_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(advised(history(rng), rng), rng, times=3, questions=4)


@pytest.mark.parametrize("story", STORIES)
def test_the_influence_in_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=2, questions=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_influence_in_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=3, questions=3)


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
def test_the_influence_in_the_peps() -> None:
    agree(list(peps.read(PEPS)), Random(SEED), times=3, questions=3)


def advised(events: list[Facts], rng: Random) -> list[Facts]:
    """The same with more advice, on decisions and initiatives, before and after them."""
    subjects = sorted({e["subject"] for e in events if e["subject"].startswith(("decision/", "initiative/"))})
    times = sorted(e["time"] for e in events)
    told: list[Facts] = []

    def tell(subject: str, what: str, time: str, **data: Any) -> Facts:
        event = {
            "specversion": "1.0",
            "id": f"more-{len(told)}",
            "source": "urn:test:more",
            "subject": subject,
            "type": f"locus.consultation.{what}.v1",
            "time": time,
            "data": data,
        }
        told.append(event)
        return event

    for n, about in enumerate(subjects):
        subject = f"consultation/more-{n}"
        actors = [f"a-{k}" for k in range(1, 7)]
        first, *later = sorted(rng.choices(times, k=5))
        tell(subject, "requested", first, about=about, asked=[], by=rng.choice(actors))
        for time in later:
            by = {"by": rng.choice(actors)} if rng.random() < 0.9 else {}
            stance = rng.choice(("support", "support", "objection", "concern", "information"))
            given = tell(subject, "advice_given", time, stance=stance, **by)
            if rng.random() < 0.4:
                answer = rng.choice(("integrated", "declined", "withdrawn"))
                names = {"source": given["source"], "id": given["id"]}
                tell(subject, "advice_answered", time, advice=names, by="a-1", disposition=answer)
    return [*events, *told]
