"""What the plain loops over knots stand on: the oracle's world, remembering what it was asked, and spells.

It shares no code with the services: holders, decisions and what became of them, read from the facts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from tests.oracle.oracle import COUNTED, World, body_key

Facts = dict[str, Any]
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
LIMITS: Facts = {
    "tested_days": 180,
    "tested_q": 0.05,
    "tested_hits": 2,
    "tested_misses": 2,
    "dominance_least": 10,
    "influence_least": 10,
    "exclusion_least": 10,
    "uninformed_days": 14,
    "stamp_least": 35,
    "stamp_bound": 0.9,
    "stamp_minutes": 60,
    "approval_least": 3,
    "bottleneck_days": 365,
    "bottleneck_least_days": 2,
    "bottleneck_times": 3,
    "bottleneck_items": 5,
    "bottleneck_percentile": 90,
    "silos_days": 90,
    "unlearned_days": 30,
}
"""The thresholds of measures.md; those of bottleneck's window and of silos as their own rules say."""

REMEMBERED = (
    *("live", "row", "seats", "line", "person", "body_rule", "domain", "about", "requests", "advice"),
    *("asked", "initiative_of", "proposers", "holder"),
)


class Knot(NamedTuple):
    """One episode; `entries` are those without which it could not be seen."""

    pattern: str
    scope: str
    actors: tuple[str, ...]
    since: datetime
    until: datetime | None
    figure: float
    entries: frozenset[int]


class Spell(NamedTuple):
    """One fact that shows a pattern from when until when; None: no end is known."""

    scope: str
    actors: tuple[str, ...]
    since: datetime
    until: datetime | None
    counts: Any
    entries: tuple[int, ...]


def days(span: timedelta) -> float:
    return span / DAY


class Ground(World):
    """A world in which the same question is answered once."""

    def __init__(self, entries: list[Facts], known: int | None = None, at: datetime | None = None) -> None:
        super().__init__(entries, known, at)
        self.now: datetime = self.at  # type: ignore[assignment]  # always known here
        for name in REMEMBERED:
            setattr(self, name, cache(getattr(self, name)))
        self._about: dict[str, set[str]] = {}
        for event in self.of("consultation"):
            self._about.setdefault(event["data"].get("about", ""), set()).add(event["id"])
        self._lent: dict[int, list[Facts]] = {}
        self.words = self.histories()
        self.named = {e["position"]: (e["event"]["source"], e["event"]["id"]) for e in entries}
        self.row_positions = {id(e["data"]): e["position"] for e in self.of("matrix")}

    def grants(self, act: Facts) -> list[Facts]:
        if act["position"] not in self._lent:
            self._lent[act["position"]] = super().grants(act)
        return self._lent[act["position"]]

    # decisions

    def asked(self) -> list[str]:
        """Every decision that was told of."""
        return sorted({event["id"] for event in self.of("decision")})

    def all_acts(self) -> list[Facts]:
        """Every act in order, whatever its outcome."""
        found = [act for words in self.words.values() for act in words if act["word"] != "reopened"]
        return sorted(found, key=lambda act: (act["occurred"], act["position"]))

    def acts(self) -> list[Facts]:
        """Those with an outcome that counts and a known decider."""
        return [act for act in self.all_acts() if act["outcome"] in COUNTED and act["deciders"]]

    def scope(self, act: Facts) -> str:
        """The domain whose row it fell under; its home where there was none."""
        found = self.row(act["domains"][0], act["occurred"])
        return f"domain/{found[0] if found else act['domains'][0]}"

    def row_position(self, row: Facts) -> int:
        return self.row_positions[id(row)]

    def deciders(self, act: Facts) -> tuple[str, ...]:
        return tuple(sorted({self.holder(one["holder"]) for one in act["deciders"]}))

    def nodes(self, act: Facts) -> set[str]:
        return {
            body_key(one["under"]) if one.get("under") else self.holder(one["holder"])
            for one in act["deciders"]
        }

    def after(self, act: Facts, *whats: str) -> Facts | None:
        """What first happened to its decision after it, of these types."""
        for event in self.of("decision", act["decision"]):
            later = (event["occurred"], event["position"]) > (act["occurred"], act["position"])
            if later and event["type"].removeprefix("decision.") in whats:
                return event
        return None

    def replaced(self, act: Facts) -> datetime | None:
        """When the decision no longer stood as this act made it."""
        event = self.after(act, "made", "overridden", "reopened", "superseded")
        return event["occurred"] if event else None

    def first_made(self, id: str) -> Facts | None:
        """The first `made` that settled something."""
        for word in self.words.get(id, ()):
            if word["word"] == "made" and word["outcome"] in COUNTED:
                return word
        return None

    def initiative_of(self, id: str, until: datetime | None = None) -> str | None:
        """The initiative it was said to belong to last."""
        named = None
        for event in self.of("decision", id, until):
            if event["type"] in ("decision.opened", "decision.made"):
                named = event["data"].get("initiative") or named
        return named

    def proposers(self, id: str) -> set[str]:
        """The initiative's, else who opened it."""
        for event in self.of("initiative", self.initiative_of(id) or "-"):
            if event["type"] == "initiative.proposed" and event["data"]["proposers"]:
                return {self.holder(one) for one in event["data"]["proposers"]}
        opened = [e for e in self.of("decision", id) if e["type"] == "decision.opened"]
        return {self.holder(f"actor/{e['data']['by']}") for e in opened}

    def electorate(self, id: str, t: datetime) -> list[Facts]:
        """Those to whom the question was put."""
        opened = [e for e in self.of("decision", id, t) if e["type"] == "decision.opened"]
        return opened[0]["data"]["electorate"] if opened else []

    def positions(self, act: Facts) -> set[str]:
        """Who took a position before an act, for themselves or for another, and for whom."""
        spoke = set()
        for event in self.of("decision", act["decision"], act["occurred"]):
            if event["type"] == "decision.position_taken":
                spoke.add(self.holder(f"actor/{event['data']['by']}"))
                spoke |= {self.holder(event["data"]["for"])} if event["data"].get("for") else set()
        return spoke

    def took_part(self, act: Facts, who: str) -> bool:
        """Whether somebody decided, or took a position before; of a body also one of its people."""
        heard = self.positions(act)
        if act["deciders"]:
            heard = {*heard, *self.nodes(act), *self.actual(act, "seat")}
        return who in heard or any(self.sits(one, who, act["occurred"]) for one in heard)

    # consultations

    def about(self, id: str) -> set[str]:
        """The consultations about a decision and its initiative."""
        subjects = {f"decision/{id}", f"initiative/{self.initiative_of(id)}"}
        return {id for subject in subjects for id in self._about.get(subject, ())}

    def _consulted(self, id: str, what: str) -> list[Facts]:
        found = [e for one in self.about(id) for e in self.of("consultation", one)]
        return sorted((e for e in found if e["type"] == f"consultation.{what}"), key=_when)

    def requests(self, id: str) -> list[Facts]:
        return self._consulted(id, "requested")

    def advice(self, id: str) -> list[Facts]:
        return self._consulted(id, "advice_given")

    def of_all(self, event: Facts) -> bool:
        """Whether it belongs to a consultation about an initiative."""
        told = [e for e in self.of("consultation", event["id"]) if e["type"] == "consultation.requested"]
        return any(e["data"]["about"].startswith("initiative/") for e in told)

    def earlier(self, act: Facts, *, known: bool = False) -> list[datetime]:
        """When the decisions of its initiative that come before it were first made; by `known` deciders."""
        named = self.initiative_of(act["decision"])
        first = [self.first_made(id) for id in self.asked() if named and self.initiative_of(id) == named]
        made = [one for one in first if one and (one["deciders"] or not known)]
        mine = act["occurred"], act["decision"]
        return [one["occurred"] for one in made if (one["occurred"], one["decision"]) < mine]

    def withdrawn(self, advice: Facts) -> bool:
        """Whether the last answer to a piece of advice is that it was taken back."""
        answers = [
            e["data"]["disposition"]
            for e in self.of("consultation", advice["id"])
            if e["type"] == "consultation.advice_answered"
            and (e["data"]["advice"]["source"], e["data"]["advice"]["id"]) == self.named[advice["position"]]
        ]
        return answers[-1:] == ["withdrawn"]

    # who is in what

    def sits(self, actor: str, body: str, t: datetime) -> bool:
        return body.startswith("body/") and actor in self.seats(body.removeprefix("body/"), t)

    def reaches(self, named: str, holder: str, t: datetime) -> bool:
        """Whether naming one reaches another: itself, a body it sits in, somebody who sits in it."""
        named = self.holder(named)
        return named == holder or self.sits(holder, named, t) or self.sits(named, holder, t)

    # episodes

    def episodes(
        self, pattern: str, spells: Iterable[Spell], figure: Any, *, whole: bool = False
    ) -> list[Knot]:
        """What holds in one scope for the same actors without a gap is one episode.

        Its figure is of what holds still, or of the `whole`; of all once it has ended.
        """
        groups: dict[tuple[str, tuple[str, ...]], list[Spell]] = {}
        for spell in sorted(spells, key=lambda one: one.since):
            ends = spell.until is not None and spell.until <= spell.since
            if spell.since <= self.now and not ends:
                groups.setdefault((spell.scope, spell.actors), []).append(spell)
        knots = []
        for (scope, actors), told in groups.items():
            for run in self._runs(told):
                ends = [one.until for one in run if one.until is not None and one.until <= self.now]
                until = max(ends) if len(ends) == len(run) else None
                shown = [one for one in run if until or one.until is None or one.until > self.now]
                entries = frozenset(position for one in shown for position in one.entries)
                value = figure(run if whole else shown, until or self.now)
                knots.append(Knot(pattern, scope, actors, run[0].since, until, value, entries))
        return knots

    @staticmethod
    def _runs(told: list[Spell]) -> list[list[Spell]]:
        runs: list[list[Spell]] = []
        reach: datetime | None = None
        for spell in told:
            if not runs or (reach is not None and spell.since > reach):
                runs.append([])
                reach = spell.since
            runs[-1].append(spell)
            reach = None if reach is None or spell.until is None else max(reach, spell.until)
        return runs


def _when(event: Facts) -> tuple[datetime, int]:
    return event["occurred"], event["position"]
