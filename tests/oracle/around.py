"""What goes on around decisions, counted in plain loops over what the oracle's world knows.

It shares no code with the services. Windows are half open; None is unbounded.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise, zip_longest
from typing import Any

from tests.oracle.oracle import COUNTED, World

Facts = dict[str, Any]


class Around:
    """One window of a world."""

    def __init__(self, world: World, start: datetime | None, end: datetime | None) -> None:
        self.world, self.start, self.end = world, start, end

    def inside(self, at: datetime) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)

    def told(self, what: str) -> list[Facts]:
        """The facts of one type in the window, in order."""
        kind = what.partition(".")[0]
        return [
            fact for fact in self.world.of(kind) if fact["type"] == what and self.inside(fact["occurred"])
        ]

    # learning

    def experiments(self) -> Facts:
        started = self.told("experiment.started")
        concluded = [one for one in self.told("experiment.concluded") if self._was_started(one["id"])]
        results = [one["data"]["result"] for one in concluded]
        return {
            "started": len(started),
            "with_limits": sum("limits" in one["data"] for one in started),
            "concluded": len(concluded),
            **{name: results.count(name) for name in ("supported", "refuted", "inconclusive")},
        }

    def _was_started(self, id: str) -> bool:
        return any(fact["type"] == "experiment.started" for fact in self.world.of("experiment", id))

    def debriefs(self) -> Facts:
        held = self.told("debrief.held")
        people = {self.world.holder(holder) for one in held for holder in one["data"]["participants"]}
        adjusted = sum(bool(one["data"].get("adjustments")) for one in held)
        return {"held": len(held), "participants": len(people), "with_adjustments": adjusted}

    def lessons(self) -> Facts:
        recorded = self.told("lesson.recorded")
        kinds = [one["data"]["from"].partition("/")[0] for one in recorded]
        proposing = sum("proposes_row" in one["data"] for one in recorded)
        by_source = {kind: kinds.count(kind) for kind in kinds}
        return {"recorded": len(recorded), "proposing": proposing, "by_source": by_source}

    def mistakes(self) -> list[tuple[str, datetime]]:
        """What went wrong: its subject and when."""
        failed = [one for one in self.told("initiative.completed") if one["data"].get("outcome") == "failed"]
        found = [(f"initiative/{one['id']}", one["occurred"]) for one in failed]
        return found + [(f"decision/{id}", at) for id, at in self._undone() if self.inside(at)]

    def _undone(self) -> Iterator[tuple[str, datetime]]:
        for id, words in self.world.histories().items():
            for before, after in pairwise(words):
                stood = before["word"] != "reopened" and before["outcome"] in COUNTED
                outcomes = (before.get("outcome"), after.get("outcome"))
                confirmed = after["word"] == "made" and outcomes == ("provisional", "accepted")
                if stood and not confirmed:
                    yield id, after["occurred"]

    def looked_back(self) -> int:
        """Of the mistakes, those that a debrief was held about, then or later."""
        held = [(f["data"]["about"], f["occurred"]) for f in self.world.of("debrief")]
        return sum(any(about == what and at >= when for about, at in held) for what, when in self.mistakes())

    # trust

    def lived(self, question: str) -> Facts:
        pulses = [one["data"] for one in self.told("pulse.recorded") if one["data"]["question"] == question]
        both = [one for one in pulses if one.get("stated") is not None]
        stated, beside = _mean(both, "stated"), _mean(both, "experienced")
        return {
            "pulses": len(pulses),
            "respondents": sum(one["respondents"] for one in pulses),
            "experienced": _mean(pulses, "experienced"),
            "stated": stated,
            "gap": None if stated is None or beside is None else stated - beside,
        }

    # coordination

    def sessions(self) -> int:
        return len(self.told("space.session_held"))

    def shared(self) -> tuple[int, int]:
        """Of the decisions made in the window, by somebody known: those a session then spoke of, and all."""
        first: dict[str, datetime] = {}
        for act in self.world.chosen(start=self.start, end=self.end, tense="made"):
            if act["outcome"] in COUNTED and act["deciders"]:
                first[act["decision"]] = min(first.get(act["decision"], act["occurred"]), act["occurred"])
        met = [fact for fact in self.world.of("space") if fact["type"] == "space.session_held"]
        spoken = [(id, one["occurred"]) for one in met for id in one["data"].get("decisions", ())]
        yes = sum(any(id == of and at >= made for of, at in spoken) for id, made in first.items())
        return yes, len(first)

    # flow

    def hold(self) -> Facts:
        """How long what was made in the window stood: what undid it, and the median, in days."""
        lasted: list[tuple[timedelta, str | None]] = []
        for id, words in self.world.histories().items():
            for word, after in zip_longest(words, words[1:]):
                if word["word"] == "made" and word["outcome"] in COUNTED and self.inside(word["occurred"]):
                    lasted.append(self._held(id, word, after))
        hows = [how for _, how in lasted if how]
        return {
            "n": len(lasted),
            "censored": len(lasted) - len(hows),
            "overridden": hows.count("overridden"),
            "reversed": hows.count("reversed"),
            "reopened": hows.count("reopened"),
            "p50_days": _median([(time, how is not None) for time, how in lasted]),
        }

    def _held(self, id: str, word: Facts, after: Facts | None) -> tuple[timedelta, str | None]:
        """Nobody undoes any more what was superseded; to accept what was provisional undoes nothing."""
        start = word["occurred"]
        end, how = (after["occurred"], self._how(word, after)) if after else (self.world.at, None)
        for fact in self.world.of("decision", id):
            if fact["type"] == "decision.superseded" and start <= fact["occurred"] < end:
                end, how = fact["occurred"], None
        return end - start, how

    def _how(self, before: Facts, after: Facts) -> str | None:
        if after["word"] == "reopened":
            return "reopened"
        if (after["word"], before["outcome"], after["outcome"]) == ("made", "provisional", "accepted"):
            return None
        one, other = self.world.actual_keys(before), self.world.actual_keys(after)
        same = one == other if one and other else after["word"] == "made"
        return "reversed" if same else "overridden"

    # participation

    def positions(self, holder: str) -> int:
        """Positions somebody took themselves."""
        told = self.told("decision.position_taken")
        return sum(self.world.holder(f"actor/{one['data']['by']}") == holder for one in told)

    def shares(self, holder: str, lens: str) -> float | None:
        acts = self.world.chosen(start=self.start, end=self.end, tense="made")
        counted = [act for act in acts if act["outcome"] in COUNTED and act["deciders"]]
        parts = [self.world.actual(act, lens).get(holder, Fraction(0)) for act in counted]
        return float(sum(parts) / len(parts)) if parts else None


def _median(lasted: list[tuple[timedelta, bool]]) -> float | None:
    share = Fraction(1)
    for time in sorted({time for time, ended in lasted if ended}):
        share *= 1 - Fraction(lasted.count((time, True)), sum(other >= time for other, _ in lasted))
        if share <= Fraction(1, 2):
            return time / timedelta(days=1)
    return None


def _mean(pulses: list[Facts], name: str) -> float | None:
    answers = sum(one["respondents"] for one in pulses)
    return sum(one[name] * one["respondents"] for one in pulses) / answers if answers else None
