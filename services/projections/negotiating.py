"""The forms of a view's answer: JSON, or one of its tables as CSV. Pure."""

from typing import Final, Literal

import msgspec

from services.projections import tables
from services.projections.tables import UnknownTableError
from services.projections.views.question import BadParameterError

CSV: Final = "text/csv"
CSV_WITH: Final = "text/csv; header=present"  # the framework adds the charset
JSON: Final = "application/json"
TABLE: Final = "table"
Form = Literal["application/json", "text/csv"]
FORMS: Final[tuple[Form, ...]] = (JSON, CSV)  # ours first where a client does not mind


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
