"""The engine's rows kept in dictionaries, so that small histories can be folded without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.projections.changes import Changes
from services.projections.disturbance import Disturbance
from services.projections.engine import Engine
from services.projections.facts.fact import OPEN
from services.projections.feed import Fed
from services.projections.settle import Act
from services.projections.subjects import Room, Subject, Subjects

Row = dict[str, Any]
COLUMNS = """
    word occurred window outcome status inferred initiative home scopes stakes row_domain row_position
    mandate vacant actual_node actual_node_units actual_seat actual_seat_units stated_node stated_node_units
    stated_seat stated_seat_units unresolved stated_unresolved levels level_units closeness closeness_units
""".split()  # noqa: SIM905 — a table's columns read better as words


class Memory:
    """What `rows.Rows` keeps in tables; subjects never leave the engine's own memory."""

    def __init__(self) -> None:
        self.acts: dict[tuple[Any, ...], tuple[Act, int]] = {}
        self.parked: dict[int, Any] = {}

    async def subjects(self, subjects: Sequence[str], *, streams: bool) -> list[Subject]:
        return [Subject(subject) for subject in subjects]  # only those of whom nothing was read yet

    async def disturbed(self, what: Disturbance, after: str) -> list[str]:
        kind, _, id = what.bears_on.partition("/")
        found = set()
        for (decision, *_), (act, known_to) in self.acts.items():
            row = dict(zip(COLUMNS, act.columns, strict=True))
            concerned = {
                "": True,
                "domain": id in row["scopes"],
                "initiative": row["initiative"] == id,
                "decision": decision == id,
            }[kind]
            if known_to == OPEN and what.since <= row["occurred"] < what.until and concerned:
                found.add(decision)
        return [f"decision/{decision}" for decision in sorted(found) if decision > after]

    async def breathe(self) -> None:
        """Nothing else waits for a turn."""

    async def write(self, changes: Changes) -> None:
        self.parked |= changes.parked
        self.acts |= changes.acts
        for key, known_to in changes.ended_acts.items():
            self.acts[key] = (self.acts[key][0], known_to)

    def rows(self, known: int, at: datetime, tense: str) -> list[Row]:
        """The acts as known at a position and as of an instant."""
        found = []
        for (_, _, at_from, known_from), (act, known_to) in self.acts.items():
            until = act.at_to if tense == "made" else act.stands_to
            if known_from <= known < known_to and at_from <= at < until:
                found.append(dict(zip(COLUMNS, act.columns, strict=True)))
        return found


async def folded(lines: Sequence[bytes], recorded: Sequence[datetime]) -> Memory:
    """Take every entry through the engine, in one page."""
    memory = Memory()
    page = [Fed(n, when, line, None) for n, (line, when) in enumerate(zip(lines, recorded, strict=True), 1)]
    await memory.write(await Engine(Subjects(Room(1 << 40))).take(page, memory))
    return memory


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
