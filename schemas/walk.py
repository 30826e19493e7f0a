"""Functions that visit certain values of a struct, compiled from its types once: no event is searched."""

import types
import typing
from collections.abc import Callable, Mapping
from functools import cache

import msgspec

Visit = Callable[[typing.Any, typing.Any], None]  # a value, and what the visitor gathers into
Leaf = Callable[[typing.Any, str], Visit | None]  # a type and its JSON pointer → how such a value is visited


def visitor(hint: typing.Any, leaf: Leaf, where: str) -> Visit | None:
    """What visits every value below `hint` that `leaf` names, or None if there is none."""
    if (own := leaf(hint, where)) is not None:
        return own
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _members(hint, leaf, where)
    args = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Annotated:
            return visitor(args[0], leaf, where)
        case types.UnionType | typing.Union:
            return _alternatives(args, leaf, where)
        case origin if origin is tuple:
            return _items(args[0], leaf, where)
    return None


@cache
def hints_of(cls: type[msgspec.Struct]) -> Mapping[str, typing.Any]:
    """The types of a struct's fields, with what is written on them."""
    return typing.get_type_hints(cls, include_extras=True)


def metas(hint: typing.Any) -> tuple[msgspec.Meta, ...]:
    """The constraints and marks written on a type."""
    return tuple(m for m in getattr(hint, "__metadata__", ()) if isinstance(m, msgspec.Meta))


def personal_mark(hint: typing.Any) -> msgspec.Meta | None:
    """The mark of a member that belongs to a person."""
    return next((meta for meta in metas(hint) if "personal" in (meta.extra or {})), None)


def _members(cls: type[msgspec.Struct], leaf: Leaf, where: str) -> Visit | None:
    hints = hints_of(cls)
    found = [
        (field.name, visit)
        for field in msgspec.structs.fields(cls)
        if (visit := visitor(hints[field.name], leaf, f"{where}/{field.encode_name}")) is not None
    ]

    def visit_members(value: typing.Any, into: typing.Any) -> None:
        for name, visit in found:
            member = getattr(value, name)
            if member is not None:
                visit(member, into)

    return visit_members if found else None


def _items(hint: typing.Any, leaf: Leaf, where: str) -> Visit | None:
    visit = visitor(hint, leaf, where)
    if visit is None:
        return None

    def visit_items(value: typing.Any, into: typing.Any) -> None:
        for item in value:
            visit(item, into)

    return visit_items


def _alternatives(hints: tuple[typing.Any, ...], leaf: Leaf, where: str) -> Visit | None:
    """A union of structs, told apart by class, or one type that may be absent."""
    present = [hint for hint in hints if hint is not types.NoneType]
    if len(present) == 1:
        return visitor(present[0], leaf, where)
    found = {hint: visit for hint in present if (visit := visitor(hint, leaf, where)) is not None}

    def visit_alternative(value: typing.Any, into: typing.Any) -> None:
        visit = found.get(value.__class__)
        if visit is not None:
            visit(value, into)

    return visit_alternative if found else None
