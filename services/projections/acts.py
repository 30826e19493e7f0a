"""What an act of deciding comes to, once it is read against the structure of its own instant."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Answer = Literal["yes", "no", "unknown"]


class Resolved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An act's shares, row, level and scopes.

    Holders are subjects after merges. Each mapping of holders sums to `measures.UNIT` or is empty.
    """

    scopes: tuple[str, ...]  # the named domains and their ancestors, sorted, each once
    stakes: str | None = None  # the decision's, else those of the nearest domain that has any
    row_domain: str | None = None  # where the row in force was found; None: unstated
    row_position: int | None = None
    vacant: bool = False  # a row, but live holders cannot satisfy its rule
    mandate: Answer = "unknown"
    actual_node: Mapping[str, int] = {}
    actual_seat: Mapping[str, int] = {}
    stated_node: Mapping[str, int] = {}
    stated_seat: Mapping[str, int] = {}
    unresolved: int = 0  # units of actual_seat that stayed on bodies
    stated_unresolved: int = 0
    levels: Mapping[int, int] = {}  # depth → units of actual_seat; units without a level are left out
    closeness: int = 0  # floor of Σ units · depth/(depth + height)
    closeness_units: int = 0  # the units that sum runs over
