"""Whom others waited for, who was asked, proposed and decided, and signs of trust, in plain loops."""

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from services.connectors import demo
from services.projections.participation.window import Participation
from services.projections.trust.window import trust
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import bounds, moments
from tests.oracle.flowing import DAY, quantile
from tests.oracle.knots_b_habits import by_themselves, had_part
from tests.oracle.narrowed import Narrowed
from tests.oracle.test_flow_oracle import RANDOM, STORIES, listed, near
from tests.oracle.test_influence_oracle import advised
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]


class Parts:
    """One window of a world; whose part it is chooses nothing."""

    def __init__(
        self, of: Waiting, start: datetime | None, end: datetime | None, asked: Facts | None = None
    ) -> None:
        self.of, self.world, self.start, self.end = of, of.world, start, end
        rest = {name: value for name, value in (asked or {}).items() if name not in ("body", "actor")}
        self.narrowed = Narrowed(of, rest)
        self.chosen = [act for t, act in self.narrowed.acts() if self.inside(t)]
        self.made = [act for act in self.chosen if act["deciders"]]

    def inside(self, at: datetime) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)

    def waits(self) -> list[Facts]:
        """Those that began in the window."""
        found = [one for one in self.of.waits() if self.inside(one["start"])]
        return [one for one in found if self.narrowed.concerns(one["of"], one["start"])]

    def waited(self, holder: str) -> Facts:
        mine = [one for one in self.waits() if one["holder"] == holder]
        lasted = [(one["end"] - one["start"], one["ended"]) for one in mine]

        return {
            "items": len(mine),
            "days": sum((time for time, _ in lasted), timedelta()) / DAY,
            "median": quantile(lasted, Fraction(1, 2)),
            "open": sum(not ended for _, ended in lasted),
        }

    def proposed(self, holder: str) -> int:
        return sum(holder in one["parts"] for one in self.proposals())

    def proposals(self) -> list[Facts]:
        found = [one for one in self.of.proposals() if self.inside(one["start"])]
        return [one for one in found if self.narrowed.concerns(one["of"], one["start"])]

    def decided(self, holder: str) -> int:
        return sum(
            holder in {*self.world.actual(act, "node"), *self.world.actual(act, "seat")} for act in self.made
        )

    def asked(self, holder: str) -> tuple[int, int]:
        """How often by name, and how often their word is still waited for."""
        mine = [one for one in self.waits() if one["holder"] == holder and one["kind"] == "advice"]
        return len(mine), sum(not one["ended"] for one in mine)

    def signs(self) -> Facts:
        made = [act for act in self.made if act["word"] == "made"]
        pairs = [pair for words in self.of.words.values() for pair in pairwise(words)]
        hows = [self.of.how(word, after) for word, after in pairs if word in made]
        manners = [manner for act in made if (manner := self._manner(act))]
        return {
            "decided": len(made),
            "undone": {name: hows.count(name) for name in ("overridden", "reversed", "reopened")},
            "proposed": len(manners),
            "manners": {name: manners.count(name) for name in ("alone", "with_others", "asked_up")},
        }

    def _manner(self, act: Facts) -> str | None:
        proposers = self.of.proposers(f"decision/{act['decision']}")
        if not proposers:
            return None
        escalated = {
            self.world.holder(f"actor/{fact['data']['by']}")
            for fact in self.world.of("decision", act["decision"])
            if fact["type"] == "decision.escalated"
            and (fact["occurred"], fact["position"]) <= (act["occurred"], act["position"])
        }
        if all(one in escalated or not had_part(self.world, act, one) for one in proposers):
            return "asked_up"
        return "alone" if by_themselves(self.world, act, proposers) else "with_others"


def agree(events: list[Facts], rng: Random, times: int) -> None:
    for number, lines, seen, world, when in moments(events, rng, times):
        of = Waiting(world)
        start, end = bounds(rng, lines, seen.at) if number else (None, None)
        question, parts = Question(start=start, end=end), Parts(of, start, end)
        (window,) = Participation(seen, question).windows()
        for part in window.parts:
            waiting, asked = part.waiting, part.advising
            assert {
                "waited": [waiting.items.count, waiting.days, waiting.median_days, waiting.open.count],
                "proposed": part.proposing.proposed.count,
                "decided": part.deciding.decisions.count,
                "asked": [asked.asked.count, asked.open.count],
            } == near(
                {
                    "waited": list(parts.waited(part.holder).values()),
                    "proposed": parts.proposed(part.holder),
                    "decided": parts.decided(part.holder),
                    "asked": list(parts.asked(part.holder)),
                }
            ), (part.holder, start, end, *when)
        (trusted,) = trust(seen, question)
        signs = trusted.signs
        assert {
            "decided": signs.decided.count,
            "undone": {n: getattr(signs, n).count for n in ("overridden", "reversed", "reopened")},
            "proposed": signs.proposed.count,
            "manners": {n: getattr(signs, n).count for n in ("alone", "with_others", "asked_up")},
        } == listed(parts.signs()), (start, end, *when)


@pytest.mark.parametrize("seed", RANDOM)
def test_parts_and_signs_in_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(advised(history(rng), rng), rng, times=3)


@pytest.mark.parametrize("story", STORIES)
def test_parts_and_signs_in_the_stories(story: Any) -> None:
    agree(story.told().events, Random(1), times=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_parts_and_signs_in_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=2)
