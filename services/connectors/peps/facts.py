"""Facts as CloudEvents: first said, said anew (`event.corrected`), or taken back (`event.retracted`)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

import schemas
from schemas import Data, event
from services.connectors.peps.git import Commit

SOURCE = "https://github.com/python/peps"


@dataclass(slots=True)
class Fact:
    """One event, and what of it holds by now. Its id names the commit that first showed it."""

    id: str
    subject: str
    data: Data
    time: datetime
    standing: bool = True


@dataclass(slots=True)
class Account:
    """What is to be published, in the order in which the history came to know it."""

    events: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    def state(self, fact: Fact, known: datetime) -> Fact:
        """Say a fact for the first time. `known` is when the history showed it, its place in the order."""
        self._add(known, fact.id, fact.subject, fact.data, fact.time)
        return fact

    def restate(self, fact: Fact, data: Data, time: datetime, commit: Commit, known: datetime) -> None:
        """Say that a fact reads otherwise. Whole: the last correction wins whole. Nothing if it is equal."""
        if fact.standing and data == fact.data and time == fact.time:
            return
        fact.data, fact.time, fact.standing = data, time, True
        whole = _plain(data)
        anew = event.Corrected(source=SOURCE, id=fact.id, reason=_why(commit), data=whole, time=time)
        self._add(known, _about(fact, commit), fact.subject, anew, known)

    def retract(self, fact: Fact, reason: str, commit: Commit, known: datetime) -> None:
        """Take a fact back that should never have been said, or no longer should be."""
        fact.standing = False
        back = event.Retracted(source=SOURCE, id=fact.id, reason=reason)
        self._add(known, _about(fact, commit), fact.subject, back, known)

    def _add(self, known: datetime, id_: str, subject: str, data: Data, time: datetime) -> None:
        event_ = {
            "specversion": "1.0",
            "id": id_,
            "source": SOURCE,
            "type": schemas.type_of(data),
            "subject": subject,
            "time": written(time),
            "data": _plain(data),
        }
        self.events.append((known, event_))


def _plain(data: Data) -> dict[str, Any]:
    """As JSON has it: without what is absent, lists as lists, times as text."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(data))
    return plain


def told(accounts: list[Account]) -> Iterator[dict[str, Any]]:
    """Every event of several accounts by when it was known; accounts given first come first at a tie."""
    everything = [event_ for account in accounts for event_ in account.events]
    for _, event_ in sorted(everything, key=lambda known: known[0]):
        yield event_


def written(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def short(commit: Commit) -> str:
    """Enough of a commit's name to be its own in this repository for good."""
    return commit.id[:16]


def _about(fact: Fact, commit: Commit) -> str:
    return f"{fact.id}/restated@{short(commit)}"


def _why(commit: Commit) -> str:
    return f"restated by commit {short(commit)}"
