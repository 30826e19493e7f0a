"""Whom a window compares, how evenly something is spread over them, and their ways through roles.

In plain loops, without code of services. A window is half open; None is unbounded.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle.oracle import World, instant

Facts = dict[str, Any]
FIRST = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
NAMES = ("decides", "contributes", "informs", "escalates_to", "accountable")


class Roster:
    """Of one window: the instants from `opens` to `closes`, both included."""

    def __init__(self, world: World, start: datetime | None, end: datetime | None) -> None:
        self.world, self.opens = world, start or FIRST
        self.now: datetime = world.at  # type: ignore[assignment]  # always known here
        self.closes = self.now if end is None or end > self.now else end - timedelta(microseconds=1)

    def of(self, asked: Facts) -> set[str]:
        """Of a body its seats; of a domain those its rows name; of all, persons and agents there were."""
        if self.opens > self.closes:
            return set()
        if asked.get("body"):
            return self.seated(asked["body"])
        return self.named(asked["domain"]) if asked.get("domain") else self.present()

    def present(self) -> set[str]:
        """Registered by the end of the window, and not away throughout."""
        found, people = set(), set()
        for fact in self.world.of("actor", None, self.closes):
            if fact["type"] in ("actor.registered", "actor.updated"):
                people.add(self.world.person(fact["id"]))
        for who in people:
            told = [
                f["data"] for f in self.world.of("actor", who, self.closes) if "kind" in (f["data"] or {})
            ]
            moments = [f["occurred"] for f in self.world.of("actor") if self.inside(f["occurred"])]
            here = any(self.world.live(f"actor/{who}", t) for t in (self.opens, *moments))
            if here and told and told[-1]["kind"] in ("person", "agent"):
                found.add(f"actor/{who}")
        return found

    def inside(self, t: datetime) -> bool:
        return self.opens <= t <= self.closes

    def seated(self, body: str) -> set[str]:
        """Whoever held a seat for a while of it, be it that they had left."""
        spans = (seat for seat in seats(self.world, body) if seat["start"] <= self.closes)
        return {seat["holder"] for seat in spans if seat["end"] is None or seat["end"] > self.opens}

    def named(self, domain: str) -> set[str]:
        """Holders and contributors of rows in force, there and below; bodies by their seats."""
        domains = {fact["id"] for kind in ("domain", "matrix") for fact in self.world.of(kind)}
        below = {d for d in domains if domain in self.world.line(d, self.closes)}
        moments = [self.opens, *(effective(f) for f in self.world.of("matrix") if self.inside(effective(f)))]
        rows = [row for t in moments for d in below if (row := own(self.world, d, t)) is not None]
        line = self.world.line(domain, self.closes)
        for t in moments:
            rows += [row for row in [own(self.world, d, t) for d in line] if row][:1]
        holders = {one["holder"] for row in rows for name in NAMES[:2] for one in row["data"].get(name) or ()}
        found = set()
        for holder in map(self.world.holder, holders):
            found |= self.seated(holder[5:]) if holder.startswith("body/") else {holder}
        return found


def effective(fact: Facts) -> datetime:
    early = (fact["data"] or {}).get("effective_from")
    return instant(early) if early else fact["occurred"]


def own(world: World, domain: str, t: datetime) -> Facts | None:
    """A domain's own row in force."""
    told = [f for f in world.of("matrix", domain) if effective(f) <= t]
    last = max(told, key=lambda f: (effective(f), f["occurred"], f["position"]), default=None)
    return last if last and last["type"] == "matrix.row_set" else None


def seats(world: World, body: str) -> Iterator[Facts]:
    """Each seat from when it was taken until it was vacated, renewed, its term or the body ended."""
    told = world.of("body", body)
    over = [f["occurred"] for f in told if f["type"] == "body.dissolved"]
    for n, taken in enumerate(told):
        if taken["type"] != "body.seat_taken":
            continue
        actor, role = taken["data"]["actor"], taken["data"].get("role")
        ends = over + ([instant(taken["data"]["until"])] if taken["data"].get("until") else [])
        for f in told[n + 1 :]:
            data = f["data"] or {}
            renewed = f["type"] == "body.seat_taken" and data.get("role") == role
            vacated = f["type"] == "body.seat_vacated" and data.get("role") in (None, role)
            if data.get("actor") == actor and (renewed or vacated):
                ends.append(f["occurred"])
        end = min(ends, default=None)
        if end is None or end > taken["occurred"]:
            holder = world.holder(f"actor/{actor}")
            yield {"holder": holder, "role": role, "start": taken["occurred"], "end": end} | {
                "entry": taken["position"]
            }


def spread(parts: Mapping[str, Any], roster: set[str]) -> Facts:
    """Gini's mean difference by its definition, the fewest who did half, and how many did none."""
    actors = {who: Fraction(part) for who, part in parts.items() if part and who.startswith("actor/")}
    people = sorted(roster | set(actors))
    shares = [actors.get(who, Fraction(0)) for who in people]
    total, k, reached = sum(shares), 0, Fraction(0)
    if not total:
        return {"gini": None, "half_by": None, "people": len(people), "without": len(people)}
    for share in sorted(shares, reverse=True):
        if 2 * reached < total:
            k, reached = k + 1, reached + share
    apart = sum(abs(one - other) for one in shares for other in shares)
    gini = float(apart / (2 * len(people) * total))
    return {"gini": gini, "half_by": k, "people": len(people), "without": len(people) - len(actors)}


class Ways:
    """Everybody's way through roles."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now: datetime = world.at  # type: ignore[assignment]  # always known here

    def paths(self) -> dict[str, set[tuple[Any, ...]]]:
        found: dict[str, set[tuple[Any, ...]]] = {}
        for holder, *span in (
            *self._seats(),
            *self._rows(),
            *self._mandates(),
            *self._lines(),
            *self._away(),
        ):
            start, end = span[3], span[4]
            span[4] = None if end is None or end > self.now else end
            if start <= self.now:
                found.setdefault(holder, set()).add(tuple(span))
        return found

    def _seats(self) -> Iterator[tuple[Any, ...]]:
        for body in {fact["id"] for fact in self.world.of("body")}:
            for seat in seats(self.world, body):
                role = seat["role"]
                yield seat["holder"], "seat", f"body/{body}", role, seat["start"], seat["end"], seat["entry"]

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        """From the row that named them first to the one that no longer does."""
        for domain in {fact["id"] for fact in self.world.of("matrix")}:
            told = sorted(
                self.world.of("matrix", domain), key=lambda f: (effective(f), f["occurred"], f["position"])
            )
            told = [row for row in told if effective(row) <= self.now]
            for kind in NAMES:
                before: set[str] = set()
                for n, row in enumerate(told):
                    for holder in self._named(row, kind) - before:
                        gone = (effective(r) for r in told[n:] if holder not in self._named(r, kind))
                        name = "informed" if kind == "informs" else kind
                        end, entry = next(gone, None), row["position"]
                        yield holder, name, f"domain/{domain}", None, effective(row), end, entry
                    before = self._named(row, kind)

    def _named(self, row: Facts, kind: str) -> set[str]:
        told = (row["data"] or {}).get(kind) or ()
        holders = (
            [told]
            if isinstance(told, str)
            else [one if isinstance(one, str) else one["holder"] for one in told]
        )
        return set(map(self.world.holder, holders)) if row["type"] == "matrix.row_set" else set()

    def _mandates(self) -> Iterator[tuple[Any, ...]]:
        for fact in self.world.of("mandate"):
            if fact["type"] != "mandate.delegated":
                continue
            data, start = fact["data"], effective(fact)
            ends = [instant(data["until"])] if data.get("until") else []
            ends += [
                f["occurred"] for f in self.world.of("mandate", fact["id"]) if f["type"] == "mandate.ended"
            ]
            end = min(ends, default=None)
            if end is None or end > start:
                for holder in set(map(self.world.holder, data["to"])):
                    yield holder, "mandate", data["scope"], None, start, end, fact["position"]

    def _lines(self) -> Iterator[tuple[Any, ...]]:
        """Whom one answered to, until it was somebody else."""
        for who in {fact["id"] for fact in self.world.of("actor")}:
            told = [f for f in self.world.of("actor", who) if "kind" in (f["data"] or {})]
            told = list({f["occurred"]: f for f in told}.values())  # what is said anew at once never was
            above = [self._above(f) for f in told]
            for n, fact in enumerate(told):
                if above[n] and self.world.person(who) == who and (not n or above[n - 1] != above[n]):
                    ends = (
                        f["occurred"]
                        for f, other in zip(told[n:], above[n:], strict=True)
                        if other != above[n]
                    )
                    end = next(ends, None)
                    yield f"actor/{who}", "reports", above[n], None, fact["occurred"], end, fact["position"]

    def _above(self, fact: Facts) -> str | None:
        above = fact["data"].get("reports_to")
        return self.world.holder(f"actor/{above}") if above else None

    def _away(self) -> Iterator[tuple[Any, ...]]:
        """From a departure to the return, by whichever of their ids."""
        for who in {self.world.person(fact["id"]) for fact in self.world.of("actor")}:
            moves = [f for f in self.world.of("actor") if self.world.person(f["id"]) == who]
            moves = [f for f in moves if f["type"] in ("actor.left", "actor.returned")]
            for n, fact in enumerate(moves):
                if fact["type"] == "actor.left" and (not n or moves[n - 1]["type"] != "actor.left"):
                    end = next((f["occurred"] for f in moves[n:] if f["type"] == "actor.returned"), None)
                    key = f"actor/{who}"
                    if end == fact["occurred"]:
                        continue
                    yield key, "away", key, None, fact["occurred"], end, fact["position"]
