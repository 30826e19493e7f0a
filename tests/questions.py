"""Random questions about a history to every view that is served, found by looking."""

import types
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

from services.projections.knots.registry import PATTERNS
from services.projections.views.question import By, Question
from services.projections.views.view import found

Json = dict[str, Any]
IN_A_FILE_OF_THEIR_OWN = tuple(view.name for view in found())
SERVED = ("authority", "drift", "matrix", *IN_A_FILE_OF_THEIR_OWN)
_BY: dict[str, tuple[str, ...]] = {
    "authority": get_args(By),
    "drift": ("domain", "actor", "body", "stakes"),
}
_NAMES = {"domain": "domain", "actor": "actor", "body": "body", "space": "space", "initiative": "initiative"}
_ONE_EACH = {"domain": "domains/{}/remit", "actor": "actors/{}/remit", "body": "bodies/{}/remit"}
_DOSSIERS = {"decision": "decisions/{}", "initiative": "initiatives/{}"}


class Asked(NamedTuple):
    """A view, as it stands behind the ledger in an address, and its parameters."""

    path: str
    parameters: Json


class Questions:
    """Of one history; the same for the same state of `rng`."""

    def __init__(self, events: Sequence[Json], rng: Random) -> None:
        self.rng = rng
        self.moments = [datetime.fromisoformat(event["time"]).astimezone(UTC) for event in events]
        self.ids: dict[str, list[str]] = defaultdict(list)
        for event in events:
            kind, _, id = event["subject"].partition("/")
            if id not in self.ids[kind]:
                self.ids[kind].append(id)

    def of_every_view(self) -> list[Asked]:
        """One question each."""
        listed = [Asked(name, self._parameters(name)) for name in SERVED]
        single = [
            Asked(path.format(self.rng.choice(self.ids[kind])), {})
            for kind, path in (_ONE_EACH | _DOSSIERS).items()
            if self.ids[kind]
        ]
        return [Asked(path, self._at() | given) for path, given in (*listed, *single)]

    def _at(self) -> Json:
        return {"at": self.moment()} if self.rng.random() < 0.3 else {}

    def moment(self) -> str:
        first, last = min(self.moments), max(self.moments)
        moment = first + (last - first) * self.rng.uniform(-0.05, 1.05)
        return str(moment.date()) if self.rng.random() < 0.3 else moment.isoformat()

    def _parameters(self, view: str) -> Json:
        if view == "matrix":
            return self._chosen([("domain", str | None)])
        if view in _BY:
            given = [(f.encode_name, f.type) for f in msgspec.structs.fields(Question) if f.name != "by"]
            return self._chosen(given) | {"by": self.rng.choice(_BY[view])}
        question = next(one.question for one in found() if one.name == view)
        return self._chosen((f.encode_name, f.type) for f in msgspec.structs.fields(question))

    def _chosen(self, fields: Iterable[tuple[str, Any]]) -> Json:
        """Most are left out, so that most questions find something."""
        told = {name: self._value(name, annotation) for name, annotation in fields}
        if told.get("from") and told.get("to") and told["from"] > told["to"]:
            told["from"], told["to"] = told["to"], told["from"]
        return {name: value for name, value in told.items() if value is not None and self.rng.random() < 0.35}

    def _value(self, name: str, annotation: Any) -> Any:
        if name in ("from", "to"):
            return self.moment()
        if name == "interval":
            return self.rng.choice(["month", "quarter", "year"])  # a series of days may be too long
        if name == "pattern":
            return self.rng.choice(sorted(PATTERNS))
        if name in _NAMES:
            return self.rng.choice(self.ids[_NAMES[name]] or [None])
        literals = [value for value in _values(annotation) if value is not None]
        if literals:
            return self.rng.choice(literals)
        if int not in _members(annotation):
            return None
        return self.rng.choice([30, 90, 365]) if name == "days" else self.rng.randint(0, 2)


def _members(annotation: Any) -> tuple[Any, ...]:
    """What a type may be: the members of a union, without its description."""
    bare = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    return get_args(bare) if get_origin(bare) in (Union, types.UnionType) else (bare,)


def _values(annotation: Any) -> list[Any]:
    return [value for one in _members(annotation) if get_origin(one) is Literal for value in get_args(one)]
