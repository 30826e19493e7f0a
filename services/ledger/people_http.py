"""People over HTTP: what is kept of one, erasure, legal hold. For administrators; put on record."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, delete, get, put
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter

from schemas.types import Reason
from services.ledger.errors import Rejected
from services.ledger.history_query import bare
from services.ledger.http_openapi import Hold
from services.ledger.intake_json import tree
from services.ledger.people import People, Person, UnknownPerson
from services.platform.auth import Principal, allowed
from services.platform.openapi import Told, otherwise
from services.platform.problems import BAD_REQUEST, NOT_FOUND, Problem
from services.platform.web import takes

Asking = Request[Any, Any, State]

_ADDRESS = "/{ledger:str}/people/{actor:str}"
_HOLD = f"{_ADDRESS}/hold"
_NOBODY = {404: "No such ledger, or nothing names that actor"}


class Basis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person is erased; it stays in the ledger for good, so it names nobody."""

    basis: Reason


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person is held."""

    reason: Reason


_Read = TypeVar("_Read", Basis, Why)


class Erasure(msgspec.Struct, frozen=True):
    """An erasure, where it stands in the log, and when it is final at the latest.

    `aliases`: the other ids of the person, erased with this one. `merged_into`: the person this id turned out
    to be, who is not erased.
    """

    actor: str
    position: int | None
    erased_at: datetime | None
    final_by: datetime | None
    aliases: Sequence[str]
    merged_into: str | None


@get(
    _ADDRESS,
    guards=[allowed("admin"), takes()],
    tags=["people"],
    operation_class=Told,
    responses=otherwise(_NOBODY),
)
async def read_person(ledger: FromPath[str], actor: FromPath[str], request: Asking, state: State) -> Person:
    """What is kept of a person: whether anything is sealed or was refused, erasure, legal hold, other ids."""
    people: People = state.people
    return await _noted(request, people.person(ledger, bare("actor", actor)))


@delete(
    _ADDRESS,
    guards=[allowed("admin"), takes("basis")],
    tags=["people"],
    status_code=200,
    operation_class=Told,
    responses=otherwise(_NOBODY | {409: "A legal hold", 413: "Too large"}),
)
async def erase_person(
    ledger: FromPath[str],
    actor: FromPath[str],
    request: Asking,
    state: State,
    basis: Annotated[str | None, QueryParameter(max_length=5_000)] = None,
) -> Erasure:
    """Erase a person for good: the key is deleted, the log tells of it, proofs still hold. Safe to repeat.

    Every id that was merged into this one is erased with it (`aliases`), but not the one that this one was
    merged into (`merged_into`), and every refused message that names them is let go: whoever is named there
    alone is erased as well. `basis` (why; in the query or as {"basis": …}) stays in the ledger, so it names
    nobody. Final by `final_by`, when no copy of the key in any backup can be opened. 409: a legal hold on
    any id of the person, be it `merged_into`; then none is erased.
    """
    people: People = state.people
    given = await request.body() if basis is None else msgspec.json.encode({"basis": basis})
    why = _read(given, Basis).basis
    person = await _noted(request, people.erase(ledger, bare("actor", actor), why))
    return Erasure(
        person.actor, person.position, person.erased_at, person.final_by, person.aliases, person.merged_into
    )


@put(
    _HOLD,
    guards=[allowed("admin"), takes()],
    tags=["people"],
    operation_class=Hold,
    responses=otherwise(_NOBODY | {409: "Erased already", 413: "Too large"}),
)
async def hold_person(ledger: FromPath[str], actor: FromPath[str], request: Asking, state: State) -> Person:
    """Keep a person from being erased until it is lifted: {"reason": …}. 409: erased already."""
    people: People = state.people
    principal: Principal = request.state.principal
    why = _read(await request.body(), Why).reason
    return await _noted(request, people.hold(ledger, bare("actor", actor), why, principal.publisher))


@delete(
    _HOLD,
    guards=[allowed("admin"), takes()],
    tags=["people"],
    status_code=200,
    operation_class=Told,
    responses=otherwise(_NOBODY),
)
async def release_person(
    ledger: FromPath[str], actor: FromPath[str], request: Asking, state: State
) -> Person:
    """Lift a legal hold, if there is one."""
    people: People = state.people
    return await _noted(request, people.release(ledger, bare("actor", actor)))


async def _noted(request: Asking, asked: Awaitable[Person]) -> Person:
    """The answer, put on record with whatever became of it."""
    outcome = "failed"
    try:
        person = await asked
        outcome = "answered"
    except UnknownPerson:
        outcome = NOT_FOUND.slug
        raise Problem(
            NOT_FOUND,
            "neither an entry of this ledger nor a refused message names that actor",
            where="actor",
            hint="give the bare id as it stands in entries",
        ) from None
    except Rejected as rejected:
        outcome = rejected.slug
        raise
    finally:
        principal: Principal = request.state.principal
        await request.app.state.accesses.record(
            publisher=principal.publisher,
            action=request.route_handler.handler_name,
            ledger=request.path_params["ledger"],
            object=f"actor/{request.path_params['actor']}",
            outcome=outcome,
        )
    return person


def _read(body: bytes, form: type[_Read]) -> _Read:
    """Read as strictly as events are; no body lacks the member. Raises Unreadable, Problem."""
    (member,) = form.__struct_fields__
    try:
        return msgspec.convert(tree(body) if body.strip() else {}, form)
    except msgspec.ValidationError:
        raise Problem(
            BAD_REQUEST,
            f"not one object with a `{member}` of 1 to 5,000 characters",
            where=f"/{member}",
            hint=f'send {{"{member}": "…"}}',
        ) from None


PEOPLE: Sequence[Any] = (read_person, erase_person, hold_person, release_person)
