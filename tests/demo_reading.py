"""The demo's events read in plain loops: decisions, consultations, rows and who is there, after corrections.

It shares no code with `services`; the knots of `tests/demo_knots.py` are looked for in what it gives.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
DAY = timedelta(days=1)


@dataclass
class Act:
    """One made or overridden."""

    at: datetime
    what: str
    data: Json

    @property
    def outcome(self) -> str:
        return self.data.get("outcome", "void")

    @property
    def deciders(self) -> list[str]:
        """Node holders: a body where somebody decided under it."""
        return [f"body/{d['under']}" if "under" in d else d["holder"] for d in self.data["deciders"]]


@dataclass
class Decision:
    id: str
    home: str = ""
    initiative: str | None = None
    opened: datetime | None = None
    opener: str = ""
    electorate: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    said: dict[str, list[tuple[datetime, Json]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def first(self) -> Act:
        """The first countable made."""
        return next(a for a in self.acts if a.outcome not in ("deferred", "returned"))

    @property
    def counts(self) -> bool:
        return any(a.outcome not in ("deferred", "returned") for a in self.acts)


@dataclass
class Consultation:
    about: str = ""
    at: datetime | None = None
    asked: list[str] = field(default_factory=list)
    mandatory: bool = False
    advice: list[tuple[datetime, str, str]] = field(default_factory=list)
    closed: datetime | None = None


@dataclass
class Row:
    since: datetime
    time: datetime
    data: Json | None

    @property
    def holders(self) -> list[str]:
        return [h["holder"] for h in self.data["decides"]] if self.data else []


class Reading:
    """Everything said, as of `at`."""

    def __init__(self, events: list[Json], at: str) -> None:
        self.at = datetime.fromisoformat(at)
        self.decisions: dict[str, Decision] = {}
        self.consultations: dict[str, Consultation] = defaultdict(Consultation)
        self.initiatives: dict[str, dict[str, tuple[datetime, Json]]] = defaultdict(dict)
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.parents: dict[str, list[tuple[datetime, str | None]]] = defaultdict(list)
        self.stakes: dict[str, str] = {}
        self.gone: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self.superior: dict[str, list[tuple[datetime, str | None]]] = defaultdict(list)
        self.kinds: dict[str, str] = {}
        self.rules: dict[str, Json] = {}
        self.seats: dict[str, list[tuple[str, datetime, datetime]]] = defaultdict(list)
        self.mandates: list[Json] = []
        self.sessions: list[tuple[datetime, set[str]]] = []
        self.experiments: dict[str, dict[str, tuple[datetime, Json]]] = defaultdict(dict)
        self.debriefs: list[tuple[datetime, str]] = []
        for time, what, id, data in _restated(events):
            kind, _, word = what.partition(".")
            if handler := getattr(self, f"_{kind}", None):
                handler(id, word, time, data)

    # taking facts in

    def _decision(self, id: str, word: str, time: datetime, data: Json) -> None:
        d = self.decisions.setdefault(id, Decision(id))
        if word in ("opened", "made"):
            d.home = data["domains"][0]
            d.initiative = data.get("initiative", d.initiative)
        if word == "opened":
            d.opened, d.opener = time, data["by"]
            d.electorate = [e["holder"] for e in data["electorate"]]
        if word in ("made", "overridden"):
            d.acts.append(Act(time, word, data))
        d.said[word].append((time, data))

    def _consultation(self, id: str, word: str, time: datetime, data: Json) -> None:
        c = self.consultations[id]
        if word == "requested":
            c.about, c.at, c.asked = data["about"].partition("/")[2], time, data["asked"]
            c.mandatory = data.get("mandatory", False)
        elif word == "advice_given":
            c.advice.append((time, f"actor/{data['by']}", data["stance"]))
        elif word == "closed":
            c.closed = time

    def _initiative(self, id: str, word: str, time: datetime, data: Json) -> None:
        self.initiatives[id].setdefault(word, (time, data))

    def _experiment(self, id: str, word: str, time: datetime, data: Json) -> None:
        self.experiments[id][word] = (time, data)

    def _debrief(self, id: str, word: str, time: datetime, data: Json) -> None:
        self.debriefs.append((time, data["about"]))

    def _space(self, id: str, word: str, time: datetime, data: Json) -> None:
        if word == "session_held":
            self.sessions.append((time, set(data["attendees"])))

    def _matrix(self, id: str, word: str, time: datetime, data: Json) -> None:
        since = datetime.fromisoformat(data["effective_from"]) if "effective_from" in data else time
        self.rows[id].append(Row(since, time, data if word == "row_set" else None))

    def _domain(self, id: str, word: str, time: datetime, data: Json) -> None:
        parent = data.get("into") if word == "retired" else data.get("parent")
        self.parents[id].append((time, parent))
        self.stakes[id] = data.get("stakes", self.stakes.get(id, ""))

    def _actor(self, id: str, word: str, time: datetime, data: Json) -> None:
        if word in ("left", "returned", "merged"):
            self.gone[f"actor/{id}"].append((time, word))
        elif word in ("registered", "updated"):
            self.kinds[id] = data["kind"]
            self.superior[id].append((time, data.get("reports_to")))

    def _body(self, id: str, word: str, time: datetime, data: Json) -> None:
        if word == "dissolved":
            self.gone[f"body/{id}"].append((time, "dissolved"))
        elif word in ("formed", "updated"):
            self.rules[id] = data.get("rule", {"kind": "all"})
        elif word == "seat_taken":
            until = datetime.fromisoformat(data["until"]) if "until" in data else datetime.max
            self._vacate(id, data["actor"], time)
            self.seats[id].append((data["actor"], time, until.replace(tzinfo=time.tzinfo)))
        elif word == "seat_vacated":
            self._vacate(id, data["actor"], time)

    def _vacate(self, body: str, actor: str, at: datetime) -> None:
        self.seats[body] = [(a, s, min(u, at) if a == actor else u) for a, s, u in self.seats[body]]

    def _mandate(self, id: str, word: str, time: datetime, data: Json) -> None:
        if word == "delegated":
            until = datetime.fromisoformat(data["until"])
            self.mandates.append({**data, "id": id, "since": time, "until": until})
        else:
            mandate = next(m for m in self.mandates if m["id"] == id)
            mandate["until"] = min(mandate["until"], time)

    # asking

    def live(self, holder: str, at: datetime) -> bool:
        words = [word for time, word in self.gone[holder] if time <= at]
        return not words or words[-1] == "returned"

    def seated(self, body: str, at: datetime) -> set[str]:
        return {
            a for a, since, until in self.seats[body] if since <= at < until and self.live(f"actor/{a}", at)
        }

    def lineage(self, domain: str, at: datetime) -> list[str]:
        """The domain and its ancestors."""
        found: list[str] = []
        name: str | None = domain
        while name is not None and name not in found:
            found.append(name)
            name = next((p for time, p in reversed(self.parents[name]) if time <= at), None)
        return found

    def row(self, domain: str, at: datetime) -> tuple[str, Row] | None:
        """Where the row in force was found, and the row."""
        for name in self.lineage(domain, at):
            own = sorted((r for r in self.rows[name] if r.since <= at), key=lambda r: (r.since, r.time))
            if own and own[-1].data is not None:
                return name, own[-1]
        return None

    def proposers(self, d: Decision) -> set[str]:
        if d.initiative in self.initiatives and "proposed" in self.initiatives[d.initiative]:
            return set(self.initiatives[d.initiative]["proposed"][1]["proposers"])
        return {f"actor/{d.opener}"}

    def consulted(self, d: Decision) -> list[Consultation]:
        return [c for c in self.consultations.values() if c.about == d.id]

    def wins(self, row: Row, holders: set[str], at: datetime) -> bool:
        """Whether these holders win under the row, over those who are live."""
        live = [h for h in row.data["decides"] if self.live(h["holder"], at)] if row.data else []
        return bool(live) and _wins(row.data["rule"], live, holders)

    def in_mandate(self, d: Decision, act: Act) -> bool | None:
        """None: no row. Limits aside."""
        found = self.row(d.home, act.at)
        if found is None:
            return None
        said = {d["holder"] for d in act.data["deciders"]} | set(act.deciders)
        return self.wins(found[1], self._with_grantors(said, d.home, act.at), act.at)

    def _with_grantors(self, holders: set[str], domain: str, at: datetime) -> set[str]:
        lineage = [f"domain/{x}" for x in self.lineage(domain, at)]
        for _ in self.mandates:
            for m in self.mandates:
                if m["since"] <= at < m["until"] and m["scope"] in lineage and holders & set(m["to"]):
                    holders = holders | {m["from"]}
        return holders

    def counted(self) -> list[Decision]:
        """Decisions with a countable word."""
        return [d for d in self.decisions.values() if d.counts]


def _wins(rule: Json, live: list[Json], holders: set[str]) -> bool:
    weights = {h["holder"]: h.get("weight", 1) for h in live}
    have = sum(w for h, w in weights.items() if h in holders)
    if rule["kind"] == "quota":
        if "at_least" in rule:
            return have >= rule["at_least"]
        above, below = map(int, rule["more_than"].split("/"))
        return have * below > above * sum(weights.values())
    return have == sum(weights.values()) if rule["kind"] == "all" else have > 0


def _restated(events: list[Json]) -> list[tuple[datetime, str, str, Json]]:
    """(time, what, id, data) after corrections and retractions, in occurred order."""
    last = {}
    for event in events:
        if event["type"].startswith("locus.event."):
            last[event["data"]["source"], event["data"]["id"]] = event
    found = []
    for position, event in enumerate(events):
        change = last.get((event["source"], event["id"]))
        if event["type"].startswith("locus.event.") or (change and "retracted" in change["type"]):
            continue
        new = change["data"] if change else {}
        time = datetime.fromisoformat(new.get("time", event["time"]))
        what = event["type"].removeprefix("locus.").removesuffix(".v1")
        found.append(
            (time, position, what, event["subject"].partition("/")[2], new.get("data", event["data"]))
        )
    found.sort(key=lambda fact: fact[:2])
    return [(time, what, id, data) for time, _, what, id, data in found]
