"""What the decisions of one window come to, from cells and the acts beside them, however many there are."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import asyncpg
import msgspec

from services.platform.database import sql
from services.projections.cells import Cell, RowSides, add_shares, add_sides
from services.projections.connection import Connection
from services.projections.cover import cover
from services.projections.wholes import Wholes

_SQL = "services.projections"
_INSTANT = timedelta(microseconds=1)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which sum: of what is known now, as of an instant. The scope is the ledger, a domain or a body."""

    ledger: str
    generation: int
    position: int  # up to where the rows have come
    folded: int  # and the cells
    as_of: datetime
    standing: bool
    opens: datetime
    closes: datetime
    domain: str | None = None
    body: str | None = None  # one whose decisions they are under the node lens; not together with a domain
    shares: bool = False
    drift: Literal["node", "seat"] | None = None


async def summed(connection: Connection, wanted: Wanted, wholes: Wholes) -> Cell:
    """The sum of a window, exactly; `connection` must see one unmoving moment of the rows.

    Of the cell, counts are always there (that of level units only with shares), `node`, `seat` and `level` if
    `shares`, and one lens's drift if `drift`.
    """
    closes = min(wanted.closes, wanted.as_of + _INSTANT)  # what occurred later does not count
    if wanted.opens >= closes:
        return Cell()
    found = cover(wanted.opens, closes, days=_scope(wanted) == "")
    rows = await connection.fetch(
        _statement(behind=wanted.position > wanted.folded),
        wanted.ledger,
        wanted.generation,
        wanted.as_of,
        wanted.standing,
        wanted.opens,
        closes,
        found.begins,
        found.ends,
        wanted.folded,
        wanted.domain or "",
        wanted.body and f"body/{wanted.body}",
        wanted.shares,
        wanted.drift,
        _scope(wanted),
        ["made", "shift"] if wanted.standing else ["made"],
        [run.grain for run in found.runs],
        [run.first for run in found.runs],
        [run.end for run in found.runs],
        [run.sign for run in found.runs],
    )
    total = Cell()
    cells = [(*row[7:], row["units"]) for row in rows if row["facet"] == "cell"]
    if _scope(wanted):  # few holders
        for cell in cells:
            total.add_packed(*cell)
    else:
        wholes.add_packed(total, (wanted.ledger, wanted.generation), cells)
    _add_beside(total, rows, total.drift_seat if wanted.drift == "seat" else total.drift_node)
    total.prune()
    return total


@cache
def _statement(*, behind: bool) -> str:
    """With what became known and ceased to be since cells were folded, or without."""
    return sql(_SQL, "cells_sum").replace("    -- behind\n", sql(_SQL, "cells_sum_behind") if behind else "")


def _scope(wanted: Wanted) -> str:
    if wanted.body is not None:
        return f"body/{wanted.body}"
    return "" if wanted.domain is None else f"domain/{wanted.domain}"


def _add_beside(total: Cell, rows: Iterable[asyncpg.Record], drift: dict[str, RowSides]) -> None:
    for facet, group, holder, units, others, decisions, inferred, *_ in rows:
        match facet:
            case "count":
                total.add_count(group, units)
            case "node":
                add_shares(total.node, {holder: [units, decisions, inferred]})
            case "seat":
                add_shares(total.seat, {holder: [units, decisions, inferred]})
            case "level":
                add_shares(total.level, {holder: [units, decisions, inferred]})
                total.add_count("level_units", units)
            case "rows":
                add_sides(drift, {group: ([0, decisions, inferred], {})})
            case "sides":
                add_sides(drift, {group: ([0, 0, 0], {holder: [units, others]})})
