"""The only code that knows the tables of facts and acts: what is known now is read, changes are written."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.platform.database import sql
from services.projections.changes import Changes, FactId
from services.projections.connection import Connection
from services.projections.disturbance import Disturbance
from services.projections.facts.fact import Fact
from services.projections.facts.registry import decode, encode, encode_lines
from services.projections.feed import read_line
from services.projections.settle import COLUMNS, Act
from services.projections.streams import Heard, corrects
from services.projections.subjects import Subject, remembered

_SQL = "services.projections"
_AT_ONCE = 500


class Rows:
    """The rows of one generation of one ledger, over one connection, in whatever transaction that is in."""

    def __init__(self, connection: Connection, ledger: str, generation: int) -> None:
        self._connection = connection
        self._key = (ledger, generation)

    async def structure(self) -> AsyncIterator[Fact]:
        """Every structural fact known now; needs a transaction."""
        async for row in self._connection.cursor(
            sql(_SQL, "facts_structural"), *self._key, prefetch=_AT_ONCE
        ):
            yield decode(row["kind"], row["body"])

    async def latest_act(self) -> datetime | None:
        """When the latest act known occurred."""
        latest: datetime | None = await self._connection.fetchval(sql(_SQL, "acts_latest"), *self._key)
        return latest

    async def subjects(self, subjects: Sequence[str], *, streams: bool) -> list[Subject]:
        """Subjects as known now, each with its rows and, if asked for, its earlier entries."""
        heard = await self._streams(subjects) if streams else {}
        states = {
            subject: remembered(subject, entries, any(map(corrects, entries)))
            for subject in subjects
            for entries in [heard.get(subject, [])]
        }
        for row in await self._connection.fetch(sql(_SQL, "facts_of"), *self._key, subjects):
            fact = decode(row["kind"], row["body"])
            states[row["subject"]].facts[fact.kind, fact.position, fact.key] = fact, row["known_from"]
        decisions = [subject.removeprefix("decision/") for subject in subjects if subject[:9] == "decision/"]
        for row in await self._connection.fetch(sql(_SQL, "acts_of"), *self._key, decisions):
            act = known_act(row)
            known = states[f"decision/{row['decision']}"].acts
            known[act.position, act.at_from] = act, row["known_from"]
        return list(states.values())

    async def disturbed(self, what: Disturbance, after: str) -> list[str]:
        """The next decisions, by id, that have an act a disturbance may concern; as subjects."""
        kind, _, id = what.bears_on.partition("/")
        rows = await self._connection.fetch(
            sql(_SQL, "acts_disturbed"), *self._key, what.since, what.until, kind, id, after, _AT_ONCE
        )
        return [f"decision/{row['decision']}" for row in rows]

    async def write(self, changes: Changes) -> None:
        """Write a batch's changes; the caller commits them together with its checkpoint."""
        run = self._connection.execute
        if changes.heard:
            subjects, positions = zip(*changes.heard, strict=True)
            await run(sql(_SQL, "heard"), *self._key, "\n".join(subjects), " ".join(map(str, positions)))
        if changes.parked:
            await run(sql(_SQL, "park"), *self._key, *_columns(changes.parked.values(), 3))
        if changes.facts:
            await run(sql(_SQL, "facts_known"), *self._key, *_facts(changes.facts))
        if changes.ended_facts:
            ended = [(*id, known_to) for id, known_to in changes.ended_facts.items()]
            await run(sql(_SQL, "facts_ended"), *self._key, *_columns(ended, 6))
        if changes.acts:
            await run(sql(_SQL, "acts_known"), _json([self._act(*it) for it in changes.acts.items()]))
        if changes.ended_acts:
            ended_acts = [(*id, known_to) for id, known_to in changes.ended_acts.items()]
            await run(sql(_SQL, "acts_ended"), *self._key, *_columns(ended_acts, 5))

    async def _streams(self, subjects: Sequence[str]) -> dict[str, list[Heard]]:
        streams: dict[str, list[Heard]] = defaultdict(list)
        for row in await self._connection.fetch(sql(_SQL, "streams_of"), *self._key, subjects):
            streams[row["subject"]].append(read_line(row["entry"]).heard())
        return streams

    def _act(self, id: tuple[str, int, Any, int], row: tuple[Act, int]) -> dict[str, Any]:
        """A row of `acts`."""
        decision, position, at_from, known_from = id
        act, known_to = row
        return {
            "ledger": self._key[0],
            "generation": self._key[1],
            "decision": decision,
            "position": position,
            "at_from": at_from,
            "at_to": act.at_to,
            "stands_to": act.stands_to,
            "known_from": known_from,
            "known_to": known_to,
            **dict(zip(COLUMNS, act.columns, strict=True)),
        }


def _facts(rows: Mapping[FactId, tuple[Fact, int]]) -> tuple[str, ...]:
    """Rows of `facts` but for the first two columns; see facts_known.sql."""
    subjects, kinds, positions, keys, known_from = zip(*rows, strict=True)
    facts, known_to = zip(*rows.values(), strict=True)
    return (
        *map("\n".join, (subjects, kinds, keys)),
        _array(positions),
        _array([fact.structural for fact in facts]),
        _array([fact.valid_from for fact in facts]),
        _array([fact.valid_to for fact in facts]),
        _array(known_from),
        _array(known_to),
        encode_lines(facts)[:-1].decode(),
    )


def _array(values: Sequence[int | datetime]) -> str:
    """Numbers, truths or instants as SQL writes an array; the driver takes several times as long over one."""
    return f"{{{encode(values)[1:-1].decode()}}}"


def _json(rows: list[dict[str, Any]]) -> str:
    """Rows as one text."""
    return encode(rows).decode()


def known_act(row: asyncpg.Record) -> Act:
    """An act from a row that begins with the columns of `acts`."""
    columns = tuple(tuple(value) if isinstance(value, list) else value for value in row.values())
    return Act(row["position"], row["at_from"], row["at_to"], row["stands_to"], columns[9 : 9 + len(COLUMNS)])


def _columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as `unnest` takes them: one array a column."""
    columns: list[list[Any]] = [[] for _ in range(width)]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns
