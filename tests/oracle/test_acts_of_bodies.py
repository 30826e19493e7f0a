"""Acts of bodies agree with the oracle: their seats end, or are told of late, and those in them object."""

import os
from random import Random
from typing import Any

import pytest

from tests.knotted import row
from tests.oracle.memory import folded, moment
from tests.oracle.oracle import World, read
from tests.oracle.test_acts import compare
from tests.recorded import entries
from tests.told import event, on

SEED = int(os.environ.get("LOCUS_SEED", "1"))
Json = dict[str, Any]
RULES: list[Json] = [
    *({"kind": kind} for kind in ("consent", "consent", "any", "all")),
    {"kind": "quota", "at_least": 2},
]
PEOPLE = ("ann", "ben", "cat")
BODIES = ("t", "u")


def bodies(rng: Random) -> list[Json]:
    """Two bodies, rows and a mandate that name them, and what they decide, told in nearly any order."""
    told = [row(rng.choice((0, 20)), "x", *_holders(rng), rule=_rule(rng))]
    told += [_formed(rng, name) for name in BODIES]
    told += [_seat(rng, name, number) for number, name in enumerate(rng.choices(BODIES, k=5))]
    lent = {"scope": "domain/x", "from": f"body/{rng.choice(BODIES)}", "to": [f"body/{rng.choice(BODIES)}"]}
    told.append(event(rng.choice((0, 30)), "mandate/m", "mandate.delegated", **lent))
    rng.shuffle(told)
    for number in range(8):
        told += _decided(rng, f"d-{number}", rng.uniform(5, 40))
    late = [told.pop(rng.randrange(9)) for _ in range(2)]
    return [*told, *late]


def _holders(rng: Random) -> list[str]:
    return rng.sample([*(f"body/{name}" for name in BODIES), "actor/ann"], k=rng.choice((1, 1, 2)))


def _rule(rng: Random) -> Json:
    return rng.choice(RULES)


def _formed(rng: Random, name: str) -> Json:
    stated = {"rule": _rule(rng)} if rng.random() < 0.8 else {}
    return event(0, f"body/{name}", "body.formed", name=name, kind="circle", **stated)


def _seat(rng: Random, name: str, number: int) -> Json:
    start = rng.choice((0, 0, 0, 25))
    term = {"until": on(start + rng.choice((10, 15, 20))).isoformat()} if rng.random() < 0.7 else {}
    taken = event(start, f"body/{name}", "body.seat_taken", actor=rng.choice(PEOPLE), **term)
    return taken | {"id": f"seat-{number}"}


def _decided(rng: Random, id: str, day: float) -> list[Json]:
    said = [
        event(
            day - 1,
            f"decision/{id}",
            "decision.position_taken",
            by=who,
            value=rng.choice(("block", "approve")),
        )
        for who in rng.sample(PEOPLE, k=rng.choice((0, 1, 2)))
    ]
    if rng.random() < 0.2:
        said.append(event(day - 0.5, f"decision/{id}", "decision.amended", by="ann", round=2))
    deciders = [{"holder": f"actor/{who}"} for who in rng.sample(PEOPLE, k=rng.choice((1, 2, 3)))]
    recorded = rng.choice(("own", "under", "body"))
    if recorded == "under":
        deciders = [one | {"under": rng.choice(BODIES)} for one in deciders]
    elif recorded == "body":
        deciders = [{"holder": holder} for holder in _holders(rng)]
    made = {"title": "T", "domains": ["x"], "outcome": "accepted", "attested": "recorded"}
    return [*said, event(day, f"decision/{id}", "decision.made", **made, deciders=deciders)]


@pytest.mark.parametrize("seed", range(SEED, SEED + 150))
async def test_acts_of_bodies_agree_with_the_oracle(seed: int) -> None:
    lines = entries("bodies", bodies(Random(seed)))
    told = read(lines)
    recorded = [moment(entry["recorded"]) for entry in told]
    memory = await folded(lines, recorded)
    assert memory.parked == {}
    for known in (len(told), len(told) - 1, len(told) - 2):
        at = recorded[known - 1]
        compare(World(told[:known], at=at), memory.rows(known, at, "made"), {"tense": "made", "domain": ""})
