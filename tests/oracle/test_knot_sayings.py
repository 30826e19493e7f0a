"""How grave a knot is, and whom, how much and when its sentence names, is what its facts say."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from typing import Any

import pytest

from services.connectors import demo
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from services.projections.knots.wording import day
from tests.oracle.busy import busy
from tests.oracle.knots_b_ground import Ground
from tests.oracle.knots_history import knotted
from tests.oracle.oracle import instant, read
from tests.oracle.test_flow_oracle import SEED
from tests.oracle.test_knots import LOW, STORIES
from tests.oracle.test_knots_b import EASY
from tests.pasts import HOUR, past
from tests.recorded import entries

Json = dict[str, Any]
GRAVE = ("high", "strategic")
MONTHS = "January February March April May June July August September October November December"
DATE = re.compile(rf"\b\d{{1,2}} (?:{MONTHS.replace(' ', '|')}) \d{{4}}\b")
HOLDER = re.compile(r"\b(?:actor|body)/[\w-]+")
TITLE = re.compile("“([^”]*)”")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
SPELT = {"once": "1", "twice": "2", "no": "0"}
OF_DOMAIN = {
    "bottleneck",
    "meta-authority",
    "rubber stamp",
    "silos",
    "stale statement",
    "stalled",
    "unlearned",
    "vacant",
}
"""Where what is stated, or waits, is grave by itself: no decision has to be."""
NAMES_OTHERS = {"self-approval", "stale statement", "unanswered agent"}
"""Whom the row named, whom they report to."""
NAMES_FEWER = {"stale statement", "stalled", "unlearned", "overdue"}
"""As the row wrote them; who opened the oldest; who of several is not said."""


class Said:
    """One world, and what its knots may say."""

    def __init__(self, events: list[Json], limits: Json) -> None:
        self.seen = past(events)
        self.ground = Ground(read(entries("acme", events, HOUR)), at=self.seen.at)
        self.settings = Settings(**limits)
        self.acts = {act["position"]: act for act in self.ground.all_acts()}
        self.facts = {event["position"]: event for event in self.ground.events}

    def knots(self) -> Iterator[Found]:
        for pattern in PATTERNS.values():
            yield from pattern.episodes(self.seen, self.settings)

    def severities(self, knot: Found) -> set[str]:
        """What it may be by the law: of rules a warning where stakes are high, of tests by chance."""
        if PATTERNS[knot.pattern].tested:
            return {"notice" if knot.figure < 0.001 else "info"}
        if knot.pattern == "retroactive" and knot.figure < 1:
            return {"info"}
        told = [self.facts[entry] for entry in knot.entries if entry in self.facts]
        stakes = [self.acts[entry]["stakes"] for entry in knot.entries if entry in self.acts]
        found = {_severity(stakes)}
        if knot.pattern in OF_DOMAIN:  # as of when it began to show, or its domain came to be so
            moments = [knot.since, *(one["occurred"] for one in (*told, *self.ground.of("domain")))]
            about = [other for one in told for other in self.ground.of(one["kind"], one["id"])]
            own = stakes + [one["data"].get("stakes") for one in about]
            found = {_severity([self._stakes(knot.domain, at)]) for at in moments} | {_severity(own)}
        elif knot.pattern == "unformalised":  # what was formalised meanwhile is grave no longer
            found |= {"notice"}
        return found | {"info"} if knot.pattern == "approval habit" else found

    def _stakes(self, domain: str | None, at: datetime) -> str | None:
        line = self.ground.line(domain, at) if domain else []
        return next((stakes for one in line if (stakes := self.ground.domain(one, at)[1])), None)

    def titles(self, knot: Found) -> set[str]:
        """What is said of what shows it, or of its initiative, as far as a sentence has room."""
        told = [self.facts[entry] for entry in knot.entries if entry in self.facts]
        about = [other for one in told for other in self.ground.of(one["kind"], one["id"])]
        named = [one["data"].get("initiative") for one in about]
        about += [event for id in named if id for event in self.ground.of("initiative", id)]
        texts = [one["data"].get(name) for one in about for name in ("title", "hypothesis")]
        whole = [" ".join(text.split()) for text in texts if text]
        return {text if len(text) <= 60 else text[:59].rstrip() + "…" for text in whole}

    def dates(self, knot: Found) -> set[str]:
        """When it began and ended, what shows it, and what that had promised; of tests, the month ends."""
        moments = [knot.since, self.seen.at, *([knot.until] if knot.until else [])]
        for entry in knot.entries:
            if (fact := self.facts.get(entry)) is not None:
                data = fact["data"]
                due = (
                    data.get("review_on"),
                    (data.get("emergency") or {}).get("ratify_by"),
                    data.get("ends_at"),
                )
                moments += [fact["occurred"], *(instant(one) for one in due if one)]
        days = [at.astimezone(UTC) for at in moments]
        return {f"{at.day} {at:%B %Y}" for at in days}


def _severity(stakes: list[str | None]) -> str:
    return "warning" if any(one in GRAVE for one in stakes) else "notice"


def check(said: Said, knot: Found) -> None:
    assert knot.severity in said.severities(knot), knot
    for title in TITLE.findall(knot.sentence):
        assert title in said.titles(knot), (title, knot)
    sentence = TITLE.sub("", knot.sentence)
    names = set(HOLDER.findall(sentence))
    if knot.pattern not in NAMES_OTHERS:
        assert names <= set(knot.actors), knot
    if knot.pattern not in NAMES_FEWER and len(knot.actors) <= 8:
        assert names >= set(knot.actors), knot
    tested = PATTERNS[knot.pattern].tested or knot.pattern == "bottleneck"
    for date in DATE.findall(sentence):
        assert date in said.dates(knot) or (tested and date.startswith("1 ")), (date, knot)
    numbers = counts(sentence)
    if knot.unit == "decisions" and knot.figure > 1:
        assert f"{knot.figure:.0f}" in numbers, knot
    elif knot.unit == "part of the decisions":
        whole, undone = (int(one) for one in numbers[:2])
        assert (whole, undone / whole) == (knot.decisions, pytest.approx(knot.figure)), knot
    elif knot.unit == "holders":
        assert knot.figure < (knot.threshold or 0), knot


def counts(sentence: str) -> list[str]:
    """The numbers in a sentence, but for those of dates and names."""
    plain = re.sub(r"\b\w+/[\w-]+", "", DATE.sub("", sentence))
    words = [SPELT.get(word, word) for word in plain.split()]
    return [one.strip(",.") for word in words for one in NUMBER.findall(word)]


def said(events: list[Json], limits: Json) -> int:
    of = Said(events, limits)
    knots = list(of.knots())
    for knot in knots:
        check(of, knot)
    return len(knots)


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(n, marks=pytest.mark.long) for n in range(SEED, SEED + 100))]
)
def test_what_knots_say_of_random_histories_is_what_happened(seed: int) -> None:
    events = busy(Random(seed)) if seed % 2 else knotted(seed)
    assert said(events, {**LOW._asdict(), **EASY})


@pytest.mark.parametrize("name", STORIES)
def test_what_knots_say_of_the_stories_is_what_happened(name: str) -> None:
    assert said(import_module(f"tests.stories.{name}").told().events, {})


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 7])
def test_what_knots_say_of_the_demo_is_what_happened(seed: int) -> None:
    assert said(list(demo.events(seed)), {})


def test_days_are_those_of_utc_whatever_the_publisher_s_clock_said() -> None:
    assert day(datetime.fromisoformat("2024-07-27T23:44:59-05:00")) == "28 July 2024"
