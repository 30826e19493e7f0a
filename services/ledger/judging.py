"""Which units of a group may be recorded, and as what: judged in order, over what those before left.

Identity first (so a retry gets its first receipt whatever happened since), then `expectedversion`, then
lifecycle. A refused unit leaves no trace in the others. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from schemas.body import SeatVacated
from schemas.envelope import Event, Receipt
from schemas.event import Corrected, Retracted
from schemas.mentions import Mention, named
from services.ledger import verdicts
from services.ledger.entries import Prepared, filtered, frame, line
from services.ledger.errors import Rejected
from services.ledger.lifecycle import Refusal, advance, is_step, is_welcome_late
from services.ledger.moment import Head, Identity, Kept, Known, Subject
from services.ledger.refold import Fact, about_seats_of, refold
from services.platform.merkle import HASH_SIZE, TILE_HEIGHT, Node, leaf_hash

Unit = Sequence[Prepared]  # recorded whole or not at all
Outcome = list[Receipt] | Rejected

_NEW = Subject()
TILE_SIZE = 1 << TILE_HEIGHT


# What is written of an accepted entry, at the position after the one before it: version, subject, type,
# source, id, occurred, latest, phase and line. A plain tuple: rows are turned into columns by the hundred.
Row = tuple[int, str, str, str, str, datetime, datetime | None, str, bytes]


class _Accepted(msgspec.Struct, frozen=True, gc=False):
    fact: Fact
    subject: Subject
    mentions: tuple[Mention, ...]
    line: bytes
    leaf: bytes


class _Staged:
    """What one unit would leave behind, should all of it be accepted."""

    __slots__ = ("accepted", "claimed", "kept", "subjects")

    def __init__(self) -> None:
        self.accepted: list[_Accepted] = []
        self.claimed: set[Identity] = set()
        self.kept: dict[Identity, Kept] = {}
        self.subjects: dict[str, Subject] = {}

    def clear(self) -> None:
        """For the next unit."""
        self.accepted.clear()
        self.claimed.clear()
        self.kept.clear()
        self.subjects.clear()


class _StreamNeeded(Exception):
    pass


class Judgement:
    """A group's fate at one moment: `outcomes` by unit, what to append, and `subjects` as they become.

    `all_new`: every event of every unit was accepted, and none had been before. If `streams_needed` is not
    empty, some unit can only be judged with these subjects' streams: read them and judge the whole group
    again.
    """

    def __init__(self, ledger: str, units: Iterable[Unit], known: Known, now: datetime) -> None:
        self.recorded = known.head.next_instant(now)
        self.outcomes: list[Outcome] = []
        self.rows: list[Row] = []
        self.mentions: list[tuple[str, str, int]] = []
        self.subjects: dict[str, Subject] = {}
        self.streams_needed: set[str] = set()
        self.all_new = True
        self.completed: list[tuple[Node, bytes]] = []
        self._leaves = b""
        self._known = known
        self._ledger = ledger
        self._frame = frame(ledger, self.recorded)
        self._kept: dict[Identity, Kept] = {}
        self._claimed: set[Identity] = set()  # of those found stored, who said so first
        self._accepted: list[_Accepted] = []
        self._staged = _Staged()
        for unit in units:
            self.outcomes.append(self._judge(unit))

    def head(self) -> Head:
        """The head once the rows are appended; `completed` are then the tiles that are full with them."""
        before = self._known.head
        leaves = [accepted.leaf for accepted in self._accepted]
        frontier, self.completed = before.frontier.grow(leaves)
        self._leaves = before.leaves + b"".join(leaves)
        begun = frontier.size % TILE_SIZE * HASH_SIZE  # of a tile that is not full
        return Head(frontier.size, self.recorded, frontier, self._leaves[-begun:] if begun else b"")

    def tile(self, node: Node) -> bytes | None:
        """The leaf hashes below a node of `completed`, if it is a tile and they are known here."""
        level, place = node
        end = len(self._leaves) - (self._last() - (place + 1) * TILE_SIZE) * HASH_SIZE
        start = end - TILE_SIZE * HASH_SIZE
        return self._leaves[start:end] if level == TILE_HEIGHT and start >= 0 else None

    def _last(self) -> int:
        return self._known.head.last + len(self._accepted)

    def _judge(self, unit: Unit) -> Outcome:
        self._staged.clear()
        receipts: list[Receipt] = []
        try:
            for prepared in unit:
                receipts.append(self._receipt(prepared))  # noqa: PERF401 — a refusal needs to know its place
        except Rejected as rejected:
            self.all_new = False
            rejected.index = len(receipts)
            return rejected
        except _StreamNeeded:
            self.all_new = False
            return []  # go on with the others all the same: all streams needed are read at once
        self._keep()
        return receipts

    def _receipt(self, prepared: Prepared) -> Receipt:
        event = prepared.event
        identity = (event.source, event.id)
        kept = (
            self._staged.kept.get(identity)
            or self._kept.get(identity)
            or self._known.identities.get(identity)
        )
        if kept is None:
            kept = self._accept(prepared)
            duplicate = False
        elif kept.holds(event, prepared.gone):
            self.all_new = False
            claimed = identity in self._claimed or identity in self._staged.claimed
            duplicate = claimed or kept.recorded not in self._known.ours
            self._staged.claimed.add(identity)
        else:
            stored = None if identity in self._staged.kept else kept.position
            raise verdicts.identity_taken(event, stored)
        return Receipt(
            ledger=self._ledger,
            position=kept.position,
            recorded=kept.recorded,
            subject=event.subject,
            version=kept.version,
            source=event.source,
            id=event.id,
            duplicate=duplicate,
            leaf=kept.leaf_hex(),
        )

    def _accept(self, prepared: Prepared) -> Kept:
        event = prepared.event
        if prepared.gone:
            raise verdicts.person_erased(prepared.gone)
        before = self._subject(event.subject)
        if event.expectedversion is not None and event.expectedversion != before.version:
            raise verdicts.version_mismatch(event, before.version)
        occurred = min(event.time, self.recorded)
        position = self._last() + len(self._staged.accepted) + 1
        fact = Fact(position, occurred, self.recorded, event)
        mentions = prepared.mentions
        if isinstance(event.data, Corrected | Retracted):
            mentions = tuple({*mentions, *self._amend(event, event.data, before)})
            after = self._refold(fact, before)
        else:
            after = self._live(fact, before)
        stored = line(self._frame, position, after.version, prepared)
        leaf = leaf_hash(stored)
        self._staged.accepted.append(_Accepted(fact, after, mentions, stored, leaf))
        self._staged.subjects[event.subject] = after
        kept = Kept(position, self.recorded, after.version, event, leaf=leaf)
        self._staged.kept[event.source, event.id] = kept
        return kept

    def _subject(self, name: str) -> Subject:
        return self._staged.subjects.get(name) or self.subjects.get(name) or self._known.subject(name) or _NEW

    def _live(self, fact: Fact, before: Subject) -> Subject:
        """One event on, or refolded if it lies in the subject's past."""
        event, phase, latest = fact.event, before.phase, before.latest
        if isinstance(event.data, SeatVacated):
            self._seated(fact, event.data.actor, before)
        elif is_step(event.type):
            late = latest is not None and fact.occurred < latest
            if late and not is_welcome_late(event.type):
                return self._refold(fact, before)
            after = advance(phase, event.type, event.data)
            if isinstance(after, Refusal):
                raise verdicts.impossible(event, after)
            phase, latest = after, latest if late else fact.occurred
        return Subject(before.version + 1, latest, phase)

    def _seated(self, fact: Fact, actor: str, before: Subject) -> None:
        stream = [*self._stream(fact.event.subject, before), fact]
        refusal = refold(about_seats_of(actor, stream))
        if isinstance(refusal, Refusal):
            raise verdicts.impossible(fact.event, refusal)

    def _refold(self, fact: Fact, before: Subject) -> Subject:
        life = refold([*self._stream(fact.event.subject, before), fact])
        if isinstance(life, Refusal):
            raise verdicts.impossible(fact.event, life)
        return Subject(before.version + 1, life.latest, life.phase)

    def _amend(self, event: Event, said: Corrected | Retracted, before: Subject) -> tuple[Mention, ...]:
        """Check that the named event can be amended so; gives what the new data names."""
        stream = self._stream(event.subject, before)
        original = next(
            (f.event for f in stream if (f.event.source, f.event.id) == (said.source, said.id)), None
        )
        if original is None:
            raise verdicts.unknown_event(event, said.source, said.id)
        data = verdicts.amended_data(said, original)
        return () if data is None else filtered(named(event.subject, data))

    def _stream(self, name: str, before: Subject) -> list[Fact]:
        """Every fact of the subject so far, this group's included."""
        ours = [
            one.fact for one in (*self._accepted, *self._staged.accepted) if one.fact.event.subject == name
        ]
        stored = self._known.streams.get(name, ())
        if len(stored) + len(ours) < before.version:
            self.streams_needed.add(name)
            raise _StreamNeeded
        return [*stored, *ours]

    def _keep(self) -> None:
        for accepted in self._staged.accepted:
            event, subject, position = accepted.fact.event, accepted.subject, accepted.fact.position
            self.rows.append(
                (
                    subject.version,
                    event.subject,
                    event.type,
                    event.source,
                    event.id,
                    accepted.fact.occurred,
                    subject.latest,
                    subject.phase,
                    accepted.line,
                )
            )
            self.mentions += [(kind, value, position) for kind, value in accepted.mentions]
        self._accepted += self._staged.accepted
        self._kept.update(self._staged.kept)
        self._claimed |= self._staged.claimed
        self.subjects.update(self._staged.subjects)
