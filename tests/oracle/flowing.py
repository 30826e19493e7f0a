"""What slows things down and what holds, counted in plain loops over what the oracle's world knows.

It shares no code with the services. A span is a dictionary: what it is `of`, from when, until when, whether
it had `ended` then, and, where it is no duration, `how` (skipped, out of order).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from tests.oracle.oracle import COUNTED, World

Facts = dict[str, Any]
Mark = tuple[datetime, int]
STAGES = ("proposed", "consulted", "opened", "made", "communicated", "executed")
LEGS = (
    ("proposed", "consulted"),
    ("consulted", "opened"),
    ("opened", "made"),
    ("made", "communicated"),
    ("communicated", "executed"),
    ("consulted", "made"),
    ("proposed", "made"),
    ("made", "executed"),
)
UNDONE = ("rejected", "void")
OVER = ("initiative.completed", "initiative.withdrawn")
DAY = timedelta(days=1)


class Flowing:
    """The flow of one world: everything that began, whatever window it belongs to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = world.histories()
        self._cases: dict[tuple[str, int], Facts] = {}  # found once; it is slow enough
        self._levels: dict[int, int | None] = {}
        self._named = {id: self._initiative(id) for id in self.decisions()}
        self._consulted: dict[str, Mark] = {}
        for fact in world.of("consultation"):
            if fact["type"] == "consultation.requested":
                self._consulted.setdefault(fact["data"]["about"], mark(fact))

    # the legs

    def pieces(self) -> Iterator[Facts]:
        """Every decision, and every initiative that no decision names: when it came to each stage."""
        named = set()
        for id in self.decisions():
            named.add(self.initiative(id))
            yield self._decision(id)
        for id in sorted({fact["id"] for fact in self.world.of("initiative")} - named):
            proposed = self._marked("initiative", id, "proposed")
            if proposed is not None:
                stages = _known({"proposed": proposed, "consulted": self._asked(f"initiative/{id}")})
                over = self._ended(id, max(stages.values()))
                yield {
                    "of": f"initiative/{id}",
                    "stages": stages,
                    "over": over,
                    "done": False,
                    "act": None,
                }

    def decisions(self) -> list[str]:
        return sorted({fact["id"] for fact in self.world.of("decision")})

    def initiative(self, id: str) -> str | None:
        return self._named.get(id)

    def _initiative(self, id: str) -> str | None:
        """As it was named last."""
        found = None
        for fact in self.world.of("decision", id):
            if fact["type"] in ("decision.opened", "decision.made"):
                found = fact["data"].get("initiative") or found
        return found

    def _decision(self, id: str) -> Facts:
        facts = self.world.of("decision", id)
        again = [n for n, fact in enumerate(facts) if fact["type"] == "decision.reopened"]
        stages: dict[str, Mark | None] = {}
        if again:
            facts = facts[again[-1] :]
            stages["opened"] = mark(facts[0])
        else:
            initiative = self.initiative(id)
            stages["opened"] = self._marked("decision", id, "opened")
            stages["proposed"] = self._marked("initiative", initiative, "proposed") if initiative else None
            about = [f"decision/{id}"] + ([f"initiative/{initiative}"] if initiative else [])
            stages["consulted"] = self._asked(*about)
        last_word, settled = None, 0
        for fact in facts:
            if fact["type"] in ("decision.made", "decision.overridden"):
                outcome = fact["data"].get("outcome") or "void"
                if outcome in COUNTED:
                    last_word = outcome
                    if stages.get("made") is None:
                        stages["made"], settled = mark(fact), fact["position"]
        made = stages.get("made")
        ends = [mark(fact) for fact in facts if fact["type"] == "decision.superseded"]
        over = [made] if made else ends[:1]
        asked = stages.get("consulted")
        if asked and over and asked[0] > over[0][0]:
            stages["consulted"] = None  # it was about what comes next
        if made is not None:
            for what in ("communicated", "executed"):
                told = [mark(fact) for fact in facts if fact["type"] == f"decision.{what}"]
                stages[what] = min([t for t in told if t >= made] or told, default=None)
        begun = _known(stages)
        last = max(begun.values(), default=None)
        dropped = [end[0] for end in ends if last is None or end >= last]
        if made is None and (ended := self._ended(self.initiative(id), last)):
            dropped.append(ended)
        done = last_word in UNDONE
        act = next((word for word in self.words.get(id, []) if word.get("position") == settled), None)
        return {
            "of": f"decision/{id}",
            "stages": begun,
            "over": min(dropped, default=None),
            "done": done,
            "act": act,
        }

    def _marked(self, kind: str, id: str, what: str) -> Mark | None:
        told = [mark(fact) for fact in self.world.of(kind, id) if fact["type"] == f"{kind}.{what}"]
        return told[0] if told else None

    def _first(self, kind: str, id: str | None, what: str) -> datetime | None:
        told = [fact["occurred"] for fact in self.world.of(kind, id) if fact["type"] == f"{kind}.{what}"]
        return told[0] if told else None

    def _asked(self, *about: str) -> Mark | None:
        """When anybody was first asked about any of these."""
        return min((self._consulted[one] for one in about if one in self._consulted), default=None)

    def _ended(self, initiative: str | None, since: Mark | None) -> datetime | None:
        """When an initiative came to its end, after what else occurred."""
        for fact in self.world.of("initiative", initiative) if initiative else []:
            if fact["type"] in OVER and (since is None or mark(fact) >= since):
                when: datetime = fact["occurred"]
                return when
        return None

    def _over(self, initiative: str | None, since: datetime | None) -> datetime | None:
        """When an initiative came to its end, after an instant."""
        for fact in self.world.of("initiative", initiative) if initiative else []:
            ends = fact["type"] in OVER
            if ends and (since is None or fact["occurred"] >= since):
                when: datetime = fact["occurred"]
                return when
        return None

    def legs(self) -> Iterator[tuple[tuple[str, str], Facts]]:
        for piece in self.pieces():
            for leg in LEGS:
                span = self._leg(piece, *leg)
                if span is not None:
                    yield leg, {"of": piece["of"], "act": piece["act"], **span}

    def _leg(self, piece: Facts, start: str, end: str) -> Facts | None:
        stages = piece["stages"]
        if start not in stages:
            return None
        begun = stages[start][0]
        span = {"start": begun, "end": None, "ended": False, "how": None}
        if end in stages:
            if stages[end][0] < begun:
                return span | {"how": "out of order"}
            return span | {"end": stages[end][0], "ended": True}
        if any(stage in stages for stage in STAGES[STAGES.index(end) + 1 :]):
            return span | {"how": "skipped"}
        if end == "executed" and piece["done"]:
            return None
        return span | {"end": piece["over"] or self.world.at}

    # what a piece of work is about

    def last(self, of: str) -> Facts | None:
        """The last act about a subject."""
        kind, id = of.split("/", 1)
        acts = [word for word in self.words.get(id, []) if word["word"] != "reopened"]
        return acts[-1] if kind == "decision" and acts else None

    def takes(self, asked: Facts, of: str, act: Facts | None) -> bool:
        """Whether a question is about a subject, as an act decided it or else as it was begun."""
        case = self.case(of, act)
        return (
            (asked.get("domain") is None or asked["domain"] in case["scopes"])
            and (asked.get("body") is None or f"body/{asked['body']}" in case["holders"])
            and (asked.get("actor") is None or f"actor/{asked['actor']}" in case["holders"])
            and (asked.get("stakes") is None or asked["stakes"] == (case["stakes"] or "none"))
            and (asked.get("level") is None or asked["level"] in case["levels"])
            and not (asked.get("attested") == "recorded" and case["inferred"])
        )

    def case(self, of: str, act: Facts | None) -> Facts:
        """Where a subject belongs, as an act decided it or else as it was begun."""
        key = of, act["position"] if act else 0
        if key not in self._cases:
            self._cases[key] = self._acted(act) if act else self._begun(of)
        return self._cases[key]

    def _acted(self, act: Facts) -> Facts:
        return {
            "scopes": act["scopes"],
            "holders": self.world.actual_keys(act) | set(self._seated(act)),
            "stakes": act["stakes"],
            "levels": {self.level(act)},
            "inferred": act["attested"] == "inferred",
        }

    def _seated(self, act: Facts) -> dict[str, Fraction]:
        return self.world.actual(act, "seat") if act["deciders"] else {}

    def _begun(self, of: str) -> Facts:
        """Its proposers and electors, with their seats, and its domains when it was first heard of."""
        kind, id = of.split("/", 1)
        facts = self.world.of(kind, id) if kind in ("decision", "initiative") else []
        told = [f["data"] for f in facts if f["type"] == "initiative.proposed"][:1]
        if kind == "decision":
            told = [f["data"] for f in facts if f["type"] == "decision.made"][-1:]
            told += [f["data"] for f in facts if f["type"] == "decision.opened"][-1:]
        domains = told[0]["domains"] if told else []
        t = facts[0]["occurred"] if facts else self.world.at
        stakes = next((data["stakes"] for data in told if data.get("stakes")), None)
        for domain in self.world.line(domains[0], t) if domains else []:
            stakes = stakes or self.world.domain(domain, t)[1]
        named = {self.world.holder(one["holder"]) for data in told for one in data.get("electorate", ())}
        named |= self.proposers(of)
        named |= {f"body/{data['body']}" for data in told if data.get("body")}
        for holder in [holder for holder in named if holder.startswith("body/")]:
            named |= set(self.world.seats(holder[5:], t))
        scopes = {scope for domain in domains for scope in self.world.line(domain, t)}
        of_it = [one for one in self.decisions() if kind == "initiative" and self.initiative(one) == id]
        led_to = [self.last(f"decision/{one}") for one in of_it]
        levels = {self.level(act) for act in led_to if act}
        return {"scopes": scopes, "holders": named, "stakes": stakes, "levels": levels, "inferred": False}

    def named(self, of: str) -> tuple[str | None, str | None]:
        """The home domain and the title of a decision or an initiative, as they were told last."""
        kind, id = of.split("/", 1)
        said = ("initiative.proposed",) if kind == "initiative" else ("decision.opened", "decision.made")
        told = [fact for fact in self.world.of(kind, id) if fact["type"] in said]
        told.sort(key=lambda fact: fact["type"] == "decision.made")  # what was decided is said by that
        homes = [fact["data"]["domains"][0] for fact in told if fact["data"]["domains"]]
        told.sort(key=lambda fact: (fact["occurred"], fact["position"]))
        titles = [fact["data"]["title"] for fact in told if fact["data"].get("title")]
        return homes[-1] if homes else None, titles[-1] if titles else None

    def proposers(self, of: str) -> set[str]:
        """The initiative's, else who opened."""
        kind, id = of.split("/", 1)
        initiative = id if kind == "initiative" else self.initiative(id) if kind == "decision" else None
        told = self.world.of("initiative", initiative) if initiative else []
        named = [fact["data"]["proposers"] for fact in told if fact["type"] == "initiative.proposed"][:1]
        if kind == "decision" and not (named and named[0]):
            opened = [f["data"] for f in self.world.of("decision", id) if f["type"] == "decision.opened"]
            named = [[f"actor/{data['by']}"] for data in opened[-1:]]
        return {self.world.holder(holder) for holders in named for holder in holders}

    # how long decisions stand

    def holds(self) -> Iterator[Facts]:
        for id, words in self.words.items():
            gone = [
                f["occurred"] for f in self.world.of("decision", id) if f["type"] == "decision.superseded"
            ]
            for word, after in zip_longest(words, words[1:]):
                if word["word"] != "made" or word["outcome"] not in COUNTED:
                    continue
                start, end = word["occurred"], after["occurred"] if after else self.world.at
                how = self.how(word, after) if after else None
                for when in gone:
                    if start <= when < end:
                        end, how = when, None
                yield {
                    "of": id,
                    "start": start,
                    "end": end,
                    "ended": how is not None,
                    "how": how,
                    "act": word,
                }

    def how(self, before: Facts, after: Facts) -> str | None:
        """None: to accept what was provisional undoes nothing."""
        if after["word"] == "reopened":
            return "reopened"
        if (after["word"], before["outcome"], after["outcome"]) == ("made", "provisional", "accepted"):
            return None
        one, other = self.world.actual_keys(before), self.world.actual_keys(after)
        same = one == other if one and other else after["word"] == "made"
        return "reversed" if same else "overridden"

    def level(self, act: Facts) -> int | None:
        """The depth at which the largest part in an act lay, the topmost of equals."""
        if act["position"] not in self._levels:
            self._levels[act["position"]] = self._level(act)
        return self._levels[act["position"]]

    def _level(self, act: Facts) -> int | None:
        return self.world.weight_lay_at(act)

    # open work

    def openings(self) -> Iterator[Facts]:
        """When each piece of work was open: an initiative until its first decision, which carries it on.

        But not if it had ended before that decision was begun.
        """
        of: dict[str | None, list[str]] = {}
        for id in self.decisions():
            of.setdefault(self.initiative(id), []).append(id)
        for initiative in sorted({fact["id"] for fact in self.world.of("initiative")}):
            proposed = self._first("initiative", initiative, "proposed")
            if proposed is not None and self._carries(initiative, of.get(initiative, [])) is None:
                over = self._over(initiative, proposed)
                yield span(f"initiative/{initiative}", proposed, over, self.world.at)
        for initiative, ids in of.items():
            first = self._carries(initiative, ids)
            for id in ids:
                proposed = self._first("initiative", initiative, "proposed") if initiative else None
                yield from self._opened(id, initiative, proposed if id == first else None)

    def _carries(self, initiative: str | None, ids: list[str]) -> str | None:
        """The decision that goes on with an initiative from its proposal."""
        if not ids:
            return None
        _, first = min((self.world.of("decision", id)[0]["occurred"], id) for id in ids)
        told = self.world.of("initiative", initiative) if initiative else []
        ends = [fact["occurred"] for fact in told if fact["type"] in OVER]
        return None if ends and ends[-1] < self._begins(first) else first

    def _begins(self, id: str) -> datetime:
        opened = [f["occurred"] for f in self.world.of("decision", id) if f["type"] == "decision.opened"]
        begun: datetime = opened[-1] if opened else self.world.of("decision", id)[0]["occurred"]
        return begun

    def _opened(self, id: str, initiative: str | None, proposed: datetime | None) -> Iterator[Facts]:
        begun = self._begins(id)
        since: datetime | None = min(begun, proposed) if proposed else begun
        gone = [f for f in self.world.of("decision", id) if f["type"] == "decision.superseded"]
        words = [*self.words.get(id, []), *(f for f in gone if f["occurred"] >= begun)]
        for word in sorted(words, key=mark):
            if word.get("word") == "reopened":
                since = since or word["occurred"]
            elif (word.get("type") or word["outcome"] in COUNTED) and since is not None:
                over = self._over(initiative, since)
                end = over if over is not None and over < word["occurred"] else word["occurred"]
                if since < word["occurred"]:
                    yield span(f"decision/{id}", since, end, self.world.at)
                since = None
        if since is not None:
            yield span(f"decision/{id}", since, self._over(initiative, since), self.world.at)

    # who proposes

    def proposals(self) -> Iterator[Facts]:
        for fact in self.world.of("initiative"):
            if fact["type"] == "initiative.proposed":
                yield self._proposal(f"initiative/{fact['id']}", fact, fact["data"]["proposers"])
        for id in self.decisions():
            initiative = self.initiative(id)
            opened = [f for f in self.world.of("decision", id) if f["type"] == "decision.opened"]
            if opened and (initiative is None or self._first("initiative", initiative, "proposed") is None):
                by = f"actor/{opened[-1]['data']['by']}"
                yield self._proposal(f"decision/{id}", opened[-1], [by])

    def _proposal(self, of: str, fact: Facts, holders: list[str]) -> Facts:
        keys = sorted({self.world.holder(holder) for holder in holders})
        parts = {key: Fraction(1, len(keys)) for key in keys}
        depths: dict[int, Fraction] = {}
        for key, part in parts.items():
            people = [key]
            if key.startswith("body/"):
                people = sorted(self.world.seats(key[5:], fact["occurred"]))
            for who in people:
                depth, _ = self.world.level(who, fact["occurred"])
                if depth is not None:
                    depths[depth] = depths.get(depth, Fraction(0)) + part / len(people)
        return {"of": of, "start": fact["occurred"], "parts": parts, "depths": depths}


def span(of: str, start: datetime, end: datetime | None, now: datetime) -> Facts:
    return {"of": of, "start": start, "end": end or now, "ended": end is not None, "how": None}


def mark(fact: Facts) -> Mark:
    return fact["occurred"], fact["position"]


def _known(stages: dict[str, Mark | None]) -> dict[str, Mark]:
    return {name: when for name, when in stages.items() if when is not None}


def within(spans: Iterable[Facts], start: datetime | None, end: datetime | None) -> list[Facts]:
    """Those that began in [start, end)."""
    return [
        span
        for span in spans
        if (start is None or span["start"] >= start) and (end is None or span["start"] < end)
    ]


def lasting(spans: Iterable[Facts]) -> Facts:
    """How many, how many of them censored, and when half and nine in ten had ended, in days."""
    spans = [span for span in spans if span["how"] not in ("skipped", "out of order")]
    lasted = [(span["end"] - span["start"], span["ended"]) for span in spans]
    return {
        "n": len(lasted),
        "censored": sum(not ended for _, ended in lasted),
        "p50_days": quantile(lasted, Fraction(1, 2)),
        "p90_days": quantile(lasted, Fraction(1, 10)),
    }


def quantile(lasted: list[tuple[timedelta, bool]], left: Fraction) -> float | None:
    """When the share that lasts on first is no more than `left`: the product limit, by its definition."""
    share = Fraction(1)
    for time in sorted({time for time, ended in lasted if ended}):
        risk = sum(other >= time for other, _ in lasted)
        share *= 1 - Fraction(lasted.count((time, True)), risk)
        if share <= left:
            return time / DAY
    return None
