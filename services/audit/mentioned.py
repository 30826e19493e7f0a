"""What entries name, against the rows by which the history is filtered: in bounded memory."""

import secrets
from types import TracebackType
from typing import Self

import msgspec

from schemas.envelope import Event
from schemas.event import Corrected
from schemas.mentions import Mention, mentions, named
from schemas.registry import UnknownTypeError, convert_data, decode_entry
from services.audit.faults import Faults
from services.audit.lines import UNREADABLE
from services.audit.spool import Spool

_KINDS = ("actor", "domain")  # what the history is filtered by
_SAID, _STORED = 0, 1


def event_of(line: bytes) -> Event | None:
    """The event of an entry; None: it cannot be read, which whoever checks the lines tells."""
    try:
        return decode_entry(line).event
    except (UnknownTypeError, ValueError, *UNREADABLE):
        return None


class Mentioned:
    """Gathers what entries name and what is stored of it; both have to be the same."""

    def __init__(self) -> None:
        self._spool = Spool(secrets.token_bytes(32))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.__exit__(kind, error, trace)

    def said(self, position: int, event: Event, corrected: str | None) -> None:
        """What an entry names; `corrected`: the type of the event that it corrects."""
        for mention in {*mentions(event), *_instead(event, corrected)}:
            if mention[0] in _KINDS:
                self._add(mention, position, _SAID)

    def stored(self, mention: Mention, position: int) -> None:
        """A row."""
        self._add(mention, position, _STORED)

    def _add(self, mention: Mention, position: int, side: int) -> None:
        self._spool.add("\0".join(mention).encode(), position, side)

    def compare(self, faults: Faults) -> None:
        """Everything named has its row, and every row is of something named."""
        waiting: int | None = None  # the position of an entry whose row has to come next
        for met in self._spool.met():
            found = met.again and waiting == met.position and met.number == _STORED
            if waiting is not None and not found:
                _missing(waiting, faults)
            if met.number == _STORED and not found:
                faults.add(met.position, "mention", "the history finds it by what it does not name")
            waiting = met.position if met.number == _SAID else None
        if waiting is not None:
            _missing(waiting, faults)


def _missing(position: int, faults: Faults) -> None:
    told = "an actor or domain that it names has no row, so a filtered history leaves it out"
    faults.add(position, "mention", told)


def _instead(event: Event, corrected: str | None) -> frozenset[Mention]:
    """What the data name that a correction puts in the place of others."""
    if corrected is None or not isinstance(event.data, Corrected) or event.data.data is None:
        return frozenset()
    try:
        return named(event.subject, convert_data(corrected, event.data.data, sealed=True))
    except (UnknownTypeError, msgspec.ValidationError):
        return frozenset()
