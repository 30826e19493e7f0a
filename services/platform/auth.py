"""Who calls, and what they may do: expiring tokens, kept as hashes, looked up through a short cache."""

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, Protocol, get_args

import asyncpg
import structlog
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from services.platform.accesses import REFUSALS
from services.platform.database import sql
from services.platform.lifetime import heed_cancellation
from services.platform.limits import NONE, Limits
from services.platform.oidc import Untrusted, Verifier
from services.platform.problems import FORBIDDEN, UNAUTHENTICATED, Problem
from services.platform.publishers import fit

Scope = Literal["publish", "history", "views", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
ANY = "*"

_HOME = "services.platform"
_BEARER = re.compile(r"\s*bearer +(\S{1,8192})\s*", re.IGNORECASE)
_REMEMBERED = 4096
_log = structlog.get_logger(__name__)
_DOTS = 2  # in a token of an issuer
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
_PAUSE = 1.0  # seconds between look-ups, for what goes on while the database is away


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: the publisher's name, and what its token allows."""

    publisher: str
    scopes: frozenset[str]
    ledgers: tuple[str, ...]
    sources: tuple[str, ...]
    expires_at: datetime
    limits: Limits = NONE

    def require(self, scope: Scope, ledger: str | None = None) -> None:
        """Raise a problem unless the token has the scope and, if one is named, may touch the ledger."""
        if scope not in self.scopes:
            raise Problem(
                FORBIDDEN,
                f"the token lacks the scope `{scope}`",
                where="Authorization",
                hint=f"ask for a token with scope {scope}",
            )
        if ledger is not None and ANY not in self.ledgers and ledger not in self.ledgers:
            raise Problem(
                FORBIDDEN,
                f"the token is not for the ledger {ledger[:100]!r}",
                where="Authorization",
                hint="mend the ledger's name, or ask for a token that names it",
            )

    def speaks_as(self, source: str) -> bool:
        """Whether it may publish as this `source`: an exact one, or a prefix written with `*` at its end."""
        for one in self.sources:
            if source.startswith(one[:-1]) if one.endswith(ANY) else source == one:
                return True
        return False


Find = Callable[[bytes], Awaitable[Principal | None]]
Verify = Callable[[str], Awaitable[Principal | Problem | None]]


_Remembered = OrderedDict[bytes, tuple[datetime, Principal | Problem | None]]


class Authenticator:
    """Turns `Authorization` headers into principals.

    Answers are remembered for `seconds`, unknown tokens too, so that a busy publisher does not reach the
    database for every request. Tokens that are nobody's have a place of their own, so that a flood of them
    makes nobody else be forgotten. Missing, malformed, expired and unknown get one and the same problem.
    `verify` is for tokens of an issuer, which are three parts with dots between; ours have none.
    """

    def __init__(
        self,
        find: Find,
        *,
        clock: Callable[[], datetime],
        seconds: float = 10.0,
        verify: Verify | None = None,
    ) -> None:
        self._find = find
        self._verify = verify
        self._clock = clock
        self._lifetime = timedelta(seconds=seconds)
        self._known: _Remembered = OrderedDict()
        self._nobodys: _Remembered = OrderedDict()
        self._asked: dict[bytes, asyncio.Task[Principal | Problem | None]] = {}

    async def principal(self, authorization: str | None) -> Principal:
        """Who sent this header; raises the one problem of those who are nobody."""
        match = _BEARER.fullmatch(authorization or "")
        found = await self._look_up(match[1]) if match else None
        if isinstance(found, Problem):
            raise found.with_traceback(None)  # it is raised again and again
        if found is None or found.expires_at <= self._clock():
            raise Problem(
                UNAUTHENTICATED,
                "there is no valid bearer token in the Authorization header",
                where="Authorization",
                hint="send `Authorization: Bearer <token>`; make a token with: locus token create",
                headers={"www-authenticate": "Bearer"},
            )
        return found

    async def still(self, authorization: str | None, scope: Scope, ledger: str) -> Principal:
        """Who sent this header, if it allows yet what it was let in for; raises the problem of a refusal.

        For what goes on after it was let in, and asks again and again. While nobody can tell, since the
        database or the issuer is away, it waits: it is neither ended nor served.
        """
        waits = False
        while True:
            try:
                principal = await self.principal(authorization)
                principal.require(scope, ledger)
            except (Problem, *_AWAY) as error:
                if isinstance(error, Problem) and error.kind.status in REFUSALS:
                    raise
                if not waits:
                    _log.warning("what goes on waits to hear whether it may", reason=repr(error))
                waits = True
                heed_cancellation()
                await asyncio.sleep(_PAUSE)
            else:
                return principal

    def remembered(self, authorization: str | None) -> Principal | None:
        """Who sent this header, if that is somebody whom it takes no look-up to know."""
        match = _BEARER.fullmatch(authorization or "")
        known = self._known.get(hashed(match[1])) if match else None
        if known is None:
            return None
        until, found = known
        now = self._clock()
        return found if until > now and isinstance(found, Principal) and found.expires_at > now else None

    async def _look_up(self, token: str) -> Principal | Problem | None:
        now, key = self._clock(), hashed(token)
        known = self._known.get(key) or self._nobodys.get(key)
        if known is not None and known[0] > now:
            return known[1]
        asked = self._asked.get(key)
        if asked is None:  # one for all who ask meanwhile, such as the streams of one token
            asked = self._asked[key] = asyncio.create_task(self._find_out(token, key, now))
            asked.add_done_callback(lambda _: self._asked.pop(key))
        return await asyncio.shield(asked)

    async def _find_out(self, token: str, key: bytes, now: datetime) -> Principal | Problem | None:
        found: Principal | Problem | None
        if self._verify is not None and token.count(".") == _DOTS:
            found = await self._verify(token)
        else:
            found = await self._find(key)
        self._known.pop(key, None)
        remembered = self._known if isinstance(found, Principal) else self._nobodys
        remembered[key] = (now + self._lifetime, found)
        remembered.move_to_end(key)
        if len(remembered) > _REMEMBERED:
            remembered.popitem(last=False)
        return found


class Fetches(Protocol):
    """A connection or a pool."""

    async def fetchrow(self, query: str, /, *args: Any) -> asyncpg.Record | None:
        """The first row."""


def find_in(database: Fetches) -> Find:
    """Look tokens up in `access.tokens`."""

    async def find(key: bytes) -> Principal | None:
        row = await database.fetchrow(sql(_HOME, "find_token"), key)
        if row is None:
            return None
        return Principal(
            row["publisher"],
            frozenset(row["scopes"]),
            tuple(row["ledgers"]),
            tuple(row["sources"]),
            row["expires_at"],
            _limits(row),
        )

    return find


def verified_by(issuer: Verifier, database: Fetches) -> Verify:
    """Whom an issuer's token is about, as the publisher that `access.publishers` says it is."""

    async def verify(token: str) -> Principal | Problem | None:
        try:
            told = await issuer.subject(token)
        except Untrusted as error:
            _log.info("a token of the issuer is refused", reason=str(error))
            return None
        row = await database.fetchrow(sql(_HOME, "find_publisher"), told.issuer, told.subject)
        if row is None:
            _log.info("a subject of the issuer is no publisher", subject=told.subject[:200])
            return _no_publisher()
        allowed = frozenset(row["scopes"]), tuple(row["ledgers"]), tuple(row["sources"])
        return Principal(row["publisher"], *allowed, told.expires_at, _limits(row))

    return verify


def _limits(row: asyncpg.Record) -> Limits:
    return Limits(row["body"], row["rate"], row["burst"], row["in_flight"])


def _no_publisher() -> Problem:
    return Problem(
        FORBIDDEN,
        "the token is valid, but whom it is about is no publisher here",
        where="Authorization",
        hint="have the subject added: locus publisher add NAME --issuer … --subject … --scope …",
    )


def authenticator(
    database: Fetches, *, seconds: float = 10.0, issuer: Verifier | None = None
) -> Authenticator:
    """An authenticator on the wall clock; `issuer` checks tokens that are not ours."""
    return Authenticator(
        find_in(database),
        clock=lambda: datetime.now(UTC),
        seconds=seconds,
        verify=verified_by(issuer, database) if issuer else None,
    )


def hashed(token: str) -> bytes:
    """What is stored in place of a token."""
    return sha256(token.encode()).digest()


async def create(
    connection: asyncpg.Connection,
    publisher: str,
    *,
    scopes: Sequence[Scope],
    expires_at: datetime,
    ledgers: Sequence[str] = (ANY,),
    sources: Sequence[str] = (ANY,),
) -> str:
    """Make a token (256 random bits), store its hash, give the token: it cannot be had again. BadName."""
    token = f"locus_{secrets.token_urlsafe(32)}"
    await connection.execute(
        sql(_HOME, "create_token"),
        hashed(token),
        fit("the name", publisher),
        list(scopes),
        [fit("the ledger", one) for one in ledgers],
        [fit("the source", one) for one in sources],
        expires_at,
    )
    return token


def id_of(token: str) -> str:
    """The id of a token, as `listed` gives it."""
    return hashed(token).hex()[:12]


async def revoke_one(connection: asyncpg.Connection, id: str) -> int:
    """Withdraw the token with this id, as `listed` gives it; how many there were."""
    status: str = await connection.execute(sql(_HOME, "end_token"), id)
    return int(status.rsplit(" ", 1)[1])


async def listed(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """What every working token allows, without anything that could be used as one."""
    return await connection.fetch(sql(_HOME, "list_tokens"))


async def revoke(connection: asyncpg.Connection, publisher: str) -> int:
    """Withdraw a publisher's tokens; how many there were. Processes notice when their cache runs out."""
    status: str = await connection.execute(sql(_HOME, "end_tokens"), publisher)
    return int(status.rsplit(" ", 1)[1])


def allowed(scope: Scope) -> Guard:
    """A Litestar guard: the caller's token has the scope and may touch the `{ledger:str}` of the path.

    Needs `app.state.authenticator` and `limiter`; leaves the caller in `request.state.principal`, and its
    account in `request.state.account`, for `web.accounted`.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        known: Authenticator = connection.app.state.authenticator
        principal = await known.principal(connection.headers.get("authorization"))
        connection.state.principal = (
            principal  # before it is judged: a refusal is put on record under its name
        )
        principal.require(scope, connection.path_params.get("ledger"))
        account = connection.app.state.limiter.account(principal.publisher, principal.limits)
        account.enter()
        connection.state.account = account

    return guard


def still_allowed(
    connection: ASGIConnection[Any, Any, Any, Any], scope: Scope
) -> Callable[[], Awaitable[bool]]:
    """Whether a stream that `allowed` let in may go on, to be asked before whatever it delivers."""
    known: Authenticator = connection.app.state.authenticator
    authorization, ledger = connection.headers.get("authorization"), connection.path_params["ledger"]

    async def still() -> bool:
        try:
            await known.still(authorization, scope, ledger)
        except Problem:
            return False
        return True

    return still
