"""Bypassed consultation in plain loops: the row demands somebody's advice, and nobody waited for it."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from tests.oracle.knots_b_ground import Facts, Ground, Knot, Spell
from tests.oracle.oracle import COUNTED


def wait_of(row: Facts) -> timedelta:
    """The `min_wait` of a row, in weeks, days, hours and minutes."""
    found = re.fullmatch(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", row.get("min_wait") or "P0D")
    assert found, row["min_wait"]
    weeks, days, hours, minutes = (int(one or 0) for one in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def bypassed_consultation(ground: Ground, limits: Facts) -> list[Knot]:
    """A mandatory contributor was not asked, had too little time, or advised only after the decision."""
    spells = []
    for act in ground.all_acts():
        found = ground.row(act["domains"][0], act["occurred"])
        if act["word"] != "made" or act["outcome"] not in COUNTED or not found:
            continue
        demanded = {
            ground.holder(one["holder"]) for one in found[1].get("contributes") or () if one.get("mandatory")
        }
        for who in sorted(demanded):
            if _bypassed(ground, act, who, wait_of(found[1])):
                until, t = _healed(ground, act, who), act["occurred"]
                spells.append(Spell(ground.scope(act), (who,), t, until, act["decision"], (act["position"],)))
    return ground.episodes("bypassed consultation", spells, _decisions, whole=True)


def _decisions(shown: list[Spell], _: datetime) -> float:
    return len({one.counts for one in shown})


def _bypassed(ground: Ground, act: Facts, who: str, wait: timedelta) -> bool:
    t = act["occurred"]
    if not ground.live(who, t) or ground.took_part(act, who):
        return False
    reached = [
        event
        for event in ground.requests(act["decision"])
        if event["occurred"] <= t
        and (
            not event["data"]["asked"]
            or any(ground.reaches(one, who, event["occurred"]) for one in event["data"]["asked"])
        )
    ]
    asked = [event["occurred"] for event in reached]
    later = {e["id"] for e in ground.requests(act["decision"]) if asked and e["occurred"] > t}
    advised = _heard(ground, act, who, later)  # what is asked later is about the next word
    before = [at for at in advised if at <= t]
    if before and (not asked or min(before) < min(asked)):
        return False
    if not asked or min(asked) + wait > t:
        return True
    nameless = [e for e in ground.advice(act["decision"]) if not e["data"].get("by") and e["occurred"] <= t]
    if {e["id"] for e in nameless} & {e["id"] for e in reached}:
        return False  # it may have been theirs
    return not before and bool(advised)


def _advice(ground: Ground, id: str, but: Collection[str] = ()) -> list[tuple[datetime, str]]:
    told = [event for event in ground.advice(id) if event["data"].get("by") and event["id"] not in but]
    return [(event["occurred"], ground.holder(f"actor/{event['data']['by']}")) for event in told]


def _heard(ground: Ground, act: Facts, who: str, but: Collection[str] = ()) -> list[datetime]:
    """When they advised, while the decision stood or before."""
    over = ground.replaced(act)
    told = [at for at, by in _advice(ground, act["decision"], but) if ground.reaches(by, who, at)]
    return [at for at in told if over is None or at < over]


def _healed(ground: Ground, act: Facts, who: str) -> datetime | None:
    """When it no longer stood, or was reviewed once they had been heard."""
    ends = [end for end in (ground.replaced(act),) if end is not None]
    heard = _heard(ground, act, who)
    for event in ground.of("decision", act["decision"]):
        later = (event["occurred"], event["position"]) > (act["occurred"], act["position"])
        if event["type"] == "decision.reviewed" and later and heard and min(heard) < event["occurred"]:
            ends.append(event["occurred"])
    return min(ends, default=None)
