"""From commits to what each PEP's header said, and in which order: the graph, folded once (pure)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from services.connectors.peps.git import Commit
from services.connectors.peps.headers import Header

Read = Callable[[int, str], Header | None]


@dataclass(eq=False, slots=True)
class Version:
    """A header as one commit left it, and the versions it came from (two, if branches met in it)."""

    number: int
    header: Header
    commit: Commit
    parents: tuple["Version", ...]
    place: int  # in reading order: greater than every parent's
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        self.depth = 1 + max((parent.depth for parent in self.parents), default=0)

    def follows(self, other: "Version") -> bool:
        """Whether `other` is this version or one it came from."""
        waiting, seen = [self], set[int]()
        while waiting:
            version = waiting.pop()
            if version is other:
                return True
            if version.depth > other.depth and id(version) not in seen:
                seen.add(id(version))
                waiting.extend(version.parents)
        return False


Versions = dict[int, Version]


def trace(commits: Iterable[Commit], read: Read) -> Versions:
    """The last version of every PEP at HEAD; each leads back through its parents to the first.

    Only changes of the header make a version: renames, re-wrapping and prose leave the line as it is. A
    merge makes one only where it says something else than what the branches came to. `read` gives a
    PEP's header, from its number and blob.
    """
    commits = list(commits)
    heirs = Counter(parent for commit in commits for parent in commit.parents)
    states: dict[str, Versions] = {}
    last: Versions = {}
    for place, commit in enumerate(commits):
        last = _joined(commit, states, place)
        for parent in commit.parents:
            _forget(parent, heirs, states)
        for number, blob in commit.changes.items():
            header = read(number, blob)
            if header is not None:
                last[number] = _next(number, header, commit, last.get(number), place)
        states[commit.id] = last
    return last


def _joined(commit: Commit, states: dict[str, Versions], place: int) -> Versions:
    """What a commit starts from: its first parent's versions, and what other parents know beyond them."""
    if not commit.parents:
        return {}
    joined = dict(states[commit.parents[0]])
    for parent in commit.parents[1:]:
        for number, theirs in states[parent].items():
            ours = joined.get(number)
            if ours is None or (theirs.follows(ours) and number in commit.changes):
                joined[number] = theirs
            elif theirs.follows(ours):  # the merge kept the first parent's text, and so undid theirs
                joined[number] = _next(number, ours.header, commit, theirs, place)
            elif not ours.follows(theirs):
                joined[number] = Version(number, ours.header, commit, (ours, theirs), place)
    return joined


def _forget(parent: str, heirs: Counter[str], states: dict[str, Versions]) -> None:
    """Let a state go once its last child has been read: memory holds the open branches, not the history."""
    heirs[parent] -= 1
    if not heirs[parent]:
        del states[parent]


def _next(number: int, header: Header, commit: Commit, before: Version | None, place: int) -> Version:
    if before is None:
        return Version(number, header, commit, (), place)
    if header == before.header:
        return before
    if before.commit is commit:  # branches met in this commit, and it says how
        return Version(number, header, commit, before.parents, place)
    return Version(number, header, commit, (before,), place)


def line(last: Version) -> Iterator[Version]:
    """All versions that led to `last`, parents first; where branches met, the first parent's come first.

    So whatever a clone at an earlier mainline commit saw is the beginning of what a later one sees.
    """
    seen: set[int] = set()
    waiting: list[tuple[Version, bool]] = [(last, False)]
    while waiting:
        version, ready = waiting.pop()
        if ready:
            yield version
        elif id(version) not in seen:
            seen.add(id(version))
            waiting.append((version, True))
            waiting.extend((parent, False) for parent in reversed(version.parents))
