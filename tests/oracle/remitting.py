"""What is stated at the world's instant, and who may decide what by it, in plain loops.

It shares no code with the services.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.oracle.oracle import World, instant, shapley

Facts = dict[str, Any]


def said(limits: Facts | None) -> Facts | None:
    """What is said of limits or a rule, and nothing of what is not."""
    return limits and {name: value for name, value in limits.items() if value is not None}


class Remitting:
    """The matrix of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.t: datetime = world.at  # type: ignore[assignment]  # always known here
        self.bodies = {fact["id"] for fact in world.of("body")}

    # the matrix

    def domains(self) -> list[str]:
        """Those that somebody named."""
        return sorted({fact["id"] for kind in ("domain", "matrix") for fact in self.world.of(kind)})

    def matrix(self, domain: str) -> Facts:
        told, row = self.world.of("domain", domain), self.row(domain)
        names = [fact["data"]["name"] for fact in told if fact["type"] != "domain.retired"]
        line = self.world.line(domain, self.t)
        return {
            "domain": domain,
            "name": names[-1] if names else None,
            "parent": self.world.domain(domain, self.t)[0],
            "stakes": self.stakes(domain),
            "retired": any(fact["type"] == "domain.retired" for fact in told),
            "row": row and self.stated(row),
            "inherited_from": row["id"] if row and row["id"] != domain else None,
            "since": row and self._since(domain, row),
            "vacant": row and self._vacant(row["data"]),
            "mandates": [
                self.lent(fact)
                for fact in sorted(self.mandates(), key=lambda fact: str(fact["id"]))
                if fact["data"]["scope"] in [f"domain/{above}" for above in line]
            ],
        }

    def _vacant(self, row: Facts) -> bool:
        return shapley(row["rule"], self.world.row_weights(row, self.t)) is None

    def stakes(self, domain: str) -> str | None:
        own = (self.world.domain(above, self.t)[1] for above in self.world.line(domain, self.t))
        return next((stakes for stakes in own if stakes), None)

    def row(self, domain: str, t: datetime | None = None) -> Facts | None:
        """The entry that set the row in force."""
        found = self.world.row(domain, t or self.t)
        if found is None:
            return None
        return next(fact for fact in self.world.of("matrix", found[0]) if fact["data"] is found[1])

    def _since(self, domain: str, row: Facts) -> datetime:
        """The first of the moments up to now at all of which this row was the one in force."""
        moments = {fact["occurred"] for kind in ("domain", "matrix") for fact in self.world.of(kind)}
        moments |= {self._effective(fact) for fact in self.world.of("matrix")}
        since = self.t
        for moment in sorted((one for one in moments if one <= self.t), reverse=True):
            if self.row(domain, moment) is not row:
                break
            since = moment
        return since

    @staticmethod
    def _effective(fact: Facts) -> datetime:
        early = fact["data"].get("effective_from")
        return instant(early) if early else fact["occurred"]

    def history(self, domain: str) -> list[Facts]:
        told = self.world.of("matrix", domain)
        rows = sorted(told, key=lambda f: (self._effective(f), f["occurred"], f["position"]))
        after = [*map(self._effective, rows[1:]), None]
        return [
            {
                "effective": self._effective(row),
                "until": until,
                "stated": row["occurred"],
                "position": row["position"],
                "row": self.stated(row) if row["type"] == "matrix.row_set" else None,
            }
            for row, until in zip(rows, after, strict=False)
        ]

    # as it was set

    def named(self, holder: str) -> Facts:
        key = self.world.holder(holder)
        return {"holder": key, "live": self.world.able(key, self.t)}

    def perhaps(self, holder: str | None) -> Facts | None:
        return self.named(holder) if holder else None

    def deciding(self, parts: Iterable[Facts]) -> list[Facts]:
        weights: dict[str, int] = {}
        for part in parts:
            key = self.world.holder(part["holder"])
            weights[key] = weights.get(key, 0) + (part.get("weight") or 1)
        return [self.named(key) | {"weight": weight} for key, weight in weights.items()]

    def contributing(self, row: Facts) -> list[Facts]:
        asked = row["data"].get("contributes") or ()
        return [self.named(one["holder"]) | {"mandatory": bool(one.get("mandatory"))} for one in asked]

    def stated(self, row: Facts) -> Facts:
        data = row["data"]
        return {
            "domain": row["id"],
            "position": row["position"],
            "stated": row["occurred"],
            "effective": self._effective(row),
            "decides": self.deciding(data["decides"]),
            "rule": said(data["rule"]),
            "limits": said(data.get("limits")),
            "accountable": self.perhaps(data.get("accountable")),
            "contributes": self.contributing(row),
            "min_wait": data.get("min_wait"),
            "informs": [self.named(one) for one in data.get("informs") or ()],
            "escalates_to": self.perhaps(data.get("escalates_to")),
            "amends": self.deciding(data.get("amends") or ()),
            "amend_rule": said(data.get("amend_rule")),
            "by": [self.world.person(actor) for actor in data["by"]],
            "basis": data.get("basis"),
        }

    def mandates(self) -> list[Facts]:
        """Those that live, for whatever they are."""
        found = []
        for fact in self.world.of("mandate"):
            if fact["type"] == "mandate.delegated":
                until = fact["data"].get("until")
                over = any(f["type"] == "mandate.ended" for f in self.world.of("mandate", fact["id"]))
                over = over or bool(until and instant(until) <= self.t)
                if self._effective(fact) <= self.t and not over:
                    found.append(fact)
        return found

    def lent(self, fact: Facts) -> Facts:
        data, until = fact["data"], fact["data"].get("until")
        return {
            "mandate": fact["id"],
            "position": fact["position"],
            "scope": data["scope"],
            "from": self.named(data["from"]),
            "to": [self.named(one) for one in data["to"]],
            "since": self._effective(fact),
            "until": instant(until) if until else None,
            "limits": said(data.get("limits")),
            "redelegable": bool(data.get("redelegable")),
        }

    # who may decide

    def case(self, domain: str, holder: str = "") -> Facts:
        """As if somebody decided something in a domain now; of what size, nobody knows."""
        return {
            "occurred": self.t,
            "domains": [domain],
            "decision": None,
            "initiative": None,
            "size": None,
            "stakes": self.stakes(domain),
            "deciders": [{"holder": holder}] if holder else [],
            "positions": [],
        }

    def shares(self, domain: str, lens: str) -> dict[str, Any]:
        return self.world.stated(self.case(domain), lens) or {}

    def alone(self, domain: str, row: Facts, holder: str) -> bool:
        """Under consent others may block, if there are others: of the row, or in the body one sits in."""
        case, data = self.case(domain, holder) | {"opposed": True}, row["data"]
        if data["rule"]["kind"] == "consent" and len(self.world.row_weights(data, self.t)) > 1:
            return False
        return self.world._wins(case, data, self.world.grants(case))

    def sits_in(self, holder: str) -> set[str]:
        return {f"body/{body}" for body in self.bodies if holder in self.world.seats(body, self.t)}

    def ways(self, domain: str, row: Facts, holder: str) -> list[Facts]:
        """Named in the row, by a seat in a body that is, or lent by who has something to lend."""
        none = dict.fromkeys(("body", "mandate", "from", "until", "limits", "redelegable"))
        live, bodies = self.world.row_weights(row["data"], self.t), self.sits_in(holder)
        found = [none | {"way": "named"} for key in live if key == holder]
        found += [none | {"way": "seat", "body": key[5:]} for key in live if key in bodies]
        edges, lenders = self.world.grants(self.case(domain)), set(live)
        for _ in edges:  # as often as may be needed
            lenders |= {e["taker"] for e in edges if e["giver"] in lenders and e["redelegable"]}
        for edge in edges:
            if edge["giver"] in lenders and (edge["taker"] == holder or edge["taker"] in bodies):
                told = self.lent(edge["mandate"])
                by = None if edge["taker"] == holder else edge["taker"][5:]
                way = {"way": "mandate", "body": by, "mandate": told["mandate"], "from": edge["giver"]}
                found.append(way | {name: told[name] for name in ("until", "limits", "redelegable")})
        return each_once(found)

    def seated(self, ways: list[Facts], holder: str) -> list[Facts]:
        """The bodies it has its part by, with their own rules and those who sit there besides."""
        return [
            {
                "body": body,
                "rule": said(self.world.body_rule(body, self.t)),
                "beside": sorted(key for key in self.world.seats(body, self.t) if key != holder),
            }
            for body in {way["body"] for way in ways} - {None}
        ]

    def remits(self, holder: str) -> tuple[list[Facts], list[Facts]]:
        """What it decides alone, and what with others."""
        alone, together = [], []
        lens = "seat" if holder.startswith("actor/") else "node"
        for domain in self.domains():
            row = self.row(domain)
            ways = self.ways(domain, row, holder) if row else []
            shares = self.shares(domain, lens)
            if row is None or not ways or not shares:
                continue
            told = self.stated(row)
            remit = {
                "domain": domain,
                "name": self.matrix(domain)["name"],
                "row_domain": row["id"],
                "row_position": row["position"],
                "share": float(shares.get(holder, 0)),
                "others": {key: float(part) for key, part in shares.items() if key != holder},
                "ways": ways,
                "bodies": self.seated(ways, holder),
                "consult": told["contributes"],
                "inform": told["informs"],
                "escalate_to": told["escalates_to"],
            } | {name: told[name] for name in ("rule", "limits", "min_wait")}
            (alone if self.alone(domain, row, holder) else together).append(remit)
        return alone, together

    def remit(self, holder: str) -> Facts:
        """Of an actor or a body, given as it stands after merges."""
        alone, together = self.remits(holder)
        selves = {holder, *self.sits_in(holder)}
        names = [f["data"].get("name") for f in self.world.of("body", holder[5:]) if f["type"] in PROFILES]
        live = sorted(self.mandates(), key=lambda fact: (self._effective(fact), fact["id"]))
        found = {
            "holder": holder,
            "name": names[-1] if holder.startswith("body/") and names else None,
            "decides_alone": alone,
            "decides_with_others": together,
            "lent_to_it": [
                self.lent(f) for f in live if selves & set(map(self.world.holder, f["data"]["to"]))
            ],
            "lent_by_it": [self.lent(f) for f in live if self.world.holder(f["data"]["from"]) == holder],
        } | self._roles(holder, selves)
        part = len(selves) > 1 or any(
            value for name, value in found.items() if name not in ("holder", "name")
        )
        return found | {"live": self._live(holder, part=part)}

    def _live(self, holder: str, *, part: bool) -> bool | None:
        """None of whom nobody has spoken and who has no part."""
        kind, _, id = holder.partition("/")
        facts = [f for f in self.world.of(kind) if self.world.holder(f"{kind}/{f['id']}") == holder]
        there = any(f["type"] in (*PROFILES, *REGISTERED) for f in facts) or (
            kind == "body" and self.world.seats(id, self.t)
        )
        live = self.world.able(holder, self.t)
        return live if part or there or not live else None

    def _roles(self, holder: str, selves: set[str]) -> dict[str, list[Facts]]:
        """The other parts it has, each once."""
        found: dict[str, list[Facts]] = {}
        for domain in self.domains():
            row = self.row(domain)
            if row is None:
                continue
            told = self.stated(row)
            above = told["escalates_to"]
            parts = {"consulted": told["contributes"], "informed": told["informs"]}
            parts |= {"receives_escalations": [above] if above else [], "may_amend": told["amends"]}
            for part, named in parts.items():
                for key in sorted(selves & {one["holder"] for one in named}):
                    must = any(one.get("mandatory") for one in named if one["holder"] == key)
                    found.setdefault(part, []).append(
                        {
                            "domain": domain,
                            "name": self.matrix(domain)["name"],
                            "row_domain": row["id"],
                            "body": None if key == holder else key[5:],
                            "mandatory": must if part == "consulted" else None,
                        }
                    )
        return {part: found.get(part, []) for part in ROLES}

    def held(self, domain: str, lens: str) -> list[Facts]:
        """Who has a share in one domain, the largest first."""
        row, shares = self.row(domain), self.shares(domain, lens)
        if row is None:
            return []
        return [
            {
                "holder": key,
                "share": float(part),
                "live": self.world.able(key, self.t),
                "alone": self.alone(domain, row, key),
                "ways": self.ways(domain, row, key),
            }
            for key, part in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        ]


PROFILES = ("body.formed", "body.updated")
REGISTERED = ("actor.registered", "actor.updated")
ROLES = ("consulted", "informed", "receives_escalations", "may_amend")


def each_once(found: list[Facts]) -> list[Facts]:
    return [one for n, one in enumerate(found) if one not in found[:n]]
