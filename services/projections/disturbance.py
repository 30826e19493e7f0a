"""Which acts a change of structural facts may concern, so that only those are read again. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.projections.facts.fact import Fact


class Disturbance(NamedTuple):
    """Acts that occurred in [since, until) and that what changed bears on ("" = any): see Fact.bears_on."""

    bears_on: str
    since: datetime
    until: datetime


def disturbances(gone: Iterable[Fact], come: Iterable[Fact]) -> set[Disturbance]:
    """Where the two sides of a change differ. A fact that only ended earlier or later differs in between."""
    before = {(type(fact), fact.position, fact.key): fact for fact in gone if fact.structural}
    after = {(type(fact), fact.position, fact.key): fact for fact in come if fact.structural}
    result: set[Disturbance] = set()
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None and _same_but_end(old, new):
            ends = sorted((old.valid_to, new.valid_to))
            result.add(Disturbance(old.bears_on, ends[0], ends[1]))
            continue
        result |= {_whole(fact) for fact in (old, new) if fact is not None}
    return result


def _same_but_end(old: Fact, new: Fact) -> bool:
    ending = {field: getattr(new, field) for field in new.ending}
    return msgspec.structs.replace(old, **ending) == new


def _whole(fact: Fact) -> Disturbance:
    return Disturbance(fact.bears_on, fact.valid_from, fact.bears_until)
