"""Erasing people, and keeping them from being erased: in an order that any crash may interrupt.

Intent, key, whatever else is held, entry: each step may be repeated, and whoever finds an erasure begun goes
on with it, so recovery is the normal path. What the log says is erased is erased again at every start: a
vault restored from before does not bring anybody back.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from schemas.envelope import Event
from schemas.person import Erased
from schemas.registry import decode_entry, type_of
from services.ledger.appender import Appender
from services.ledger.entries import OWN_SOURCE
from services.ledger.errors import Conflict
from services.ledger.history import Filters, History
from services.ledger.history_people import aliases, others
from services.ledger.trouble import cure, passes
from services.ledger.vault import Held, LegalHold, Vault
from services.platform.faults import CommitPoints, nothing

PUBLISHER = "locus"  # of what the ledger itself says
EVERY = timedelta(hours=1)  # between looks at what is to be done
_SOON = 2.0  # seconds until the next attempt after trouble
_LATER = 60.0  # and after trouble of one ledger, which somebody must look into
_CLOCKS = timedelta(minutes=1)  # by which the clocks of processes may differ
_MANY = 1_000
_ERASED = type_of(Erased)

_log = structlog.get_logger(__name__)


class Elsewhere(Protocol):
    """What else is held of actors than entries."""

    async def names(self, ledger: str, actor: str) -> bool:
        """Whether any of it names this actor."""

    async def purge(self, ledger: str, actor: str, until: datetime | None = None) -> int:
        """Let go of what is held of an actor, all of it or what was kept until then; how much there was."""


class UnknownPerson(Exception):
    """Nothing in the ledger names this actor, nor anything that was refused."""


class Hold(msgspec.Struct, frozen=True):
    """A legal hold: until it is lifted, the person is not erased. `actor`: the id on which it lies."""

    actor: str
    reason: str
    placed_by: str
    since: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a person. `final_by`: when no copy of the key, however old, will open anything.

    `hold`: on this id or, if there is none, on another of the same person. `refused`: whether a message that
    names this id was refused, and is kept. `aliases`: the other ids of the same person, merged into this one.
    They are erased with it, but not it with `merged_into`.
    """

    actor: str
    sealed: bool  # whether there is a key, so something personal
    erased: bool = False
    basis: str | None = None
    erased_at: datetime | None = None
    position: int | None = None
    final_by: datetime | None = None
    final: bool = False
    hold: Hold | None = None
    refused: bool = False
    aliases: Sequence[str] = ()
    merged_into: str | None = None


class People:
    """Erasures and holds of every ledger. `epoch` is how long an erasure may wait to be final."""

    def __init__(
        self,
        vault: Vault,
        appender: Appender,
        history: History,
        *,
        now: Callable[[], datetime],
        epoch: timedelta,
        elsewhere: Sequence[Elsewhere] = (),
        commit_points: CommitPoints = nothing,
    ) -> None:
        self._vault = vault
        self._appender = appender
        self._history = history
        self._now = now
        self._epoch = epoch
        self._elsewhere = elsewhere
        self._pass = commit_points
        self._heard: dict[str, int] = {}  # by ledger: how far its erasures are known

    async def person(self, ledger: str, actor: str) -> Person:
        """What is kept of a person. Raises LedgerUnknown, UnknownPerson."""
        return (await self._found(ledger, actor))[0]

    async def _found(self, ledger: str, actor: str) -> tuple[Person, list[str]]:
        """The person, and every other id of theirs. Raises as `person`."""
        head = await self._history.head(ledger)
        merges = await self._history.merges(ledger, head)
        same = others(actor, merges)
        held = await self._vault.person(ledger, _holder(actor))
        hold = await self._vault.held_by(ledger, _holders([actor, *same]))
        refused = any([await one.names(ledger, actor) for one in self._elsewhere])
        if not (held.has_key or held.asked or hold or refused):
            named = await self._history.page(ledger, 0, head, 1, Filters(actor=actor))
            if not named.entries:
                raise UnknownPerson(actor)
        return self._told(actor, held, hold, merges, refused=refused), same

    async def erase(self, ledger: str, actor: str, basis: str) -> Person:
        """Erase a person for good, with every alias; any number of times.

        Raises as `person`, and Conflict: a legal hold, on whichever id of theirs, so that none is erased.
        """
        person, same = await self._found(ledger, actor)
        actors = [actor, *person.aliases]
        await self._appender.submit(ledger, (), PUBLISHER)  # raises where nothing can be recorded
        hold = await self._vault.intend(ledger, _holders(actors), basis, _holders(same))
        if hold is not None:
            raise _on_hold(hold)
        # If we crash here, the intent stands: nothing new is sealed for the person, and `recover` goes on.
        self._pass("erase:intent")
        for one in actors:
            await self._finish(ledger, one)
        return await self.person(ledger, actor)

    async def _finish(self, ledger: str, actor: str) -> None:
        """Everything after the intent, each step as good the second time."""
        # Before the key goes: the epoch under which that happens covers what is let go of here. Nothing comes
        # after it, since the intent stands.
        for one in self._elsewhere:
            await one.purge(ledger, actor)
        await self._vault.forget(ledger, _holder(actor))
        # If we crash here, the key is gone and the log does not say so yet: `recover` goes on.
        self._pass("erase:key-gone")
        held = await self._vault.person(ledger, _holder(actor))
        (receipt,) = await self._appender.submit(ledger, [_event(ledger, actor, held)], PUBLISHER, own=True)
        # If we crash here, the log says it, the vault does not know: the same event again is one entry.
        self._pass("erase:recorded")
        await self._vault.recorded(ledger, _holder(actor), receipt.position)

    async def hold(self, ledger: str, actor: str, reason: str, placed_by: str) -> Person:
        """Keep a person from being erased. Raises as `person`, and Conflict: the erasure has begun."""
        await self.person(ledger, actor)
        if not await self._vault.hold(ledger, _holder(actor), reason, placed_by):
            raise _too_late(actor)
        return await self.person(ledger, actor)

    async def release(self, ledger: str, actor: str) -> Person:
        """Lift the hold, if there is one. Raises as `person`."""
        await self._vault.release(ledger, _holder(actor))
        return await self.person(ledger, actor)

    async def keep(self) -> None:
        """Recover and turn epochs, now and then every so often, for ever."""
        while True:
            try:
                done = await self.recover()
                await self.turn_if_due()
                pause = EVERY.total_seconds() if done else _LATER
            except Exception as error:  # noqa: BLE001 — most likely the database is away: it is tried again
                _log.error("erasures wait to be gone over", error=repr(error), cure=cure(error))
                pause = _SOON
            await asyncio.sleep(pause)

    async def recover(self) -> bool:
        """Finish every erasure begun, and repeat every one that a ledger tells of; whether all went well."""
        await self._vault.begin()
        done = True
        after: str | None = ""
        while after is not None:
            ledgers = await self._history.ledgers(after, _MANY, None)
            for ledger, last in ledgers:
                done = await self._recovered(ledger, last) and done
            after = ledgers[-1][0] if len(ledgers) == _MANY else None
        return done

    async def _recovered(self, ledger: str, last: int) -> bool:
        """Whether it could be done; a ledger that is halted must not keep the others waiting."""
        try:
            await self._recover(ledger, last)
        except Exception as error:
            if passes(error):
                raise
            _log.error("an erasure cannot be finished; its key is gone", ledger=ledger, error=repr(error))
            return False
        return True

    async def _recover(self, ledger: str, last: int) -> None:
        first_time = ledger not in self._heard
        told = await self._told_since(ledger, self._heard.get(ledger, 0), last)
        begun = await self._vault.erased(ledger)
        for holder, (position, basis, asked) in told.items():
            await self._vault.erase_again(ledger, holder, basis, asked)
            await self._purge_again(ledger, holder, asked)
            await self._vault.forget(ledger, holder)
            await self._vault.recorded(ledger, holder, position)
        for holder, known in begun.items():
            # The log may be a restored one, and not tell of an erasure any more.
            if holder not in told and (known is None or first_time):
                await self._finish(ledger, _bare(holder))
        self._heard[ledger] = last

    async def _purge_again(self, ledger: str, holder: str, asked: datetime) -> None:
        """Let go of what came back, or was left, from before an erasure.

        Not of what came later, which is kept only if it names nobody erased, as far as anybody can tell.
        """
        actor = _bare(holder)
        if any([await one.purge(ledger, actor, asked + _CLOCKS) for one in self._elsewhere]):
            await self._vault.gone_only_now(ledger, holder)

    async def _told_since(self, ledger: str, after: int, last: int) -> dict[str, tuple[int, str, datetime]]:
        """The erasures in the log: by holder their position, basis and time."""
        told: dict[str, tuple[int, str, datetime]] = {}
        more = True
        while more:
            page = await self._history.page(ledger, after, last, _MANY, Filters(type=_ERASED))
            for position, line in page.entries:
                event = decode_entry(line).event
                if isinstance(event.data, Erased):
                    told[event.subject] = (position, event.data.basis, event.time)
                after = position
            more = page.more
        return told

    async def turn_if_due(self) -> bool:
        """Turn the epoch if an erasure would else not be final in time."""
        since = await self._vault.pending_since()
        due = since is not None and self._now() >= since + self._epoch - 2 * EVERY
        if due:
            _log.info("the epoch turns", epoch=await self._vault.turn())
        return due

    def _told(
        self, actor: str, held: Held, hold: LegalHold | None, merges: Mapping[str, str], *, refused: bool
    ) -> Person:
        return Person(
            actor=actor,
            sealed=held.has_key and held.asked is None,
            erased=held.gone is not None,
            basis=held.basis,
            erased_at=held.gone and held.gone.astimezone(UTC),
            position=held.position,
            final_by=held.gone and held.gone.astimezone(UTC) + self._epoch,
            final=held.final,
            hold=None if hold is None else _shown(hold),
            refused=refused,
            aliases=aliases(actor, merges),
            merged_into=merges.get(actor),
        )


def _holder(actor: str) -> str:
    return f"actor/{actor}"


def _holders(actors: Sequence[str]) -> list[str]:
    return [_holder(actor) for actor in actors]


def _shown(hold: LegalHold) -> Hold:
    return Hold(_bare(hold.holder), hold.reason, hold.placed_by, hold.since.astimezone(UTC))


def _bare(holder: str) -> str:
    return holder.partition("/")[2]


def _event(ledger: str, actor: str, held: Held) -> Event:
    """The same event each time, so that a repetition is found to be one."""
    if held.basis is None or held.asked is None:
        raise RuntimeError("an erasure was lost while it went on")
    return Event(
        id=f"erase/{actor}",
        source=f"{OWN_SOURCE}{ledger}",
        type=_ERASED,
        subject=_holder(actor),
        time=held.asked.astimezone(UTC),
        data=Erased(basis=held.basis),
    )


def _on_hold(hold: LegalHold) -> Conflict:
    return Conflict(
        "legal-hold",
        "A legal hold keeps this person from being erased",
        f"{hold.holder[:100]} is held since {hold.since} by {hold.placed_by}: {hold.reason}",
        where="actor",
        hint="lift the hold there first: DELETE …/people/{actor}/hold, or locus person release",
    )


def _too_late(actor: str) -> Conflict:
    return Conflict(
        "person-erased",
        "The person is erased",
        f"{actor[:100]} is erased, or is just being",
        where="actor",
        hint="there is nothing left to hold",
    )
