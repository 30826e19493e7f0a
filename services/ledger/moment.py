"""A moment of a ledger: what is known of it when a group is judged. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.envelope import Event
from schemas.registry import decode_entry
from services.ledger.refold import Fact
from services.ledger.sealing import alike
from services.platform.merkle import Frontier, leaf_hash

Identity = tuple[str, str]  # source and id

_TICK = timedelta(microseconds=1)


class Head(msgspec.Struct, frozen=True):
    """The last commit; of an empty ledger, its creation. `leaves`: the last leaf hashes, as far as known."""

    last: int
    recorded: datetime
    frontier: Frontier
    leaves: bytes = b""

    def next_instant(self, now: datetime) -> datetime:
        """Now, or just after the last commit if a clock went back or another process's is ahead."""
        return max(now, self.recorded + _TICK)


class Subject(msgspec.Struct, frozen=True, gc=False):
    """What judging needs of a subject: version, phase, and when the last step of its life occurred."""

    version: int = 0
    latest: datetime | None = None
    phase: str = ""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An event that has its place: stored already (`entry`), or earlier in the same group (`event`)."""

    position: int
    recorded: datetime
    version: int
    event: Event | None = None
    entry: bytes = b""
    leaf: bytes = b""  # of `event`; that of `entry` is computed when asked

    def leaf_hex(self) -> str:
        """The leaf hash of the entry."""
        return (self.leaf or leaf_hash(self.entry)).hex()

    def holds(self, event: Event, gone: Sequence[str] = ()) -> bool:
        """Whether it is the same fact: type, subject, time and decoded data, but for what is `gone`."""
        kept = self.event or decode_entry(self.entry).event
        return (
            kept.type == event.type
            and kept.subject == event.subject
            and kept.time == event.time
            and (alike(kept, event, gone) if gone else kept.data == event.data)
        )


class Known(msgspec.Struct, frozen=True):
    """As much of one moment as a group needs. A subject that is not there is new.

    `ours` are the instants of commits of this very group whose end nobody heard: what they stored is new.
    """

    head: Head
    subject: Callable[[str], Subject | None]
    identities: Mapping[Identity, Kept] = {}
    streams: Mapping[str, Sequence[Fact]] = {}
    ours: frozenset[datetime] = frozenset()
