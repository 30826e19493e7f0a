"""A simulated organisation that moves from central to distributed decisions, event by event.

About sixty people in eight bodies decide in twenty-five domains over two years. Into their ordinary days, one
story for each knot and one near miss are written; `truth` says which, by the events that show it. The same
generator, with other numbers, makes histories of any size for benchmarks.
"""

from collections.abc import Iterator
from typing import Any

from services.connectors.demo.show import prepare
from services.connectors.demo.truth import reveal

PEOPLE, BODIES, DOMAINS, YEARS = 60, 8, 25, 2


def events(
    seed: int = 7,
    *,
    people: int = PEOPLE,
    bodies: int = BODIES,
    domains: int = DOMAINS,
    years: int = YEARS,
    decisions: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Structured CloudEvents in publication order, the same for the same arguments, made when asked for.

    With `decisions`, about so many are made, of about ten events each, whatever the size of the organisation.
    Raises ValueError where there is no room for the stories: with less of anything than the defaults.
    """
    if people < PEOPLE or bodies < BODIES or domains < DOMAINS or years < YEARS:
        raise ValueError(
            f"the demo needs at least {PEOPLE} people, {BODIES} bodies, {DOMAINS} domains and {YEARS} years"
        )
    return prepare(seed, people, bodies, domains, years, decisions).events()


def truth(seed: int = 7) -> dict[str, Any]:
    """What `events(seed)` holds as of `at`: planted knots and near misses, their entries by (source, id)."""
    return reveal(prepare(seed, PEOPLE, BODIES, DOMAINS, YEARS, None))
