"""What is believed of a ledger after a group that was not committed."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import asyncpg
import pytest

from services.ledger import store
from services.ledger.moment import Head, Subject
from services.ledger.queues import Lanes
from services.ledger.writing import Writer
from services.platform.faults import nothing
from services.platform.merkle import Frontier

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = Head(0, NOW, Frontier())


class Lost:
    """A transaction whose commit nobody hears of."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise asyncpg.ConnectionDoesNotExistError("ended at COMMIT")


class Connection:
    def transaction(self) -> Lost:
        return Lost()


class Judged:
    """A group of one entry that is accepted."""

    rows = (object(),)
    streams_needed: tuple[str, ...] = ()
    outcomes = ("recorded",)
    subjects: dict[str, Subject] = {}  # noqa: RUF012 — nobody changes it

    def head(self) -> Head:
        return Head(1, NOW, EMPTY.frontier.grow([b"x" * 32])[0])


async def test_a_head_whose_commit_was_lost_is_not_taken_to_have_been_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def told(value: Any) -> Any:
        return value

    monkeypatch.setattr(store, "lock", lambda *_: told(None))
    monkeypatch.setattr(store, "read", lambda *_: told((EMPTY, {}, {})))
    monkeypatch.setattr(store, "append", lambda *_: told(True))
    lanes = Lanes(1000)
    lanes.put("acme", [], 0)
    lane, _ = await lanes.next()
    writer = Writer(lanes, lambda: NOW, nothing)
    monkeypatch.setattr(writer, "_judge", lambda *_: Judged())
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await writer._under_lock(Connection(), lane, [])  # type: ignore[arg-type]  # as far as it is asked
    assert lane.head is None
    assert await writer._after_a_look(Connection(), lane, []) == ("recorded",)  # type: ignore[arg-type]  # the same
