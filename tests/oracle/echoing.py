"""What answers repeat of entries, held against the entries: when it occurred, who did it, what they said."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from tests.oracle.oracle import World, instant

Facts = dict[str, Any]
SAID = ("reason", "ref", "choice", "formality", "disposition", "value", "stance", "pattern")
TEXTS = ("text", "worked", "failed", "adjustments", "hypothesis", "evidence")


def unlike(answer: Any, world: World) -> list[Any]:
    """What an answer says of an entry, and that does not: each with what it is, and what the entry says."""
    facts = {fact["position"]: fact for fact in world.events}
    told = msgspec.to_builtins(answer, builtin_types=(datetime,))
    return [
        (one["position"], *found)
        for one in _entries(told)
        if one["position"] in facts
        for found in _unlike(one, facts[one["position"]], world)
    ]


def _entries(told: Any) -> Iterator[Facts]:
    """Everything in it that is about an entry and says when that occurred."""
    if isinstance(told, dict):
        for when in ("", "told_", "closed_", "proposed_"):
            place = told.get("closed_position" if when == "closed_" else "position")
            if place is not None and f"{when}at" in told:
                more = {} if when == "closed_" else told
                yield more | {"position": place, "at": told[f"{when}at"]}
        told = {name: one for name, one in told.items() if name != "rests_on"}
    for one in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _entries(one)


def _unlike(told: Facts, fact: Facts, world: World) -> Iterator[tuple[str, Any, Any]]:
    data = fact["data"] or {}
    expected: Facts = {"at": fact["occurred"]}
    expected |= {name: data.get(name) for name in SAID}
    expected |= {"what": fact["type"], "subject": f"{fact['kind']}/{fact['id']}"}
    expected |= {
        "explained": any(data.get(name) is not None for name in ("reason", "text")),
        "review_on": _when(data.get("review_on")),
    }
    about = data.get("about") or data.get("from")
    expected |= {"about": about} if fact["kind"] in ("consultation", "debrief", "lesson") else {}
    expected |= {"due": _when(data.get("due")), "size": data.get("size")}
    expected |= {"emergency": _emergency(data.get("emergency"))}
    expected |= {"texts": _texts(data)}
    if "texts" in told:
        told |= {"texts": {name: texts for name, texts in told["texts"].items() if texts}}
    expected |= {"deciders": _deciders(data, world)} if "word" in told else {}
    expected |= {"attendees": len(_all(world, data.get("attendees")))}
    if isinstance(told.get("by"), list):
        expected["by"] = _did(fact, world)
    elif isinstance(data.get("by"), str):
        expected["by"] = world.holder(f"actor/{data['by']}")
    for name, value in expected.items():
        if name in told and told[name] != value:
            yield name, told[name], value


def _did(fact: Facts, world: World) -> list[str]:
    """Who did it, as far as it says: each once, in its order."""
    data = fact["data"] or {}
    by = data.get("by") or data.get("actor") or ()
    by = [f"actor/{one}" for one in ([by] if isinstance(by, str) else by)]
    if fact["type"] in ("decision.made", "decision.overridden"):
        by = [f"body/{one['under']}" if one.get("under") else one["holder"] for one in data["deciders"]]
    for name in ("proposers", "participants"):
        by = data.get(name) or by
    return _all(world, [data["facilitator"]] if data.get("facilitator") else by)


def _all(world: World, holders: Any) -> list[str]:
    return list(dict.fromkeys(world.holder(one) for one in holders or ()))


def _texts(data: Facts) -> dict[str, list[str]]:
    told = {name: data[name] for name in TEXTS if data.get(name)}
    return {name: [text] if isinstance(text, str) else text for name, text in told.items()}


def _emergency(said: Facts | None) -> Facts | None:
    return said and said | {"ratify_by": _when(said.get("ratify_by"))}


def _deciders(data: Facts, world: World) -> list[Facts]:
    return [
        {"holder": world.holder(one["holder"]), "parts": one.get("parts"), "under": one.get("under")}
        for one in data.get("deciders") or ()
    ]


def _when(text: str | None) -> datetime | None:
    return instant(text) if text else None
