"""The authority, drift and matrix views recomputed from NDJSON in plain loops, slowly and obviously.

It shares no code with `services` or `schemas`: it reads the stored lines of a ledger as dictionaries and
follows the definitions word for word. Shares are exact fractions. Nothing here is optimised on purpose.
"""

import json
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

Facts = dict[str, Any]
COUNTED = ("accepted", "rejected", "provisional", "void")
STAKES = ("low", "medium", "high", "strategic")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read(lines: Iterable[bytes | str]) -> list[Facts]:
    """The entries of an NDJSON export, in order of position."""
    return sorted((json.loads(line) for line in lines), key=lambda entry: entry["position"])


PERSONAL = {
    "locus.consultation.advice_given.v1": "text",
    "locus.decision.position_taken.v1": "reason",
    "locus.knot.raised.v1": "note",
    "locus.knot.answered.v1": "note",
}


def shown(type: str, data: Facts, occurred: datetime) -> tuple[Facts, datetime]:
    """What may be told of an entry: of words that are personal, only that there are any."""
    hidden = PERSONAL.get(type)
    return {name: name == hidden or value for name, value in data.items() if value}, occurred


def winning(rule: Facts, weights: dict[str, int], coalition: set[str]) -> bool:
    """Whether `coalition` decides under `rule`, judged over `weights` only; quorum and blocks aside."""
    present = [who for who in weights if who in coalition]
    if rule["kind"] in ("all", "consent"):
        return bool(weights) and len(present) == len(weights)
    if rule["kind"] == "any":
        return len(present) > 0
    have = sum(weights[who] for who in present)
    if "at_least" in rule and rule["at_least"] is not None:
        return have >= rule["at_least"]
    return have > Fraction(rule["more_than"]) * sum(weights.values())


def shapley(rule: Facts, weights: dict[str, int]) -> dict[str, Fraction] | None:
    """The Shapley-Shubik index by its definition: over every subset; None when nobody can win."""
    everyone = list(weights)
    n = len(everyone)
    if n == 0 or not winning(rule, weights, set(everyone)):
        return None
    if rule["kind"] in ("any", "all", "consent"):
        return dict.fromkeys(everyone, Fraction(1, n))
    index = dict.fromkeys(everyone, Fraction(0))
    for mask in range(2**n):
        losing = {everyone[k] for k in range(n) if mask >> k & 1}
        if winning(rule, weights, losing):
            continue
        for who in everyone:
            if who not in losing and winning(rule, weights, losing | {who}):
                size = len(losing)
                index[who] += Fraction(math.factorial(size) * math.factorial(n - size - 1), math.factorial(n))
    return index


class World:
    """What a ledger's entries say, as known at position `known` and as of the instant `at`."""

    def __init__(self, entries: list[Facts], known: int | None = None, at: datetime | None = None) -> None:
        entries = [entry for entry in entries if known is None or entry["position"] <= known]
        self.known = entries[-1]["position"] if entries else 0
        self.at = at or (instant(entries[-1]["recorded"]) if entries else None)
        everything = list(self._corrected(entries))
        self.merged: dict[str, str] = {}
        for event in everything:
            if event["type"] == "actor.merged":
                self.merged[event["id"]] = event["data"]["into"]
        self.events = [event for event in everything if self.at is None or event["occurred"] <= self.at]
        self._moved: dict[str, list[Facts]] | None = None
        self._shelves: dict[tuple[str, str | None], list[Facts]] = {}
        for event in self.events:
            for id in (None, event["id"]):
                self._shelves.setdefault((event["kind"], id), []).append(event)

    @staticmethod
    def _corrected(entries: list[Facts]) -> Iterator[Facts]:
        """The facts in (occurred, position) order, with the last correction or retraction of each applied."""
        words: dict[tuple[str, str], list[Facts]] = {}
        for entry in entries:
            event = entry["event"]
            if event["type"].startswith("locus.event."):
                words.setdefault((event["data"]["source"], event["data"]["id"]), []).append(entry)
        found = []
        for entry in entries:
            event = entry["event"]
            _, kind, what, _ = event["type"].split(".")
            if kind == "event":
                continue
            said: tuple[Facts, datetime] | None = World._said(entry, None)
            corrected_by = None
            for word in words.get((event["source"], event["id"]), ()):
                before, said = said, World._said(entry, word)
                if said and (before is None or shown(event["type"], *before) != shown(event["type"], *said)):
                    corrected_by = word["position"]
            if said is None:
                continue
            data, occurred = said
            found.append(
                {
                    "type": f"{kind}.{what}",
                    "kind": kind,
                    "id": event["subject"].split("/", 1)[1],
                    "data": data,
                    "occurred": occurred,
                    "position": entry["position"],
                    "source": event["source"],
                    "event": event["id"],
                    "corrected_by": corrected_by,
                }
            )
        yield from sorted(found, key=lambda fact: (fact["occurred"], fact["position"]))

    @staticmethod
    def _said(entry: Facts, word: Facts | None) -> tuple[Facts, datetime] | None:
        """What an entry says and when it occurred, by the last word on it; None: it was retracted."""
        event = entry["event"]
        data, occurred = event.get("data") or {}, min(instant(event["time"]), instant(entry["recorded"]))
        if word is None:
            return data, occurred
        if word["event"]["type"] == "locus.event.retracted.v1":
            return None
        new = word["event"]["data"]
        data = new["data"] if new.get("data") is not None else data
        if new.get("time") is not None:
            occurred = min(instant(new["time"]), instant(word["recorded"]))
        return data, occurred

    def of(self, kind: str, id: str | None = None, until: datetime | None = None) -> list[Facts]:
        found = self._shelves.get((kind, id), [])
        return [event for event in found if until is None or event["occurred"] <= until]

    # who is who

    def person(self, actor: str) -> str:
        path = [actor]
        while path[-1] in self.merged:
            after = self.merged[path[-1]]
            if after in path:
                return min(path[path.index(after) :])
            path.append(after)
        return path[-1]

    def holder(self, key: str) -> str:
        kind, id = key.split("/", 1)
        return f"actor/{self.person(id)}" if kind == "actor" else key

    def live(self, key: str, t: datetime) -> bool:
        kind, id = key.split("/", 1)
        if kind == "body":
            return not any(event["type"] == "body.dissolved" for event in self.of("body", id, t))
        here = True
        for event in self._movements().get(self.person(id), []):
            if event["occurred"] <= t:
                here = event["type"] == "actor.returned"
        return here

    def _movements(self) -> dict[str, list[Facts]]:
        """Who left and returned, by person; looked up so often that it is kept."""
        if self._moved is None:
            self._moved = {}
            for event in self.of("actor"):
                if event["type"] in ("actor.left", "actor.returned"):
                    self._moved.setdefault(self.person(event["id"]), []).append(event)
        return self._moved

    def body_rule(self, body: str, t: datetime) -> Facts | None:
        rule = None
        for event in self.of("body", body, t):
            if event["type"] in ("body.formed", "body.updated"):
                rule = event["data"].get("rule")
        return rule

    def seats(self, body: str, t: datetime) -> dict[str, int]:
        """Live seats at t: holder key of the actor to summed weight."""
        held: dict[tuple[str, str | None], Facts] = {}
        for event in self.of("body", body, t):
            data = event["data"]
            if event["type"] == "body.seat_taken":
                held[(data["actor"], data.get("role"))] = data
            elif event["type"] == "body.seat_vacated":
                for key in list(held):
                    if key[0] == data["actor"] and data.get("role") in (None, key[1]):
                        del held[key]
            elif event["type"] == "body.dissolved":
                return {}
        weights: dict[str, int] = {}
        for (actor, _), data in held.items():
            key = self.holder(f"actor/{actor}")
            if data.get("until") is not None and t >= instant(data["until"]):
                continue
            if self.live(key, t):
                weights[key] = weights.get(key, 0) + (data.get("weight") or 1)
        return weights

    # domains and rows

    def domain(self, domain: str, t: datetime) -> tuple[str | None, str | None]:
        """Parent and stakes of a domain at t."""
        parent, into, stakes = None, None, None
        for event in self.of("domain", domain, t):
            if event["type"] == "domain.retired":
                into = event["data"].get("into") or into
            else:
                parent, stakes = event["data"].get("parent"), event["data"].get("stakes")
        return into or parent, stakes

    def line(self, domain: str, t: datetime) -> list[str]:
        """The domain and its ancestors at t, nearest first."""
        line = [domain]
        while (parent := self.domain(line[-1], t)[0]) is not None and parent not in line:
            line.append(parent)
        return line

    def row(self, domain: str, t: datetime) -> tuple[str, Facts] | None:
        """The row in force for a domain at t, with the domain it stands in."""
        for d in self.line(domain, t):
            best = None
            for event in self.of("matrix", d):
                effective = event["occurred"]
                if event["type"] == "matrix.row_set" and event["data"].get("effective_from"):
                    effective = instant(event["data"]["effective_from"])
                key = (effective, event["occurred"], event["position"])
                if effective <= t and (best is None or key > best[0]):
                    best = (key, event)
            if best is not None and best[1]["type"] == "matrix.row_set":
                return d, best[1]["data"]
        return None

    def able(self, key: str, t: datetime) -> bool:
        """Live, and of a body in which somebody ever sat, those who sit there can decide."""
        if not self.live(key, t):
            return False
        body = key[5:]
        if key.startswith("actor/") or not self._ever_sat(body, t):
            return True
        seats = self.seats(body, t)
        rule = self.body_rule(body, t)
        return bool(seats) and (rule is None or winning(rule, seats, set(seats)))

    def _ever_sat(self, body: str, t: datetime) -> bool:
        """Whether a seat was held by t, were it for a moment; one taken and left at one instant never was."""
        held: dict[tuple[str, str | None], Facts] = {}
        told = self.of("body", body, t)
        for event, after in zip(told, (*told[1:], None), strict=False):
            actor, role = event["data"].get("actor"), event["data"].get("role")
            if event["type"] == "body.seat_taken":
                held[actor, role] = event
            elif event["type"] == "body.seat_vacated":
                held = {k: e for k, e in held.items() if k[0] != actor or role not in (None, k[1])}
            if after is None or after["occurred"] > event["occurred"]:
                untils = [one["data"].get("until") for one in held.values()]
                if any(until is None or instant(until) > event["occurred"] for until in untils):
                    return True
        return False

    def row_weights(self, row: Facts, t: datetime) -> dict[str, int]:
        weights: dict[str, int] = {}
        for part in row["decides"]:
            key = self.holder(part["holder"])
            if self.able(key, t):
                weights[key] = weights.get(key, 0) + (part.get("weight") or 1)
        return weights

    # mandates

    @staticmethod
    def within(limits: Facts | None, size: Facts | None, stakes: str | None) -> str:
        if not limits:
            return "yes"
        answers = []
        top, highest = limits.get("max"), limits.get("stakes_up_to")
        if top is not None:
            if size is None or size["unit"] != top["unit"]:
                answers.append("unknown")
            else:
                answers.append("yes" if size["amount"] <= top["amount"] else "no")
        if highest is not None:
            if stakes is None:
                answers.append("unknown")
            else:
                answers.append("yes" if STAKES.index(stakes) <= STAKES.index(highest) else "no")
        if top is None and highest is None and limits.get("text"):
            answers.append("unknown")
        return "no" if "no" in answers else "unknown" if "unknown" in answers else "yes"

    def grants(self, act: Facts) -> list[Facts]:
        """Edges of authority lent that cover the act at its instant: giver, taker, by which mandate."""
        t, home = act["occurred"], act["domains"][0]
        edges = []
        for event in self.of("mandate"):
            if event["type"] != "mandate.delegated":
                continue
            data = event["data"]
            start = instant(data["effective_from"]) if data.get("effective_from") else event["occurred"]
            ends = [instant(data["until"])] if data.get("until") else []
            ends += [e["occurred"] for e in self.of("mandate", event["id"]) if e["type"] == "mandate.ended"]
            if not start <= t or any(t >= end for end in ends):
                continue
            kind, id = data["scope"].split("/", 1)
            covered = {
                "decision": id == act["decision"],
                "initiative": id == act["initiative"],
                "domain": id in self.line(home, t),
            }[kind]
            answer = self.within(data.get("limits"), act["size"], act["stakes"])
            if not covered or answer == "no":
                continue
            giver = self.holder(data["from"])
            for to in data["to"]:
                taker = self.holder(to)
                if taker != giver and self.able(taker, t):
                    edges.append(
                        {
                            "giver": giver,
                            "taker": taker,
                            "redelegable": bool(data.get("redelegable")),
                            "sure": answer == "yes",
                            "mandate": event,
                        }
                    )
        return [edge for edge in edges if edge["giver"] not in self._reach(edges, edge["taker"])]

    @staticmethod
    def _reach(edges: list[Facts], start: str) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            for edge in edges:
                if edge["giver"] == here and edge["taker"] not in seen:
                    seen.add(edge["taker"])
                    todo.append(edge["taker"])
        return seen

    # shares

    def split(self, shares: dict[str, Fraction], t: datetime) -> dict[str, Fraction]:
        """Bodies' parts over their seats; what cannot be split stays on the body."""
        result: dict[str, Fraction] = {}
        for key, part in shares.items():
            inside = None
            if key.startswith("body/"):
                seats = self.seats(key.split("/", 1)[1], t)
                rule = self.body_rule(key.split("/", 1)[1], t)
                if seats:
                    inside = shapley(rule, seats) if rule else dict.fromkeys(seats, Fraction(1, len(seats)))
            for who, f in (inside or {key: Fraction(1)}).items():
                result[who] = result.get(who, Fraction(0)) + part * f
        return {who: part for who, part in result.items() if part > 0}

    def actual(self, act: Facts, lens: str) -> dict[str, Fraction]:
        total = sum(d.get("parts") or 1 for d in act["deciders"])
        shares: dict[str, Fraction] = {}
        for d in act["deciders"]:
            key = self.holder(d["holder"])
            if lens == "node" and d.get("under"):
                key = body_key(d["under"])
            shares[key] = shares.get(key, Fraction(0)) + Fraction(d.get("parts") or 1, total)
        return self.split(shares, act["occurred"]) if lens == "seat" else shares

    def stated(self, act: Facts, lens: str) -> dict[str, Fraction] | None:
        found = self.row(act["domains"][0], act["occurred"])
        if found is None:
            return None
        parts = shapley(found[1]["rule"], self.row_weights(found[1], act["occurred"]))
        if parts is None:
            return None
        edges = self.grants(act)
        result: dict[str, Fraction] = {}

        def move(who: str, part: Fraction, free: bool) -> None:
            takers = sorted({edge["taker"] for edge in edges if edge["giver"] == who})
            if not free or not takers:
                result[who] = result.get(who, Fraction(0)) + part
                return
            for taker in takers:
                onward = any(e["redelegable"] for e in edges if e["giver"] == who and e["taker"] == taker)
                move(taker, part / len(takers), onward)

        for who, part in parts.items():
            if part > 0:
                move(who, part, True)
        return self.split(result, act["occurred"]) if lens == "seat" else result

    # in mandate

    def in_mandate(self, act: Facts) -> str:
        t = act["occurred"]
        found = self.row(act["domains"][0], t)
        if found is None or not act["deciders"]:
            return "unknown"
        row = found[1]
        edges = self.grants(act)
        sure = self._wins(act, row, [edge for edge in edges if edge["sure"]])
        perhaps = sure or self._wins(act, row, edges)
        limits = self.within(row.get("limits"), act["size"], act["stakes"])
        if not perhaps or limits == "no":
            return "no"
        return "yes" if sure and limits == "yes" else "unknown"

    def _wins(self, act: Facts, row: Facts, edges: list[Facts]) -> bool:
        t = act["occurred"]
        direct = {self.holder(d["holder"]) for d in act["deciders"]}
        actors = {key for key in direct if key.startswith("actor/")}
        direct |= {body_key(d["under"]) for d in act["deciders"] if d.get("under")}
        stands = {self.holder(key): value for key, value in act["positions"]}
        calm = act | {"positions": [(k, "hold" if v == "block" else v) for k, v in act["positions"]]}
        positions = list(act["positions"])
        for body in {event["id"] for event in self.of("body")}:
            seats = self.seats(body, t)
            rule = self.body_rule(body, t) or {"kind": "all"}
            if act.get("opposed") and rule["kind"] == "consent":
                rule = rule | {"kind": "all"}
            if seats and self._carries(rule, seats, actors, calm):
                direct.add(f"body/{body}")
            consenting = (self.body_rule(body, t) or row["rule"])["kind"] == "consent"
            if f"body/{body}" in direct and consenting and "block" in map(stands.get, seats):
                direct.remove(f"body/{body}")
                positions.append((f"body/{body}", "block"))
        act = act | {"positions": positions}
        lent: set[str] = set()
        grew = True
        while grew:
            grew = False
            for edge in edges:
                reached = edge["taker"] in direct or (edge["taker"] in lent and edge["redelegable"])
                if reached and edge["giver"] not in lent:
                    lent.add(edge["giver"])
                    grew = True
        return self._carries(row["rule"], self.row_weights(row, t), direct | lent, act)

    def _carries(self, rule: Facts, weights: dict[str, int], coalition: set[str], act: Facts) -> bool:
        positions = {self.holder(key): value for key, value in act["positions"]}
        if rule.get("quorum") and sum(k in coalition or k in positions for k in weights) < rule["quorum"]:
            return False
        if rule["kind"] == "consent":
            blocked = any(positions.get(key) == "block" for key in weights)
            return not blocked and any(key in coalition for key in weights)
        return winning(rule, weights, coalition)

    # acts

    def histories(self) -> dict[str, list[Facts]]:
        """Every decision's words in order: its acts (made, overridden) and reopenings."""
        result: dict[str, list[Facts]] = {}
        for id in sorted({event["id"] for event in self.of("decision")}):
            words: list[Facts] = []
            opened: Facts = {}
            made: Facts = {}
            positions: list[tuple[str, str]] = []
            for event in self.of("decision", id):
                what, data = event["type"].split(".")[1], event["data"]
                if what == "opened":
                    opened = data
                elif what == "amended":
                    positions = []
                elif what == "position_taken":
                    key = data.get("for") or f"actor/{data['by']}"
                    positions = [p for p in positions if self.holder(p[0]) != self.holder(key)]
                    positions.append((key, data["value"]))
                elif what == "reopened":
                    words.append(
                        {"word": "reopened", "occurred": event["occurred"], "position": event["position"]}
                    )
                elif what in ("made", "overridden"):
                    made = data if what == "made" else made
                    words.append(self._act(id, what, event, data, made, opened, list(positions)))
            if words:
                result[id] = words
        return result

    def _act(
        self,
        id: str,
        what: str,
        event: Facts,
        data: Facts,
        made: Facts,
        opened: Facts,
        positions: list[tuple[str, str]],
    ) -> Facts:
        t, domains = event["occurred"], list(made["domains"])
        stakes = made.get("stakes") or opened.get("stakes")
        for d in self.line(domains[0], t):
            stakes = stakes or self.domain(d, t)[1]
        return {
            "word": what,
            "decision": id,
            "occurred": t,
            "position": event["position"],
            "outcome": data.get("outcome") or "void",
            "deciders": data.get("deciders") or [],
            "attested": data.get("attested") or "recorded",
            "domains": domains,
            "scopes": {"", *(a for d in domains for a in self.line(d, t))},
            "initiative": made.get("initiative"),
            "size": made.get("size"),
            "stakes": stakes,
            "positions": positions,
        }

    def credited(self, tense: str) -> list[tuple[datetime, Facts]]:
        """What a tense counts: the instant of the window it belongs to, and the act credited."""
        result = []
        for words in self.histories().values():
            acts = [word for word in words if word["word"] != "reopened"]
            if tense == "made":
                result += [(act["occurred"], act) for act in acts]
                continue
            mades = [act for act in acts if act["word"] == "made"]
            counted = [act for act in mades if act["outcome"] in COUNTED]
            if words[-1]["word"] != "reopened" and mades:
                result.append(((counted or mades)[0]["occurred"], words[-1]))
        return result

    # the views

    def chosen(self, **question: Any) -> list[Facts]:
        """The acts a question is about, whatever their outcome."""
        start, end = question.get("start"), question.get("end")
        found = []
        for when, act in self.credited(question.get("tense", "standing")):
            if (start is not None and when < start) or (end is not None and when >= end):
                continue
            if question.get("domain", "") not in act["scopes"]:
                continue
            if question.get("stakes") not in (None, act["stakes"] or "none"):
                continue
            if question.get("attested") == "recorded" and act["attested"] == "inferred":
                continue
            if question.get("level") is not None and self.weight_lay_at(act) != question["level"]:
                continue
            if question.get("actor") and not self.has_part(question["actor"], act):
                continue
            if question.get("body") and f"body/{question['body']}" not in self.actual_keys(act):
                continue
            found.append(act)
        return found

    def has_part(self, actor: str, act: Facts) -> bool:
        """Under either lens."""
        lenses = ("node", "seat") if act["deciders"] else ()
        return any(f"actor/{self.person(actor)}" in self.actual(act, lens) for lens in lenses)

    def actual_keys(self, act: Facts) -> set[str]:
        return set(self.actual(act, "node")) if act["deciders"] else set()

    def weight_lay_at(self, act: Facts) -> int | None:
        """The depth at which the largest part in an act lay, the topmost of equals."""
        depths: dict[int, Fraction] = {}
        for key, part in self.actual(act, "seat").items() if act["deciders"] else ():
            depth, _ = self.level(key, act["occurred"])
            if depth is not None:
                depths[depth] = depths.get(depth, Fraction(0)) + part
        return min(depths, key=lambda depth: (-depths[depth], depth), default=None)

    def authority(self, lens: str, **question: Any) -> Facts:
        """Counts and shares of one window; see `chosen` for the question."""
        return self.credit(lens, self.chosen(**question))

    def credit(self, lens: str, chosen: list[Facts]) -> Facts:
        """Counts and shares of these acts."""
        counted = [act for act in chosen if act["outcome"] in COUNTED]
        acts = [act for act in counted if act["deciders"]]
        sums: dict[str, Fraction] = {}
        levels: dict[int, Fraction] = {}
        near, weighed, levelled = Fraction(0), Fraction(0), Fraction(0)
        for act in acts:
            for key, part in self.actual(act, lens).items():
                sums[key] = sums.get(key, Fraction(0)) + part
            for key, part in self.actual(act, "seat").items():
                depth, height = self.level(key, act["occurred"])
                if depth is None or height is None:
                    continue
                levels[depth] = levels.get(depth, Fraction(0)) + part
                levelled += part
                if depth + height > 0:
                    near += part * Fraction(depth, depth + height)
                    weighed += part
        n = len(acts)
        shares = {key: float(part / n) for key, part in sums.items()}
        return {
            "n": n,
            "unknown": len(counted) - n,
            "deferred": sum(act["outcome"] == "deferred" for act in chosen),
            "returned": sum(act["outcome"] == "returned" for act in chosen),
            "inferred": sum(act["attested"] == "inferred" for act in acts),
            "unresolved": sum(any(k[:5] == "body/" for k in self.actual(act, "seat")) for act in acts),
            "by_stakes": {s: sum(act["stakes"] == s for act in acts) for s in (*STAKES, None)},
            "shares": shares,
            "concentration": concentration(list(shares.values())),
            "levels": {level: float(part / n) for level, part in levels.items()},
            "level_coverage": float(levelled / n) if n else None,
            "closeness": float(near / weighed) if weighed else None,
        }

    def level(self, key: str, t: datetime) -> tuple[int | None, int | None]:
        """Depth and height of an actor in the tree of superiors at t."""
        if not key.startswith("actor/"):
            return None, None
        above: dict[str, str | None] = {}
        for event in self.of("actor", None, t):
            stands = self.person(event["id"]) == event["id"]
            if event["type"] in ("actor.registered", "actor.updated") and stands:
                boss = event["data"].get("reports_to")
                above[event["id"]] = self.person(boss) if boss else None
        below: dict[str, list[str]] = {}
        for who, boss in above.items():
            if boss is not None and self.live(f"actor/{who}", t):
                below.setdefault(boss, []).append(who)
        me = key.split("/", 1)[1]
        path = [me]
        while (boss := above.get(path[-1])) is not None:
            if boss in path:
                return None, None
            path.append(boss)
        if len(path) == 1 and not below.get(me):
            return None, None
        height, layer, seen = 0, below.get(me, []), {me}
        while layer:
            height += 1
            seen |= set(layer)
            layer = [who for boss in layer for who in below.get(boss, []) if who not in seen]
        return len(path) - 1, height

    def drift(self, lens: str, **question: Any) -> Facts:
        return self.compare(lens, self.chosen(**question))

    def compare(self, lens: str, acts: list[Facts]) -> Facts:
        """How far apart the two sides of these acts are."""
        chosen = [act for act in acts if act["outcome"] in COUNTED]
        known = [act for act in chosen if act["deciders"]]
        rows: dict[str, list[tuple[dict[str, Fraction], dict[str, Fraction]]]] = {}
        unstated = vacant = 0
        answers = {"yes": 0, "no": 0, "unknown": 0}
        for act in chosen:
            answers[self.in_mandate(act)] += 1
        for act in known:
            row = self.row(act["domains"][0], act["occurred"])
            stated = self.stated(act, lens)
            if row is None:
                unstated += 1
            elif stated is None:
                vacant += 1
            else:
                rows.setdefault(row[0], []).append((stated, self.actual(act, lens)))
        n = sum(len(pairs) for pairs in rows.values())
        per_row = {domain: self._row_drift(pairs) for domain, pairs in rows.items()}
        signed: dict[str, Fraction] = {}
        for pairs in rows.values():
            for stated, actual in pairs:
                for key, part in actual.items():
                    signed[key] = signed.get(key, Fraction(0)) + part / n
                for key, part in stated.items():
                    signed[key] = signed.get(key, Fraction(0)) - part / n
        judged = answers["yes"] + answers["no"]
        return {
            "n": n,
            "unstated": unstated,
            "vacant": vacant,
            "unknown": len(chosen) - len(known),
            "mandate": answers,
            "out_of_mandate": answers["no"] / judged if judged else None,
            "rows": per_row,
            "drift": sum(r["drift"] * r["n"] for r in per_row.values()) / n if n else None,
            "noise": sum(r["noise"] * r["n"] for r in per_row.values()) / n if n else None,
            "signed": {key: float(part) for key, part in signed.items()},
        }

    @staticmethod
    def _row_drift(pairs: list[tuple[dict[str, Fraction], dict[str, Fraction]]]) -> Facts:
        n = len(pairs)
        s: dict[str, Fraction] = {}
        a: dict[str, Fraction] = {}
        for stated, actual in pairs:
            for key, part in stated.items():
                s[key] = s.get(key, Fraction(0)) + part / n
            for key, part in actual.items():
                a[key] = a.get(key, Fraction(0)) + part / n
        total = 0.0
        for key in set(s) | set(a):
            p, q = float(s.get(key, 0)), float(a.get(key, 0))
            m = (p + q) / 2
            total += (p * math.log2(p / m) if p else 0.0) / 2 + (q * math.log2(q / m) if q else 0.0) / 2
        holders = sum(part > 0 for part in s.values())
        return {"n": n, "drift": total, "noise": (holders - 1) / (8 * n * math.log(2))}

    def matrix(self, t: datetime) -> dict[str, Facts]:
        """The row in force at t for every domain that was ever named by a domain or matrix event."""
        domains = {event["id"] for event in self.of("domain")} | {event["id"] for event in self.of("matrix")}
        result = {}
        for domain in sorted(domains):
            found = self.row(domain, t)
            if found is None:
                result[domain] = {"row": None, "vacant": None, "decides": None}
                continue
            weights = self.row_weights(found[1], t)
            result[domain] = {
                "row": found[0],
                "vacant": shapley(found[1]["rule"], weights) is None,
                "decides": sorted(self.holder(part["holder"]) for part in found[1]["decides"]),
            }
        return result


def body_key(under: str) -> str:
    return under if "/" in under else f"body/{under}"


def concentration(shares: list[float]) -> Facts:
    """HHI, effective number, evenness and the fewest that reach half."""
    positive = sorted((s for s in shares if s > 0), reverse=True)
    if not positive:
        return {"hhi": None, "effective": None, "evenness": None, "k50": None}
    hhi = sum(s * s for s in positive)
    reach, k50 = 0.0, 0
    for s in positive:
        if reach >= 0.5 - 1e-12:
            break
        reach, k50 = reach + s, k50 + 1
    k = len(positive)
    entropy = -sum(s * math.log(s) for s in positive)
    return {
        "hhi": hhi,
        "effective": 1 / hhi,
        "evenness": entropy / math.log(k) if k > 1 else None,
        "k50": k50,
    }
