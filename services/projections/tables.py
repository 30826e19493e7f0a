"""Any view's answer as CSV: its tables and their columns follow from the answer's type alone. Pure.

A list of objects is a table, named by where it stands: `windows`, `windows.rows`, `domains.mandates`. A row
has one column for each member; those of objects inside it are named with dots (`row.rule.kind`). Before them
stand the columns that say what the row belongs to: the ledger and position the answer rests on (`acme@1234`),
then the window or the names of the rows it lies in. Other lists and maps are cells of compact JSON. What is
null is an empty cell. Text that a spreadsheet would calculate has an apostrophe before it, as in exports of
the history; numbers are not touched. `answer` is the table of one row: what stands outside all lists.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.inspect import (
    CollectionType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    type_info,
)

from services.platform.spreadsheet import harmless, writer

ANSWER: Final = "answer"
_RESTS_ON: Final = "rests_on"
_WINDOW: Final = ("from", "to")
_json = msgspec.json.Encoder(order="deterministic").encode
Path = tuple[str, ...]


class UnknownTableError(LookupError):
    """The answer has no such table; `names` are those it has."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(name)
        self.names = names


class Table(NamedTuple):
    """Rows of an answer: those in the last of nested lists, each list given by its path from the one before.

    `keys` has, for each list but the last, the members by which its rows are told apart.
    """

    name: str
    hops: tuple[Path, ...]
    keys: tuple[tuple[str, ...], ...]
    of: tuple[StructType, ...]


def written(answer: msgspec.Struct, name: str | None = None) -> bytes:
    """One table of an answer as CSV with a header line, UTF-8. UnknownTableError for a name it has not."""
    found = tables(type(answer))
    table = found.get(usual(type(answer)) if name is None else name)
    if table is None:
        raise UnknownTableError(name or "", tuple(found))
    built = msgspec.to_builtins(answer, order="deterministic", str_keys=True)
    rests_on = built.get(_RESTS_ON, {})
    origin = f"{rests_on.get('ledger')}@{rests_on.get('position')}"
    rows = list(_rows(built, table.hops, table.keys))
    columns = _columns(_present(table.of, [row for _, row in rows], built), whole=table.name in _WHOLE)
    write = writer()
    keys = [".".join(key) for key in _named(table)]
    lines = [write([_RESTS_ON, *keys, *(harmless(".".join(path)) for path in columns)])]
    lines += [
        write([origin, *map(_text, above), *(_text(_at(row, path)) for path in columns)])
        for above, row in rows
    ]
    return "".join(lines).encode()


@lru_cache(maxsize=256)
def tables(answer: type[msgspec.Struct]) -> Mapping[str, Table]:
    """The tables of a type of answer by name, each before those inside it; last the one of one row."""
    of = type_info(answer)
    assert isinstance(of, StructType)  # noqa: S101 — what answers are
    found: dict[str, Table] = {}
    _gather(Table("", (), (), (of,)), found, ())
    return {**found, ANSWER: Table(ANSWER, (), (), (of,))}


def usual(answer: type[msgspec.Struct]) -> str:
    """The table that is given unless another is asked for: the one the answer's type names as `TABLE`, else
    the rows of its windows, else the first list there is."""
    names = list(tables(answer))
    inside = [name for name in names if name.startswith("windows.")]
    given: str = getattr(answer, "TABLE", "")
    return next(name for name in (given, "windows.rows", *inside, *names) if name in names)


_WHOLE: Final = frozenset(
    {ANSWER, "windows"}
)  # all lists in their rows are tables of their own, and only that


def _gather(table: Table, found: dict[str, Table], seen: tuple[type, ...]) -> None:
    for struct in table.of:
        if struct.cls in seen:
            continue  # within itself: it is a cell
        for path, items in _lists(struct, (), (*seen, struct.cls)):
            name = ".".join((*filter(None, [table.name]), *path))
            keys = (*table.keys, _keys(struct)) if table.hops else ()
            inside = Table(name, (*table.hops, path), keys, items)
            before = found.get(name)
            found[name] = inside if before is None else _both(before, inside)
            _gather(inside, found, (*seen, struct.cls))


def _both(one: Table, other: Table) -> Table:
    """A list that several of the objects of a union have."""
    keys = tuple(tuple(dict.fromkeys((*a, *b))) for a, b in zip(one.keys, other.keys, strict=True))
    of = {struct.cls: struct for struct in (*one.of, *other.of)}
    return one._replace(keys=keys, of=tuple(of.values()))


def _lists(
    struct: StructType, prefix: Path, seen: tuple[type, ...]
) -> Iterator[tuple[Path, tuple[StructType, ...]]]:
    for field in struct.fields:
        path = (*prefix, field.encode_name)
        if items := _items(field.type):
            yield path, items
        for inner in _structs(field.type):
            if inner.cls not in seen:
                yield from _lists(inner, path, (*seen, inner.cls))


def _keys(struct: StructType) -> tuple[str, ...]:
    """What tells rows of one list apart: the window, else the first text, else the first member."""
    if _is_window(struct):
        return _WINDOW
    single = [field for field in struct.fields if not (_structs(field.type) or _items(field.type))]
    texts = [field for field in single if isinstance(_plain(field.type), StrType)]
    return tuple(field.encode_name for field in (texts or single)[:1])


def _is_window(struct: StructType) -> bool:
    ends = [field for field in struct.fields if field.encode_name in _WINDOW]
    return len(ends) == len(_WINDOW) and not any(_structs(end.type) or _items(end.type) for end in ends)


def _columns(structs: Sequence[StructType], *, whole: bool) -> list[Path]:
    found: dict[Path, None] = {}
    for struct in structs:
        if struct.tag_field is not None:
            found[(struct.tag_field,)] = None
        if _is_window(struct):
            found |= {(name,): None for name in _WINDOW}
        for path in _members(struct, (), (), whole):
            found[path] = None
    return [path for path in found if path[0] != _RESTS_ON]


def _members(struct: StructType, prefix: Path, seen: tuple[type, ...], whole: bool) -> Iterator[Path]:
    seen = (*seen, struct.cls)
    if prefix and struct.tag_field is not None:
        yield (*prefix, struct.tag_field)
    for field in struct.fields:
        path = (*prefix, field.encode_name)
        inside = [one for one in _structs(field.type) if one.cls not in seen]
        if inside:
            for one in inside:
                yield from _members(one, path, seen, whole)
        elif not (whole and _items(field.type)):
            yield path


def _present(
    structs: Sequence[StructType], rows: Sequence[Any], built: Mapping[str, Any]
) -> list[StructType]:
    """Of the kinds of rows a table may have those it has; of an empty one, those that were asked for."""
    asked = built.get("question", {})
    told = [s for s in structs if s.tag_field and any(row.get(s.tag_field) == s.tag for row in rows)]
    told = told or [s for s in structs if s.tag_field and asked.get(s.tag_field) == s.tag]
    return told or list(structs)


def _rows(
    built: Any, hops: Sequence[Path], keys: Sequence[Sequence[str]], above: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """What each row belongs to, and the row."""
    if not hops:
        yield above, built
        return
    for item in _at(built, hops[0]) or ():
        named = tuple(item.get(key) for key in keys[0]) if keys else ()
        yield from _rows(item, hops[1:], keys[1:], (*above, *named))


def _named(table: Table) -> Iterator[Path]:
    path: Path = ()
    for hop, keys in zip(table.hops, table.keys, strict=False):
        path = (*path, *hop)
        for key in keys:
            yield (*path, key)


def _at(built: Any, path: Path) -> Any:
    for name in path:
        built = built.get(name) if isinstance(built, dict) else None
    return built


def _text(value: Any) -> str:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else _json(value).decode()


def _plain(of: Type) -> Type:
    """Without what is said about it, and without null."""
    if isinstance(of, Metadata):
        return _plain(of.type)
    if isinstance(of, UnionType):
        left = [one for one in of.types if not isinstance(one, NoneType)]
        return _plain(left[0]) if len(left) == 1 else UnionType(tuple(left))
    return of


def _structs(of: Type) -> tuple[StructType, ...]:
    """The objects a value may be, if it is always one."""
    of = _plain(of)
    if isinstance(of, StructType):
        return (of,)
    if isinstance(of, UnionType):
        found = [_structs(one) for one in of.types]
        return tuple(struct for structs in found for struct in structs) if all(found) else ()
    return ()


def _items(of: Type) -> tuple[StructType, ...]:
    """The objects a value is a list of, if it is one."""
    of = _plain(of)
    return _structs(of.item_type) if isinstance(of, CollectionType) else ()
