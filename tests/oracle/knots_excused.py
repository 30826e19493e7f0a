"""What is no shadow authority and no overlap, in plain loops: escalated as the row says, ratified in time."""

from tests.oracle.knots_world import Facts, Knotted
from tests.oracle.oracle import instant


def left_out(world: Knotted, act: Facts, who: str) -> bool:
    """Whether nobody can hold it against who decided."""
    told = world.of("decision", act["decision"])
    place = next(n for n, event in enumerate(told) if event["position"] == act["position"])
    return _passed_on(world, act, who, told[:place]) or _confirmed(world, act, told, place)


def _passed_on(world: Knotted, act: Facts, who: str, before: list[Facts]) -> bool:
    to = act["governed"] and act["governed"]["data"].get("escalates_to")
    if not to or who not in _people(world, to, act):
        return False
    escalated = [event for event in before if event["type"] == "decision.escalated"]
    return any(world.holder(event["data"]["to"]) in _people(world, to, event) for event in escalated)


def _people(world: Knotted, key: str, then: Facts) -> set[str]:
    inside = world.seats(key[5:], then["occurred"]) if key.startswith("body/") else {}
    return {world.holder(key), *inside}


def _confirmed(world: Knotted, act: Facts, told: list[Facts], place: int) -> bool:
    urgent = told[place]["data"].get("emergency")
    for n, event in enumerate(told):
        if n <= place or not urgent:
            continue
        if event["type"].split(".")[1] in ("made", "overridden", "reopened", "superseded"):
            return False
        if event["type"] == "decision.ratified":
            late = urgent.get("ratify_by") and event["occurred"] > instant(urgent["ratify_by"])
            if not late and world.in_mandate(_anew(world, act, event, told[:n])) == "yes":
                return True
    return False


def _anew(world: Knotted, act: Facts, ratified: Facts, before: list[Facts]) -> Facts:
    """As if those who ratified had decided it when they did."""
    positions: dict[str, str] = {}
    for event in before:
        if event["type"] == "decision.amended":
            positions = {}
        elif event["type"] == "decision.position_taken":
            data = event["data"]
            positions[world.holder(data.get("for") or f"actor/{data['by']}")] = data["value"]
    t = ratified["occurred"]
    stakes = [act["stakes"], *(world.domain(one, t)[1] for one in world.line(act["home"], t))]
    return {
        **{name: act[name] for name in ("decision", "domains", "initiative", "size")},
        "stakes": next((one for one in stakes if one), None),
        "occurred": t,
        "deciders": [{"holder": f"actor/{by}"} for by in ratified["data"]["by"]],
        "positions": [*positions.items()],
    }
