"""Reading over HTTP: events as a page, a stream or live; subjects, roots, the directory. No rules."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath, PathParameter, QueryParameter
from litestar.response import Stream

from services.ledger import history_live
from services.ledger.history import Filters, History
from services.ledger.history import Page as Entries
from services.ledger.history_people import Person, shown
from services.ledger.history_query import MAX_POSITION, MOST, USUAL, Query, bare, query, whole
from services.ledger.http_answers import EVENT_STREAM, FORMS, JSON, NDJSON
from services.ledger.http_openapi import Read
from services.ledger.vault import Vault
from services.platform.accesses import Accesses
from services.platform.auth import Principal, allowed, still_allowed
from services.platform.negotiating import VARY, form
from services.platform.openapi import Told, described, otherwise
from services.platform.problems import NOT_FOUND, Problem
from services.platform.web import takes

Asking = Request[Any, Any, State]
# As text, since the framework would read 1_0 and +1 as numbers.
Position = Annotated[str, PathParameter(schema_extra={"pattern": "^[0-9]{1,16}$"})]
After = Annotated[int, QueryParameter(ge=0, le=MAX_POSITION)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]

_NO_POSITION = otherwise({404: "No such ledger or position"})


class Page(msgspec.Struct, frozen=True):
    """A page of entries as stored; `next` goes into `after` for the page that follows, null at the end."""

    entries: list[dict[str, Any]]
    next: str | None


class Subject(msgspec.Struct, frozen=True):
    """Where a subject stands (`phase`: the words now true of it), and a page of its entries."""

    subject: str
    version: int
    phase: list[str]
    entries: list[dict[str, Any]]
    next: str | None


class Root(msgspec.Struct, frozen=True):
    """The RFC 6962 root, in hex, of the tree of the first `position` entries."""

    ledger: str
    position: int
    root: str


class Directory(msgspec.Struct, frozen=True):
    """Actors as last described, in the order in which they first were."""

    people: list[Person]
    next: str | None


@get(
    "/{ledger:str}/events",
    guards=[allowed("history")],
    tags=["history"],
    operation_class=Read,
    responses=otherwise({404: "No such ledger", 406: "Entries are JSON, NDJSON or server-sent events"})
    | {200: described(Page, "Entries; NDJSON or server-sent events if asked for")},
)
async def read_events(ledger: FromPath[str], request: Asking, state: State) -> Response[Any] | Stream:
    """Entries in order, by `Accept`: a JSON page, all of them as NDJSON, or live as server-sent events.

    `after` is a position (live: the header Last-Event-ID goes before it); filters are type, subject, actor,
    domain, source, and [occurred_from, occurred_to), [recorded_from, recorded_to).
    """
    asked = query(list(request.query_params.multi_items()))
    given = form(request.headers.getall("accept", []), FORMS)
    history: History = state.history
    head = await history.head(ledger)
    if given == EVENT_STREAM:
        return _live(ledger, request, asked)
    if given == NDJSON:
        lines = history.lines(ledger, asked.after or 0, head, asked.limit, asked.filters)
        return Stream(lines, media_type=NDJSON, headers=VARY)
    page = await history.page(ledger, asked.after or 0, head, min(asked.limit or USUAL, MOST), asked.filters)
    body = b'{"entries":[%b],"next":%b}' % _members(page)
    return Response(body, media_type=JSON, headers=VARY)


def _live(ledger: str, request: Asking, asked: Query) -> Stream:
    last = request.headers.get("last-event-id")
    events = history_live.events(
        request.app.state.history,
        request.app.state.heads,
        ledger,
        whole("Last-Event-ID", last) if last else asked.after or 0,
        asked.filters,
        still_allowed(request, "history"),
    )
    return Stream(events, media_type=EVENT_STREAM, headers={"cache-control": "no-store", **VARY})


@get(
    "/{ledger:str}/events/{position:str}",
    guards=[allowed("history"), takes()],
    tags=["history"],
    operation_class=Told,
    responses=_NO_POSITION,
)
async def read_event(ledger: FromPath[str], position: Position, state: State) -> Response[dict[str, Any]]:
    """One entry: the stored bytes."""
    history: History = state.history
    head = await history.head(ledger)
    asked = whole("position", position)
    if not 1 <= asked <= head:
        raise _nothing("position", f"the ledger ends at position {head}")
    page = await history.page(ledger, asked - 1, asked, 1)
    return _json(page.entries[0][1])


@get(
    "/{ledger:str}/subjects/{kind:str}/{id:str}",
    guards=[allowed("history"), takes("after", "limit")],
    tags=["history"],
    operation_class=Told,
    responses=otherwise({404: "No such ledger or subject"}),
)
async def read_subject(
    ledger: FromPath[str],
    kind: FromPath[str],
    id: FromPath[str],
    state: State,
    after: After = 0,
    limit: Limit = USUAL,
) -> Response[Subject]:
    """A subject's version and phase, and its entries in order."""
    history: History = state.history
    subject = bare("subject", f"{kind}/{id}")
    await history.head(ledger)
    standing = await history.subject(ledger, subject)
    if standing is None:
        raise _nothing("subject", f"nothing is recorded of {subject[:100]!r}")
    page = await history.page(ledger, after, standing.position, limit, Filters(subject=subject))
    frame = msgspec.json.encode(
        {"subject": subject, "version": standing.version, "phase": standing.phase.split()}
    )
    return _json(b'%b,"entries":[%b],"next":%b}' % (frame[:-1], *_members(page)))


@get(
    "/{ledger:str}/log/root/{position:str}",
    guards=[allowed("history"), takes()],
    tags=["proof"],
    operation_class=Told,
    responses=_NO_POSITION,
)
async def read_root(ledger: FromPath[str], position: Position, state: State) -> Root:
    """The root of the tree at any position, not only at the end of a commit."""
    history: History = state.history
    head = await history.head(ledger)
    asked = whole("position", position)
    root = await history.root(ledger, asked)
    if root is None:
        raise _nothing("position", f"the ledger ends at position {head}")
    return Root(ledger, asked, root.hex())


@get(
    "/{ledger:str}/directory",
    guards=[allowed("history"), takes("after", "limit", many="actor")],
    tags=["history"],
    operation_class=Told,
    responses=otherwise({404: "No such ledger"}),
)
async def read_directory(
    ledger: FromPath[str],
    request: Asking,
    state: State,
    after: After = 0,
    limit: Limit = USUAL,
    actor: Annotated[list[str] | None, QueryParameter(max_items=MOST)] = None,
) -> Response[Directory]:
    """Who actors are, as last registered or updated; all of them, or those whose ids are given.

    Profiles are opened here alone, and the reading is put on record; of an erased person there is none.
    """
    history: History = state.history
    vault: Vault = state.vault
    principal: Principal = request.state.principal
    await history.head(ledger)
    wanted = None if actor is None else [bare("actor", one) for one in actor]
    actors, cursor = await history.people(ledger, after, limit, wanted)
    keys = await vault.held(ledger, [one.subject for one in actors])
    people = [shown(one, ledger, keys) for one in actors]
    accesses: Accesses = state.accesses
    opened = [one.actor for one in people if one.profile is not None]
    await accesses.record_each(
        [f"actor/{actor}" for actor in opened],
        publisher=principal.publisher,
        action="read_directory",
        ledger=ledger,
        outcome="answered",
    )
    answer = Directory(people, None if cursor is None else str(cursor))
    return Response(answer, headers={"cache-control": "no-store"})


def _members(page: Entries) -> tuple[bytes, bytes]:
    following = b'"%d"' % page.entries[-1][0] if page.more else b"null"
    return b",".join([line for _, line in page.entries]), following


def _json(body: bytes) -> Response[Any]:
    return Response(body, media_type=JSON)


def _nothing(where: str, detail: str) -> Problem:
    return Problem(NOT_FOUND, detail, where=where, hint="ask for one that is recorded")


READING: Sequence[Any] = (read_events, read_event, read_subject, read_root, read_directory)
