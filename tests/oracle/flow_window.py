"""What `flow` answers of one window, in plain loops. It shares no code with the services.

A window is half open; None is unbounded. It closes at its end or, if that is later, at the world's instant.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from tests.oracle.flowing import DAY, LEGS, lasting, quantile
from tests.oracle.oracle import COUNTED, concentration
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]
STAKES = ("strategic", "high", "medium", "low", None)
HORIZONS = (7, 30, 90, 180, 365, 730)


class FlowWindow:
    """One window of one question."""

    def __init__(self, waiting: Waiting, asked: Facts, start: datetime | None, end: datetime | None) -> None:
        self.of, self.asked, self.start, self.end = waiting, asked, start, end
        now: datetime = waiting.world.at
        self.closes = now if end is None or end > now else end
        self.whole = end is None or end > now

    def _taken(self, spans: Iterable[Facts]) -> list[Facts]:
        """Those the question is about; what was decided as its last act has it."""
        return [
            one
            for one in spans
            if self.of.takes(self.asked, one["of"], one["act"] if "act" in one else self.of.last(one["of"]))
        ]

    def _began(self, spans: Iterable[Facts]) -> list[Facts]:
        return [
            one
            for one in self._taken(spans)
            if (self.start is None or one["start"] >= self.start)
            and (self.end is None or one["start"] < self.end)
        ]

    def _reaching(self, spans: Iterable[Facts]) -> list[Facts]:
        return [
            one
            for one in self._taken(spans)
            if (self.end is None or one["start"] < self.end)
            and (self.start is None or one["end"] >= self.start)
        ]

    def inferred(self) -> Facts:
        """How many decisions of the window, and of how many the deciders were inferred."""
        acts = self.of.world.chosen(start=self.start, end=self.end, tense="made")
        acts = [one for one in acts if one["outcome"] in COUNTED and one["deciders"]]
        acts = [one for one in acts if self.of.takes(self.asked, f"decision/{one['decision']}", one)]
        return {"inferred": sum(one["attested"] == "inferred" for one in acts), "of": len(acts)}

    def _over(self, one: Facts) -> bool:
        """Whether a span was over as the window began; one without length that begins there is in it."""
        return bool(self.start is not None and one["ended"] and one["start"] < self.start == one["end"])

    def _inside(self, one: Facts) -> timedelta:
        """The part of a span that lies in the window."""
        begun = one["start"] if self.start is None else max(one["start"], self.start)
        return max(min(one["end"], self.closes) - begun, timedelta())

    def legs(self) -> dict[tuple[str, str], Facts]:
        spans = [(leg, one) for leg, one in self.of.legs() if self._began([one])]
        return {leg: self._leg([one for of, one in spans if of == leg]) for leg in LEGS}

    @staticmethod
    def _leg(spans: list[Facts]) -> Facts:
        hows = [one["how"] for one in spans]
        return lasting(spans) | {
            "skipped": hows.count("skipped"),
            "out_of_order": hows.count("out of order"),
        }

    def hold(self) -> dict[tuple[str, str | None], Facts]:
        spans = self._began({**one, "of": f"decision/{one['of']}"} for one in self.of.holds())
        groups = {("all", None): spans}
        for level in {self.of.level(one["act"]) for one in spans}:
            key = None if level is None else str(level)
            groups["level", key] = [one for one in spans if self.of.level(one["act"]) == level]
        for stakes in {one["act"]["stakes"] for one in spans}:
            mine = [one for one in spans if one["act"]["stakes"] == stakes]
            groups["stakes", stakes or "none"] = mine
        return {group: self._held(spans) for group, spans in groups.items()}

    @staticmethod
    def _held(spans: list[Facts]) -> Facts:
        hows = [one["how"] for one in spans]
        names = ("overridden", "reversed", "reopened")
        return lasting(spans) | {name: hows.count(name) for name in names} | {"curve": curve(spans)}

    def open_work(self) -> Facts:
        """As of the last instant of the window."""
        at = self.closes if self.whole else self.closes - timedelta(microseconds=1)
        now = [one for one in self._taken(self.of.openings()) if _open(one, at)]
        ages = [(at - one["start"]) / DAY for one in now]
        waits = [one for one in self._taken(self.of.waits()) if _open(one, at)]
        return {
            "n": len(now),
            "median_age_days": median(ages) if ages else None,
            "oldest_days": max(ages, default=None),
            "rows": {
                one["of"]: (
                    one["start"],
                    (at - one["start"]) / DAY,
                    *self.of.named(one["of"]),
                    sorted({wait["holder"] for wait in waits if wait["of"] in self._about(one["of"])}),
                )
                for one in now
            },
        }

    def _about(self, subject: str) -> tuple[str, ...]:
        """A decision, and the initiative it is of."""
        kind, id = subject.split("/", 1)
        return (subject, f"initiative/{self.of.initiative(id)}") if kind == "decision" else (subject,)

    def waiting(self) -> Facts:
        waits = [one for one in self._reaching(self.of.waits()) if not self._over(one)]
        rows = {
            holder: self._waited([one for one in waits if one["holder"] == holder])
            for holder in {one["holder"] for one in waits}
        }
        return {
            "holders": len(rows),
            "items": len(waits),
            "days": sum((self._inside(one) for one in waits), timedelta()) / DAY,
            "median_days": median(row["days"] for row in rows.values()) if rows else None,
            "rows": rows,
        }

    def _waited(self, waits: list[Facts]) -> Facts:
        still = [one for one in waits if not one["ended"] or one["end"] > self.closes]
        told = lasting(one for one in waits if self.start is None or one["start"] >= self.start)
        for kind in ("advice", "position", "pause", "escalation"):
            mine = (self._inside(one) for one in waits if one["kind"] == kind)
            told[kind] = sum(mine, timedelta()) / DAY
        return told | {
            "days": sum((self._inside(one) for one in waits), timedelta()) / DAY,
            "open": len(still),
            "oldest_open_days": max(((self.closes - one["start"]) / DAY for one in still), default=None),
        }

    def escalations(self) -> Facts:
        waits = self._began(one for one in self.of.waits() if one["kind"] == "escalation")
        rows: dict[tuple[str, str], tuple[int, int]] = {}
        for one in waits:
            between = self.of.world.holder(one["by"]), one["holder"]
            n, still = rows.get(between, (0, 0))
            rows[between] = n + 1, still + (not one["ended"])
        return {"escalated": len(waits), "decisions": len({one["of"] for one in waits}), "rows": rows}

    def proposing(self) -> Facts:
        proposals = self._began(self.of.proposals())
        known = [one for one in proposals if one["parts"]]
        parts: dict[str, Fraction] = {}
        depths: dict[int, Fraction] = {}
        for one in known:
            for key, part in one["parts"].items():
                parts[key] = parts.get(key, Fraction(0)) + part / len(known)
            for depth, part in one["depths"].items():
                depths[depth] = depths.get(depth, Fraction(0)) + part
        levelled = sum(depths.values())
        return {
            "n": len(known),
            "unknown": len(proposals) - len(known),
            "shares": {key: float(part) for key, part in parts.items()},
            "proposals": {key: sum(key in one["parts"] for one in known) for key in parts},
            "concentration": concentration([float(part) for part in parts.values()])
            | {"holders": len(parts)},
            "mean_depth": float(sum(d * p for d, p in depths.items()) / levelled) if levelled else None,
            "coverage": float(levelled / len(known)) if known else None,
            "levels": {depth: float(part / levelled) for depth, part in depths.items()},
        }

    def balance(self) -> Facts | None:
        """L, λ and W; None where there was no work in the window."""
        spans = self._reaching(self.of.openings())
        start = self.start or min((one["start"] for one in spans), default=self.closes)
        if not spans or start >= self.closes:
            return None
        days = (self.closes - start) / DAY
        arrivals = sum(start <= one["start"] < self.closes for one in spans)
        left = [
            one["end"] - one["start"] for one in spans if one["ended"] and start <= one["end"] < self.closes
        ]
        mean = sum(left, timedelta()) / DAY / len(left) if left else None
        return {
            "days": days,
            "arrivals": arrivals,
            "departures": len(left),
            "mean_open": sum((self._inside(one) for one in spans), timedelta()) / DAY / days,
            "arrivals_per_day": arrivals / days,
            "mean_days": mean,
            "expected_open": None if mean is None else arrivals / days * mean,
        }


def _open(one: Facts, at: datetime) -> bool:
    return bool(one["start"] <= at and (not one["ended"] or one["end"] > at))


def curve(spans: list[Facts]) -> dict[int, tuple[float | None, int]]:
    """The share that stands so long, and how many had stood until then; null where none was seen so long."""
    found: dict[int, tuple[float | None, int]] = {}
    lasted = [(one["end"] - one["start"], one["ended"]) for one in spans]
    for days in HORIZONS:
        share, horizon = Fraction(1), days * DAY
        for time in sorted({time for time, ended in lasted if ended and time <= horizon}):
            risk = sum(other >= time for other, _ in lasted)
            share *= 1 - Fraction(lasted.count((time, True)), risk)
        seen = share == 0 or any(time >= horizon for time, _ in lasted)
        found[days] = float(share) if seen else None, sum(time >= horizon for time, _ in lasted)
    return found


__all__ = ["FlowWindow", "curve", "quantile"]
