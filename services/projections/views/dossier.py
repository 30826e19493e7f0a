"""The dossier of one decision or initiative: finds what belongs to it, and reads no more."""

from collections.abc import Collection
from typing import Final

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.dossier import decision, initiative
from services.projections.dossier.answer import DecisionDossier, InitiativeDossier
from services.projections.facts.registry import encode
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import history_of

VIEW: Final = "dossier"
VERSION: Final = 2
_SQL: Final = "services.projections"
_LEADING_ON: Final = ("debrief", "experiment", "lesson")  # more may be learnt from these


class UnknownSubjectError(LookupError):
    """Nothing is recorded of it as of then. `known_until`: what was, up to here, was retracted."""

    def __init__(self, subject: str, known_until: int | None) -> None:
        super().__init__(subject)
        self.subject, self.known_until = subject, known_until


async def of_decision(
    id: str, connection: Connection, ground: Ground, structures: Structures
) -> DecisionDossier:
    """UnknownSubjectError for a decision nothing is recorded of."""
    subject = f"decision/{id}"
    above = await _read(connection, ground, "related_above", subject)
    upwards = [one for one in above if one.startswith("initiative/")]
    related = await _related(connection, ground, [subject])
    beside = await _related(connection, ground, upwards)
    siblings = [one.removeprefix("decision/") for one in beside if one.startswith("decision/")]
    related |= {one for one in beside if not one.startswith("decision/")}
    wanted = await _around(connection, ground, {subject, *upwards, *related}, [id])
    past = await history_of(connection, ground, structures, sorted(wanted))
    if id not in past.decisions:
        raise await _unknown(connection, ground, subject)
    return decision.dossier(ground.rests_on(VIEW, VERSION), past, id, siblings)


async def of_initiative(
    id: str, connection: Connection, ground: Ground, structures: Structures
) -> InitiativeDossier:
    """UnknownSubjectError for an initiative nothing is recorded of, and that no decision belongs to."""
    subject = f"initiative/{id}"
    related = await _related(connection, ground, [subject])
    decisions = [one for one in related if one.startswith("decision/")]
    related |= await _related(connection, ground, decisions)
    ids = [one.removeprefix("decision/") for one in decisions]
    wanted = {subject, *await _around(connection, ground, {subject, *related}, ids)}
    past = await history_of(connection, ground, structures, sorted(wanted))
    if id not in past.initiatives and id not in past.decided:
        raise await _unknown(connection, ground, subject)
    return initiative.dossier(ground.rests_on(VIEW, VERSION), past, id)


async def _unknown(connection: Connection, ground: Ground, subject: str) -> UnknownSubjectError:
    where = ground.ledger, ground.generation, subject, ground.position
    return UnknownSubjectError(subject, await connection.fetchval(sql(_SQL, "known_until"), *where))


async def _around(
    connection: Connection, ground: Ground, subjects: set[str], decisions: Collection[str]
) -> set[str]:
    """With what was learnt in turn, the sessions that shared them, the knots raised about them."""
    found, new = set(subjects), subjects
    while leading := [one for one in new if one.partition("/")[0] in _LEADING_ON]:
        new = await _related(connection, ground, leading) - found
        found |= new
    raised_about = [one for one in subjects if one.startswith(("decision/", "initiative/"))]
    names = [encode(one).decode().split('"')[1] for one in (*decisions, *raised_about)]
    return found | await _read(connection, ground, "related_naming", names)


async def _related(connection: Connection, ground: Ground, subjects: Collection[str]) -> set[str]:
    return await _read(connection, ground, "related", sorted(subjects)) if subjects else set()


async def _read(connection: Connection, ground: Ground, statement: str, of: object) -> set[str]:
    rows = await connection.fetch(
        sql(_SQL, statement), ground.ledger, ground.generation, of, ground.position, ground.as_of
    )
    return {row[0] for row in rows}
