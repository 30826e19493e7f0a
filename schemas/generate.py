"""`python -m schemas.generate` writes the JSON Schemas and the AsyncAPI document beside this module."""

import json
import typing
from pathlib import Path

import msgspec

from schemas import asyncapi
from schemas.envelope import Attributes, Entry, Problem, Receipt
from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import TYPES, strict
from schemas.twins import twin

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE: dict[str, type[msgspec.Struct]] = {
    "event": Attributes,
    "entry": Entry,
    "receipt": Receipt,
    "problem": Problem,
}
_DATA = {"type": "object", "default": {}, "description": "What happened, in the form of the event's type"}
# What a quota's two members mean together; null counts as absent, as it does to the decoder.
_EITHER = [
    {"required": [name], "properties": {name: {"type": kind}}}
    for name, kind in (("at_least", "integer"), ("more_than", "string"))
]

Tree = dict[str, typing.Any]


def documents() -> dict[str, str]:
    """Every generated file's text by its path below `schemas/`."""
    types = {f"json/{name}.json": json_schema(name, strict(name)) for name in TYPES}
    stored = {
        f"json/{name}.stored.json": json_schema(f"{name}:stored", twin(TYPES[name], sealed=True))
        for name in PERSONAL_MEMBERS
    }
    envelope = {f"json/{name}.json": json_schema(name, cls) for name, cls in ENVELOPE.items()}
    written = {**types, **stored, **envelope, "asyncapi.json": asyncapi.document()}
    return {path: json.dumps(tree, indent=2, ensure_ascii=False) + "\n" for path, tree in written.items()}


def json_schema(name: str, cls: type[msgspec.Struct]) -> Tree:
    """JSON Schema 2020-12 of one struct, complete in itself."""
    own_place = f"#/$defs/{cls.__name__}"
    tree = _portable(msgspec.json.schema(cls), own_place)
    own = tree["$defs"].pop(cls.__name__)
    own["title"] = name
    if cls is Attributes:
        own["properties"]["data"] = _DATA
    if "Quota" in tree["$defs"]:
        tree["$defs"]["Quota"]["oneOf"] = _EITHER
    return {"$schema": DIALECT, "$id": f"urn:locus:schema:{name}", **own, "$defs": tree["$defs"]}


def _portable(value: typing.Any, root: str) -> typing.Any:
    """The tree in plain JSON Schema: Python's `\\Z` is `$`, absent members need no default of null."""
    if isinstance(value, dict):
        kept = {key: _portable(one, root) for key, one in value.items() if not _is_private(key, one)}
        if isinstance(kept.get("pattern"), str):  # a knot has a member of that name
            kept["pattern"] = kept["pattern"].replace(r"\Z", "$")
        if kept.get("$ref") == root:
            kept["$ref"] = "#"
        return kept
    return [_portable(one, root) for one in value] if isinstance(value, list | tuple) else value


def _is_private(key: str, value: typing.Any) -> bool:
    return (key, value) == ("default", None) or (key == "discriminator" and "mapping" in value)


def main() -> None:
    """Write every document, and remove the schemas of types that are no more."""
    here = Path(__file__).parent
    written = documents()
    (here / "json").mkdir(exist_ok=True)
    for stale in set((here / "json").iterdir()) - {here / path for path in written}:
        stale.unlink()
    for path, text in written.items():
        (here / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
