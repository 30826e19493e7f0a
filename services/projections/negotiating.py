"""In which form an answer is given: JSON, or one of its tables as CSV. Pure."""

import re
from typing import Final, Literal

import msgspec

from services.platform.problems import Kind, Problem
from services.projections import tables
from services.projections.tables import UnknownTableError
from services.projections.views.question import BadParameterError

CSV: Final = "text/csv"
CSV_WITH: Final = "text/csv; header=present"  # the framework adds the charset
JSON: Final = "application/json"
TABLE: Final = "table"
NOT_ACCEPTABLE: Final = Kind("not-acceptable", 406, "Answers are given in other forms")
Form = Literal["application/json", "text/csv"]
_WEIGHT: Final = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)", re.ASCII)
_FORMS: Final[tuple[Form, ...]] = (JSON, CSV)  # ours first where a client does not mind


def form(accept: str | None) -> Form:
    """The form a client likes best, by its `Accept` (RFC 9110, 12.5.1). A problem where it takes neither."""
    ranges = [_range(one) for one in (accept or "*/*").split(",") if one.strip()]
    liked = max(_FORMS, key=lambda form: _liking(form, ranges))
    if _liking(liked, ranges) > 0:
        return liked
    hint = f"ask for {JSON} or {CSV}"
    raise Problem(NOT_ACCEPTABLE, f"`{accept!s:.80}` names neither", where="Accept", hint=hint)


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    weights = [part[2:] for part in parameters if part.startswith("q=")]
    if not weights:
        return kind, 1.0
    return kind, float(weights[0]) if _WEIGHT.fullmatch(weights[0]) else 0.0


def _liking(form: Form, ranges: list[tuple[str, float]]) -> float:
    """The weight of the range that speaks of the form most closely."""
    for kind in (form, f"{form.partition('/')[0]}/*", "*/*"):
        weights = [weight for named, weight in ranges if named == kind]
        if weights:
            return max(weights)
    return 0.0


def no_table_of_json(form: Form, table: str | None) -> None:
    """BadParameterError where a table is asked for, but not as CSV."""
    if table is not None and form == JSON:
        hint = f"send `Accept: {CSV}`, or leave `{TABLE}` out"
        raise BadParameterError(TABLE, "JSON has all tables at once; one alone is given as CSV", hint)


def csv(answer: msgspec.Struct, table: str | None) -> bytes:
    """One table of an answer. BadParameterError that lists the tables there are."""
    try:
        return tables.written(answer, table)
    except UnknownTableError as error:
        hint = f"there are: {', '.join(error.names)}"
        raise BadParameterError(TABLE, f"the answer has no table `{str(error)[:80]}`", hint) from None
