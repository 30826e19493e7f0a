"""What is lived, signs of trust by body, and what goes together, in plain loops; without code of services."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations, pairwise
from typing import Any

from tests.oracle.knots_b_habits import could_alone
from tests.oracle.oracle import COUNTED
from tests.oracle.test_part_oracle import Parts
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]
ENOUGH = 6
SIGNS = ("alone", "asked_up", "escalated", "overridden", "reopened")


class Trusting(Parts):
    """One window of a world: of everybody, or of one body."""

    def __init__(
        self, of: Waiting, start: datetime | None, end: datetime | None, asked: Facts | None = None
    ) -> None:
        super().__init__(of, start, end, asked)
        self.body = (asked or {}).get("body")
        self.acts = [act for act in self.made if act["word"] == "made"]
        pulses = [f["data"] for f in self.world.of("pulse") if self.inside(f["occurred"])]
        self.pulses = [one for one in pulses if self.body in (None, one["body"])]

    # what is lived

    def lived(self, body: str | None = None) -> dict[str, Facts]:
        mine = [one for one in self.pulses if body in (None, one["body"])]
        found = {}
        for question in {one["question"] for one in mine}:
            asked = [one for one in mine if one["question"] == question]
            both = [one for one in asked if one.get("stated") is not None]
            stated = mean(both, "stated")
            found[question] = {
                "stated": stated,
                "experienced": mean(asked, "experienced"),
                "gap": stated - mean(both, "experienced") if both else None,
                "respondents": sum(one["respondents"] for one in asked),
                "compared": sum(one["respondents"] for one in both),
                "fewest": min(one["respondents"] for one in asked),
                "pulses": len(asked),
            }
        return found

    def bodies_lived(self) -> dict[tuple[str, str], Facts]:
        return {
            (body, question): figures
            for body in {one["body"] for one in self.pulses}
            for question, figures in self.lived(body).items()
        }

    # signs

    def by(self, act: Facts, body: str | None) -> bool:
        """Decided by a body as one, or by somebody seated in it in their own name."""
        people = () if body is None else (f"body/{body}", *self.world.seats(body, act["occurred"]))
        return body is None or not self.world.actual_keys(act).isdisjoint(people)

    def of_body(self, act: Facts, body: str | None) -> bool:
        """Proposed by a body, or somebody seated in it."""
        proposers = self.of.proposers(f"decision/{act['decision']}")
        return bool(proposers) and (
            body is None or bool(proposers & {f"body/{body}", *self.world.seats(body, act["occurred"])})
        )

    def told(self, body: str | None = None) -> Facts:
        decided = [act for act in self.acts if self.by(act, body)]
        proposed = [act for act in self.acts if self.of_body(act, body)]
        hows = [how for act in decided if (how := self.undone(act))]
        manners = [self._manner(act) for act in proposed]
        up = [act for act, manner in zip(proposed, manners, strict=True) if manner == "asked_up"]
        return {
            "decided": len(decided),
            **{name: (hows.count(name), len(decided)) for name in ("overridden", "reversed", "reopened")},
            "overrode": self.overrode(body),
            "proposed": len(proposed),
            "escalated": (sum(map(self.escalated, proposed)), len(proposed)),
            **{name: (manners.count(name), len(proposed)) for name in ("alone", "with_others", "asked_up")},
            "could_alone": (sum(map(self.could_alone, up)), len(up)),
            "closeness": self.closeness(decided),
        }

    def undone(self, act: Facts) -> str | None:
        words = self.of.words[act["decision"]]
        after = [b for a, b in pairwise(words) if a["position"] == act["position"]]
        return self.of.how(act, after[0]) if after else None

    def overrode(self, body: str | None) -> int:
        """Its word in the place of one of others."""
        return sum(
            after in self.made
            and before["word"] != "reopened"
            and before["outcome"] in COUNTED
            and after["word"] != "reopened"
            and self.of.how(before, after) == "overridden"
            and self.by(after, body)
            for words in self.of.words.values()
            for before, after in pairwise(words)
        )

    def escalated(self, act: Facts) -> bool:
        return any(
            f["type"] == "decision.escalated"
            and (f["occurred"], f["position"]) <= (act["occurred"], act["position"])
            for f in self.world.of("decision", act["decision"])
        )

    def could_alone(self, act: Facts) -> bool:
        """Whether one of the proposers, by row and mandates in force, might have decided alone."""
        proposers = self.of.proposers(f"decision/{act['decision']}")
        return any(could_alone(self.world, act, one) for one in proposers)

    def closeness(self, acts: Sequence[Facts]) -> float | None:
        near = weight = 0.0
        for act in acts:
            for key, part in self.world.actual(act, "seat").items():
                depth, height = self.world.level(key, act["occurred"])
                if depth is not None and height is not None and depth + height:
                    near, weight = near + float(part) * depth / (depth + height), weight + float(part)
        return near / weight if weight else None

    def bodies(self) -> dict[str, Facts]:
        """Every body with a decision or a proposal."""
        named = {key for act in self.made for key in self.world.actual_keys(act)}
        named |= {key for act in self.made for key in self.of.proposers(f"decision/{act['decision']}")}
        ids = {f["id"] for f in self.world.of("body")} | {key[5:] for key in named if key[:5] == "body/"}
        found = {id: self.told(id) for id in sorted(ids)}
        return {
            id: one
            for id, one in found.items()
            if self.body in (None, id) and (one["decided"] or one["proposed"] or one["overrode"])
        }


def mean(pulses: Sequence[Facts], name: str) -> float | None:
    answers = sum(one["respondents"] for one in pulses)
    return sum(one[name] * one["respondents"] for one in pulses) / answers if answers else None


def together(windows: Sequence[Trusting]) -> dict[tuple[str, str], tuple[int, float | None]]:
    """Of each question and sign, over all windows of bodies that have both: how many, and Kendall's tau."""
    pairs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for window in windows:
        signs, lived = window.bodies(), window.bodies_lived()
        for (body, question), figures in lived.items():
            for sign in SIGNS:
                count, of = signs[body][sign] if body in signs else (0, 0)
                if of:
                    pairs.setdefault((question, sign), []).append((figures["experienced"], count / of))
    return {key: (len(found), tau(found) if len(found) >= ENOUGH else None) for key, found in pairs.items()}


def tau(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Kendall's tau-b by its definition; none where one of the two never varies."""
    both = one = other = 0
    for (x, y), (u, v) in combinations(pairs, 2):
        a, b = (x > u) - (x < u), (y > v) - (y < v)
        both, one, other = both + a * b, one + abs(a), other + abs(b)
    return both / math.sqrt(one * other) if one and other else None
