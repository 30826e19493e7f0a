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

# A type is published on subjects of one kind, so it tells by itself who reads it.
_CHANGING: frozenset[type[Data]] = frozenset().union(*(folding.reads - folding.keeps for folding in _EACH))
_EACH_ALONE: Mapping[type[Data], tuple[Each, ...]] = MappingProxyType(
    {
        read: tuple(one.each for one in _EACH if one.each is not None and read in one.reads)
        for read in frozenset().union(*(folding.reads for folding in _EACH))
    }
)
ALONE: frozenset[str] = frozenset(cls.kind for f in _EACH if f.each is not None for cls in f.facts)

_decoders = {kind: msgspec.json.Decoder(cls) for kind, cls in KINDS.items()}
_encoder = msgspec.json.Encoder()
encode, encode_lines = _encoder.encode, _encoder.encode_lines


def decode(kind: str, body: bytes) -> Fact:
    """The fact stored as `body` in a row of `kind`. KeyError for a kind this version does not have."""
    return _decoders[kind].decode(body)


def folded(subject: str, entries: Sequence[Said]) -> list[Fact]:
    """What a subject's entries, in (occurred, position) order, say together; each fold sees what it reads."""
    of, _, id = subject.partition("/")
    rows: list[Fact] = []
    for folding in FOLDINGS.get(of, ()):
        if folding.fold is not None:
            rows += folding.fold(id, [entry for entry in entries if type(entry.data) in folding.reads])
    return rows


def alone(subject: str, entry: Said) -> list[Fact]:
    """The facts that an entry states by itself, whatever else is said of its subject: those of ALONE."""
    return [each(subject, entry) for each in _EACH_ALONE.get(type(entry.data), ())]


def changes_nothing(data: Data) -> bool:
    """Whether an entry that comes last in its stream leaves the facts there are, and adds but its own."""
    return type(data) not in _CHANGING
