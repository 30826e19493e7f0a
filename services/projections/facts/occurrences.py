"""What happened to work, advice, decisions and learning: each entry as it says, after corrections.

Views put these together when they are asked, in plain functions over `History`. Nothing personal is among
them: a personal member reads WITHHELD, which tells that it was given and no more.
"""

from typing import Any, ClassVar, Final

import msgspec

from schemas import consultation, debrief, decision, experiment, initiative, knot, lesson, pulse, space
from schemas.consultation import AdviceGiven
from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import KINDS, type_of
from schemas.types import Data
from services.projections.facts.fact import FOREVER, Fact, Folding, Said

WITHHELD: Final = "withheld"
_OF: Final = tuple(
    module.__name__.rpartition(".")[2]
    for module in (initiative, consultation, decision, space, experiment, debrief, lesson, pulse, knot)
)


class Occurrence(Fact, frozen=True, kw_only=True):
    """One entry of `of`, a subject; it holds from when it occurred, for ever.

    `source` and `id` are the event's where others may answer it: those of advice.
    """

    structural: ClassVar[bool] = False

    of: str
    data: Data
    source: str | None = None
    id: str | None = None

    @property
    def subject(self) -> str:
        return self.of


def kind_of(cls: type[Data]) -> str:
    """The kind of an occurrence that has such data: `decision.made`."""
    return type_of(cls).removeprefix("locus.").removesuffix(".v1")


def _kind(cls: type[Data]) -> type[Occurrence]:
    made: type[Any] = msgspec.defstruct(
        f"Occurrence_{cls.__module__.rpartition('.')[2]}_{cls.__name__}",
        [("data", cls)],
        bases=(Occurrence,),
        namespace={"kind": kind_of(cls)},
        frozen=True,
        kw_only=True,
        omit_defaults=True,
        gc=False,
    )
    return made


OCCURRENCES: Final = {cls: _kind(cls) for of in _OF for cls in KINDS[of]}
_PERSONAL: Final = {cls: PERSONAL_MEMBERS.get(type_of(cls), ()) for cls in OCCURRENCES}


def each(subject: str, entry: Said) -> Fact:
    """What one entry says by itself."""
    data = entry.data
    if given := [member for member in _PERSONAL[type(data)] if getattr(data, member) is not None]:
        data = msgspec.structs.replace(data, **dict.fromkeys(given, WITHHELD))
    answered = isinstance(data, AdviceGiven)
    return OCCURRENCES[type(data)](
        position=entry.position,
        valid_from=entry.occurred,
        valid_to=FOREVER,
        of=subject,
        data=data,
        source=entry.source if answered else None,
        id=entry.id if answered else None,
    )


FOLDINGS = tuple(
    Folding(
        of=of,
        facts=tuple(OCCURRENCES[cls] for cls in KINDS[of]),
        reads=frozenset(KINDS[of]),
        each=each,
        keeps=frozenset(KINDS[of]),
    )
    for of in _OF
)
