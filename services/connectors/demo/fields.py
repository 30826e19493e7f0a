"""The fields of decisions: the tree of domains, and each one's rows from the first day to the last."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from services.connectors.demo.cast import Cast, Team
from services.connectors.demo.clock import day
from services.connectors.demo.rows import (
    Row,
    all_of,
    any_of,
    at_least,
    cleared,
    consent_of,
    most_of,
)

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
    for name, rows in _rows().items():
        fields[name].rows = rows
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


def _central(holder: str, informs: str, mandatory: str | None = None, limit: int | None = None) -> Row:
    limits = {"max": {"amount": limit, "unit": "EUR"}} if limit else None
    return replace(any_of(holder), central=True, informs=informs, mandatory=mandatory, limits=limits)


def _rows() -> Mapping[str, list[Row]]:
    return _product_rows() | _engineering_rows() | _customer_rows() | _people_rows() | _money_rows()


def _product_rows() -> dict[str, list[Row]]:
    return {
        "strategy": [
            _central("a-1", "body/b-2", "a-2"),
            replace(all_of("a-3", "a-4"), since=day(2024, 9, 2), mandatory="a-5", informs="body/b-2"),
        ],
        "governance": [replace(any_of("body/b-2"), informs="body/b-4")],
        "product": [
            _central("a-2", "body/b-3", "a-8"),
            replace(consent_of("body/b-3"), since=day(2024, 7, 1), optional="a-28", informs="body/b-2"),
        ],
        "pricing": [
            _central("a-1", "body/b-5"),
            replace(any_of("a-8"), since=day(2024, 11, 4), mandatory="a-44", informs="body/b-5"),
            replace(any_of("a-14"), since=day(2025, 5, 1), mandatory="a-44", informs="body/b-5"),
        ],
        "discounts": [
            _central("a-2", "body/b-5"),
            replace(any_of("a-20"), since=day(2024, 6, 17), optional="a-32", informs="body/b-5"),
            replace(
                any_of("a-26"),
                since=day(2025, 5, 20),
                effective_from=day(2025, 5, 1, 0),
                optional="a-32",
                informs="body/b-5",
            ),
        ],
        "roadmap": [
            _central("a-1", "body/b-3", "a-2"),
            replace(
                any_of("a-32", "a-44"),
                since=day(2024, 10, 14),
                mandatory="a-50",
                optional="a-56",
                informs="body/b-3",
            ),
        ],
        "design": [
            _central("a-2", "body/b-3"),
            replace(
                any_of("a-26", "a-32", "a-50", "a-2"),
                since=day(2024, 8, 5),
                optional="a-14",
                informs="body/b-3",
            ),
        ],
    }


def _engineering_rows() -> dict[str, list[Row]]:
    informs = "body/b-4"
    architects = ("a-9", "a-15", "a-21", "a-27", "a-33", "a-39", "a-45")
    release_panel = ("a-15", "a-21", "a-33", "a-24", "a-30")
    return {
        "engineering": [
            _central("a-3", informs, "a-9"),
            replace(any_of("a-9"), since=day(2024, 8, 19), mandatory="a-21", informs=informs),
        ],
        "architecture": [
            _central("a-1", informs, "a-3"),
            replace(most_of(*architects), since=day(2024, 12, 2), mandatory="a-51", informs=informs),
        ],
        "hosting": [
            _central("a-3", informs),
            replace(
                all_of("a-15", "a-27"),
                since=day(2024, 9, 16),
                optional="a-21",
                informs=informs,
                amends=("actor/a-15", "actor/a-27"),
            ),
        ],
        "security": [
            _central("a-1", informs, "a-3"),
            replace(
                all_of("a-9", "a-33"),
                since=day(2024, 11, 18),
                mandatory="a-39",
                informs=informs,
                amends=("actor/a-3",),
            ),
        ],
        "tooling": [
            _central("a-3", informs),
            replace(any_of("a-21", "a-27", "a-33", "a-39"), since=day(2025, 1, 6), informs=informs),
        ],
        "releases": [
            _central("a-3", informs),
            replace(at_least(3, *release_panel), since=day(2024, 9, 2), informs=informs),
        ],
    }


def _customer_rows() -> dict[str, list[Row]]:
    return {
        "customers": [
            _central("a-4", "body/b-5"),
            replace(any_of("body/b-5", "body/b-3"), since=day(2024, 10, 7), informs="body/b-2"),
        ],
        "support": [
            _central("a-4", "body/b-5", "a-10"),
            replace(
                any_of("actor/g-1", "actor/g-2", "a-10"),
                since=day(2024, 9, 30),
                optional="a-28",
                informs="body/b-5",
                lesson="support",
            ),
        ],
        "onboarding": [_central("a-4", "body/b-5"), cleared(day(2024, 10, 15))],
        "field": [replace(any_of("body/b-7", "body/b-8"), since=day(2025, 3, 10), informs="body/b-2")],
    }


def _people_rows() -> dict[str, list[Row]]:
    informs = "body/b-6"
    panel = ("a-11", "a-17", "a-23", "a-29", "a-35", "a-41")
    return {
        "people": [
            _central("a-5", informs, "a-11"),
            replace(at_least(3, *panel), since=day(2024, 9, 9), mandatory="a-53", informs=informs),
            replace(
                at_least(3, *panel[:5]),
                since=day(2025, 4, 22),
                mandatory="a-53",
                informs=informs,
            ),
        ],
        "hiring": [
            _central("a-5", informs),
            replace(
                any_of("a-11"),
                since=day(2024, 10, 21),
                mandatory="a-35",
                informs=informs,
                escalates_to="actor/a-5",
            ),
        ],
        "learning": [
            _central("a-5", informs),
            replace(
                at_least(2, "a-17", "a-47"),
                since=day(2024, 7, 22),
                optional="a-23",
                informs=informs,
                escalates_to="actor/a-5",
                lesson="learning",
            ),
        ],
    }


def _money_rows() -> dict[str, list[Row]]:
    large = {"max": {"amount": 100_000, "unit": "EUR"}}
    small = {"max": {"amount": 20_000, "unit": "EUR"}}
    larger = {"max": {"amount": 30_000, "unit": "EUR"}}
    buyers = any_of("a-23", "a-53")
    return {
        "finance": [
            _central("a-5", "body/b-2"),
            replace(any_of("a-23"), since=day(2024, 11, 11), mandatory="a-11", informs="body/b-2"),
        ],
        "budget": [
            _central("a-1", "body/b-2", "a-5", limit=500_000),
            replace(
                any_of("a-29", "a-35", "a-53"),
                since=day(2024, 12, 9),
                mandatory="a-17",
                informs="body/b-2",
                limits=large,
                escalates_to="actor/a-5",
            ),
        ],
        "procurement": [
            _central("a-5", "body/b-6", limit=200_000),
            replace(buyers, since=day(2024, 8, 26), optional="a-35", informs="body/b-6", limits=small),
            replace(
                buyers,
                since=day(2025, 6, 20),
                effective_from=day(2025, 6, 10, 0),
                optional="a-35",
                informs="body/b-6",
                limits=larger,
            ),
        ],
        "travel": [
            _central("a-5", "body/b-6"),
            replace(
                any_of("a-53"),
                since=day(2024, 6, 10),
                informs="body/b-6",
                limits={"text": "within the travel policy"},
            ),
        ],
        "stationery": [replace(any_of("a-17"), informs="body/b-6")],
    }
