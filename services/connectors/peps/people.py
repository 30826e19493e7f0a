"""Who is who: one actor a person, however the headers spell them, by ids that tell no name."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from schemas import actor, body
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.git import Commit
from services.connectors.peps.names import Person, key, kin, slug

BDFL = Person("Guido van Rossum", "guido@python.org")


def actor_id(name: str) -> str:
    """A stable hash of a name's normalised spelling: the same in every clone, and no name."""
    return "a-" + hashlib.sha256(b"python/peps actor\0" + key(name).encode()).hexdigest()[:16]


@dataclass(slots=True)
class People:
    """Resolves persons to holders (`actor/…`, `body/…`), in reading order.

    Two spellings are one actor if they normalise alike, or share an address and a part of the name (an
    address alone may be a slip: one header gave Guido's beside another's name). The first spelling seen
    gives the id; a new one is `actor.updated`; two actors found to be one are `actor.merged`.
    """

    account: Account = field(default_factory=Account)
    _by_key: dict[str, str] = field(default_factory=dict)
    _by_email: dict[str, tuple[str, str]] = field(default_factory=dict)  # address: (actor, key)
    _order: dict[str, int] = field(default_factory=dict)
    _bodies: set[str] = field(default_factory=set)
    _into: dict[str, str] = field(default_factory=dict)  # who was said to be somebody else

    def holder(self, person: Person, commit: Commit, known: datetime) -> str:
        """The holder a header means, told to the ledger when first met."""
        if person.group:
            return f"body/{self._body(person, commit, known)}"
        return f"actor/{self._actor(person, commit, known)}"

    def differ(self, one: Person, other: Person) -> bool:
        """Whether these are not known to be the same."""
        return self._known(one) != self._known(other)

    def rename(self, old: Person, new: Person, commit: Commit, known: datetime) -> None:
        """Say that whoever had the old name goes by the new one; headers still mean who they name."""
        was, now = self._known(old), self._known(new)
        if was is not None and now is not None:
            self._say_merged(was, now, commit, known)

    def _known(self, person: Person) -> str | None:
        """Who is named; bodies are no persons."""
        return None if person.group else self._by_key.get(key(person.name))

    def _say_merged(self, gone: str, into: str, commit: Commit, known: datetime) -> None:
        """Once for each who is gone, and never in a ring."""
        last = into
        while last in self._into:
            last = self._into[last]
        if gone not in self._into and gone != last:
            self._into[gone] = into
            data = actor.Merged(into=into)
            self.account.state(Fact(f"merged/{gone}@{short(commit)}", f"actor/{gone}", data, known), known)

    def begin(self, person: Person, known: datetime, bodies: tuple[str, ...]) -> None:
        """Register somebody known from the start, and know of `bodies` that others tell of."""
        self._by_email[person.email] = (self._register(person, known), key(person.name))
        self._bodies.update(body_.removeprefix("body/") for body_ in bodies)

    def _actor(self, person: Person, commit: Commit, known: datetime) -> str:
        spelled = key(person.name)
        named = self._by_key.get(spelled)
        mailed, other = self._by_email.get(person.email, ("", ""))
        mailed = mailed if kin(spelled, other) else ""
        if named is None and mailed:
            found = self._rename(mailed, person, commit, known)
        elif named is None:
            found = self._register(person, known)
        elif mailed and mailed != named:
            found = self._merge(named, mailed, commit, known)
        else:
            found = named
        if person.email:
            self._by_email.setdefault(person.email, (found, spelled))
        return found

    def _register(self, person: Person, known: datetime) -> str:
        id_ = actor_id(person.name)
        self._by_key[key(person.name)] = id_
        self._order[id_] = len(self._order)
        data = actor.Registered(kind="person", profile=actor.Profile(name=person.name))
        self.account.state(Fact(f"registered/{id_}", f"actor/{id_}", data, known), known)
        return id_

    def _rename(self, id_: str, person: Person, commit: Commit, known: datetime) -> str:
        self._by_key[key(person.name)] = id_
        data = actor.Updated(kind="person", profile=actor.Profile(name=person.name))
        fact = Fact(f"renamed/{actor_id(person.name)}@{short(commit)}", f"actor/{id_}", data, known)
        self.account.state(fact, known)
        return id_

    def _merge(self, one: str, other: str, commit: Commit, known: datetime) -> str:
        """The one met later becomes the one met first."""
        kept, gone = sorted((one, other), key=self._order.__getitem__)
        self._by_key = {spelled: kept if id_ == gone else id_ for spelled, id_ in self._by_key.items()}
        self._by_email = {
            email: (kept if id_ == gone else id_, spelled) for email, (id_, spelled) in self._by_email.items()
        }
        self._say_merged(gone, kept, commit, known)
        return kept

    def _body(self, person: Person, commit: Commit, known: datetime) -> str:
        id_ = slug(person.name)
        if id_ not in self._bodies:
            self._bodies.add(id_)
            data = body.Formed(name=person.name, kind="group")
            self.account.state(Fact(f"formed/{id_}", f"body/{id_}", data, known), known)
        return id_
