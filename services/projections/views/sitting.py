"""What a row comes to for one holder, in words: who decides how, and how the bodies it sits in do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.types import Any, Quota, Rule
from services.projections.structure import Structure
from services.projections.views.office import Office, Way
from services.projections.views.stated import in_words
from services.projections.wording import listed


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """A body by a seat in which a holder has its part, and how that body decides."""

    body: str
    rule: Annotated[Rule | None, Meta(description="The body's own; null: nobody stated one")]
    rule_in_words: str
    beside: Annotated[list[str], Meta(description="Who else sits in it")]


def sittings(structure: Structure, holder: str, ways: Sequence[Way], at: datetime) -> Iterator[Sitting]:
    """The bodies by whose seats these ways lead to a holder, each once."""
    for body in dict.fromkeys(way.body for way in ways if way.body is not None):
        seating = structure.bodies.seating(body, at)
        yield Sitting(
            body=body,
            rule=seating.rule,
            rule_in_words=in_words(seating.rule, len(seating.weights)),
            beside=[actor for actor, _ in seating.weights if actor != holder],
        )


def for_holder(office: Office, holder: str, ways: Sequence[Way], bodies: Sequence[Sitting]) -> str:
    """The row's rule and whose it is; then how the bodies decide that it sits in, and who lent to it."""
    said = [_of_row(office, holder), *map(_of_body, bodies)]
    lent = [(f"body/{way.body}" if way.body else holder, way.from_) for way in ways if way.way == "mandate"]
    said += [f"lent to {to} by {grantor}" for to, grantor in dict.fromkeys(lent)]
    return "; ".join(said)


def _of_row(office: Office, holder: str) -> str:
    named = [one for one, _ in office.weights]
    rule = office.row.rule
    if len(named) == 1 and isinstance(rule, Quota):
        rule = Any(quorum=rule.quorum)  # whoever is the only one has all the weight there is
    said = in_words(rule, len(named))
    if named == [holder]:
        return said
    as_body = ", as a body" if len(named) == 1 and named[0].startswith("body/") else ""
    return f"{listed(named, most=len(named))}{as_body}: {said}"


def _of_body(one: Sitting) -> str:
    sit = "sit too" if len(one.beside) > 1 else "sits too"
    others = f"{listed(one.beside)} {sit}" if one.beside else "nobody else sits"
    return f"in body/{one.body}, where {others}: {one.rule_in_words}"
