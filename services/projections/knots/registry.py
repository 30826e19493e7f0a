"""Every pattern of every module in this package, found by looking: a new knot is one new file."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from services.projections import knots
from services.projections.history import History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings


def _found() -> Mapping[str, Pattern]:
    modules = [module.name for module in iter_modules(knots.__path__) if module.name != "registry"]
    each = [import_module(f"{knots.__name__}.{name}") for name in sorted(modules)]
    patterns = sorted((one for m in each for one in getattr(m, "PATTERNS", ())), key=lambda one: one.name)
    return MappingProxyType({one.name: one for one in patterns})


PATTERNS: Mapping[str, Pattern] = _found()


def episodes(history: History, settings: Settings) -> list[Found]:
    """Every episode of every pattern, the gravest first, then the oldest."""
    found: Iterator[Found] = (
        one for pattern in PATTERNS.values() for one in pattern.episodes(history, settings)
    )
    return sorted(found, key=lambda one: one.rank)
