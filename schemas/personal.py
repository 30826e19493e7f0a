"""Which members of an event's data belong to a person."""

import typing
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from schemas.registry import TYPES
from schemas.types import Data
from schemas.walk import hints_of, personal_mark


def _is_personal(hint: typing.Any) -> bool:
    return personal_mark(hint) is not None or any(_is_personal(arg) for arg in typing.get_args(hint))


def _personal(cls: type[Data]) -> tuple[str, ...]:
    hints = hints_of(cls)
    return tuple(f.encode_name for f in msgspec.structs.fields(cls) if _is_personal(hints[f.name]))


PERSONAL_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: members for name, cls in TYPES.items() if (members := _personal(cls))}
)
"""Type → the wire names of its data's personal members, each to be sealed whole."""
