"""The published language of Locus: every event type, the envelope and the registry."""

from schemas.checks import Malformed, check
from schemas.envelope import Attributes, Entry, Event, Problem, Receipt, Structured
from schemas.mentions import mentions, named
from schemas.registry import (
    TYPES,
    UnknownTypeError,
    class_of,
    convert_data,
    decode_entry,
    read_data,
    strict,
    take_data,
    type_of,
)
from schemas.types import Data

__all__ = [
    "TYPES",
    "Attributes",
    "Data",
    "Entry",
    "Event",
    "Malformed",
    "Problem",
    "Receipt",
    "Structured",
    "UnknownTypeError",
    "check",
    "class_of",
    "convert_data",
    "decode_entry",
    "mentions",
    "named",
    "read_data",
    "strict",
    "take_data",
    "type_of",
]
