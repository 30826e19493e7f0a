"""Who an actor is, from its own stream: the last profile that stands. Pure."""

from collections.abc import Sequence

import msgspec

from schemas.actor import Described, Merged, Profile
from services.ledger.refold import Fact, steps


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An actor as last described. `merged_into`: the actor it turned out to be."""

    actor: str
    kind: str
    profile: Profile
    reports_to: str | None = None
    merged_into: str | None = None


def described(subject: str, facts: Sequence[Fact]) -> Person | None:
    """The actor after these facts, corrections applied; None if no description of it stands."""
    last: Described | None = None
    into: str | None = None
    for step in steps(facts):
        if isinstance(step.data, Described):
            last = step.data
        elif isinstance(step.data, Merged):
            into = step.data.into
    if last is None:
        return None
    return Person(
        actor=subject.partition("/")[2],
        kind=last.kind,
        profile=last.profile,
        reports_to=last.reports_to,
        merged_into=into,
    )
