"""The record of accesses over HTTP, for whoever watches over them. No rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.params import QueryParameter

from services.platform import accesses
from services.platform.auth import ANY, Principal, allowed
from services.platform.openapi import Told, otherwise
from services.platform.web import takes

_MOST = 1_000


class Access(msgspec.Struct, frozen=True):
    """An access; `times`: so many were the same, the first of them `at`."""

    id: int
    at: datetime
    publisher: str | None
    action: str
    ledger: str | None
    object: str | None
    outcome: str
    times: int


class Page(msgspec.Struct, frozen=True):
    """Accesses in order; `next` goes into `after`, null at the end."""

    accesses: list[Access]
    next: str | None


@get(
    "/",
    guards=[allowed("admin"), takes("after", "limit", "ledger", "publisher")],
    tags=["accesses"],
    operation_class=Told,
    responses=otherwise({}),
)
async def list_accesses(
    request: Request[Any, Any, State],
    state: State,
    after: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST)] = 100,
    ledger: Annotated[str | None, QueryParameter(max_length=100, pattern=r"^[^\x00]*$")] = None,
    publisher: Annotated[str | None, QueryParameter(max_length=300, pattern=r"^[^\x00]*$")] = None,
) -> Page:
    """Every refused access and every reading of personal data, in the ledgers this token may touch."""
    principal: Principal = request.state.principal
    if ledger is not None:
        principal.require("admin", ledger)
    mine = None if ANY in principal.ledgers else list(principal.ledgers)
    rows = await accesses.noted(
        state.pool,
        after=after,
        most=limit,
        ledgers=mine if ledger is None else [ledger],
        publisher=publisher,
    )
    found = [Access(**row) for row in rows]
    return Page(found, str(found[-1].id) if len(found) == limit else None)


ACCESSES: Sequence[Any] = (list_accesses,)
