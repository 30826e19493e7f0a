"""Whether what was tried, ended or went wrong was learnt from, in plain loops, without code of services."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.oracle.around import Around
from tests.oracle.flowing import DAY, Flowing, quantile
from tests.oracle.meeting import plain
from tests.oracle.narrowed import Narrowed
from tests.oracle.oracle import COUNTED, instant

Facts = dict[str, Any]
HALF, TENTH = Fraction(1, 2), Fraction(1, 10)


class Learned(Around):
    """One window of a world; `closes` is its end as far as anything had occurred."""

    def __init__(
        self, of: Flowing, start: datetime | None, end: datetime | None, asked: Facts | None = None
    ) -> None:
        super().__init__(of.world, start, end)
        self.flowing = of
        self.now: datetime = of.world.at  # type: ignore[assignment]  # always known here
        rest = {name: value for name, value in (asked or {}).items() if name != "body"}
        self.narrowed = Narrowed(of, rest, people=(asked or {}).get("body"))
        self.closes = self.now if end is None or end > self.now else end

    def told(self, what: str) -> list[Facts]:
        """Those asked about."""
        facts = super().told(what)
        return [f for f in facts if self.narrowed.concerns(f"{f['kind']}/{f['id']}", f["occurred"])]

    # what was learnt of a thing

    def debriefs_of(self, subject: str, since: datetime) -> list[Facts]:
        told = [f for f in self.world.of("debrief") if f["type"] == "debrief.held"]
        return [f for f in told if f["data"]["about"] == subject and f["occurred"] >= since]

    def lessons_of(self, subject: str, since: datetime) -> list[Facts]:
        """From it, or from a debrief about it."""
        held = [f for f in self.world.of("debrief") if f["type"] == "debrief.held"]
        sources = {subject, *(f"debrief/{f['id']}" for f in held if f["data"]["about"] == subject)}
        told = self.world.of("lesson")
        return [f for f in told if f["data"]["from"] in sources and f["occurred"] >= since]

    def rows_of(self, lesson: Facts) -> list[Facts]:
        told = [f for f in self.world.of("matrix") if f["data"].get("basis") == f"lesson/{lesson['id']}"]
        return [f for f in told if f["occurred"] >= lesson["occurred"]]

    def took(self, lasted: list[tuple[datetime, datetime | None]]) -> Facts:
        spans = [((end or self.now) - start, end is not None) for start, end in lasted]
        return {
            "n": len(spans),
            "open": sum(not ended for _, ended in spans),
            "median": quantile(spans, HALF),
            "p90": quantile(spans, TENTH),
        }

    # experiments

    def trials(self) -> list[tuple[Facts, Facts | None]]:
        found = []
        for f in self.world.of("experiment"):
            if f["type"] == "experiment.started":
                told = self.world.of("experiment", f["id"])
                found.append((f, next((g for g in told if g["type"] == "experiment.concluded"), None)))
        return found

    def experiments(self) -> Facts:
        started = [(s, e) for s, e in self.trials() if s in self.told("experiment.started")]
        over = [(s, e) for s, e in self.trials() if e in self.told("experiment.concluded")]
        lasting = [
            s
            for s, e in self.trials()
            if self.narrowed.concerns(f"experiment/{s['id']}", s["occurred"])
            if self._by_end(s["occurred"]) and not (e and self._by_end(e["occurred"]))
        ]
        late = [(s, instant(s["data"]["ends_at"])) for s in lasting if s["data"].get("ends_at")]

        def rate(found: list[Any]) -> tuple[int, int]:
            return len(found), len(over)

        def after(told: Any) -> tuple[int, int]:
            return rate([e for _, e in over if told(f"experiment/{e['id']}", e["occurred"])])

        return super().experiments() | {
            "how long": self.took([(s["occurred"], e and e["occurred"]) for s, e in started]),
            "documented": rate([e for _, e in over if e["data"].get("evidence")]),
            "debriefed": after(self.debriefs_of),
            "with_lesson": after(self.lessons_of),
            "open": len(lasting),
            "overdue": sorted(
                (f"experiment/{s['id']}", due, (self.closes - due) / DAY, s["position"])
                for s, due in late
                if due < self.closes
            ),
        }

    def _by_end(self, at: datetime) -> bool:
        return self.end is None or at < self.end

    # debriefs

    def adjustments(self) -> dict[str, Facts]:
        found: dict[str, Facts] = {}
        for f in self.told("debrief.held"):
            for text in f["data"].get("adjustments", ()):
                one = found.setdefault(plain(text), {"text": text, "debriefs": set(), "at": []})
                one["debriefs"].add(f["position"])
                one["at"].append(f["occurred"])
        return {
            key: {
                "text": one["text"],
                "debriefs": len(one["debriefs"]),
                "first": min(one["at"]),
                "last": max(one["at"]),
            }
            for key, one in found.items()
        }

    def endings(self) -> list[tuple[str, str, datetime, int]]:
        """What people might have looked back on: its kind, its subject, when it ended, the entry."""
        found = []
        for f in self.told("initiative.completed"):
            kind = f"initiative_{f['data'].get('outcome') or 'completed'}"
            found.append((kind, f"initiative/{f['id']}", f["occurred"], f["position"]))
        for _, f in self.trials():
            if f in self.told("experiment.concluded"):
                found.append(("experiment", f"experiment/{f['id']}", f["occurred"], f["position"]))
        for id, at, position in self._overrides():
            found.append(("override", f"decision/{id}", at, position))
        return found

    def _undone(self) -> Iterator[tuple[str, datetime]]:
        for id, at in super()._undone():
            if self.narrowed.concerns(f"decision/{id}", at):
                yield id, at

    def _overrides(self) -> list[tuple[str, datetime, int]]:
        flowing = self.flowing
        return [
            (id, after["occurred"], after["position"])
            for id, words in flowing.words.items()
            for before, after in pairwise(words)
            if before["word"] != "reopened" and before["outcome"] in COUNTED
            if flowing.how(before, after) == "overridden" and self.inside(after["occurred"])
            if self.narrowed.concerns(f"decision/{id}", after["occurred"])
        ]

    def cover(self) -> dict[str, Facts]:
        found: dict[str, Facts] = {}
        for kind in {kind for kind, *_ in self.endings()}:
            mine = [one[1:] for one in self.endings() if one[0] == kind]
            looked = [(s, at, p, self.debriefs_of(s, at)) for s, at, p in mine]
            found[kind] = {
                "looked back": (sum(bool(d) for *_, d in looked), len(mine)),
                "how soon": self.took([(at, d[0]["occurred"] if d else None) for _, at, _, d in looked]),
                "not yet": sorted((s, at, (self.now - at) / DAY, p) for s, at, p, d in looked if not d),
            }
        return found

    # lessons

    def lessons(self) -> Facts:
        proposing = [f for f in self.told("lesson.recorded") if f["data"].get("proposes_row")]
        changed = [(f, self.rows_of(f)) for f in proposing]
        rows = []
        for f in super().told("matrix.row_set"):
            basis = f["data"].get("basis") or ""
            for lesson in self.world.of("lesson", basis[7:]) if basis.startswith("lesson/") else ():
                here = self.narrowed.within(f"domain/{f['id']}", f["occurred"])
                here = here and self.narrowed.takes(basis, f["occurred"])
                if here and f["occurred"] >= lesson["occurred"]:
                    days = (f["occurred"] - lesson["occurred"]) / DAY
                    proposed = lesson["data"].get("proposes_row") == f["id"]
                    moments = lesson["position"], f["position"], lesson["occurred"], f["occurred"]
                    rows.append((f["id"], lesson["id"], *moments, days, proposed))
        return super().lessons() | {
            "changed_matrix": (sum(bool(after) for _, after in changed), len(proposing)),
            "how long": self.took([(f["occurred"], a[0]["occurred"] if a else None) for f, a in changed]),
            "rows": sorted(rows),
        }

    def turned(self) -> Facts:
        """Of the mistakes: looked back on, with a lesson, with a row that rests on such a lesson."""
        wrong = self.mistakes()
        lessons = [self.lessons_of(subject, at) for subject, at in wrong]
        return {
            "all": len(wrong),
            "debriefed": (sum(bool(self.debriefs_of(subject, at)) for subject, at in wrong), len(wrong)),
            "with_lesson": (sum(map(bool, lessons)), len(wrong)),
            "changed_matrix": (sum(any(map(self.rows_of, some)) for some in lessons), len(wrong)),
        }
