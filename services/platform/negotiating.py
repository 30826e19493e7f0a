"""In which form an answer is given, of those it has. Pure."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from services.platform.problems import Kind, Problem

NOT_ACCEPTABLE: Final = Kind("not-acceptable", 406, "Answers are given in other forms")
VARY: Final = {"vary": "accept"}  # a header of every answer that has several forms
_WEIGHT: Final = re.compile(r"0?\.\d+|0\.?|1(\.0*)?", re.ASCII)  # of Java's own, `.2`
_Form = TypeVar("_Form", bound=str)


def form(accept: Sequence[str], forms: Sequence[_Form]) -> _Form:
    """The media type a client likes best, by the lines of its `Accept` (RFC 9110, 12.5.1).

    Of those it likes alike, one that it names comes before one that it only lets pass, and what it names
    first before the rest; else they come in our order. A problem where it takes none of them.
    """
    ranges = [_range(one) for one in ",".join(accept or ("*/*",)).split(",") if one.strip()]
    liked = max(forms, key=lambda form: _liking(form, ranges))
    if _liking(liked, ranges).weight > 0:
        return liked
    *others, last = forms
    hint = f"ask for {', '.join(others)} or {last}" if others else f"ask for {last}"
    told = f"`{', '.join(accept):.80}` names no form there is"
    raise Problem(NOT_ACCEPTABLE, told, where="Accept", hint=hint, headers=VARY)


class _Liking(NamedTuple):
    """How much a client likes a form: in the order in which one is preferred to another."""

    weight: float
    closeness: int
    before: int


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    weights = [part[2:] for part in parameters if part.startswith("q=")]
    if not weights:
        return kind, 1.0
    return kind, float(weights[0]) if _WEIGHT.fullmatch(weights[0]) else 0.0


def _liking(form: str, ranges: Sequence[tuple[str, float]]) -> _Liking:
    """By the range that speaks of the form most closely."""
    for closeness, kind in ((2, form), (1, f"{form.partition('/')[0]}/*"), (0, "*/*")):
        named = [
            _Liking(weight, closeness, -place)
            for place, (range_, weight) in enumerate(ranges)
            if range_ == kind
        ]
        if named:
            return max(named)
    return _Liking(0.0, 0, 0)
