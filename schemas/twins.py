"""Twins of structs that refuse unknown members at every depth."""

import types
import typing
from functools import cache

import msgspec
from msgspec import Struct

from schemas.walk import hints_of, personal_mark


@cache
def twin(cls: type[Struct], outline: bool = False, sealed: bool = False) -> type[Struct]:
    """The fields of `cls`, its structs replaced by their twins, with unknown members forbidden.

    Personal members are as published, or, with `sealed`, as stored. An outline leaves the constraints of
    all others out: it judges the members' names alone, in a fifth of the time.
    """
    hints = hints_of(cls)
    config = cls.__struct_config__
    return msgspec.defstruct(
        cls.__name__,
        [(f.name, _twinned(hints[f.name], outline, sealed), _field(f)) for f in msgspec.structs.fields(cls)],
        module=cls.__module__,
        namespace={"__doc__": cls.__doc__},
        frozen=True,
        kw_only=True,
        omit_defaults=config.omit_defaults,
        tag_field=config.tag_field,
        tag=config.tag,
        forbid_unknown_fields=True,
    )


def _field(info: msgspec.structs.FieldInfo) -> typing.Any:
    name = None if info.encode_name == info.name else info.encode_name
    if info.default is msgspec.NODEFAULT:
        return msgspec.field(name=name)
    return msgspec.field(name=name, default=info.default)


def _twinned(hint: typing.Any, outline: bool, sealed: bool) -> typing.Any:
    """The same type with twins in the place of structs."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        return twin(hint, outline, sealed)
    args = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Annotated:
            mark = None if sealed else personal_mark(hint)
            if mark is not None and mark.extra is not None:
                return typing.Annotated[_twinned(mark.extra["personal"], False, sealed), mark]
            inner = _twinned(args[0], outline, sealed)
            return inner if outline else typing.Annotated[(inner, *args[1:])]
        case types.UnionType | typing.Union:
            return typing.Union[tuple(_twinned(arg, outline, sealed) for arg in args)]  # noqa: UP007 — built from a list
        case origin if origin is tuple:
            return tuple.__class_getitem__((_twinned(args[0], outline, sealed), ...))
        case _:
            return hint
