"""Questions about a world that lie where answers change: at, before and after what occurred."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.oracle.oracle import STAKES, World, instant

Facts = dict[str, Any]
HAIR = timedelta(microseconds=1)


def moment(rng: Random, told: Sequence[Facts]) -> datetime:
    """When something occurred or was recorded, or a hair before or after."""
    entry = rng.choice(told)
    text = rng.choice((entry["event"]["time"], entry["event"]["time"], entry["recorded"]))
    return min(instant(text), instant(entry["recorded"])) + rng.choice((-HAIR, 0 * HAIR, HAIR))


def bounds(rng: Random, told: Sequence[Facts], at: datetime) -> tuple[datetime | None, datetime | None]:
    """A window that has begun by `at`, more often than not without an end, or a beginning."""
    first, last = sorted((moment(rng, told), moment(rng, told)))
    return rng.choice((None, min(first, at))), rng.choice((None, last))


def narrowing(rng: Random, world: World) -> Facts:
    """What is asked about: mostly everything, else one of the things there are."""

    def one(kind: str) -> str | None:
        ids = sorted({fact["id"] for fact in world.of(kind)})
        return rng.choice(ids) if ids else None

    actor = one("actor")
    asked = rng.choice(
        (
            {},
            {},
            {"domain": one("domain")},
            {"domain": one("domain")},
            {"body": one("body")},
            {"actor": world.person(actor) if actor else None},
            {"stakes": rng.choice((*STAKES, "none"))},
            {"level": rng.randint(0, 2)},
            {"attested": "recorded"},
        )
    )
    return {name: value for name, value in asked.items() if value is not None}
