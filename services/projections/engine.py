"""Entries in, changed rows out: the facts of one generation of one ledger, kept up to date in memory.

The rules are in the pure modules (streams, facts, settle, disturbance); here is when to refold what.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

import msgspec

from services.projections.acts import Resolved
from services.projections.changes import Changes
from services.projections.disturbance import Disturbance, disturbances
from services.projections.facts.decisions import Word
from services.projections.facts.fact import BEGINNING, Fact
from services.projections.facts.registry import ALONE, FOLDINGS, alone, changes_nothing, folded
from services.projections.feed import Fed, Line, concerns_facts, read_line
from services.projections.resolve import resolve
from services.projections.rows import Rows
from services.projections.settle import Act, Parked, Retroactive, described, settled
from services.projections.streams import corrects
from services.projections.structure import Structure
from services.projections.subjects import Subject, Subjects

_WRITE_AT = 5_000  # rows waiting at which a long disturbance writes them
_BREATHE = 64  # entries between two moments in which other tasks may run


class Store(Protocol):
    """What the engine asks of the rows while it takes a page, and where it writes when much has changed."""

    async def subjects(self, subjects: Sequence[str], *, streams: bool) -> list[Subject]: ...
    async def disturbed(self, what: Disturbance, after: str) -> list[str]: ...
    async def write(self, changes: Changes) -> None: ...
    async def breathe(self) -> None: ...


class Engine:
    """What is known now. `take` is all-or-nothing only together with the caller's transaction: after an error
    the engine is out of step with the rows and must be loaded anew."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._structure = Structure()
        self._retroactive = Retroactive()
        self._latest = BEGINNING  # no act known occurred after this

    async def load(self, rows: Rows) -> None:
        """Take up what was written before."""
        async for fact in rows.structure():
            self._structure.add(fact)
            self._retroactive.add(fact)
        self._latest = await rows.latest_act() or BEGINNING

    async def take(self, page: Iterable[Fed], store: Store) -> Changes:
        """Take the next entries, in order; gives what they change and was not written yet."""
        changes = Changes()
        lines = list(_lines(page, changes))
        self._subjects.shrink()
        await self._recall(lines, store)
        for count, line in enumerate(lines):
            await self._hear(line, changes, store)
            if count % _BREATHE == 0:
                await store.breathe()
        return changes

    async def _recall(self, lines: Iterable[Line], store: Store) -> None:
        """Have every subject the entries speak of in memory; one whose first entry is here has no past."""
        first: dict[str, int] = {}
        for line in lines:
            first.setdefault(line.subject, line.version)
        missing = self._subjects.missing(first)
        known = [subject for subject in missing if first[subject] > 1]
        for state in await store.subjects(known, streams=True) if known else []:
            self._subjects.put(state)
        for subject in missing:
            if first[subject] == 1:
                self._subjects.put(Subject(subject))

    async def _hear(self, line: Line, changes: Changes, store: Store) -> None:
        state = self._subjects.get(line.subject)
        assert state is not None, "recalled before"  # noqa: S101 — what _recall is for
        try:
            entry = line.heard()
            correction = corrects(entry)
            stream = state.hears(entry, correction=correction)
            anew = correction or state.corrected  # earlier entries may say something else from now on
            quiet = not correction and stream[-1].position == entry.position and changes_nothing(entry.data)
            told = stream[-1:] if quiet else stream if anew else [entry]
            facts = [fact for one in told for fact in alone(line.subject, one)]
            if not quiet:
                facts += folded(line.subject, stream)
        except Exception as error:  # noqa: BLE001 — shown to somebody, counted, and no reason to stop
            changes.parked[line.position] = Parked(line.position, line.subject, described(error))
            return
        before = state.size
        state.keep(entry, stream, correction=correction)
        self._subjects.grown(state.size - before)
        changes.hear(line.subject, line.position)
        if quiet:
            _add_facts(state, facts, line.position, changes)
        else:
            await self._know(state, facts, line.position, changes, store, anew=anew)

    async def _know(
        self,
        state: Subject,
        facts: list[Fact],
        position: int,
        changes: Changes,
        store: Store,
        *,
        anew: bool,
    ) -> None:
        gone, come = _replace_facts(state, facts, position, changes, anew=anew)
        self._restructure(gone, come)
        await self._disturb(disturbances(gone, come), position, changes, store)
        if spoken := {fact.position for fact in (*gone, *come) if isinstance(fact, Word)}:
            self._settle(state, position, changes, _acts_but(state, spoken))

    def _restructure(self, gone: Iterable[Fact], come: Iterable[Fact]) -> None:
        for fact in gone:
            if fact.structural:
                self._structure.discard(fact)
                self._retroactive.discard(fact)
        for fact in come:
            if fact.structural:
                self._structure.add(fact)
                self._retroactive.add(fact)

    async def _disturb(
        self, disturbed: set[Disturbance], position: int, changes: Changes, store: Store
    ) -> None:
        """Settle anew the decisions a late fact may concern; in a history told in order there are none."""
        late = sorted(what for what in disturbed if what.since <= self._latest)
        if not late:
            return
        await store.write(changes)  # so that what is asked for below is all there is
        changes.clear()
        done: set[str] = set()
        for what in late:
            after = ""
            while found := await store.disturbed(what, after):
                after = found[-1].removeprefix("decision/")
                await self._settle_all([it for it in found if it not in done], position, changes, store)
                done.update(found)

    async def _settle_all(
        self, decisions: Sequence[str], position: int, changes: Changes, store: Store
    ) -> None:
        here = [state for it in decisions if (state := self._subjects.get(it)) is not None]
        away = self._subjects.missing(dict.fromkeys(decisions))
        for count, state in enumerate([*here, *await store.subjects(away, streams=False)]):
            self._settle(state, position, changes)
            if count % _BREATHE == 0:
                await store.breathe()
        if changes.size > _WRITE_AT:
            await store.write(changes)
            changes.clear()

    def _settle(
        self,
        state: Subject,
        position: int,
        changes: Changes,
        read: Mapping[int, Sequence[Act]] = MappingProxyType({}),
    ) -> None:
        """Read a decision's words against the structure known now, but for those whose acts are `read`
        already, and note what reads differently."""
        words = sorted(
            (fact for fact, _ in state.facts.values() if isinstance(fact, Word)),
            key=lambda word: (word.occurred, word.position),
        )
        acts, parked = settled(words, self._resolve, self._retroactive, read)
        for it in parked:
            changes.parked[it.position] = it
        if words:
            self._latest = max(self._latest, words[-1].occurred)
        _replace_acts(state, acts, position, changes)

    def _resolve(self, word: Word, as_of: datetime) -> Resolved:
        return resolve(word, self._structure, as_of)


def _lines(page: Iterable[Fed], changes: Changes) -> Iterator[Line]:
    """The entries that facts depend on; those that cannot be read at all are parked."""
    for fed in page:
        if not concerns_facts(fed.entry):
            continue
        try:
            line = read_line(fed.entry)
        except msgspec.DecodeError as error:
            changes.parked[fed.position] = Parked(fed.position, "", described(error))
            continue
        if line.subject.partition("/")[0] in FOLDINGS:
            yield line


def _replace_facts(
    state: Subject, facts: Iterable[Fact], position: int, changes: Changes, *, anew: bool
) -> tuple[list[Fact], list[Fact]]:
    """Make these the subject's facts; gives those that are known no more and those that are new.

    Those that entries state alone stay as they are unless the subject is told `anew`.
    """
    new = {(fact.kind, fact.position, fact.key): fact for fact in facts}
    gone: list[Fact] = []
    for key, (fact, known_from) in list(state.facts.items()):
        if (anew or key[0] not in ALONE) and new.get(key) != fact:
            changes.fact_ended(fact, known_from, position)
            gone.append(fact)
            del state.facts[key]
    come = [fact for key, fact in new.items() if key not in state.facts]
    _add_facts(state, come, position, changes)
    return gone, come


def _add_facts(state: Subject, facts: Iterable[Fact], position: int, changes: Changes) -> None:
    for fact in facts:
        changes.fact_known(fact, position)
        state.facts[fact.kind, fact.position, fact.key] = fact, position


def _acts_but(state: Subject, spoken: Set[int]) -> Mapping[int, Sequence[Act]]:
    """The acts of the words spoken at other positions; what of the structure concerned them is in them."""
    acts: dict[int, list[Act]] = {}
    for act, _ in state.acts.values():
        if act.position not in spoken:
            acts.setdefault(act.position, []).append(act)
    return acts


def _replace_acts(state: Subject, acts: Iterable[Act], position: int, changes: Changes) -> None:
    decision = state.subject.removeprefix("decision/")
    new = {(act.position, act.at_from): act for act in acts}
    for key, (act, known_from) in list(state.acts.items()):
        if new.get(key) != act:
            changes.act_ended(decision, act, known_from, position)
            del state.acts[key]
    for key, act in new.items():
        if key not in state.acts:
            changes.act_known(decision, act, position)
            state.acts[key] = act, position
