"""Exclusion in plain loops: somebody who should take part does so far less than people here do."""

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from tests.oracle.knots_b_ground import Facts, Ground, Knot
from tests.oracle.knots_b_tested import Trial, at_least, knots


class Occasion(NamedTuple):
    """One decision that somebody should have taken part in; a contributor did if they were asked."""

    domain: str
    who: str
    role: str
    missed: bool
    entry: int


def exclusion(ground: Ground, limits: Facts) -> list[Knot]:
    """Asked and silent, electors and advisers together, and not asked: two questions."""
    seen = []
    for id in ground.asked():
        act = ground.first_made(id)
        if act is not None:
            occurred = {"occurred": act["occurred"], "position": act["position"]}
            voted, stated = _rules(ground, act)
            found = _electors(ground, act) if (voted or stated) != "any" else []
            found += _contributors(ground, act) if stated != "any" else []
            seen += [occurred | {"occasion": one} for one in found]

    def trials(window: list[Facts], _: datetime) -> list[Trial]:
        told = [one["occasion"] for one in window]
        asked = []
        for domain, who in sorted({(one.domain, one.who) for one in told}):
            for roles in (("elector", "adviser"), ("contributor",)):
                mine = [o for o in told if (o.domain, o.who) == (domain, who) and o.role in roles]
                if len(mine) >= limits["exclusion_least"]:
                    missed = [one for one in mine if one.missed]
                    p = at_least(len(missed), [_usual(told, one) for one in mine])
                    asked.append(Trial((domain, who), p, tuple(one.entry for one in missed)))
        return asked

    return knots("exclusion", ground, limits, seen, trials)


def _usual(told: list[Occasion], mine: Occasion) -> Fraction:
    """How many miss in this role, in the whole ledger or among the others here, whichever is more."""
    everybody = [one.missed for one in told if one.role == mine.role]
    others = [
        one.missed
        for one in told
        if (one.role, one.domain) == (mine.role, mine.domain) and one.who != mine.who
    ]
    rates = [Fraction(sum(group), len(group)) for group in (everybody, others) if group]
    return max(rates)


def _rules(ground: Ground, act: Facts) -> tuple[str | None, str | None]:
    """That of the decision itself, if it was opened with one, and that of the row."""
    found = ground.row(act["domains"][0], act["occurred"])
    opened = [e["data"] for e in ground.of("decision", act["decision"]) if e["type"] == "decision.opened"]
    voted = opened[0].get("rule") if opened else None
    return voted and voted["kind"], found[1]["rule"]["kind"] if found else None


def _electors(ground: Ground, act: Facts) -> list[Occasion]:
    domain = ground.scope(act).removeprefix("domain/")
    told = ground.electorate(act["decision"], ground.now)
    return [
        Occasion(domain, who, "elector", not ground.took_part(act, who), act["position"])
        for who in sorted({ground.holder(one["holder"]) for one in told})
        if ground.live(who, act["occurred"])
    ]


def _contributors(ground: Ground, act: Facts) -> list[Occasion]:
    found = ground.row(act["domains"][0], act["occurred"])
    demanded = [
        one["holder"] for one in (found[1].get("contributes") or () if found else ()) if one.get("mandatory")
    ]
    occasions = []
    for who in sorted({ground.holder(one) for one in demanded}):
        hand = who in ground.proposers(act["decision"]) or ground.took_part(act, who)
        if not found or hand or not ground.live(who, act["occurred"]):
            continue
        asked, anew, advised = _asked(ground, act, who)
        occasions.append(Occasion(found[0], who, "contributor", not asked, act["position"]))
        if anew and advised is not None:
            occasions.append(Occasion(found[0], who, "adviser", not advised, act["position"]))
    return occasions


def _asked(ground: Ground, act: Facts, who: str) -> tuple[bool, bool, bool | None]:
    """Whether a request reached them before the decision, one for this decision, and whether they advised.

    Who advised was reached. Nobody knows of whom they reached where advice came without a name.
    """
    asked = anew = advised = nameless = False
    earlier = ground.earlier(act)
    for request in ground.requests(act["decision"]):
        if request["occurred"] > act["occurred"]:
            continue
        data, t = request["data"], request["occurred"]
        came = [e for e in ground.advice(act["decision"]) if e["id"] == request["id"]]
        came = [e for e in came if e["occurred"] <= act["occurred"]]
        spoke = any(
            e["data"].get("by") and ground.reaches(f"actor/{e['data']['by']}", who, e["occurred"])
            for e in came
        )
        reached = spoke or not data["asked"] or any(ground.reaches(one, who, t) for one in data["asked"])
        asked, advised = asked or reached, advised or spoke
        told = ground.of_all(request) and earlier and t <= max(earlier)
        anew = anew or (reached and not told)
        nameless = nameless or (reached and any(not e["data"].get("by") for e in came))
    return asked, anew, None if nameless and not advised else advised
