"""What the knots' oracle asks again and again of a world, and how conditions become episodes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from tests.oracle.oracle import COUNTED, World, body_key, instant

Facts = dict[str, Any]
Key = tuple[str, tuple[str, ...]]


class Episode(NamedTuple):
    """A knot from when its condition first held until it no longer did; None: it still does."""

    scope: str
    actors: tuple[str, ...]
    since: datetime
    until: datetime | None
    figure: float
    entries: frozenset[int]


class Shown(NamedTuple):
    """What a condition shows while it holds."""

    figure: float
    entries: frozenset[int]


class Limits(NamedTuple):
    """What it takes, as the law has it."""

    shadow_least: int = 3
    overlap_least: int = 3
    overlap_days: int = 90
    stalled_days: int = 90
    stalled_gaps: int = 10
    stale_days: int = 30
    undone_least: int = 10


class Knotted(World):
    """A world as of an instant, with what knots are about."""

    at: datetime
    limits = Limits()

    @cached_property
    def words(self) -> dict[str, list[Facts]]:
        """Every decision's acts and reopenings, each act with the row that governs it."""
        told = self.histories()
        for words in told.values():
            for word in words:
                if word["word"] != "reopened":
                    self._governed(word)
        return told

    def _governed(self, act: Facts) -> None:
        home, t = act["domains"][0], act["occurred"]
        row = self.row(home, t)
        act["home"] = home
        act["governed"] = row and self.standing(row[0], t)
        act["scope"] = f"domain/{row[0] if row else home}"
        act["keys"] = tuple(sorted(self.actual_keys(act)))

    @cached_property
    def acts(self) -> list[Facts]:
        """Every act that counts, in order."""
        told = [word for words in self.words.values() for word in words if word["word"] != "reopened"]
        counted = [act for act in told if act["outcome"] in COUNTED]
        return sorted(counted, key=lambda act: (act["occurred"], act["position"]))

    @cached_property
    def domains(self) -> list[str]:
        """Every domain that anything was said of, or decided on."""
        found = {event["id"] for event in self.of("domain")} | {event["id"] for event in self.of("matrix")}
        for event in self.of("decision") + self.of("initiative"):
            found |= set(event["data"].get("domains") or ())
        for event in self.of("domain"):
            found |= {event["data"].get(name) for name in ("parent", "into")} - {None}
        return sorted(found)

    @cached_property
    def _of_person(self) -> dict[str, list[Facts]]:
        found: dict[str, list[Facts]] = {}
        for event in self.of("actor"):
            if event["type"] in ("actor.left", "actor.returned"):
                found.setdefault(self.person(event["id"]), []).append(event)
        return found

    def gone(self, key: str, t: datetime) -> Facts | None:
        """The event by which a holder is no longer there at t."""
        kind, id = key.split("/", 1)
        if kind == "body":
            ends = [event for event in self.of("body", id, t) if event["type"] == "body.dissolved"]
            return ends[0] if ends else None
        last, before, back = None, None, None
        for event in self._of_person.get(self.person(id), ()):
            if event["occurred"] <= t:
                if event["type"] == "actor.returned":
                    last, before, back = None, last, event["occurred"]
                elif last is None:
                    last = before if back == event["occurred"] and before else event  # back for no time
        return last

    def live(self, key: str, t: datetime) -> bool:
        return self.gone(key, t) is None

    def standing(self, domain: str, t: datetime) -> Facts | None:
        """The event of a domain's own row in force at t; None if there is none or it was cleared."""
        best = None
        for event in self.of("matrix", domain):
            effective = self.effective(event)
            key = (effective, event["occurred"], event["position"])
            if effective <= t and (best is None or key > best[0]):
                best = (key, event)
        return best[1] if best is not None and best[1]["type"] == "matrix.row_set" else None

    def effective(self, event: Facts) -> datetime:
        told: datetime = event["occurred"]
        if event["type"] == "matrix.row_set" and event["data"].get("effective_from"):
            return instant(event["data"]["effective_from"])
        return told

    @cached_property
    def structural(self) -> list[datetime]:
        """The instants at which anything about rows, domains and who is there may change, and `at`."""
        found = {self.at}
        for kind in ("actor", "body", "domain", "matrix"):
            for event in self.of(kind):
                found.add(event["occurred"])
                if event["data"].get("until"):
                    found.add(instant(event["data"]["until"]))
                if kind == "matrix":
                    found.add(self.effective(event))
        return sorted(t for t in found if t <= self.at)

    def retired(self, domain: str, t: datetime) -> bool:
        return any(event["type"] == "domain.retired" for event in self.of("domain", domain, t))

    def undone(self, act: Facts) -> datetime | None:
        """When an act's place was taken: made anew, overridden, reopened or superseded."""
        after = [w for w in self.words[act["decision"]] if _order(w) > _order(act)]
        after += [
            e
            for e in self.of("decision", act["decision"])
            if e["type"] == "decision.superseded" and _order(e) > _order(act)
        ]
        return min((one["occurred"] for one in after), default=None)

    def _said(self, decision: str, name: str) -> Any:
        """What was said last of it, where it was opened or made."""
        told = [e for e in self.of("decision", decision) if e["type"] in ("decision.opened", "decision.made")]
        said = [event["data"].get(name) for event in told]
        return next((one for one in reversed(said) if one), None)

    def home(self, decision: str) -> str:
        domain: str = self._said(decision, "domains")[0]
        return domain

    def initiative(self, decision: str) -> str | None:
        told: str | None = self._said(decision, "initiative")
        return told

    def proposers(self, decision: str) -> set[str]:
        """The initiative's, else who opened."""
        initiative = self.initiative(decision)
        opens = [e["data"]["by"] for e in self.of("decision", decision) if e["type"] == "decision.opened"]
        opened = opens[0] if opens else None
        for event in self.of("initiative", initiative) if initiative else ():
            if event["type"] == "initiative.proposed" and event["data"]["proposers"]:
                return {self.holder(one) for one in event["data"]["proposers"]}
        return {self.holder(f"actor/{opened}")} if opened else set()

    def named(self, decider: Facts) -> str:
        return body_key(decider["under"]) if decider.get("under") else self.holder(decider["holder"])


def _order(one: Facts) -> tuple[datetime, int]:
    return one["occurred"], one["position"]


def episodes(
    moments: Iterable[datetime], holding: Callable[[datetime], dict[Key, Shown]], *, gathering: bool = False
) -> Iterator[Episode]:
    """Each key from the first of the moments at which it holds to the first at which it does not.

    What it shows is that of the last moment; `gathering`: with all entries on the way.
    """
    opened: dict[Key, tuple[datetime, Shown]] = {}
    for t in sorted(set(moments)):
        now = holding(t)
        for key in [key for key in opened if key not in now]:
            since, shown = opened.pop(key)
            yield Episode(*key, since, t, *shown)
        for key, shown in now.items():
            since, before = opened.get(key, (t, shown))
            entries = shown.entries | before.entries if gathering else shown.entries
            opened[key] = since, Shown(shown.figure, entries)
    for key, (since, shown) in opened.items():
        yield Episode(*key, since, None, *shown)


class Span(NamedTuple):
    """A fact that lasts for a while, by itself enough for a knot."""

    key: Key
    since: datetime
    until: datetime | None
    entries: frozenset[int]
    decision: str
    figure: float | None = None


def lasting(spans: Iterable[Span]) -> Iterator[Episode]:
    """While any fact of a key lasts: how many decisions of those that still hold, or the greatest figure."""
    held = [span for span in spans if span.until is None or span.since < span.until]
    moments = {t for span in held for t in (span.since, span.until) if t is not None}

    def holding(t: datetime) -> dict[Key, Shown]:
        now = [span for span in held if span.since <= t and (span.until is None or t < span.until)]
        return {span.key: Shown(0, frozenset()) for span in now}

    for one in episodes(moments, holding):
        of = [
            span
            for span in held
            if span.key == (one.scope, one.actors)
            and one.since <= span.since
            and (one.until is None or span.since < one.until)
        ]
        current = [span for span in of if one.until is not None or span.until is None]
        entries = frozenset(entry for span in of for entry in span.entries)
        figures = [span.figure for span in current if span.figure is not None]
        figure = max(figures) if figures else len({span.decision for span in current})
        yield one._replace(figure=figure, entries=entries)
