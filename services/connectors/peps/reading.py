"""One PEP's header with its persons resolved, and one step of its history: what the folds work on (pure)."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from services.connectors.peps.authority import UNCLASSIFIED
from services.connectors.peps.git import Commit
from services.connectors.peps.headers import Header, Resolution
from services.connectors.peps.history import Version
from services.connectors.peps.names import Person, same_family
from services.connectors.peps.people import People

OPEN = frozenset({"draft", "deferred", "active"})
ANOTHER = "the number was given to another proposal"  # why what was said of the former is taken back


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A header whose people are holders.

    `joining` are the actors whom this version first names as authors; `editor` is who reopened the PEP in
    it, if it was.
    """

    title: str
    status: str
    kind: str
    packaging: bool
    authors: tuple[str, ...]
    delegates: tuple[str, ...]
    resolution: Resolution | None
    superseded_by: tuple[int, ...]
    discussed: bool
    posted: tuple[datetime, ...]
    elected: tuple[str, ...]
    joining: tuple[str, ...]
    editor: str | None = None

    @property
    def domains(self) -> tuple[str, ...]:
        """The home domain: packaging is part of the Standards Track, and no other type's."""
        if self.packaging and self.kind == "standards":
            return ("packaging",)
        return (self.kind or UNCLASSIFIED,)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A PEP's header before and after one commit. `now` never runs back along one PEP's history."""

    version: Version
    now: datetime
    before: Reading | None
    after: Reading

    @property
    def number(self) -> int:
        return self.version.number

    @property
    def commit(self) -> Commit:
        return self.version.commit

    @property
    def name(self) -> str:
        return f"pep-{self.number:04d}"

    @property
    def turned(self) -> bool:
        """Whether the status changed; a first appearance counts."""
        return self.before is None or self.before.status != self.after.status

    @property
    def renumbered(self) -> bool:
        """Whether the number was given to another proposal: neither title nor any author is the same."""
        return (
            self.before is not None
            and self.before.title != self.after.title
            and bool(self.before.authors and self.after.authors)
            and not set(self.before.authors) & set(self.after.authors)
        )


Readings = dict[Version, Reading]


def readings(versions: Iterable[Version], people: People) -> Readings:
    """Resolve everybody named, in reading order: whoever is met first is known first, in every clone.

    Within a commit those with an address come first: one that changes a name in many headers gives the
    address beside it in some of them only.
    """
    resolved: Readings = {}
    for _, together in itertools.groupby(versions, key=lambda version: version.place):
        group = list(together)
        for version in group:
            for person in (*version.header.authors, *version.header.delegates):
                if person.email:
                    people.holder(person, version.commit, version.commit.time)
        for version in group:
            resolved[version] = _resolved(version, people)
            if renamed := _renamed(version, people):
                people.rename(*renamed, version.commit, version.commit.time)
    return resolved


def _renamed(version: Version, people: People) -> tuple[Person, Person] | None:
    """One author's name in the place of another with the same surname, or nearly, is a name that changed."""
    before = _authors_before(version)
    if len(version.parents) != 1 or len(before) != len(version.header.authors):
        return None
    pairs = zip(before, version.header.authors, strict=True)
    changed = [(old, new) for old, new in pairs if people.differ(old, new)]
    return changed[0] if len(changed) == 1 and same_family(*changed[0]) else None


def _joining(version: Version, people: People) -> Iterator[Person]:
    """Who is named beside or in the place of others; somebody whose name changed was there before."""
    before, renamed = _authors_before(version), _renamed(version, people)
    for author in version.header.authors:
        known = any(not people.differ(one, author) for one in before)
        if not (author.group or known or (renamed and author == renamed[1])):
            yield author


def _authors_before(version: Version) -> list[Person]:
    return [author for one in version.parents for author in one.header.authors]


def _resolved(version: Version, people: People) -> Reading:
    header, commit = version.header, version.commit
    editor = Person(commit.author, commit.email)

    def holders(persons: Iterable[Person]) -> tuple[str, ...]:
        named = [people.holder(person, commit, commit.time) for person in persons]
        return tuple(dict.fromkeys(named))

    return Reading(
        title=header.title,
        status=header.status,
        kind=header.kind,
        packaging=header.packaging,
        authors=holders(header.authors),
        delegates=holders(header.delegates),
        resolution=header.resolution,
        superseded_by=header.superseded_by,
        discussed=header.discussed,
        posted=header.posted,
        elected=holders(header.elected),
        joining=holders(_joining(version, people)),
        editor=people.holder(editor, commit, commit.time) if _reopens(version) else None,
    )


def _reopens(version: Version) -> bool:
    closed = [parent.header.status for parent in version.parents if parent.header.status not in OPEN]
    return version.header.status in OPEN and any(closed)


def carried(before: Reading | None, parent: Header | None, version: Version, reading: Reading) -> Reading:
    """The header after `version`, given what the line of versions had come to.

    Along a line that is the version's own. Where branches met, only what a version changed is taken over.
    A status or type that is missing or unreadable leaves the former one.
    """
    if before is None:
        return msgspec.structs.replace(reading, status=reading.status or "draft")
    kept = {
        field: getattr(before, field)
        for field in Header.__struct_fields__
        if parent is not None and getattr(version.header, field) == getattr(parent, field)
    }
    kept["status"] = kept.get("status") or reading.status or before.status
    kept["kind"] = kept.get("kind") or reading.kind or before.kind
    return msgspec.structs.replace(reading, **kept)
