"""Twins of structs that refuse unknown members at every depth."""

import types
import typing
from functools import cache

import msgspec
from msgspec import Struct


@cache
def twin(cls: type[Struct]) -> type[Struct]:
    """The fields of `cls`, its structs replaced by their twins, with unknown members forbidden."""
    hints = typing.get_type_hints(cls, include_extras=True)
    config = cls.__struct_config__
    return msgspec.defstruct(
        cls.__name__,
        [(f.name, _twinned(hints[f.name]), _field(f)) for f in msgspec.structs.fields(cls)],
        module=cls.__module__,
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


def _twinned(hint: typing.Any) -> typing.Any:
    """The same type with twins in the place of structs."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        return twin(hint)
    args = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Annotated:
            return typing.Annotated[(_twinned(args[0]), *args[1:])]
        case types.UnionType | typing.Union:
            return typing.Union[tuple(_twinned(arg) for arg in args)]  # noqa: UP007 — built from a list
        case origin if origin is tuple:
            return tuple.__class_getitem__((_twinned(args[0]), ...))
        case _:
            return hint
