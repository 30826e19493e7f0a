"""The decoder's complaints in a publisher's words: the place as a JSON pointer, what is wrong, what to do."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

from schemas import TYPES, Attributes, strict
from schemas.types import ID_LENGTH, PATTERNS
from services.ledger.intake_json import BadInput, pointer

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>(?:key in )?\$.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_ENUM = re.compile(r"Invalid (?:enum )?value (?P<value>.*)", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<expected>[^`]*)`(?P<rest>.*)", re.DOTALL)

_FORM = re.compile(r" matching regex (?P<pattern>.*)", re.DOTALL)
_FORMS = {repr(pattern): (pattern, words) for pattern, words in PATTERNS.items()}

_JSON_NAMES = {
    "str": "text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "object": "an object",
    "array": "an array",
    "datetime": "a time with its offset, such as 2026-01-31T09:30:00Z",
}


class Unfit(BadInput):
    """JSON, but not an event that the published language knows."""


def unfit(error: msgspec.ValidationError, prefix: str, type_name: str | None, said: Any) -> Unfit:
    """The decoder's first complaint about what was said: data of `type_name` or (None) the attributes."""
    match = _MESSAGE.fullmatch(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    where = prefix + _pointer(path)
    language = f"the JSON Schema of {type_name}" if type_name else "CloudEvents 1.0"
    if unknown := _UNKNOWN.fullmatch(what):
        return _unknown_member(unknown["name"], where, type_name)
    if missing := _MISSING.fullmatch(what):
        name = missing["name"]
        return Unfit(
            "missing-member", where + pointer([name]), f"`{name}` is missing", f"add it: see {language}"
        )
    if value := _ENUM.fullmatch(what):
        allowed = _allowed(strict(type_name) if type_name else Attributes, path)
        hint = f"send one of {', '.join(allowed)}" if allowed else f"see {language}"
        return Unfit("wrong-value", where, f"{value['value'][:100]} is not one of the values allowed", hint)
    return _wrong(what, where, language, _at(path, said))


def unknown_type(name: str) -> Unfit:
    """No such event type; the hint names the likeliest."""
    near = get_close_matches(name[:100], TYPES, n=1)
    hint = f"did you mean {near[0]}?" if near else "types are written locus.<kind>.<what>.v1"
    return Unfit("unknown-type", "/type", f"{name[:100]!r} is no event type of this version", hint)


def _allowed(cls: type[msgspec.Struct], path: str) -> list[str]:
    """The values that a place in the data may hold, as far as its type names them."""
    here: list[Any] = [inspect.type_info(cls)]
    for step in _STEP.finditer(path):
        here = [below for one in here for below in _below(one, step["name"])]
    return [repr(value) for one in here for value in _values(one)]


def _below(of: Any, name: str | None) -> Iterator[Any]:
    """What a member of this name is, of types as msgspec describes them; without a name, an item."""
    match of:
        case inspect.UnionType():
            for one in of.types:
                yield from _below(one, name)
        case inspect.Metadata():
            yield from _below(of.type, name)
        case inspect.StructType() if name is not None and name == of.tag_field:
            yield inspect.LiteralType((of.tag,))
        case inspect.StructType():
            yield from (field.type for field in of.fields if field.encode_name == name)
        case inspect.VarTupleType() | inspect.ListType() if name is None:
            yield of.item_type
        case _:
            return


def _values(of: Any) -> Iterator[Any]:
    match of:
        case inspect.UnionType():
            for one in of.types:
                yield from _values(one)
        case inspect.Metadata():
            yield from _values(of.type)
        case inspect.LiteralType():
            yield from of.values
        case _:
            return


def _pointer(path: str) -> str:
    return pointer(step["name"] or step["index"] for step in _STEP.finditer(path))


def _at(path: str, said: Any) -> Any:
    """The value at a place in what was said, if it is there."""
    for step in _STEP.finditer(path):
        try:
            said = said[step["name"] or int(step["index"])]
        except (LookupError, TypeError):
            return None
    return said


def _unknown_member(name: str, where: str, type_name: str | None) -> Unfit:
    place, shown = where + pointer([name]), pointer([name])[1:]
    if type_name is None:
        allowed = ", ".join(f.encode_name for f in msgspec.structs.fields(Attributes))
        return Unfit(
            "unknown-attribute",
            place,
            f"`{shown}` is neither a CloudEvents attribute nor an extension known here",
            f"leave it out; known are {allowed} and data",
        )
    return Unfit(
        "unknown-member", place, f"{type_name} has no `{shown}` here", "leave it out, or mend its name"
    )


def _wrong(what: str, where: str, language: str, value: Any) -> Unfit:
    if "timezone" in what:
        return Unfit(
            "no-offset", where, "a time without an offset", "end it with Z or with an offset such as +02:00"
        )
    if "RFC3339" in what:
        return Unfit("wrong-value", where, "not a time", "write it as RFC 3339 does: 2026-01-31T09:30:00Z")
    match = _EXPECTED.fullmatch(what)
    if match is None:
        return Unfit("wrong-value", where, what, f"see {language}")
    expected = " or ".join(
        _JSON_NAMES.get(one, one) for one in match["expected"].split(" | ") if one != "null"
    )
    rest = match["rest"]
    if rest.startswith(", got"):
        got = rest.removeprefix(", got ").strip("`")
        return Unfit(
            "wrong-type",
            where,
            f"{_JSON_NAMES.get(got, got)} stands where {expected} belongs",
            f"send {expected}",
        )
    if (needed := _FORM.fullmatch(rest)) is not None:
        pattern, form = _FORMS.get(needed["pattern"], ("", f"what {language} asks for"))
        if pattern and isinstance(value, str) and re.search(pattern.replace(ID_LENGTH, "+"), value):
            return Unfit("wrong-value", where, "the id has more than 200 characters", "send a shorter id")
        return Unfit("wrong-value", where, "the text does not have the form it needs", f"send {form}")
    return Unfit("wrong-value", where, f"expected {expected}{rest}", f"see {language}")
