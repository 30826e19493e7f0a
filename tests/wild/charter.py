"""The structure of an organisation through its years: people, bodies, domains and rows, nobody forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.wild.log import DAY, HOUR, Json, Log

LONG = 250 * DAY
RULES: tuple[Json, ...] = (
    {"kind": "consent"},
    {"kind": "quota", "more_than": "1/2"},
    {"kind": "quota", "more_than": "2/3"},
    {"kind": "quota", "at_least": 2},
    {"kind": "any"},
    {"kind": "all"},
)
FOCUS = (
    "any",
    "team",
    "team",
    "quota",
    "consent",
    "solo",
    "all",
    "bodies",
    "advice",
    "role",
    "mixed",
    "federation",
)


@dataclass(frozen=True)
class Row:
    """One statement of a domain's authority. Holders are subjects; `must` are mandatory contributors."""

    decides: dict[str, int]
    rule: Json
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    informs: tuple[str, ...] = ()
    wait: int = 0
    limits: Json | None = None
    amends: tuple[str, ...] = ()
    amend_rule: Json | None = None
    escalates: str | None = None

    @property
    def named(self) -> set[str]:
        return {*self.decides, *self.must, *self.may, *self.informs, *self.amends, self.escalates or ""} - {
            ""
        }

    def handed(self, old: str, new: str) -> "Row":
        """The same with another in somebody's place."""

        def swap(holders: Sequence[str]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(new if one == old else one for one in holders))

        decides = {new if one == old else one: weight for one, weight in self.decides.items()}
        lists = {name: swap(getattr(self, name)) for name in ("must", "may", "informs", "amends")}
        return replace(
            self, decides=decides, escalates=new if self.escalates == old else self.escalates, **lists
        )


@dataclass
class Seat:
    actor: str
    since: datetime
    weight: int = 1
    until: datetime | None = None


@dataclass
class Body:
    rule: Json | None
    seats: list[Seat] = field(default_factory=list)
    dissolved: datetime | None = None

    def members(self, t: datetime) -> dict[str, int]:
        return {s.actor: s.weight for s in self.seats if s.since <= t and (s.until is None or t < s.until)}


@dataclass
class Charter:
    """Everything that holds at an instant, for whoever decides then."""

    start: datetime
    end: datetime
    people: dict[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    chiefs: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    parents: dict[str, list[tuple[datetime, str | None]]] = field(default_factory=dict)
    stakes: dict[str, str | None] = field(default_factory=dict)
    rows: dict[str, list[tuple[datetime, Row]]] = field(default_factory=dict)
    mandates: list[tuple[datetime, datetime, str, str, str, str | None]] = field(default_factory=list)

    def live(self, t: datetime, margin: timedelta = 0 * DAY) -> list[str]:
        """The people of then who stay `margin` longer."""
        return [
            a
            for a, (since, until) in self.people.items()
            if since <= t and (until is None or t + margin < until)
        ]

    def parent(self, domain: str, t: datetime) -> str | None:
        return next(parent for since, parent in reversed(self.parents[domain]) if since <= t)

    def line(self, domain: str, t: datetime) -> list[str]:
        """The domain and its ancestors."""
        found, one = [domain], self.parent(domain, t)
        while one is not None:
            found.append(one)
            one = self.parent(one, t)
        return found

    def row(self, domain: str, t: datetime) -> tuple[str, Row]:
        """The row in force and whose it is."""
        for one in self.line(domain, t):
            for since, row in reversed(self.rows.get(one, [])):
                if since <= t:
                    return one, row
        raise LookupError(domain)

    def members(self, holder: str, t: datetime) -> dict[str, int]:
        """Who acts for a holder, with their weights."""
        kind, _, id = holder.partition("/")
        return self.bodies[id].members(t) if kind == "body" else {id: 1}


class Founding:
    """Makes a charter and tells of it; `tempo` and the rest of its temper are drawn once."""

    def __init__(self, rng: Random, log: Log, charter: Charter, size: int, domains: int) -> None:
        self.rng, self.log, self.c = rng, log, charter
        self.size, self.fields = size, domains
        self.flat = rng.random() < 0.4
        self.leaving = rng.uniform(0, 0.18)
        self.focus = rng.choices(FOCUS, k=rng.randint(2, len(FOCUS)))
        self.asks = rng.uniform(0, 0.8)
        self.weighted = rng.random() < 0.3

    def found(self) -> Charter:
        self._people()
        self._bodies()
        self._domains()
        self._years()
        return self.c

    # Who is there

    def _people(self) -> None:
        c, rng = self.c, self.rng
        for n in range(self.size):
            came = c.start if n < 4 or rng.random() < 0.7 else self._when()
            self._hire(f"p{n}", came)
        for n in range(rng.randint(0, 3) if rng.random() < 0.4 else 0):
            c.agents[f"bot{n}"] = rng.choice([a for a in c.live(c.start) if c.people[a][1] is None] or ["p0"])
            told = {"kind": "agent", "profile": {"name": f"Bot {n}"}, "reports_to": c.agents[f"bot{n}"]}
            self.log.tell(c.start, "actor.registered", f"bot{n}", **told)

    def _hire(self, name: str, came: datetime) -> None:
        c, rng = self.c, self.rng
        boss = None
        here = c.live(came, LONG)
        if here and (not self.flat or rng.random() < 0.1):
            boss = rng.choice(here[: max(1, len(here) // 2)])
        stays = timedelta(days=min(99_999, rng.expovariate(self.leaving + 1e-6) * 365 + 120))
        leaves = came + stays if name not in ("p0", "p1", "p2", "p3") and came + stays < c.end else None
        c.people[name] = came, leaves
        if boss:
            c.chiefs[name] = boss
        self._describe(came, "registered", name)

    def _describe(self, when: datetime, what: str, name: str) -> None:
        told = {"kind": "person", "profile": {"name": name.upper()}, "reports_to": self.c.chiefs.get(name)}
        self.log.tell(when, f"actor.{what}", name, **told)

    def _when(self) -> datetime:
        span = (self.c.end - self.c.start) / DAY
        return self.c.start + timedelta(days=self.rng.uniform(3, max(4, span - 5)))

    # Who sits where

    def _bodies(self) -> None:
        count = self.rng.randint(1, max(2, min(14, self.size // 4)))
        for n in range(count):
            self._form(f"b{n}", self.c.start)

    def _form(self, name: str, when: datetime, seats: Sequence[str] = ()) -> None:
        rng = self.rng
        role = rng.random() < 0.15
        rule: Json | None = {"kind": "any"} if role else rng.choice((*RULES, None))
        here = self.c.live(when, LONG)
        most = 2 if role else rng.choice((4, 6, 8, 15, 30))
        who = list(seats) or rng.sample(here, min(len(here), rng.randint(1 if role else 3, max(3, most))))
        kind = "role" if role else rng.choice(("team", "circle", "council", "board", "community"))
        self.log.tell(when, "body.formed", name, name=name.upper(), kind=kind, rule=rule)
        self.c.bodies[name] = Body(rule)
        for actor in who:
            self._seat(name, actor, when, rng.randint(1, 3) if self.weighted else 1)

    def _seat(self, body: str, actor: str, when: datetime, weight: int = 1) -> None:
        self.c.bodies[body].seats.append(Seat(actor, when, weight))
        self.log.tell(when, "body.seat_taken", body, actor=actor, weight=weight if weight > 1 else None)

    def _vacate(self, body: str, actor: str, when: datetime) -> None:
        for seat in self.c.bodies[body].seats:
            if seat.actor == actor and seat.until is None:
                seat.until = when
        self.log.tell(when, "body.seat_vacated", body, actor=actor)

    # What is decided

    def _domains(self) -> None:
        c, rng = self.c, self.rng
        deep = rng.choice((1, 2, 5, 40))
        for n in range(self.fields):
            parent = f"d{rng.randint(max(0, n - deep), n - 1)}" if n and rng.random() < 0.85 else None
            c.parents[f"d{n}"] = [(c.start, parent)]
            c.stakes[f"d{n}"] = rng.choice((None, None, "low", "medium", "high", "strategic"))
            told = {"name": f"D{n}", "parent": parent, "stakes": c.stakes[f"d{n}"]}
            self.log.tell(c.start, "domain.defined", f"d{n}", **told)
            if parent is None or rng.random() < 0.8:
                self._state(f"d{n}", c.start + HOUR, self._drawn(c.start))

    def _drawn(self, t: datetime) -> Row:
        rng, c = self.rng, self.c
        here = [f"actor/{a}" for a in c.live(t, LONG)]
        bodies = [f"body/{b}" for b, body in c.bodies.items() if body.dissolved is None]
        focus = rng.choice(self.focus)
        decides, rule = self._decides(focus, here, bodies)
        rest = [one for one in here + bodies if one not in decides]
        rng.shuffle(rest)
        asked = rest[: rng.randint(1, 3)] if rng.random() < self.asks or focus == "advice" else []
        must = tuple(one for one in asked if rng.random() < 0.6 or focus == "advice")
        more: dict[str, Any] = {}
        if rng.random() < 0.2:
            more["limits"] = rng.choice(
                (
                    {"stakes_up_to": "strategic"},
                    {"stakes_up_to": "high"},
                    {"max": {"amount": 50000, "unit": "EUR"}},
                )
            )
        if rng.random() < 0.5:
            more |= {"amends": tuple(decides), "amend_rule": rule}
        return Row(
            {one: rng.randint(1, 2) if rule["kind"] == "quota" and self.weighted else 1 for one in decides},
            rule,
            must=must,
            may=tuple(one for one in asked if one not in must),
            informs=tuple(rest[3 : 3 + rng.randint(0, 3)]) if rng.random() < 0.4 else (),
            wait=rng.choice((0, 0, 1, 3, 7)) if must else 0,
            escalates=rng.choice(bodies) if rng.random() < 0.2 else None,
            **more,
        )

    def _decides(self, focus: str, here: list[str], bodies: list[str]) -> tuple[list[str], Json]:
        rng, several = self.rng, {"kind": "any"}
        if focus == "solo":
            return [rng.choice(here)], several
        if focus in ("any", "advice"):
            machines = [f"actor/{bot}" for bot in self.c.agents if rng.random() < 0.4]
            return rng.sample(here, min(len(here), rng.randint(2, 12))) + machines, several
        if focus == "all":
            return rng.sample(here, min(len(here), rng.randint(2, 4))), {"kind": "all"}
        if focus in ("quota", "consent") and len(here) >= 3:
            rule = {"kind": "consent"} if focus == "consent" else {"kind": "quota", "more_than": "1/2"}
            if focus == "quota" and rng.random() < 0.3:
                rule["quorum"] = 2
            return rng.sample(here, min(len(here), rng.randint(3, 11))), rule
        if focus == "bodies":
            return rng.sample(bodies, min(len(bodies), rng.randint(1, 4))), several
        if focus == "mixed":
            return [rng.choice(bodies), rng.choice(here)], several
        if focus == "federation" and len(bodies) >= 3:
            return rng.sample(bodies, min(len(bodies), rng.choice((3, 5, 7)))), {
                "kind": "quota",
                "more_than": "1/2",
            }
        return [rng.choice(bodies)], several

    def _state(self, domain: str, when: datetime, row: Row) -> None:
        self.c.rows.setdefault(domain, []).append((when, row))
        asked = [{"holder": one, "mandatory": True} for one in row.must] + [
            {"holder": one} for one in row.may
        ]
        told: Json = {
            "by": ["p0"],
            "decides": [{"holder": one, "weight": weight} for one, weight in row.decides.items()],
            "rule": row.rule,
            "contributes": asked or None,
            "min_wait": f"P{row.wait}D" if row.wait else None,
            "informs": list(row.informs) or None,
            "limits": row.limits,
            "escalates_to": row.escalates,
            "amends": [{"holder": one, "weight": row.decides.get(one, 1)} for one in row.amends] or None,
            "amend_rule": row.amend_rule,
        }
        self.log.tell(when, "matrix.row_set", domain, **told)

    # What becomes of it

    def _years(self) -> None:
        c, rng = self.c, self.rng
        years = (c.end - c.start) / (365 * DAY)
        steps: list[tuple[datetime, int, str, str]] = []
        for actor, (_, left) in c.people.items():
            if left:
                steps.append((left, len(steps), "leave", actor))
        for what, rate in (
            ("restate", 0.15 * self.fields),
            ("move", 0.05 * self.fields),
            ("rotate", 1.5),
            ("merge", 0.2),
        ):
            for _ in range(int(rng.expovariate(1 / (rate * years + 0.01)))):
                steps.append((self._when(), len(steps), what, ""))
        for when, _, what, actor in sorted(steps):
            getattr(self, f"_{what}")(when, actor)

    def _leave(self, when: datetime, actor: str) -> None:
        """Everything that was theirs is in another's hands the hour before."""
        c, before = self.c, when - HOUR
        heirs = [one for one in c.live(before, LONG) if one != actor] or ["p0"]
        self._hand_over(before, f"actor/{actor}", [f"actor/{one}" for one in heirs])
        for name, body in c.bodies.items():
            if actor in body.members(before):
                fresh = [one for one in heirs if one not in body.members(before)]
                if fresh:
                    self._seat(name, self.rng.choice(fresh), before - HOUR, body.members(before)[actor])
                self._vacate(name, actor, before)
        for other, boss in list(c.chiefs.items()):
            if (
                boss == actor
                and other != actor
                and (c.people[other][1] or c.end) > before >= c.people[other][0]
            ):
                c.chiefs[other] = self._above(other, heirs)
                self._describe(before, "updated", other)
        for bot, boss in list(c.agents.items()):
            if boss == actor:
                c.agents[bot] = self.rng.choice(heirs)
                told = {"kind": "agent", "profile": {"name": bot}, "reports_to": c.agents[bot]}
                self.log.tell(before, "actor.updated", bot, **told)
        self.log.tell(when, "actor.left", actor)

    def _above(self, actor: str, heirs: list[str]) -> str:
        """A superior who is not, through others, below them; those of the founding are above all."""
        number = int(actor[1:])
        return self.rng.choice([one for one in heirs if int(one[1:]) < number] or ["p0"])

    def _hand_over(self, when: datetime, old: str, heirs: list[str]) -> None:
        for domain, told in self.c.rows.items():
            row = told[-1][1]
            if old in row.named:
                free = [one for one in heirs if one not in row.named]
                row = row.handed(old, self.rng.choice(free)) if free else self._drawn(when)
                self._state(domain, when, row)

    def _restate(self, when: datetime, _: str) -> None:
        self._state(self.rng.choice(list(self.c.rows)), when, self._drawn(when))

    def _move(self, when: datetime, _: str) -> None:
        c, rng = self.c, self.rng
        domain = rng.choice(list(c.parents))
        above = [one for one in c.parents if domain not in c.line(one, when)]
        if above and domain in c.rows:
            c.parents[domain].append((when, rng.choice(above)))
            told = {"name": domain.upper(), "parent": c.parents[domain][-1][1], "stakes": c.stakes[domain]}
            self.log.tell(when, "domain.updated", domain, **told)

    def _rotate(self, when: datetime, _: str) -> None:
        name = self.rng.choice(list(self.c.bodies))
        now = self.c.bodies[name].members(when)
        fresh = [one for one in self.c.live(when, LONG) if one not in now]
        if now and fresh and self.c.bodies[name].dissolved is None:
            old = self.rng.choice(list(now))
            self._seat(name, self.rng.choice(fresh), when - HOUR, now[old])
            self._vacate(name, old, when)

    def _merge(self, when: datetime, _: str) -> None:
        """A body is dissolved into a new one with the same people, which has all that was its."""
        old = self.rng.choice(list(self.c.bodies))
        if self.c.bodies[old].dissolved is None:
            new = f"b{len(self.c.bodies)}"
            self._form(new, when, list(self.c.bodies[old].members(when)))
            self._hand_over(when + HOUR, f"body/{old}", [f"body/{new}"])
            self.c.bodies[old].dissolved = when + 2 * HOUR
            self.log.tell(when + 2 * HOUR, "body.dissolved", old, into=[new])
            for seat in self.c.bodies[old].seats:
                seat.until = seat.until or when + 2 * HOUR
