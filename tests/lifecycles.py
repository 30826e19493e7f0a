"""What may follow what within one subject, said once more for the tests and independently of the ledger.

`possible(stream)` takes one subject's structured events in publication order, corrections and retractions
among them, and says whether the stream in occurred order is one that a ledger takes.
"""

from datetime import datetime
from typing import Any

Json = dict[str, Any]

BEGINNINGS = {"registered", "formed", "defined", "delegated", "proposed", "requested", "opened", "started"}
ENDINGS = {"dissolved", "retired", "ended", "closed", "concluded", "completed", "withdrawn"}


def possible(stream: list[Json]) -> bool:
    """Whether these events of one subject, in publication order, may all stand."""
    facts = restated(stream)
    if facts is None:
        return False
    kind = stream[0]["subject"].partition("/")[0]
    check = {"decision": _decision, "actor": _actor, "matrix": _matrix}.get(kind, _begun_and_ended)
    return check(facts) and (kind != "body" or _seats(facts)) and (kind != "initiative" or _pauses(facts))


def restated(stream: list[Json]) -> list[tuple[str, Json]] | None:
    """The facts as (what, data) in occurred order after corrections; None if one names no event there."""
    last: dict[tuple[str, str], Json] = {}
    seen: set[tuple[str, str]] = set()
    for event in stream:
        if event["type"].startswith("locus.event."):
            named = (event["data"]["source"], event["data"]["id"])
            if named not in seen:
                return None
            last[named] = event
        else:
            seen.add((event["source"], event["id"]))
    facts = []
    for position, event in enumerate(stream):
        change = last.get((event["source"], event["id"]))
        if event["type"].startswith("locus.event.") or (change and "retracted" in change["type"]):
            continue
        new = change["data"] if change else {}
        time = datetime.fromisoformat(new.get("time") or event["time"])
        facts.append((time, position, event["type"].split(".")[2], new.get("data") or event["data"]))
    facts.sort(key=lambda fact: fact[:2])
    return [(what, data) for _, _, what, data in facts]


def _begun_and_ended(facts: list[tuple[str, Json]]) -> bool:
    """Each beginning once and not after the end; one end, and of something that was there."""
    begun: set[str] = set()
    known = ended = False
    for what, _ in facts:
        if what in BEGINNINGS:
            if what in begun or ended:
                return False
            begun.add(what)
        if what in ENDINGS:
            if ended or not known:
                return False
            ended = True
        known = known or what in BEGINNINGS or what == "updated"
    return True


def _actor(facts: list[tuple[str, Json]]) -> bool:
    known = left = merged = registered = False
    for what, _ in facts:
        if (
            (what == "registered" and (registered or left or merged))
            or (what == "left" and (not known or left or merged))
            or (what == "returned" and (not left or merged))
            or (what == "merged" and merged)
        ):
            return False
        registered = registered or what in ("registered", "returned")
        known = known or what in ("registered", "updated")
        left = what == "left" or (left and what != "returned")
        merged = merged or what == "merged"
    return True


def _matrix(facts: list[tuple[str, Json]]) -> bool:
    standing = False
    for what, _ in facts:
        if what == "row_cleared" and not standing:
            return False
        standing = what == "row_set"
    return True


def _seats(facts: list[tuple[str, Json]]) -> bool:
    held: set[tuple[str, str | None]] = set()
    for what, data in facts:
        if what == "seat_taken":
            held.add((data["actor"], data.get("role")))
        if what == "seat_vacated":
            role = data.get("role")
            given_up = {(a, r) for a, r in held if a == data["actor"] and role in (None, r)}
            if not given_up:
                return False
            held -= given_up
    return True


def _pauses(facts: list[tuple[str, Json]]) -> bool:
    paused = ended = False
    for what, _ in facts:
        if (what == "paused" and (paused or ended)) or (what == "resumed" and (ended or not paused)):
            return False
        paused = what == "paused" or (paused and what != "resumed")
        ended = ended or what in ENDINGS
    return True


def _decision(facts: list[tuple[str, Json]]) -> bool:
    opened = made = reopened = False
    standing = ""
    for what, data in facts:
        if what == "opened":
            if opened or made:
                return False
            opened = True
        elif what == "made":
            if standing in ("accepted", "rejected") and not reopened:
                return False
            made, reopened, standing = True, False, data["outcome"]
        elif what in ("reopened", "overridden", "ratified", "formalised"):
            if not made or (what == "reopened" and reopened):
                return False
            if what == "reopened":
                reopened = True
            if what == "overridden":
                reopened, standing = False, data.get("outcome", "void")
    return True
