"""A ledger's tables filled without its appender, for tests of what reads them: any commits, any instants."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from services.platform.merkle import Frontier, leaf_hash

Json = dict[str, Any]
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def spelt(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def entries(ledger: str, events: Sequence[Json], every: timedelta = timedelta(hours=40)) -> list[bytes]:
    """The stored lines of events published one after another."""
    versions: dict[str, int] = {}
    lines: list[bytes] = []
    recorded = FIRST
    for index, event in enumerate(events):
        # Nothing is recorded before it occurred, or the order of a subject's facts would be another.
        occurred = datetime.fromisoformat(event["time"])
        recorded = max(FIRST + (index + 1) * every, occurred, recorded + timedelta(microseconds=1))
        subject = event["subject"]
        versions[subject] = versions.get(subject, 0) + 1
        entry = {
            "format": 0,
            "ledger": ledger,
            "position": index + 1,
            "recorded": spelt(recorded),
            "version": versions[subject],
            "publisher": "test",
            "event": {**event, "time": spelt(datetime.fromisoformat(event["time"]))},
        }
        lines.append(json.dumps(entry, separators=(",", ":")).encode())
    return lines


class Recorded:
    """One ledger, written by a superuser; `append` continues where the last one ended."""

    def __init__(self, connection: asyncpg.Connection, ledger: str, lines: Sequence[bytes]) -> None:
        self.connection, self.ledger, self.lines = connection, ledger, list(lines)
        self.frontier = Frontier()

    async def create(self) -> None:
        await self.connection.execute(
            "INSERT INTO ledger.ledgers (ledger, origin, created) VALUES ($1, $1, now())", self.ledger
        )

    async def append(self, count: int) -> None:
        """Commit the next `count` lines as one group."""
        first, last = self.frontier.size + 1, min(self.frontier.size + count, len(self.lines))
        if last < first:
            return
        group = [json.loads(line) for line in self.lines[first - 1 : last]]
        self.frontier = self.frontier.extend(leaf_hash(line) for line in self.lines[first - 1 : last])
        async with self.connection.transaction():
            await self.connection.executemany(
                "INSERT INTO ledger.entries (ledger, position, recorded, occurred, version, subject, type,"
                " source, id, phase, entry) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, '', $9)",
                [
                    (
                        self.ledger,
                        entry["position"],
                        datetime.fromisoformat(entry["recorded"]),
                        entry["version"],
                        *(entry["event"][name] for name in ("subject", "type", "source", "id")),
                        self.lines[entry["position"] - 1],
                    )
                    for entry in group
                ],
            )
            await self.connection.execute(
                "INSERT INTO ledger.commits (ledger, first, last, recorded, root, frontier)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                self.ledger,
                first,
                last,
                datetime.fromisoformat(group[-1]["recorded"]),
                self.frontier.root(),
                self.frontier.to_bytes(),
            )
