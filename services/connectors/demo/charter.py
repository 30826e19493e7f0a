"""The matrix of the core: who decides what, from the first day on, and to whom it is handed over when."""

from collections.abc import Mapping
from dataclasses import replace

from services.connectors.demo.clock import day
from services.connectors.demo.rows import Row, all_of, any_of, at_least, cleared, consent_of, most_of


def _central(holder: str, informs: str, mandatory: str | None = None, limit: int | None = None) -> Row:
    limits = {"max": {"amount": limit, "unit": "EUR"}} if limit else None
    return replace(any_of(holder), central=True, informs=informs, mandatory=mandatory, limits=limits)


def rows() -> Mapping[str, list[Row]]:
    """Each core domain's rows, the first from the first day."""
    return _product_rows() | _engineering_rows() | _customer_rows() | _people_rows() | _money_rows()


def _product_rows() -> dict[str, list[Row]]:
    return {
        "strategy": [
            _central("a-1", "body/b-2", "a-2"),
            replace(all_of("a-4", "a-6"), since=day(2024, 9, 2), mandatory="a-5", informs="body/b-2"),
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
            _central("a-1", informs, "a-18"),
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
            _central("a-1", informs, "a-12"),
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
            replace(
                at_least(3, *panel),
                since=day(2024, 9, 9),
                heavy="actor/a-11",
                mandatory="a-53",
                informs=informs,
            ),
            replace(
                at_least(3, *panel[:5]),
                since=day(2025, 4, 22),
                heavy="actor/a-11",
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
