"""What an overview says of random histories, the demo, the stories and the PEPs is what plain loops find."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo, peps
from services.projections.history import History
from services.projections.knots.settings import Settings
from services.projections.overview.answer import Overview
from services.projections.overview.building import overview
from services.projections.views.answer import RestsOn
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import moment
from tests.oracle.flow_window import FlowWindow
from tests.oracle.oracle import COUNTED, STAKES, World, concentration, read
from tests.oracle.test_flow_oracle import PEPS, RANDOM, SEED, STORIES, listed, near
from tests.oracle.waiting import Waiting
from tests.pasts import HOUR, past
from tests.recorded import entries

Facts = dict[str, Any]
LENSES = ("node", "seat")
ENOUGH = 5


class Period:
    """The decisions of one of the two periods."""

    def __init__(self, world: World, asked: Facts, start: datetime, end: datetime | None) -> None:
        question = asked | {"tense": "made", "start": start, "end": end}
        self.world = world
        self.chosen = [act for act in world.chosen(**question) if act["outcome"] in COUNTED]
        self.acts = [act for act in self.chosen if act["deciders"]]
        self.authority = {lens: world.authority(lens, **question) for lens in LENSES}
        self.drift = {lens: world.drift(lens, **question) for lens in LENSES}

    def share(self, holder: str, lens: str, domain: str | None = None) -> float:
        acts = self.of(domain)
        parts = [self.world.actual(act, lens).get(holder, Fraction(0)) for act in acts]
        return float(sum(parts) / len(parts)) if parts else 0.0

    def of(self, domain: str | None) -> list[Facts]:
        """Of one home domain, or all."""
        return [act for act in self.acts if domain is None or act["domains"][0] == domain]

    def apart(self, domain: str, lens: str) -> dict[str | None, float]:
        """By how much each decided more than one domain's row states."""
        found: dict[str | None, Fraction] = {}
        for act in self.acts:
            row = self.world.row(act["domains"][0], act["occurred"])
            stated = self.world.stated(act, lens)
            if row and row[0] == domain and stated:
                sides = ((self.world.actual(act, lens), 1), (stated, -1))
                for key, part in ((key, sign * part) for side, sign in sides for key, part in side.items()):
                    found[key] = found.get(key, Fraction(0)) + part
        n = self.drift[lens]["rows"][domain]["n"]
        return {key: float(part / n) for key, part in found.items()}

    def effective(self, stakes: str | None, lens: str) -> float | None:
        acts = [act for act in self.acts if act["stakes"] == stakes]
        sums: dict[str, Fraction] = {}
        for act in acts:
            for key, part in self.world.actual(act, lens).items():
                sums[key] = sums.get(key, Fraction(0)) + part / len(acts)
        found: float | None = concentration([float(part) for part in sums.values()])["effective"]
        return found


def rate(of: Any) -> tuple[int, int]:
    return of.count, of.of


def spread(of: Any) -> Facts:
    return {"hhi": of.hhi, "effective": of.effective_deciders, "evenness": of.evenness, "k50": of.k50}


def told(whole: Overview) -> Facts:
    sits, drifting, coverage, flow = whole.sits, whole.drifting, whole.coverage, whole.flow
    return {
        "decisions": (whole.now.decisions, whole.before.decisions),
        "concentration": {lens: spread(getattr(sits.concentration, lens)) for lens in LENSES},
        "concentration before": {lens: spread(getattr(sits.before, lens)) for lens in LENSES},
        "largest": {one.holder: (one.share, one.before, one.decisions, one.inferred) for one in sits.largest},
        "by stakes": {
            one.stakes: (
                (one.decisions, one.before),
                (one.effective_node, one.effective_seat),
                (one.effective_node_before, one.effective_seat_before),
            )
            for one in sits.by_stakes
        },
        "closeness": (sits.closeness.now, sits.closeness.before),
        "drift": (drifting.node, drifting.seat, drifting.node_before, drifting.seat_before),
        "out of mandate": rate(drifting.out_of_mandate),
        "rows": {
            one.domain: (one.decisions, one.drift, one.noise, one.before, one.more_by, one.less_by)
            for one in drifting.largest
        },
        "most apart": {one.domain: (one.more_by, one.less_by) for one in drifting.largest},
        "unstated": (rate(whole.unstated.unstated), rate(whole.unstated.vacant)),
        "unsaid": {one.domain: (one.unstated, one.vacant) for one in whole.unstated.domains},
        "flow": (flow.proposed_to_made_days, flow.before_days, flow.open, flow.oldest_days, flow.waited_days),
        "waited": flow.waited_days,
        "proposed": _counted(flow.in_words),
        "told to move": _told_to_move(whole.moving.in_words),
        "coverage": [
            *map(rate, (coverage.inferred, coverage.unknown, coverage.without_stakes, coverage.unjudged)),
            (coverage.deferred, coverage.returned),
        ],
        "moving": {
            (one.holder, one.domain): moved(one) for one in (*whole.moving.overall, *whole.moving.by_domain)
        },
    }


def moved(one: Any) -> tuple[float, ...]:
    return one.before, one.now, one.change, one.decisions, one.decisions_before


def expected(waiting: Waiting, asked: Facts, days: int, whole: Overview, lens: str) -> Facts:
    world = waiting.world
    start = world.at - timedelta(days=days)
    now = Period(world, asked, start, None)
    before = Period(world, asked, start - timedelta(days=days), start)
    n, drift = len(now.acts), now.drift[lens]
    return {
        "decisions": (n, len(before.acts)),
        "concentration": {lens: now.authority[lens]["concentration"] for lens in LENSES},
        "concentration before": {lens: before.authority[lens]["concentration"] for lens in LENSES},
        "largest": {one.holder: _largest(now, before, one.holder, lens) for one in whole.sits.largest},
        "by stakes": {
            stakes or "none": tuple(
                [tuple(sum(a["stakes"] == stakes for a in one.acts) for one in (now, before))]
                + [tuple(one.effective(stakes, lens) for lens in LENSES) for one in (now, before)]
            )
            for stakes in (*STAKES, None)
            if any(act["stakes"] == stakes for act in now.acts)
        },
        "closeness": tuple(one.authority["seat"]["closeness"] for one in (now, before)),
        "drift": tuple(one.drift[lens]["drift"] for one in (now, before) for lens in LENSES),
        "out of mandate": (drift["mandate"]["no"], drift["mandate"]["no"] + drift["mandate"]["yes"]),
        "rows": {one.domain: _row(now, before, one.domain, lens) for one in whole.drifting.largest},
        "most apart": {
            one.domain: tuple(now.apart(one.domain, lens).get(who) for who in (one.more, one.less))
            for one in whole.drifting.largest
        },
        "unstated": ((drift["unstated"], n), (drift["vacant"], n)),
        "unsaid": {one.domain: _unsaid(now, one.domain) for one in whole.unstated.domains},
        "flow": _flow(waiting, asked, start, days),
        "waited": _waited(waiting, asked, start, whole.flow.waited_on),
        "proposed": _proposed(waiting, asked, start, days),
        "told to move": _notable(now, before, lens),
        "coverage": [
            (sum(act["attested"] == "inferred" for act in now.acts), n),
            (len(now.chosen) - n, len(now.chosen)),
            (sum(act["stakes"] is None for act in now.acts), n),
            (drift["mandate"]["unknown"], len(now.chosen)),
            (now.authority[lens]["deferred"], now.authority[lens]["returned"]),
        ],
        "moving": {
            (one.holder, one.domain): _moved(now, before, one.holder, one.domain, lens)
            for one in (*whole.moving.overall, *whole.moving.by_domain)
        },
    }


def _largest(now: Period, before: Period, holder: str, lens: str) -> tuple[Any, ...]:
    mine = [act for act in now.acts if holder in now.world.actual(act, lens)]
    inferred = sum(act["attested"] == "inferred" for act in mine)
    share = before.share(holder, lens) if before.acts else None
    return now.share(holder, lens), share, len(mine), inferred


def _row(now: Period, before: Period, domain: str, lens: str) -> tuple[Any, ...]:
    row, other = now.drift[lens]["rows"][domain], before.drift[lens]["rows"].get(domain)
    apart = now.apart(domain, lens).values() if row["drift"] else ()
    least, most = min(apart, default=None), max(apart, default=None)
    return row["n"], row["drift"], row["noise"], other and other["drift"], most, least


def _unsaid(now: Period, domain: str) -> tuple[int, int]:
    unstated = vacant = 0
    for act in now.of(domain):
        if now.world.row(domain, act["occurred"]) is None:
            unstated += 1
        elif now.world.stated(act, "node") is None:
            vacant += 1
    return unstated, vacant


def _moved(now: Period, before: Period, holder: str, domain: str | None, lens: str) -> tuple[float, ...]:
    one, other = now.share(holder, lens, domain), before.share(holder, lens, domain)
    return other, one, one - other, len(now.of(domain)), len(before.of(domain))


def _told_to_move(words: str) -> tuple[list[list[str]], bool]:
    """Who is told to have had a share that fell, or rose, the most; and whether a domain is told of."""
    of_all = [part for part in words.split("; ") if part.startswith("of all decisions")]
    named = [re.findall(r"(?:actor|body)/[\w-]+", part) for part in of_all]
    return named, "most notably on" in words


def _notable(now: Period, before: Period, lens: str) -> tuple[list[list[str]], bool]:
    domains = {act["domains"][0] for act in now.acts}
    enough = [one for one in domains if min(len(now.of(one)), len(before.of(one))) >= ENOUGH]
    return _farthest(now, before, lens, None), any(_farthest(now, before, lens, one) for one in enough)


def _farthest(now: Period, before: Period, lens: str, domain: str | None) -> list[list[str]]:
    """Whose share fell the most, then whose rose, by five points and more than one decision."""
    sides = [period.of(domain) for period in (now, before)]
    fewest = min(map(len, sides))
    changes: dict[str, Fraction] = {}
    for acts, sign in zip(sides, (1, -1), strict=True):
        for act in acts if fewest else ():
            for who, part in now.world.actual(act, lens).items():
                changes[who] = changes.get(who, Fraction(0)) + sign * part / len(acts)
    worth = {who: by for who, by in changes.items() if abs(by) * 20 >= 1 and abs(by) * fewest > 1}
    ends = (min(worth.values(), default=0), max(worth.values(), default=0))
    return [
        sorted(who for who, by in worth.items() if by == end)[:6]
        for end, sign in zip(ends, (-1, 1), strict=True)
        if end * sign > 0
    ]


def _counted(words: str) -> list[int]:
    """Of how many the flow is told, now and before."""
    some = {"no": 0, "none": 0, "the": 1}
    parts = words.split("; ")[:2]
    return [some[one.split()[0]] if "half of" not in one else int(one.split("half of ")[1].split()[0])
            for one in parts]  # fmt: skip


def _proposed(waiting: Waiting, asked: Facts, start: datetime, days: int) -> list[int]:
    asked = {name: value for name, value in asked.items() if value}
    spans = ((start, None), (start - timedelta(days=days), start))
    return [FlowWindow(waiting, asked, *span).legs()["proposed", "made"]["n"] for span in spans]


def _flow(waiting: Waiting, asked: Facts, start: datetime, days: int) -> tuple[Any, ...]:
    asked = {name: value for name, value in asked.items() if value}
    now = FlowWindow(waiting, asked, start, None)
    before = FlowWindow(waiting, asked, start - timedelta(days=days), start)
    legs = [one.legs()["proposed", "made"]["p50_days"] for one in (now, before)]
    work, waited = now.open_work(), now.waiting()
    most = max((row["days"] for row in waited["rows"].values()), default=None)
    return *legs, work["n"], work["oldest_days"], most


def _waited(waiting: Waiting, asked: Facts, start: datetime, on: str | None) -> float | None:
    rows = FlowWindow(waiting, {n: value for n, value in asked.items() if value}, start, None).waiting()[
        "rows"
    ]
    found: float | None = rows[on]["days"] if on else None
    return found


def compare(seen: History, waiting: Waiting, asked: Facts, days: int, lens: Any) -> None:
    question = Question(
        domain=asked.get("domain") or None,
        body=asked.get("body"),
        lens=lens,
        attested=asked.get("attested") or "all",
    )
    rests_on = RestsOn(ledger="acme", position=1, root="", view="", version=1, at=seen.at, known_at=seen.at)
    whole = overview(rests_on, seen, Settings(), question, days)
    answer, figures = told(whole), expected(waiting, asked, days, whole, lens)
    for name, found in answer.items():
        assert listed(found) == near(listed(figures[name])), (name, asked, days, lens, seen.at)
    ends = seen.at - timedelta(days=days)
    assert (whole.now.from_, whole.before.from_, whole.before.to) == (ends, ends - timedelta(days=days), ends)
    moving = {one.domain for one in whole.moving.by_domain}
    assert all(figures["moving"][one][3] >= ENOUGH for one in figures["moving"] if one[1] in moving)


def agree(events: Sequence[Facts], rng: Random, times: int, questions: int) -> None:
    lines = read(entries("acme", events, HOUR))
    for number in range(times):
        known = rng.randint(len(lines) // 3, len(lines)) if number else len(lines)
        at = moment(rng, lines[:known]) if rng.random() < 0.5 else None
        seen, waiting = past(events, at=at, known=known), Waiting(World(lines[:known], at=at))
        for _ in range(questions):
            domains = sorted({fact["id"] for fact in waiting.world.of("domain")})
            asked: Facts = {"domain": rng.choice(["", *domains])}
            bodies = sorted({fact["id"] for fact in waiting.world.of("body")})
            if bodies and rng.random() < 0.3:
                asked["body"] = rng.choice(bodies)
            if rng.random() < 0.2:
                asked["attested"] = "recorded"
            compare(seen, waiting, asked, rng.choice((30, 90, 365)), rng.choice(LENSES))


@pytest.mark.parametrize("seed", RANDOM)
def test_the_overview_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(history(rng), rng, times=2, questions=2)


@pytest.mark.parametrize("story", STORIES)
def test_the_overview_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=1, questions=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_overview_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=2, questions=2)


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
def test_the_overview_of_the_peps() -> None:
    agree(list(peps.read(PEPS)), Random(SEED), times=2, questions=2)
