"""The fields of decisions: the tree of domains, and each one's rows from the first day to the last."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from services.connectors.demo.cast import Cast, Team
from services.connectors.demo.charter import rows
from services.connectors.demo.clock import day
from services.connectors.demo.rows import Row, all_of, any_of, consent_of, most_of

Stakes = Literal["low", "medium", "high", "strategic"]
CORE = 25  # domains in use at a time, before more are added


@dataclass(slots=True)
class Field:
    """A domain: where it hangs, whose it is, and its rows in order."""

    name: str
    parent: str | None
    stakes: Stakes
    team: int
    rows: list[Row] = field(default_factory=list)
    defined: int = 0
    moved: tuple[int, str] | None = None
    retired: tuple[int, str] | None = None


def lay_out(cast: Cast, domains: int, end: int, rng: Random) -> dict[str, Field]:
    """The core fields, and as many ordinary ones as it takes to make `domains`."""
    fields = _tree()
    for name, stated in rows().items():
        fields[name].rows = stated
    parents = [name for name, f in fields.items() if f.team < 4 and name not in ("strategy", "governance")]
    own = [k for k in range(len(cast.teams)) if k >= 6] or [0, 1, 2, 3]
    for k in range(domains - CORE):
        name, team = f"field-{k + 1}", own[k % len(own)]
        fields[name] = _ordinary(k, team, cast.teams[team], rng.choice(parents), end, rng)
    return fields


def _ordinary(number: int, team: int, who: Team, parent: str, end: int, rng: Random) -> Field:
    """A domain with no story: a head decides until it is handed over, then the team does."""
    informs = f"body/{who.body}" if who.body else f"actor/{who.leads[0]}"
    optional = rng.choice(who.leads)
    first = replace(any_of(who.head), central=True, informs=informs, optional=optional)
    people = rng.sample(who.members, min(5, len(who.members)))
    ways = [any_of(*people[:4]), any_of(people[0]), all_of(*people[:2]), most_of(*people)]
    if who.body:
        ways.append(consent_of(f"body/{who.body}"))
    handed = rng.choice(ways)
    since = int(end * rng.uniform(0.2, 0.55))
    heavy = handed.decides[0] if handed.kind == "quota" else None
    handed = replace(handed, since=since, informs=f"actor/{who.head}", optional=optional, heavy=heavy)
    stakes: Stakes = rng.choice(["low", "low", "medium", "medium", "high"])
    return Field(f"Field {number + 1}", parent, stakes, team, [first, handed])


def _tree() -> dict[str, Field]:
    return {
        "strategy": Field("Strategy", None, "strategic", 0),
        "governance": Field("Governance", None, "high", 0),
        "product": Field("Product", None, "medium", 0),
        "pricing": Field("Pricing", "product", "high", 0),
        "discounts": Field("Discounts", "product", "low", 0, moved=(day(2024, 6, 3), "pricing")),
        "roadmap": Field("Roadmap", "product", "medium", 0),
        "design": Field("Design", "product", "low", 0),
        "engineering": Field("Engineering", None, "medium", 1),
        "architecture": Field("Architecture", "engineering", "high", 1),
        "hosting": Field("Hosting", "engineering", "medium", 1),
        "security": Field("Security", "engineering", "high", 1),
        "tooling": Field("Tooling", "engineering", "low", 1),
        "releases": Field("Releases", "engineering", "low", 1),
        "customers": Field("Customers", None, "medium", 2),
        "support": Field("Support", "customers", "low", 2),
        "onboarding": Field("Onboarding", "customers", "medium", 2),
        "events": Field("Events", None, "low", 2),
        "people": Field("People", None, "medium", 3),
        "hiring": Field("Hiring", "people", "medium", 3),
        "learning": Field("Learning", "people", "low", 3),
        "finance": Field("Finance", None, "high", 3),
        "budget": Field("Budget", "finance", "high", 3),
        "procurement": Field("Procurement", "finance", "medium", 3),
        "travel": Field("Travel", "finance", "low", 3),
        "stationery": Field("Stationery", "finance", "low", 3, retired=(day(2024, 7, 1), "procurement")),
        "field": Field("Field work", None, "medium", 5, defined=day(2025, 3, 3)),
    }
