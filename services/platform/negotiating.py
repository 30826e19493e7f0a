"""In which form an answer is given, of those it has. Pure."""

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from services.platform.problems import Kind, Problem

NOT_ACCEPTABLE: Final = Kind("not-acceptable", 406, "Answers are given in other forms")
VARY: Final = {"vary": "accept"}  # a header of every answer that has several forms
_WEIGHT: Final = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)", re.ASCII)
_Form = TypeVar("_Form", bound=str)


def form(accept: str | None, forms: Sequence[_Form]) -> _Form:
    """The media type a client likes best, by its `Accept` (RFC 9110, 12.5.1); the first if it does not mind.

    A problem where it takes none of them.
    """
    ranges = [_range(one) for one in (accept or "*/*").split(",") if one.strip()]
    liked = max(forms, key=lambda form: _liking(form, ranges))
    if _liking(liked, ranges) > 0:
        return liked
    *others, last = forms
    hint = f"ask for {', '.join(others)} or {last}" if others else f"ask for {last}"
    raise Problem(
        NOT_ACCEPTABLE, f"`{accept!s:.80}` names no form there is", where="Accept", hint=hint, headers=VARY
    )


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    weights = [part[2:] for part in parameters if part.startswith("q=")]
    if not weights:
        return kind, 1.0
    return kind, float(weights[0]) if _WEIGHT.fullmatch(weights[0]) else 0.0


def _liking(form: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the range that speaks of the form most closely."""
    for kind in (form, f"{form.partition('/')[0]}/*", "*/*"):
        weights = [weight for named, weight in ranges if named == kind]
        if weights:
            return max(weights)
    return 0.0
