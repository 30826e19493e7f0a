"""What dossiers say of decisions in random histories, the demo and the stories is what plain loops find."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.dossier import decision as dossiers
from services.projections.dossier.answer import DecisionDossier
from services.projections.views.answer import RestsOn
from tests.histories import history
from tests.oracle.asking import moment
from tests.oracle.flowing import DAY
from tests.oracle.oracle import COUNTED, World, read
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near
from tests.oracle.test_influence_oracle import advised
from tests.oracle.waiting import Waiting
from tests.pasts import HOUR, past
from tests.recorded import entries

Facts = dict[str, Any]


def told(of: DecisionDossier) -> Facts:
    return {
        "state": of.state,
        "stakes": of.stakes,
        "proposers": of.proposers,
        "words": {
            one.position: {
                "named": one.named,
                "outcome": one.outcome,
                "stands": one.stands,
                "held": one.held_days,
                "node": {part.holder: (part.actual, part.stated) for part in one.node},
                "seat": {part.holder: (part.actual, part.stated) for part in one.seat},
                "mandate": one.under.in_mandate if one.under else None,
                "row": one.under.row.position if one.under and one.under.row else None,
            }
            for one in of.words
        },
        "positions": {one.position: one.counted for one in of.positions},
        "silent": {one.consultation: one.silent for one in of.consultations},
        "in time": {said.position: said.in_time for one in of.consultations for said in one.advice},
        "legs": {
            (one.from_, one.to): (one.since, one.until, one.days)
            for one in of.legs
            if one.of == f"decision/{of.decision}"
        },
        "timeline": {
            one.position: one.corrected_by for one in of.timeline if one.subject == f"decision/{of.decision}"
        },
    }


class Dossier:
    """One decision of a world."""

    def __init__(self, of: Waiting, id: str) -> None:
        self.of, self.world, self.id = of, of.world, id
        self.facts, self.words = self.world.of("decision", id), of.words.get(id, [])
        reopened = [f["position"] for f in self.facts if f["type"] == "decision.reopened"]
        self.reopened = iter(reopened)
        self.late: set[int] = set()

    def expected(self) -> Facts:
        subject = f"decision/{self.id}"
        last = self.of.last(subject)
        return {
            "state": self._state(),
            "stakes": last["stakes"] if last else self.of._begun(subject)["stakes"],
            "proposers": sorted(self.of.proposers(subject)),
            "words": dict(
                self._word(*three)
                for three in zip([None, *self.words], self.words, [*self.words[1:], None], strict=False)
            ),
            "positions": self._positions(),
            "silent": {id: self._silent(id) for id in self._consultations()},
            "in time": self._in_time(),
            "legs": {
                leg: (
                    one["start"],
                    one["end"] if one["ended"] else None,
                    None if one["how"] else (one["end"] - one["start"]) / DAY,
                )
                for leg, one in self.of.legs()
                if one["of"] == subject
            },
            "timeline": {fact["position"]: fact["corrected_by"] for fact in self.facts},
        }

    def _state(self) -> str:
        gone = [f for f in self.facts if f["type"] == "decision.superseded"]
        if gone:
            return "superseded"
        if not self.words:
            return "open"
        word = self.words[-1]
        return "reopened" if word["word"] == "reopened" else str(word["outcome"])

    def _word(self, before: Facts | None, word: Facts, after: Facts | None) -> tuple[int, Facts]:
        found: Facts = {"named": self._named(before, word), "stands": after is None}
        if word["word"] == "reopened":
            none = {"outcome": None, "held": None, "node": {}, "seat": {}, "mandate": None, "row": None}
            return next(self.reopened), found | none | {"stands": False}
        row = self.world.row(word["domains"][0], word["occurred"])
        end = after["occurred"] if after else self.world.at
        return word["position"], found | {
            "outcome": word["outcome"],
            "held": (end - word["occurred"]) / DAY,
            "node": self._shares(word, "node"),
            "seat": self._shares(word, "seat"),
            "mandate": self.world.in_mandate(word),
            "row": self._stated(word) if row else None,
        }

    def _stated(self, word: Facts) -> int:
        domain, data = self.world.row(word["domains"][0], word["occurred"]) or ("", {})
        rows = [f["position"] for f in self.world.of("matrix", domain) if f["data"] is data]
        return int(rows[0])

    def _named(self, before: Facts | None, word: Facts) -> str:
        """What a word is to the one before it; what was deferred was not decided."""
        if word["word"] == "reopened":
            return "reopening"
        if before is None:
            return "decision"
        if before["word"] == "reopened":
            return "made anew"
        made = word["word"] == "made"
        if before["outcome"] not in COUNTED and made:
            return "decision"
        if made and (before["outcome"], word["outcome"]) == ("provisional", "accepted"):
            return "confirmation"
        one, other = self.world.actual_keys(before), self.world.actual_keys(word)
        same = one == other if one and other else made
        return "reversal" if same else "override"

    def _shares(self, word: Facts, lens: str) -> Facts:
        actual = self.world.actual(word, lens) if word["deciders"] else {}
        stated = self.world.stated(word, lens) or {}
        return {
            holder: (
                float(actual.get(holder, 0)) if actual else None,
                float(stated.get(holder, 0)) if stated else None,
            )
            for holder in {*actual, *stated}
        }

    def _positions(self) -> dict[int, bool]:
        """The last of each before the next `made`; amending lapses them. Without any, they stand while it is
        open."""
        found: dict[int, bool] = {}
        live: dict[str, int] = {}
        is_open = True
        for fact in self.facts:
            outcome = fact["data"].get("outcome") or "void"
            if fact["type"] == "decision.amended":
                live = {}
            elif fact["type"] == "decision.position_taken":
                data = fact["data"]
                whose = self.world.holder(data.get("for") or f"actor/{data['by']}")
                if not is_open:
                    self.late.add(fact["position"])
                found[fact["position"]] = False
                live[whose] = fact["position"]
            elif fact["type"] == "decision.made":
                found |= dict.fromkeys(live.values(), True)
                live = {}
            if fact["type"] in ("decision.made", "decision.overridden") and outcome in COUNTED:
                is_open = False
            is_open = is_open or fact["type"] == "decision.reopened"
        return found | {place: place not in self.late for place in live.values()}

    def _consultations(self) -> list[str]:
        initiative = self.of.initiative(self.id)
        about = {f"decision/{self.id}", f"initiative/{initiative}"}
        asked = [f for f in self.world.of("consultation") if f["type"] == "consultation.requested"]
        return [f["id"] for f in asked if f["data"]["about"] in about]

    def _silent(self, id: str) -> list[str]:
        told = self.world.of("consultation", id)
        said = [f for f in told if f["type"] == "consultation.advice_given"]
        if any(not f["data"].get("by") for f in said):
            return []
        (asked,) = [f["data"]["asked"] for f in told if f["type"] == "consultation.requested"]
        return sorted(
            holder
            for holder in {self.world.holder(one) for one in asked}
            if not any(self.of.speaks(f["data"]["by"], holder, f["occurred"]) for f in said)
        )

    def _in_time(self) -> dict[int, bool | None]:
        """Before a decision that counts; null where there is none."""
        acts = [w["occurred"] for w in self.words if w.get("outcome") in COUNTED]
        return {
            fact["position"]: fact["occurred"] < max(acts) if acts else None
            for id in self._consultations()
            for fact in self.world.of("consultation", id)
            if fact["type"] == "consultation.advice_given"
        }


def agree(events: Sequence[Facts], rng: Random, times: int, decisions: int) -> None:
    lines = read(entries("acme", events, HOUR))
    for number in range(times):
        known = rng.randint(len(lines) // 3, len(lines)) if number else len(lines)
        at = moment(rng, lines[:known]) if rng.random() < 0.5 else None
        seen, of = past(events, at=at, known=known), Waiting(World(lines[:known], at=at))
        rests_on = RestsOn(
            ledger="acme", position=1, root="", view="", version=1, at=seen.at, known_at=seen.at
        )
        ids = of.decisions()
        for id in rng.sample(ids, min(decisions, len(ids))):
            answer = listed(told(dossiers.dossier(rests_on, seen, id)))
            for name, figures in Dossier(of, id).expected().items():
                assert answer[name] == near(listed(figures)), (name, id, at, known)


@pytest.mark.parametrize("seed", RANDOM)
def test_the_dossiers_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(advised(history(rng), rng), rng, times=2, decisions=10)


@pytest.mark.parametrize("story", STORIES)
def test_the_dossiers_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=1, decisions=10)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_dossiers_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=2, decisions=20)
