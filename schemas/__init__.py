"""The published language of Locus: every event type, the envelope and the registry."""

from schemas.envelope import Attributes, Entry, Event, Problem, Receipt, Structured
from schemas.registry import (
    TYPES,
    UnknownTypeError,
    class_of,
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
    "Problem",
    "Receipt",
    "Structured",
    "UnknownTypeError",
    "class_of",
    "decode_entry",
    "read_data",
    "strict",
    "take_data",
    "type_of",
]
