"""Who influences, in plain loops over what the oracle's world knows. It shares no code with the services."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle.flowing import Flowing
from tests.oracle.oracle import COUNTED, World

Facts = dict[str, Any]
MATCHING = {"support": ("accepted", "provisional"), "objection": ("rejected",)}
LEFT_OUT = ("anonymous", "by_deciders", "after_the_decision", "undecided", "withdrawn")
DAMPING = 0.85


class Influencing:
    """One question about a world, of one window."""

    def __init__(
        self, world: World, asked: Facts, lens: str, tense: str, start: datetime | None, end: datetime | None
    ) -> None:
        self.world, self.asked, self.lens, self.tense = world, asked, lens, tense
        self.start, self.end = start, end
        self.of = Flowing(world)
        recorded = asked.get("attested") == "recorded"
        self.all_acts = [
            (when, act)
            for when, act in world.credited(tense)
            if act["outcome"] in COUNTED
            and act["deciders"]
            and not (recorded and act["attested"] == "inferred")
        ]
        self.pieces, self.left = self._said()

    def _inside(self, at: datetime) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)

    def _takes(self, act: Facts) -> bool:
        return self.of.takes(self.asked, f"decision/{act['decision']}", act)

    def acts(self) -> list[Facts]:
        return [act for when, act in self.all_acts if self._inside(when) and self._takes(act)]

    def _said(self) -> tuple[list[Facts], list[Facts]]:
        """The pieces of advice that count, and why others do not."""
        pieces, left = [], []
        about: dict[str, str] = {}
        for fact in self.world.of("consultation"):
            if fact["type"] == "consultation.requested":
                about.setdefault(fact["id"], fact["data"]["about"])
        for fact in self.world.of("consultation"):
            subject = about.get(fact["id"], "")
            if fact["type"] != "consultation.advice_given":
                continue
            if not subject.startswith(("decision/", "initiative/")):
                continue
            acts = self._decided(subject)
            after = [(when, act) for when, act in acts if act["occurred"] > fact["occurred"]]
            last = after[0][1] if after else acts[-1][1] if acts else None
            why = self._why_not(fact, after[0][1] if after else None, bool(acts))
            if why is None:
                pieces.append(self._piece(fact, *after[0]))
            elif self._inside(fact["occurred"]) and self._about(subject, last):
                left.append({"why": why})
        return [one for one in pieces if self._inside(one["placed"]) and self._takes(one["act"])], left

    def _about(self, subject: str, act: Facts | None) -> bool:
        """As the act it is held against; where there is none, as what it is about, if that is known."""
        if self.asked and act is None and not self.world.of(*subject.split("/", 1)):
            return False
        return self._takes(act) if act else self.of.takes(self.asked, subject, self.of.last(subject))

    def _decided(self, subject: str) -> list[tuple[datetime, Facts]]:
        kind, id = subject.split("/", 1)
        found = [
            (when, act)
            for when, act in self.all_acts
            if (act["decision"] if kind == "decision" else self.of.initiative(act["decision"])) == id
        ]
        return sorted(found, key=lambda one: (one[1]["occurred"], one[1]["decision"], one[1]["position"]))

    def _why_not(self, fact: Facts, act: Facts | None, decided: bool) -> str | None:
        if not fact["data"].get("by"):
            return "anonymous"
        if self._answer(fact) == "withdrawn":
            return "withdrawn"
        if act is None:
            return "after_the_decision" if decided else "undecided"
        by = self.world.holder(f"actor/{fact['data']['by']}")
        took = {*self.world.actual(act, "node"), *self.world.actual(act, "seat")}
        return "by_deciders" if by in took else None

    def _answer(self, fact: Facts) -> str | None:
        """What was last done with a piece of advice."""
        found = None
        for one in self.world.of("consultation", fact["id"]):
            if one["type"] == "consultation.advice_answered":
                named = one["data"]["advice"]
                if (named["source"], named["id"]) == (fact["source"], fact["event"]):
                    found = one["data"]["disposition"]
        return found

    def _piece(self, fact: Facts, placed: datetime, act: Facts) -> Facts:
        stance, answer = fact["data"]["stance"], self._answer(fact)
        match = act["outcome"] in MATCHING[stance] if stance in MATCHING else None
        return {
            "adviser": self.world.holder(f"actor/{fact['data']['by']}"),
            "placed": placed,
            "act": act,
            "stance": stance,
            "answer": answer,
            "match": match,
            "followed": answer == "integrated" or match is True,
        }

    def heard(self, pieces: list[Facts]) -> Facts:
        judged = [(one, p) for one in pieces if (p := self._rate(one)) is not None]
        matches = sum(one["match"] for one, _ in judged)
        expected = sum((p for _, p in judged), Fraction(0))
        return {
            "pieces": len(pieces),
            "followed": sum(one["followed"] for one in pieces),
            "judged": len(judged),
            "matches": matches,
            "expected": float(expected) if judged else None,
            "lift": float((matches - expected) / len(judged)) if judged else None,
        }

    def _rate(self, piece: Facts) -> Fraction | None:
        """How often the domain's other decisions in the window came out as the stance has it."""
        if piece["match"] is None:
            return None
        home = piece["act"]["domains"][0]
        others = [
            act["outcome"] in MATCHING[piece["stance"]]
            for when, act in self.all_acts
            if self._inside(when) and act["domains"][0] == home and act is not piece["act"]
        ]
        return Fraction(sum(others), len(others)) if others else None

    def advisers(self) -> dict[str, Facts]:
        return {
            who: self._adviser([one for one in self.pieces if one["adviser"] == who])
            for who in {one["adviser"] for one in self.pieces}
        }

    def _adviser(self, pieces: list[Facts]) -> Facts:
        stances = [one["stance"] for one in pieces]
        answers = [one["answer"] for one in pieces]
        homes = {one["act"]["domains"][0] for one in pieces}
        named = {name: stances.count(name) for name in ("support", "concern", "objection", "information")}
        return (
            self.heard(pieces)
            | named
            | {name: answers.count(name) for name in ("integrated", "declined")}
            | {"domains": {d: self.heard([p for p in pieces if p["act"]["domains"][0] == d]) for d in homes}}
        )

    # the network

    def edges(self) -> dict[tuple[str, str], tuple[Fraction, int]]:
        """Decider to adviser: how much was followed, and how many pieces."""
        found: dict[tuple[str, str], tuple[Fraction, int]] = {}
        for one in self.pieces:
            if one["followed"]:
                for decider, part in self.world.actual(one["act"], self.lens).items():
                    weight, n = found.get((decider, one["adviser"]), (Fraction(0), 0))
                    found[decider, one["adviser"]] = weight + part, n + 1
        return found

    def nodes(self) -> dict[str, Facts]:
        edges = self.edges()
        ranks, between = pagerank(edges), betweenness(set(edges))
        return {
            who: {
                "pagerank": ranks[who],
                "betweenness": between[who],
                "followed": float(sum(w for (_, to), (w, _) in edges.items() if to == who)),
                "follows": float(sum(w for (by, _), (w, _) in edges.items() if by == who)),
                "deciders": sum(to == who for _, to in edges),
                "advisers": sum(by == who for by, _ in edges),
            }
            for who in ranks
        }

    # handover of work

    def handovers(self) -> dict[tuple[str, str], tuple[int, int]]:
        """From whom to whom: how often, and in how many decisions."""
        found: dict[tuple[str, str], list[str]] = {}
        for id in self.of.decisions():
            of = f"decision/{id}"
            if self.asked and not self.of.takes(self.asked, of, self.of.last(of)):
                continue
            for pair, at in self._handed(id):
                if self._inside(at):
                    found.setdefault(pair, []).append(id)
        return {pair: (len(ids), len(set(ids))) for pair, ids in found.items()}

    def _handed(self, id: str) -> Iterator[tuple[tuple[str, str], datetime]]:
        told = [*self.world.of("decision", id)]
        for fact in self.world.of("consultation"):
            about = fact["type"] == "consultation.requested" and fact["data"]["about"]
            if about == f"decision/{id}":
                told += self.world.of("consultation", fact["id"])
            elif about == f"initiative/{self.of.initiative(id)}":
                said = self.world.of("consultation", fact["id"])
                told += [one for one in said if self._next(about, one["occurred"]) == id]
        told.sort(key=lambda f: (f["occurred"], f"{f['kind']}/{f['id']}", f["position"]))
        before: set[str] = set()
        for fact in told:
            doing = self._doing(id, fact)
            for by in before:
                for to in doing - {by}:
                    yield (by, to), fact["occurred"]
            before = doing or before

    def _next(self, about: str, at: datetime) -> str:
        """The decision of an initiative made next; else one never made, else the one made last."""
        of = [id for id in self.of.decisions() if f"initiative/{self.of.initiative(id)}" == about]
        made = [
            (fact["occurred"], id)
            for id in of
            for fact in self.world.of("decision", id)
            if fact["type"] in ("decision.made", "decision.overridden")
        ]
        later = sorted(one for one in made if one[0] >= at)
        never = sorted(set(of) - {id for _, id in made})
        return later[0][1] if later else never[0] if never else max(made)[1]

    def _doing(self, id: str, fact: Facts) -> set[str]:
        if fact["type"] in ("decision.made", "decision.overridden"):
            act = next(one for one in self.of.words[id] if one.get("position") == fact["position"])
            return set(self.world.actual(act, self.lens)) if act["deciders"] else set()
        by = fact["data"].get("by") or []
        return {self.world.holder(f"actor/{one}") for one in ([by] if isinstance(by, str) else by)}


def pagerank(edges: dict[tuple[str, str], tuple[Fraction, int]]) -> dict[str, float]:
    """Where a reader ends up who follows edges by their weights, and jumps now and then."""
    names = sorted({name for tie in edges for name in tie})
    ranks = {name: 1 / len(names) for name in names}
    out = {name: float(sum(w for (by, _), (w, _) in edges.items() if by == name)) for name in names}
    for _ in range(300):
        lost = sum(ranks[name] for name in names if not out[name])
        fresh = {name: (1 - DAMPING + DAMPING * lost) / len(names) for name in names}
        for (by, to), (weight, _) in edges.items():
            fresh[to] += DAMPING * ranks[by] * float(weight) / out[by]
        ranks = fresh
    return ranks


def betweenness(ties: set[tuple[str, str]]) -> dict[str, float]:
    """The share of pairs of others whose shortest ways lead through each, by counting the ways."""
    names = sorted({name for tie in ties for name in tie})
    ways = {name: _ways(name, ties) for name in names}
    found = dict.fromkeys(names, 0.0)
    for one in names:
        for other in names:
            for who in names:
                if len({one, other, who}) < 3 or other not in ways[one] or who not in ways[one]:
                    continue
                far, n = ways[one][other]
                to, first = ways[one][who]
                onward, then = ways[who].get(other, (far, 0))
                if to + onward == far:
                    found[who] += first * then / n
    pairs = (len(names) - 1) * (len(names) - 2)
    return {name: value / pairs if pairs else 0.0 for name, value in found.items()}


def _ways(start: str, ties: set[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """How far everybody is, and by how many shortest ways."""
    found = {start: (0, 1)}
    layer, far = {start}, 0
    while layer:
        far += 1
        fresh: dict[str, int] = {}
        for by, to in ties:
            if by in layer and to not in found:
                fresh[to] = fresh.get(to, 0) + found[by][1]
        found |= {to: (far, n) for to, n in fresh.items()}
        layer = set(fresh)
    return found
