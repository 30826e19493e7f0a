"""Spaces, their cadence, what was shared, and bodies that decide side by side, in plain loops.

It shares no code with the services. Windows are half open; None is unbounded.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle.around import Around
from tests.oracle.flowing import DAY, Flowing, quantile
from tests.oracle.narrowed import Narrowed
from tests.oracle.oracle import COUNTED

Facts = dict[str, Any]
CADENCES = {"P1D": DAY, "P7D": 7 * DAY, "P1W": 7 * DAY, "P10D": 10 * DAY, "P2W": 14 * DAY, "P3W": 21 * DAY}
SAID = ("obstacles", "insights", "needs", "upcoming")


def later(at: datetime, cadence: str, times: int) -> datetime:
    """So many cadences on; a month ends on the last day of a shorter one."""
    if cadence in CADENCES:
        return at + times * CADENCES[cadence]
    months = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}[cadence]
    month = at.year * 12 + at.month - 1 + times * months
    year, month = month // 12, month % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def plain(text: str) -> str:
    """The same but for case, spaces and how it ends."""
    return " ".join(text.split()).rstrip(" .").casefold()


class Meeting(Around):
    """One window of a world; `closes` is its end as far as anything had occurred."""

    def __init__(
        self, of: Flowing, start: datetime | None, end: datetime | None, asked: Facts | None = None
    ) -> None:
        super().__init__(of.world, start, end)
        self.of = of
        self.now: datetime = of.world.at  # type: ignore[assignment]  # always known here
        self.asked = asked or {}
        self.body, self.only = self.asked.get("body"), self.asked.get("space")
        rest = {name: value for name, value in self.asked.items() if name not in ("body", "space")}
        self.narrowed = Narrowed(of, rest)
        self.lasts = end is None or end > self.now
        self.closes = self.now if end is None or end > self.now else end
        self.met = [f for f in self.told("space.session_held") if self._taken(f)]

    def _taken(self, session: Facts) -> bool:
        """Asked about: by its space's domains or by a decision that it shared, and by whose people came."""
        t, subjects = session["occurred"], [f"space/{session['id']}"]
        subjects += [f"decision/{id}" for id in session["data"].get("decisions", ())]
        return (
            self.only in (None, session["id"])
            and any(self.narrowed.concerns(subject, t) for subject in subjects)
            and (self.body is None or self._came(self.body, session))
        )

    def _came(self, body: str, session: Facts) -> bool:
        there = {self.world.holder(one) for one in session["data"]["attendees"]}
        return bool(there & {f"body/{body}", *self.world.seats(body, session["occurred"])})

    # spaces

    def spaces(self) -> dict[str, Facts]:
        return {
            id: self.space(id)
            for id in sorted({f["id"] for f in self.world.of("space")})
            if self.only in (None, id) and self._meant(id) and self._here(id)
        }

    def _fact(self, id: str, what: str) -> Facts | None:
        return next((f for f in self.world.of("space", id) if f["type"] == f"space.{what}"), None)

    def _held(self, id: str) -> list[Facts]:
        return [f for f in self.world.of("space", id) if f["type"] == "space.session_held"]

    def _meant(self, id: str) -> bool:
        """Asked about: for what it is, or for a session whenever it was held."""
        opened = self._fact(id, "opened")
        members = opened["data"].get("members") or () if opened else ()
        first = self.world.of("space", id)[0]["occurred"]
        itself = self.body is None or f"body/{self.body}" in members
        return (itself and self.narrowed.concerns(f"space/{id}", first)) or any(
            map(self._taken, self._held(id))
        )

    def _here(self, id: str) -> bool:
        """Open in the window, or met in it."""
        opened, closed = self._fact(id, "opened"), self._fact(id, "closed")
        if any(f["id"] == id for f in self.told("space.session_held")):
            return True
        begun = opened is not None and (self.end is None or opened["occurred"] < self.end)
        return begun and not (closed and self.start and closed["occurred"] < self.start)

    def space(self, id: str) -> Facts:
        opened, closed = self._fact(id, "opened"), self._fact(id, "closed")
        told = opened["data"] if opened else {}
        held = [f for f in self.met if f["id"] == id]
        places = self.places(held)
        return {
            "name": told.get("name"),
            "kind": told.get("kind"),
            "cadence": told.get("cadence"),
            "domains": told.get("domains") or [],
            "opened": opened and opened["occurred"],
            "closed": closed and closed["occurred"],
            "sessions": len(held),
            "kept": self.kept(id),
            "gaps": self.gaps(id),
            "attendance": places[:2],
            "guests": places[2],
            "facilitators": sorted(
                {self.world.holder(f["data"]["facilitator"]) for f in held if f["data"].get("facilitator")}
            ),
            "shared": sum(len(set(f["data"].get("decisions", ()))) for f in held),
        } | {name: sum(len(set(f["data"].get(name, ()))) for f in held) for name in SAID}

    def _ends(self, id: str) -> datetime:
        closed = self._fact(id, "closed")
        return min(closed["occurred"], self.now) if closed else self.now

    def kept(self, id: str) -> tuple[int, int]:
        """Periods that ended in the window, and those of them in which it met."""
        opened = self._fact(id, "opened")
        cadence = opened["data"].get("cadence") if opened else None
        if opened is None or cadence is None:
            return 0, 0
        number, yes, every = 0, 0, 0
        while True:
            begin, end = (later(opened["occurred"], cadence, number + more) for more in (0, 1))
            if end > self._ends(id):
                return yes, every
            if self.inside(end):
                every += 1
                yes += any(begin <= f["occurred"] < end for f in self._held(id))
            number += 1

    def gaps(self, id: str) -> list[Facts]:
        """No session for two cadences or more, ended in the window or lasting at its end."""
        opened = self._fact(id, "opened")
        cadence = opened["data"].get("cadence") if opened else None
        if opened is None or cadence is None:
            return []
        marks = [opened] + [
            f for f in self._held(id) if opened["occurred"] <= f["occurred"] <= self._ends(id)
        ]
        found = []
        for one, after in zip(marks, [*marks[1:], None], strict=True):
            end = after["occurred"] if after else self._ends(id)
            closed = self._fact(id, "closed")
            to = end if after or closed else None
            lasts = one["occurred"] < self.closes and (to is None or to >= self.closes)
            if later(one["occurred"], cadence, 2) <= end and (lasts or (to is not None and self.inside(to))):
                days = (end - one["occurred"]) / DAY
                found.append({"from": one["occurred"], "to": to, "days": days, "entry": one["position"]})
        return found

    def places(self, held: Iterable[Facts]) -> tuple[int, int, int]:
        """Members' places taken, of all, and places taken by others."""
        taken = every = guests = 0
        for session in held:
            t, opened = session["occurred"], self._fact(session["id"], "opened")
            told = opened["data"].get("members", ()) if opened and opened["occurred"] <= t else ()
            members: set[str] = set()
            for holder in map(self.world.holder, told):
                here = {holder} if self.world.live(holder, t) else set()
                members |= set(self.world.seats(holder[5:], t)) if holder.startswith("body/") else here
            came: set[str] = set()
            for holder in map(self.world.holder, session["data"]["attendees"]):
                came |= set(self.world.seats(holder[5:], t) if holder.startswith("body/") else ()) or {holder}
            taken, every = taken + len(members & came), every + len(members)
            guests += len(came - members)
        return taken, every, guests

    def totals(self) -> Facts:
        rows = self.spaces()
        return {
            "sessions": len(self.met),
            "kept": tuple(sum(rows[id]["kept"][n] for id in rows) for n in (0, 1)),
            "attendance": tuple(sum(rows[id]["attendance"][n] for id in rows) for n in (0, 1)),
        }

    # what was shared

    def decided(self) -> list[Facts]:
        acts = [act for t, act in self.narrowed.acts() if act["deciders"] and self.inside(t)]
        return sorted(acts, key=lambda act: (act["occurred"], act["position"]))

    def sharing(self) -> Facts:
        made: dict[str, datetime] = {}
        for act in self.decided():
            if self.body is None or self.body in self._bodies(act):
                made.setdefault(act["decision"], act["occurred"])
        first = {
            id: min(
                w["occurred"]
                for w in words
                if w["word"] != "reopened" and w["outcome"] in COUNTED and w["deciders"]
            )
            for id, words in self.world.histories().items()
            if id in made
        }
        spoken: dict[str, list[datetime]] = {}
        for session in self.world.of("space", self.only):
            if session["type"] == "space.session_held":
                for id in set(session["data"].get("decisions", ())):
                    spoken.setdefault(id, []).append(session["occurred"])
        lasted, before = [], 0
        for id, at in made.items():
            after = [t for t in spoken.get(id, ()) if t >= at]
            lasted.append(((min(after) if after else self.now) - at, bool(after)))
            before += any(t < first[id] for t in spoken.get(id, ()))
        shared = sum(done for _, done in lasted)
        return {
            "shared": (shared, len(made)),
            "took": (len(made), len(made) - shared),
            "median": quantile(lasted, Fraction(1, 2)),
            "p90": quantile(lasted, Fraction(1, 10)),
            "not shared": len(made) - shared,
            "before": before,
        }

    # bodies side by side

    def pairs(self) -> dict[tuple[str, str], Facts]:
        acts = self.decided()
        beside: dict[tuple[str, str], set[str]] = {}
        for one, other in ((a, b) for a in acts for b in acts):
            here, there = one["domains"][0], other["domains"][0]
            lines = {self._parent(one), self._parent(other)}
            if here == there or here in lines or there in lines:
                for body in self._bodies(one):
                    for beyond in self._bodies(other) - {body}:
                        beside.setdefault((min(body, beyond), max(body, beyond)), set()).update((here, there))
        return {
            pair: self._pair(pair, domains, acts)
            for pair, domains in beside.items()
            if self.body is None or self.body in pair
        }

    def _parent(self, act: Facts) -> str | None:
        line = self.world.line(act["domains"][0], act["occurred"])
        return line[1] if len(line) > 1 else None

    def _bodies(self, act: Facts) -> set[str]:
        return {key[5:] for key in self.world.actual_keys(act) if key.startswith("body/")}

    def _pair(self, pair: tuple[str, str], domains: set[str], acts: list[Facts]) -> Facts:
        theirs = [a for a in acts if a["domains"][0] in domains and self._bodies(a) & set(pair)]
        sessions = [f for f in self.told("space.session_held") if self._both(pair, f)]
        sessions = [f for f in sessions if self.only in (None, f["id"])]
        ever = [f for f in self.world.of("space", self.only) if f["type"] == "space.session_held"]
        last = [f["occurred"] for f in ever if self._both(pair, f)]
        last = [t for t in last if t < self.closes or (self.lasts and t <= self.closes)]
        seats = set()
        for t in self._moments() if self.only is None else ():
            one, other = (set(self.world.seats(body, t)) for body in pair)
            seats |= one & other
        asked = self._requests(pair, acts) if self.only is None else set()
        return {
            "domains": sorted(domains),
            "decisions": len(theirs),
            "sessions": len(sessions),
            "seats": sorted(seats),
            "asked": len(asked),
            "apart": not (sessions or seats or asked),
            "last": max(last, default=None),
        }

    def _both(self, pair: tuple[str, str], session: Facts) -> bool:
        """Whether somebody of each attended."""
        return all(self._came(body, session) for body in pair)

    def _moments(self) -> Iterator[datetime]:
        """When seats may have changed in the window."""
        told = [f for kind in ("body", "actor") for f in self.world.of(kind)]
        moments = [f["occurred"] for f in told]
        moments += [
            datetime.fromisoformat(f["data"]["until"]) for f in told if (f["data"] or {}).get("until")
        ]
        start = self.start or min(moments, default=self.now)
        yield start
        yield from (
            t for t in moments if start <= t < self.closes or (self.lasts and start <= t <= self.closes)
        )

    def _requests(self, pair: tuple[str, str], acts: list[Facts]) -> set[int]:
        """Those about what one decided or its initiative, before, that name the other or one seated there."""
        found = set()
        for act in acts:
            for asked in self.world.of("consultation", until=act["occurred"]):
                about = asked["type"] == "consultation.requested" and asked["data"]["about"]
                initiative = self.of.initiative(act["decision"])
                if about in (f"decision/{act['decision']}", f"initiative/{initiative}"):
                    named = set(map(self.world.holder, asked["data"]["asked"]))
                    for one, other in (pair, pair[::-1]):
                        people = {f"body/{other}", *self.world.seats(other, asked["occurred"])}
                        if one in self._bodies(act) and named & people:
                            found.add(asked["position"])
        return found

    # what was said

    def said(self) -> dict[str, dict[str, Facts]]:
        found: dict[str, dict[str, Facts]] = {name: {} for name in SAID}
        for session in self.met:
            for name in SAID:
                for text in session["data"].get(name, ()):
                    one = found[name].setdefault(
                        plain(text), {"text": text, "sessions": set(), "spaces": set(), "at": []}
                    )
                    one["sessions"].add(session["position"])
                    one["spaces"].add(session["id"])
                    one["at"].append(session["occurred"])
        return {
            name: {
                key: {
                    "text": one["text"],
                    "sessions": len(one["sessions"]),
                    "spaces": sorted(one["spaces"]),
                    "first": min(one["at"]),
                    "last": max(one["at"]),
                }
                | (self._became(key, min(one["at"])) if name in ("needs", "upcoming") else {})
                for key, one in texts.items()
            }
            for name, texts in found.items()
        }

    def _became(self, key: str, since: datetime) -> Facts:
        """A decision, or its initiative, of this title that came after; decided ones first."""
        opened, decided = [], []
        for id in sorted({f["id"] for f in self.world.of("decision")}):
            facts = self.world.of("decision", id)
            titles = [f["data"]["title"] for f in facts if f["data"].get("title")][-1:]
            named = [f["data"]["initiative"] for f in facts if f["data"].get("initiative")]
            for f in self.world.of("initiative", named[-1]) if named else ():
                titles += [f["data"]["title"]] if f["type"] == "initiative.proposed" else []
            if key not in map(plain, titles):
                continue
            words = [
                w["occurred"]
                for w in self.world.histories().get(id, ())
                if w["word"] != "reopened" and w["outcome"] in COUNTED and w["deciders"]
            ]
            if words and words[0] >= since:
                decided.append((words[0], id))
            if facts[0]["occurred"] >= since:
                opened.append((facts[0]["occurred"], id))
        if decided:
            return {"became": "decided", "decision": min(decided)[1], "decided": min(decided)[0]}
        if opened:
            return {"became": "opened", "decision": min(opened)[1], "decided": None}
        return {"became": None, "decision": None, "decided": None}
