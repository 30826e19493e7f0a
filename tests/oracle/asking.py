"""Questions about a world that lie where answers change: at, before and after what occurred."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.projections.history import History
from tests.oracle.oracle import STAKES, World, instant, read
from tests.pasts import HOUR, past
from tests.recorded import entries

Facts = dict[str, Any]
HAIR = timedelta(microseconds=1)


def moment(rng: Random, told: Sequence[Facts]) -> datetime:
    """When something occurred or was recorded, or a hair before or after."""
    entry = rng.choice(told)
    text = rng.choice((entry["event"]["time"], entry["event"]["time"], entry["recorded"]))
    return min(instant(text), instant(entry["recorded"])) + rng.choice((-HAIR, 0 * HAIR, HAIR))


def moments(
    events: Sequence[Facts], rng: Random, times: int
) -> Iterator[tuple[int, Sequence[Facts], History, World, tuple[datetime | None, int]]]:
    """What is asked, and the world it is asked of, as of and as known at random moments; first, all there is.

    With the entries, and the moment: `at` and the position known.
    """
    lines = read(entries("acme", events, HOUR))
    for number in range(times):
        known = rng.randint(len(lines) // 3, len(lines)) if number else len(lines)
        at = moment(rng, lines[:known]) if rng.random() < 0.5 else None
        yield number, lines, past(events, at=at, known=known), World(lines[:known], at=at), (at, known)


def bounds(rng: Random, told: Sequence[Facts], at: datetime) -> tuple[datetime | None, datetime | None]:
    """A window that has begun by `at`, more often than not without an end, or a beginning."""
    first, last = sorted((moment(rng, told), moment(rng, told)))
    return rng.choice((None, min(first, at))), rng.choice((None, last))


def series(rng: Random) -> Any:
    """Mostly one window, else the steps of a series."""
    return rng.choice((None, None, None, "month", "quarter"))


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
