"""Acts gathered by the cells they are in, to be added up together: many come to the same. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.projections.cells import Cell, Place, Side, Tense
from services.projections.facts.fact import FOREVER
from services.projections.settle import COLUMNS, Act
from services.projections.slots import Flat, Slots, add

_JUDGED = {"yes": "within", "no": "outside", "unknown": "unjudged"}
_OCCURRED, _WINDOW, _SCOPES, _NODE = (
    COLUMNS.index(name) for name in ("occurred", "window", "scopes", "actual_node")
)
_OUTCOME, _INITIATIVE, _ROW = (COLUMNS.index(name) for name in ("outcome", "initiative", "row_domain"))
_COUNTING = (*COLUMNS[_OUTCOME:_INITIATIVE], *COLUMNS[_ROW:])  # the columns that say what an act comes to

Reading = tuple[Any, ...]  # their values: acts that read the same come to the same


class Gathered:
    """Acts that became known, less those that ceased to be."""

    def __init__(self) -> None:
        self._cells: dict[Place, dict[Reading, int]] = {}

    def note(self, sign: int, act: Act) -> None:
        """An act became known (+1) or ceased to be (−1)."""
        reading = act.columns[_OUTCOME:_INITIATIVE] + act.columns[_ROW:]
        for place, times in places(act):
            readings = self._cells.setdefault(place, {})
            readings[reading] = readings.get(reading, 0) + sign * times

    def sums(self, slots: Slots) -> Iterator[tuple[Place, Flat]]:
        """What they come to in each of the smallest cells."""
        known: dict[Reading, list[tuple[int, int]]] = {}
        for place, readings in self._cells.items():
            flat: Flat = {}
            for reading, times in readings.items():
                if times:
                    if reading not in known:
                        known[reading] = slots.numbered(of_act(dict(zip(_COUNTING, reading, strict=True))))
                    add(flat, known[reading], times)
            yield place, flat


def places(act: Act) -> Iterator[tuple[Place, int]]:
    """The smallest cells an act is in, as of the end of time, and whether it adds or takes away (+1, −1).

    Standing = made + shift: most decisions are spoken of once, and count the same in both tenses.
    """
    made, stands = act.at_to == FOREVER, act.stands_to == FOREVER
    occurred, window = act.columns[_OCCURRED], act.columns[_WINDOW]
    if made:
        yield from _in_scopes(act, "made", occurred, 1)
    if made and stands and window == occurred:
        return
    if made:
        yield from _in_scopes(act, "shift", occurred, -1)
    if stands:
        yield from _in_scopes(act, "shift", window, 1)


def _in_scopes(act: Act, tense: Tense, at: datetime, sign: int) -> Iterator[tuple[Place, int]]:
    day = at.date()
    month = day.replace(day=1)
    yield Place("", tense, "day", day), sign
    for domain in act.columns[_SCOPES]:
        if domain:
            yield Place(f"domain/{domain}", tense, "month", month), sign
    for holder in act.columns[_NODE]:
        if holder.startswith("body/"):
            yield Place(holder, tense, "month", month), sign


def of_act(act: Mapping[str, Any]) -> Cell:
    """What one act comes to by itself, from the columns of `acts` that count."""
    cell = Cell()
    status, inferred = act["status"], int(act["inferred"])
    if status == "apart":
        cell.add_count(act["outcome"])
        return cell
    cell.add_count(_JUDGED[act["mandate"]])
    if status == "unknown":
        cell.add_count("unknown")
        return cell
    cell.add_count("decisions")
    cell.add_count("inferred", inferred)
    cell.add_count("unresolved", int(act["unresolved"] > 0))
    cell.add_count("closeness", act["closeness"])
    cell.add_count("closeness_units", act["closeness_units"])
    cell.add_count("level_units", sum(act["level_units"]))
    cell.node = {key: [units, 1, inferred] for key, units in _units(act, "actual_node")}
    cell.seat = {key: [units, 1, inferred] for key, units in _units(act, "actual_seat")}
    levels = zip(act["levels"], act["level_units"], strict=True)
    cell.level = {str(level): [units, 1, inferred] for level, units in levels}
    _add_drift(cell, act, inferred)
    return cell


def _add_drift(cell: Cell, act: Mapping[str, Any], inferred: int) -> None:
    if act["row_domain"] is None:
        cell.add_count("unstated")
    elif act["vacant"]:
        cell.add_count("vacant")
    else:
        cell.add_count("stated")
        cell.add_count("stated_inferred", inferred)
        cell.drift_node = {act["row_domain"]: ([0, 1, inferred], _sides(act, "node"))}
        cell.drift_seat = {act["row_domain"]: ([0, 1, inferred], _sides(act, "seat"))}


def _units(act: Mapping[str, Any], name: str) -> Iterator[tuple[str, int]]:
    return zip(act[name], act[f"{name}_units"], strict=True)


def _sides(act: Mapping[str, Any], lens: str) -> dict[str, Side]:
    sides = {holder: [units, 0] for holder, units in _units(act, f"stated_{lens}")}
    for holder, units in _units(act, f"actual_{lens}"):
        sides.setdefault(holder, [0, 0])[1] = units
    return sides
