"""The AsyncAPI 3 document: how events come in over HTTP and NATS, and how entries go out on JetStream."""

import typing

from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import KINDS, LEDGER_ONLY, SUBJECTS, TYPES

Tree = dict[str, typing.Any]

_LEDGER = {"description": "The ledger's slug, `[a-z][a-z0-9-]{1,62}`", "examples": ["acme"]}
_JSON = "application/json"
_INTAKE = {
    "structured": ("application/cloudevents+json", "One event, attributes and data in one JSON object"),
    "batch": ("application/cloudevents-batch+json", "Several events, taken whole or not at all"),
    "bulk": ("application/x-ndjson", "One event a line, each taken on its own"),
    "binary": (_JSON, "One event's data, its attributes in `ce-` headers"),
}


def document() -> Tree:
    """AsyncAPI 3.0, as seen from the ledger: it receives intake and sends entries."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:locus:ledger",
        "info": {
            "title": "Locus, the decision ledger",
            "version": "1",
            "description": "Events are CloudEvents 1.0 in JSON; data is by type, under `json/`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _JSON,
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "schemas": {"data": _any_data(), "published": _published()},
            "messages": {**_entries(), **_intake(), **_answers()},
        },
    }


def _channels() -> Tree:
    whats = sorted({name.split(".")[2] for name in TYPES})
    return {
        "entries": {
            "address": "locus.events.{ledger}.{kind}.{what}",
            "title": "Entries as recorded",
            "description": (
                "JetStream stream `locus-events-<ledger>`. A message's sequence is its entry's position, "
                "its payload the stored bytes. Everything after the last sequence seen is complete."
            ),
            "parameters": {
                "ledger": _LEDGER,
                "kind": {"description": "The kind of the event's type", "enum": list(KINDS)},
                "what": {"description": "What happened", "enum": whats},
            },
            "messages": {name: _ref("components/messages", name) for name in _entries()},
        },
        "intakeHttp": {
            "address": "/v1/ledgers/{ledger}/events",
            "title": "Intake over HTTP",
            "parameters": {"ledger": _LEDGER},
            "bindings": {"http": {}},
            "messages": {name: _ref("components/messages", name) for name in (*_INTAKE, *_answers())},
        },
        "intakeNats": {
            "address": "locus.intake.{ledger}",
            "title": "Intake over NATS",
            "description": "Core request–reply in a queue group; publish again, same id, until a receipt.",
            "parameters": {"ledger": _LEDGER},
            "messages": {
                name: _ref("components/messages", name) for name in ("structured", "receipt", "problem")
            },
        },
    }


def _operations() -> Tree:
    return {
        "relay": {
            "action": "send",
            "channel": _ref("channels", "entries"),
            "summary": "Every entry, once and in order of position",
        },
        "publishHttp": {
            "action": "receive",
            "channel": _ref("channels", "intakeHttp"),
            "summary": "Publish in structured, binary or batch mode, or in bulk",
            "bindings": {"http": {"method": "POST"}},
            "messages": [_on("intakeHttp", name) for name in _INTAKE],
            "reply": {"messages": [_on("intakeHttp", name) for name in _answers()]},
        },
        "publishNats": {
            "action": "receive",
            "channel": _ref("channels", "intakeNats"),
            "summary": "Publish one event in structured mode",
            "messages": [_on("intakeNats", "structured")],
            "reply": {
                "address": {
                    "location": "$message.header#/reply",
                    "description": "The request's reply subject",
                },
                "messages": [_on("intakeNats", name) for name in ("receipt", "problem")],
            },
        },
    }


def _entries() -> Tree:
    return {name: _entry(name) for name in TYPES}


def _entry(name: str) -> Tree:
    event = {"properties": {"type": {"const": name}, "data": _stored(name)}}
    return {
        "name": name,
        "title": " ".join(name.split(".")[1:3]).replace("_", " "),
        "contentType": _JSON,
        "payload": {"allOf": [{"$ref": "json/entry.json"}, {"properties": {"event": event}}]},
    }


def _intake() -> Tree:
    published = _ref("components/schemas", "published")
    payloads = {
        "structured": published,
        "batch": {"type": "array", "minItems": 1, "items": published},
        "bulk": published,
        "binary": _ref("components/schemas", "data"),
    }
    return {
        name: {"name": name, "contentType": media, "summary": summary, "payload": payloads[name]}
        for name, (media, summary) in _INTAKE.items()
    }


def _answers() -> Tree:
    receipt = {"$ref": "json/receipt.json"}
    receipts = {"type": "object", "required": ["receipts"], "properties": {"receipts": _array(receipt)}}
    problem = {"$ref": "json/problem.json"}
    return {
        "receipt": {"name": "receipt", "contentType": _JSON, "payload": receipt},
        "receipts": {"name": "receipts", "contentType": _JSON, "payload": receipts},
        "problem": {"name": "problem", "contentType": "application/problem+json", "payload": problem},
    }


def _published() -> Tree:
    """An event as a publisher may send it: its data, and its subject's kind, follow from its type."""
    rules = [
        {
            "if": {"properties": {"type": {"const": name}}},
            "then": {"properties": {"data": _data(name), **_subject(name)}},
        }
        for name in TYPES
        if name not in LEDGER_ONLY
    ]
    known = {"properties": {"type": {"enum": [name for name in TYPES if name not in LEDGER_ONLY]}}}
    return {"allOf": [{"$ref": "json/event.json"}, known, *rules]}


def _subject(name: str) -> Tree:
    begins = SUBJECTS[name]
    return {} if begins is None else {"subject": {"pattern": f"^{begins}"}}


def _any_data() -> Tree:
    return {"anyOf": [_data(name) for name in TYPES if name not in LEDGER_ONLY]}


def _array(items: Tree) -> Tree:
    return {"type": "array", "items": items}


def _data(name: str) -> Tree:
    return {"$ref": f"json/{name}.json"}


def _stored(name: str) -> Tree:
    """What readers find: personal members are sealed."""
    return _data(f"{name}.stored" if name in PERSONAL_MEMBERS else name)


def _ref(place: str, name: str) -> Tree:
    return {"$ref": f"#/{place}/{name}"}


def _on(channel: str, message: str) -> Tree:
    return {"$ref": f"#/channels/{channel}/messages/{message}"}
