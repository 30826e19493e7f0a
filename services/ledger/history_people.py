"""Who an actor is, from its own stream: the last profile that stands, opened for the directory. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from schemas.actor import Described, Merged, Profile
from services.ledger.refold import Fact, Step, steps
from services.ledger.sealing import Keys, Place, opened


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """An actor as last described, its profile as stored; `source` and `id` of the event it stands in."""

    subject: str
    kind: str
    profile: Profile | str
    source: str
    id: str
    reports_to: str | None = None
    merged_into: str | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An actor as last described. `merged_into`: the actor it turned out to be.

    `erased`: nothing opens the profile any more.
    """

    actor: str
    kind: str
    profile: Profile | None = None
    reports_to: str | None = None
    merged_into: str | None = None
    erased: bool = False


def merged_into(facts: Sequence[Fact]) -> str | None:
    """The actor that this one turned out to be, after these facts, corrections applied."""
    return _into(steps(facts))


def _into(standing: Sequence[Step]) -> str | None:
    return next((step.data.into for step in reversed(standing) if isinstance(step.data, Merged)), None)


def aliases(actor: str, merges: Mapping[str, str]) -> list[str]:
    """The other ids that were merged into this one, be it by way of others; `merges`: each into which."""
    found = [actor]
    for one in found:  # which grows meanwhile
        found += [alias for alias, into in merges.items() if into == one and alias not in found]
    return found[1:]


def others(actor: str, merges: Mapping[str, str]) -> list[str]:
    """Every other id of the same person: merged into this one, or this one into it, by whatever way."""
    person = actor
    seen: set[str] = set()
    while person in merges and person not in seen:  # merges may go round
        seen.add(person)
        person = merges[person]
    return [one for one in (person, *aliases(person, merges)) if one != actor]


def described(subject: str, facts: Sequence[Fact]) -> Actor | None:
    """The actor after these facts, corrections applied; None if no description of it stands."""
    last: Described | None = None
    position = 0
    standing = steps(facts)
    for step in standing:
        if isinstance(step.data, Described):
            last, position = step.data, step.position
    if last is None:
        return None
    event = next(fact.event for fact in facts if fact.position == position)
    return Actor(
        subject=subject,
        kind=last.kind,
        profile=last.profile,
        source=event.source,
        id=event.id,
        reports_to=last.reports_to,
        merged_into=_into(standing),
    )


def shown(actor: Actor, ledger: str, keys: Keys) -> Person:
    """The actor with its profile in plain, or as erased."""
    profile = _profile(actor, ledger, keys)
    return Person(
        actor=actor.subject.partition("/")[2],
        kind=actor.kind,
        profile=profile,
        reports_to=actor.reports_to,
        merged_into=actor.merged_into,
        erased=profile is None,
    )


def _profile(actor: Actor, ledger: str, keys: Keys) -> Profile | None:
    """The profile; an entry of format 0 has it in plain, but an erased person has none at all."""
    key = keys.get(actor.subject)
    if key is None and actor.subject in keys:
        return None
    if isinstance(actor.profile, Profile):
        return actor.profile
    place = Place(ledger, actor.subject, actor.source, actor.id, "profile")
    plain = None if key is None else opened(actor.profile, key, place)
    return None if plain is None else msgspec.json.decode(plain, type=Profile)
