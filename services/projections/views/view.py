"""How a view is declared: its file says `VIEWS = (View(...),)`, and the API finds it there."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from services.projections import views

if TYPE_CHECKING:
    from services.projections.connection import Connection
    from services.projections.views.ground import Ground, Structures

Ask: TypeAlias = "Callable[[Any, Connection, Ground, Structures], Awaitable[Any]]"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Served at `/v1/ledgers/{ledger}/<name>`; the docstring of `ask` is its description.

    The fields of `question` are the query's parameters beside `at` and `known_at`: text, numbers or literals,
    each with a default, and their `Meta` descriptions are published. What cannot be asked raises
    BadParameterError, in the question's `__post_init__` or in `ask`. `answer` has the field `rests_on`.

    `reads` are the kinds of subjects that its answers follow from, so that those who watch it hear of nothing
    else; None: all. Who reads decisions also hears of those that read otherwise for another reason. `beyond`:
    the parts of what changed (`changed.py`) that do not tell whether an answer is concerned: asked about one,
    it compares with others.

    A `long` one reads a whole history: it is worked out in a process of its own (`aside.py`).
    """

    name: str
    version: int
    question: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    ask: Ask
    reads: frozenset[str] | None = None
    beyond: frozenset[str] = frozenset()
    long: bool = False


def found() -> tuple[View, ...]:
    """Every view declared in this package, by name."""
    modules = [import_module(f"{views.__name__}.{module.name}") for module in iter_modules(views.__path__)]
    declared = [view for module in modules for view in getattr(module, "VIEWS", ())]
    return tuple(sorted(declared, key=lambda view: view.name))
