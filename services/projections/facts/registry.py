"""Every folding of every module in this package, found by looking: a new kind of fact is one new file."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import msgspec

from schemas.registry import type_of
from schemas.types import Data
from services.projections import facts
from services.projections.facts.fact import Each, Fact, Folding, Said


def _found() -> Mapping[str, tuple[Folding, ...]]:
    by_subject: dict[str, list[Folding]] = {}
    for module in sorted(iter_modules(facts.__path__), key=lambda module: module.name):
        if module.name == "registry":
            continue
        found = import_module(f"{facts.__name__}.{module.name}")
        for folding in getattr(found, "FOLDINGS", ()):
            by_subject.setdefault(folding.of, []).append(folding)
    return MappingProxyType({of: tuple(foldings) for of, foldings in by_subject.items()})


FOLDINGS: Mapping[str, tuple[Folding, ...]] = _found()
_EACH = tuple(folding for foldings in FOLDINGS.values() for folding in foldings)
KINDS: Mapping[str, type[Fact]] = MappingProxyType({cls.kind: cls for f in _EACH for cls in f.facts})
READ: frozenset[str] = frozenset(type_of(cls) for f in _EACH for cls in f.reads)

_CHANGING: Mapping[str, frozenset[type[Data]]] = MappingProxyType(
    {
        of: frozenset().union(*(folding.reads - folding.keeps for folding in foldings))
        for of, foldings in FOLDINGS.items()
    }
)

_EACH_ALONE: Mapping[tuple[str, type[Data]], tuple[Each, ...]] = MappingProxyType(
    {
        (of, read): tuple(one.each for one in foldings if one.each is not None and read in one.reads)
        for of, foldings in FOLDINGS.items()
        for read in frozenset().union(*(folding.reads for folding in foldings))
    }
)

_decoders = {kind: msgspec.json.Decoder(cls) for kind, cls in KINDS.items()}
_encoder = msgspec.json.Encoder()
encode, encode_lines = _encoder.encode, _encoder.encode_lines


def decode(kind: str, body: bytes) -> Fact:
    """The fact stored as `body` in a row of `kind`. KeyError for a kind this version does not have."""
    return _decoders[kind].decode(body)


def folded(subject: str, entries: Sequence[Said]) -> list[Fact]:
    """All facts of a subject from its entries in (occurred, position) order; each fold sees what it reads."""
    of, _, id = subject.partition("/")
    rows = [fact for entry in entries for fact in alone(subject, entry)]
    for folding in FOLDINGS.get(of, ()):
        if folding.fold is not None:
            rows += folding.fold(id, [entry for entry in entries if type(entry.data) in folding.reads])
    return rows


def alone(subject: str, entry: Said) -> list[Fact]:
    """The facts that an entry states by itself, whatever else is said of its subject."""
    return [
        each(subject, entry) for each in _EACH_ALONE.get((subject.partition("/")[0], type(entry.data)), ())
    ]


def changes_nothing(subject: str, data: Data) -> bool:
    """Whether an entry that comes last in its stream leaves the facts there are, and adds but its own."""
    return type(data) not in _CHANGING.get(subject.partition("/")[0], frozenset())
