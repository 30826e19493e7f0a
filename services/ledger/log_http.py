"""The log over HTTP, as C2SP tlog-tiles has it: checkpoint, tiles, entries; proofs, evidence. No rules."""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath, PathParameter, QueryParameter
from litestar.response import Stream

from services.ledger import evidence, log
from services.ledger.errors import LedgerHalted
from services.ledger.history_query import filters, whole
from services.ledger.http_answers import JSON, TEXT, ZIP
from services.ledger.http_openapi import Prove, TakeAway
from services.ledger.log import Log
from services.platform import tiles
from services.platform.auth import allowed
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.negotiating import VARY, form
from services.platform.note import ED25519, BadNote, Note, Signer, Verifier
from services.platform.openapi import Told, described, otherwise
from services.platform.policy import NOBODY, Policy
from services.platform.problems import NOT_FOUND, Kind, Problem
from services.platform.web import takes

NO_CHECKPOINT = Kind("no-checkpoint", 404, "There is no signed checkpoint yet")
NO_TILE = Kind("no-tile", 404, "There is no such tile")
_PATIENCE = 5.0  # seconds for what is recorded to be signed
_PAUSE = 0.1
_ALTERED = "somebody changed the database: locus verify says what is wrong; tell the operator"
_BYTES = "application/octet-stream"
# For the caller's own cache: who may read is asked of everybody.
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
_FOR_A_MOMENT = {"cache-control": "private, max-age=1"}

Asking = Request[Any, Any, State]
Position = Annotated[str, PathParameter(schema_extra={"pattern": "^[0-9]{1,16}$"})]
Size = Annotated[str | None, QueryParameter(name="from", schema_extra={"pattern": "^[0-9]{1,16}$"})]


class Inclusion(msgspec.Struct, frozen=True):
    """The RFC 6962 path, in hex, from an entry's leaf hash to the root of the tree that is signed."""

    ledger: str
    position: int
    size: int
    root: str
    path: list[str]
    checkpoint: str


class Consistency(msgspec.Struct, frozen=True):
    """The RFC 6962 proof, in hex, that the tree of the first `to` entries begins with that of `from`."""

    ledger: str
    from_: int = msgspec.field(name="from")
    to: int
    path: list[str]


@get(
    "/{ledger:str}/log/checkpoint",
    guards=[allowed("history"), takes()],
    tags=["proof"],
    media_type=TEXT,
    operation_class=Told,
    responses=otherwise({404: "No such ledger, or nothing is signed yet"}),
)
async def read_checkpoint(ledger: FromPath[str], state: State) -> Response[str]:
    """The newest signed checkpoint, with the cosignatures of witnesses: a C2SP signed note.

    503: there is none to show, and the database is not what was signed.
    """
    note, _ = _signed(state, ledger, await log.log_of(state.pool, ledger))
    return Response(str(note), media_type=TEXT, headers=_FOR_A_MOMENT)


@get(
    "/{ledger:str}/log/policy",
    guards=[allowed("history"), takes()],
    tags=["proof"],
    media_type=TEXT,
    operation_class=Told,
    responses=otherwise({404: "No such ledger"}),
)
async def read_policy(ledger: FromPath[str], state: State) -> Response[str]:
    """The log's keys and its witnesses, as C2SP tlog-policy writes them. Compare before you believe."""
    policy = _policy(state, await log.log_of(state.pool, ledger))
    return Response(policy, media_type=TEXT, headers=_FOR_A_MOMENT)


@get(
    "/{ledger:str}/log/tile/{rest:path}",
    guards=[allowed("history"), takes()],
    tags=["proof"],
    media_type=_BYTES,
    operation_class=Told,
    responses=otherwise({404: "No such ledger or tile"}),
)
async def read_tile(ledger: FromPath[str], rest: FromPath[str], state: State) -> Response[bytes]:
    """A tile of hashes, `<level>/<index>[.p/<width>]`, or of entries, `entries/<index>[.p/<width>]`."""
    tile = _tile(rest)
    found = await log.log_of(state.pool, ledger)
    content = await _content(state, ledger, tile) if tile.size <= found.last else None
    if content is None:
        wide = tiles.width_at(tile.level, tile.index, found.last)
        hint = f"ask for {tiles.path(tiles.Tile(tile.level, tile.index, wide))}" if wide else "wait for it"
        raise Problem(NO_TILE, f"the log has {found.last} entries", where="path", hint=hint)
    return Response(content, media_type=_BYTES, headers=_FOR_EVER)


@get(
    "/{ledger:str}/log/proof/{position:str}",
    guards=[allowed("history"), takes("from")],
    tags=["proof"],
    operation_class=Prove,
    responses=otherwise({404: "No such ledger, or not so many entries", 406: "Proofs are text or JSON"})
    | {200: described(Inclusion | Consistency, "JSON if asked for, else a C2SP tlog-proof")},
)
async def read_proof(
    ledger: FromPath[str], position: Position, request: Asking, state: State, from_: Size = None
) -> Response[Any]:
    """That an entry is in the log that is signed: a C2SP tlog-proof, or its path as JSON, by `Accept`.

    With `from`: that the tree of the first `position` entries begins with that of the first `from`.
    """
    given = form(request.headers.getall("accept", []), (TEXT, JSON)) if from_ is None else JSON
    found = await log.log_of(state.pool, ledger)
    asked = whole("position", position)
    if from_ is not None:
        return await _consistency(state, ledger, found, whole("from", from_), asked)
    note, head = _held(state, ledger, found)
    if not 1 <= asked <= head.size:
        soon = head.size < asked <= found.last
        hint = "it is signed within seconds" if soon else "ask for one that is recorded; the first is 1"
        raise Problem(NOT_FOUND, f"the checkpoint has {head.size} entries", where="position", hint=hint)
    path = await log.inclusion(state.pool, ledger, asked - 1, head.size)
    if given == JSON:
        hashes = [one.hex() for one in path]
        inclusion = Inclusion(ledger, asked, head.size, head.root.hex(), hashes, str(note))
        return Response(inclusion, headers=VARY)
    proof = LogProof(asked - 1, tuple(path), note)
    return Response(str(proof), media_type=TEXT, headers=_FOR_A_MOMENT | VARY)


@get(
    "/{ledger:str}/evidence",
    guards=[allowed("history")],
    tags=["proof"],
    operation_class=TakeAway,
    responses=otherwise(
        {404: "No such ledger, or nothing is signed yet", 409: "The ledger is of an older format"}
    )
    | {200: described(bytes, "A bundle of version 1, a zip: its README.txt says how it is checked", ZIP)},
)
async def read_evidence(ledger: FromPath[str], request: Asking, state: State) -> Stream:
    """What proves entries to somebody else, offline: they, their proofs, the checkpoint, the policy.

    Those that pass the filters of the history, up to the checkpoint, for which it waits a little: that is
    about all that was recorded before, or `size` in the manifest says that it is not. A bundle that is
    broken off is none: an entry was not what was signed, or the service ended.
    """
    given = list(request.query_params.multi_items())
    wanted = filters(given)
    found, note, head = await _all_signed(state, ledger)
    asked = evidence.Asked(ledger, note, head, _policy(state, found), wanted, dict(given))
    name = f'attachment; filename="{ledger}-evidence.zip"'
    return Stream(
        evidence.streamed(state.history, state.pool, asked),
        media_type=ZIP,
        headers={"content-disposition": name, "cache-control": "no-store"},
    )


async def _consistency(state: State, ledger: str, found: Log, old: int, new: int) -> Response[Consistency]:
    if new > found.last or old > new:
        where = "from" if old > new else "position"
        raise Problem(
            NOT_FOUND,
            f"the log has {found.last} entries",
            where=where,
            hint="ask from a smaller size to a larger one, both recorded",
        )
    path = await log.consistency(state.pool, ledger, old, new)
    return Response(Consistency(ledger, old, new, [one.hex() for one in path]), headers=_FOR_EVER)


def _signed(state: State, ledger: str, found: Log) -> tuple[Note, Checkpoint]:
    try:
        signed = found.signed()
    except BadNote as error:
        told = f"what the database holds in its place cannot be read: {error}"
        raise Problem(NO_CHECKPOINT, told, where="ledger", hint=_ALTERED) from None
    if signed is None and ledger in state.halted:
        raise LedgerHalted(ledger, state.halted[ledger])
    if signed is None:
        hint = "it comes within seconds if the ledger has a signing key: LOCUS_SIGNING_KEY, locus key new"
        raise Problem(NO_CHECKPOINT, f"nothing of {found.origin!r} was signed", where="ledger", hint=hint)
    return signed


def _held(state: State, ledger: str, found: Log) -> tuple[Note, Checkpoint]:
    """The newest note, if the database holds all that it is about."""
    note, head = _signed(state, ledger, found)
    if head.size > found.last:
        told = f"{head.size} entries were signed, and the database holds {found.last}"
        raise Problem(NO_CHECKPOINT, told, where="ledger", hint=_ALTERED)
    return note, head


async def _all_signed(state: State, ledger: str) -> tuple[Log, Note, Checkpoint]:
    """The log and its newest note, once it is about all that was recorded by now, or in vain waited for."""
    found = await log.log_of(state.pool, ledger)
    last, until = found.last, time.monotonic() + (_PATIENCE if state.signers else 0)
    while True:
        late = time.monotonic() >= until
        try:
            note, head = _held(state, ledger, found)
        except Problem:
            if late:
                raise
        else:
            if late or head.size >= last:
                return found, note, head
        await asyncio.sleep(_PAUSE)
        found = await log.log_of(state.pool, ledger)


def _policy(state: State, found: Log) -> str:
    signers: Sequence[Signer] = state.signers
    logs = tuple([Verifier(found.origin, one.verifier.public, ED25519) for one in signers])
    witnesses = {one.verifier.name: one.verifier for one in state.witnesses}
    urls = {one.verifier.name: one.url for one in state.witnesses}
    return str(Policy(logs, witnesses, {}, NOBODY, urls))


def _tile(rest: str) -> tiles.Tile:
    try:
        return tiles.parse(f"tile/{rest.lstrip('/')}")
    except tiles.BadTile as error:
        hint = "write it as C2SP tlog-tiles does: tile/0/x001/x234/067.p/112"
        raise Problem(NO_TILE, str(error), where="path", hint=hint) from None


async def _content(state: State, ledger: str, tile: tiles.Tile) -> bytes | None:
    if tile.level == tiles.ENTRIES:
        return await log.read_bundle(state.pool, ledger, tile)
    return (await log.read_tiles(state.pool, ledger, [tile]))[0]


PROVING: Sequence[Any] = (read_checkpoint, read_policy, read_tile, read_proof, read_evidence)
