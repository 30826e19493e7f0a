"""Matrix rows and how they are written down."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from services.connectors.demo.clock import DAY, stamp
from services.connectors.demo.pen import Json


@dataclass(frozen=True, slots=True)
class Row:
    """Who decides from `since`, by which rule, after asking whom. `cleared`: from here it inherits."""

    since: int
    decides: tuple[str, ...]
    rule: Json
    central: bool = False
    mandatory: str | None = None
    optional: str | None = None
    informs: str | None = None
    escalates_to: str | None = None
    limits: Json | None = None
    amends: tuple[str, ...] = ()
    effective_from: int | None = None
    heavy: str | None = None  # the holder whose word counts twice
    lesson: str | None = None
    cleared: bool = False

    @property
    def kind(self) -> str:
        """The kind of its rule."""
        return str(self.rule["kind"])

    def wins(self, coalition: Collection[str], live: Collection[str]) -> bool:
        """Whether these holders, of those who are there, decide under the rule."""
        if self.kind == "quota":
            weight = sum(1 + (h == self.heavy) for h in coalition)
            whole = sum(1 + (h == self.heavy) for h in live)
            return weight >= self.rule["at_least"] if "at_least" in self.rule else 2 * weight > whole
        return len(coalition) == len(live) if self.kind == "all" else bool(coalition)

    @property
    def wait(self) -> int:
        """The least time its mandatory contributor is given, in seconds."""
        return DAY if self.mandatory else 0


def _row(holders: Sequence[str], rule: Json) -> Row:
    return Row(since=0, decides=tuple(h if "/" in h else f"actor/{h}" for h in holders), rule=rule)


def any_of(*holders: str) -> Row:
    """Any one of them alone. Holders are actors unless written as subjects."""
    return _row(holders, {"kind": "any"})


def all_of(*holders: str) -> Row:
    """All of them together."""
    return _row(holders, {"kind": "all"})


def consent_of(*holders: str) -> Row:
    """None of them objecting."""
    return _row(holders, {"kind": "consent"})


def at_least(quota: int, *holders: str) -> Row:
    """So many of them."""
    return _row(holders, {"kind": "quota", "at_least": quota})


def most_of(*holders: str) -> Row:
    """More than half of them."""
    return _row(holders, {"kind": "quota", "more_than": "1/2"})


def amenders(row: Row) -> tuple[tuple[str, ...], Json]:
    """Who may amend the row, and how: never fewer than it takes to decide, unless the row itself says so."""
    if row.amends:
        return row.amends, {"kind": "all"}
    if row.kind == "any":
        return ("actor/a-1",), {"kind": "any"}
    return (*row.decides, "body/b-2"), {"kind": "all"}


def row_data(row: Row, by: Sequence[str], basis: str | None) -> Json:
    """The row as `matrix.row_set` says it."""
    who, how = amenders(row)
    contributes = [{"holder": f"actor/{row.mandatory}", "mandatory": True}] if row.mandatory else []
    contributes += [{"holder": f"actor/{row.optional}"}] if row.optional else []
    data: Json = {
        "by": list(by),
        "decides": [{"holder": h, "weight": 2} if h == row.heavy else {"holder": h} for h in row.decides],
        "rule": row.rule,
        "accountable": row.decides[0],
        "contributes": contributes,
        "informs": [row.informs] if row.informs else [],
        "amends": [{"holder": holder} for holder in who],
        "amend_rule": how,
    }
    extra = {
        "min_wait": "P1D" if row.mandatory else None,
        "escalates_to": row.escalates_to,
        "limits": row.limits,
        "basis": basis,
        "effective_from": None if row.effective_from is None else stamp(row.effective_from),
    }
    return data | {name: value for name, value in extra.items() if value is not None}


def cleared(since: int) -> Row:
    """No row of its own from here."""
    return replace(any_of("a-1"), since=since, cleared=True)
