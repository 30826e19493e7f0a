"""Wires the ledger's processes: what serves it, what echoes it."""

import os
import re
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from litestar import Litestar, Router
from litestar.types import Receive, Scope, Send

from services.ledger.accesses_http import ACCESSES
from services.ledger.appender import Appender, unguarded
from services.ledger.early import Early
from services.ledger.history import History
from services.ledger.history_http import READING
from services.ledger.history_live import Heads
from services.ledger.http import Publishing
from services.ledger.http_answers import HANDLERS
from services.ledger.http_ledgers import LEDGERS
from services.ledger.http_patience import Patience
from services.ledger.keeping import looked_after, vault_pool
from services.ledger.log_http import PROVING
from services.ledger.nats import Intake, taking
from services.ledger.people import People
from services.ledger.people_http import PEOPLE
from services.ledger.rejected import RejectedMessages, expiring
from services.ledger.rejected_http import REJECTED
from services.ledger.relay import Relay
from services.ledger.signer import SILENCE, Signing
from services.ledger.signing import Kept, Watch, signed_directory
from services.ledger.vault import Vault
from services.ledger.vault_files import KeyFiles
from services.ledger.witnesses import Witnesses, configured
from services.platform import auth, database, faults, keys, limits, messaging, migrated, oidc, web
from services.platform.accesses import Accesses
from services.platform.lifetime import background
from services.platform.prompt import Reply
from services.platform.settings import Settings, needed

_WRITERS = 2
_READERS = 8  # connections for history and tokens
_PATIENCE = 10.0  # seconds a publisher waits for a receipt before it is told to retry
LEDGER = [*LEDGERS, *READING, *PROVING, *PEOPLE, *REJECTED]
_EVENTS = re.compile(r"/v1/ledgers/([^/\ufffd]+)/events")  # not UTF-8: for the framework to refuse


def app(settings: Settings) -> "Front":
    """The HTTP service: publishing and history. Speaks lifespan; the database may be away when it starts."""
    url = needed(settings.database_url, "LOCUS_DATABASE_URL")
    key_files = KeyFiles(Path(needed(settings.vault_keys, "LOCUS_VAULT_KEYS")))
    commit_points = faults.commit_points(os.environ.get("LOCUS_FAULT"))
    signers = keys.read(settings.signing_key) if settings.signing_key else ()
    watch = Watch(Kept(signed_directory(settings))) if signers else None
    witnesses = configured(settings.witnesses)
    issuer, limiter = oidc.verifier(settings), limits.limiter(settings)

    @asynccontextmanager
    async def lifespan(site: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(readers(url))
            await stack.enter_async_context(background(migrated.until_migrated(pool)))
            vault = Vault(
                await stack.enter_async_context(vault_pool(settings)),
                key_files,
                now=_now,
                commit_points=commit_points,
            )
            if watch is not None:
                signing = Signing(
                    lambda: database.connect(url, "locus_appender", idle_session_timeout=SILENCE),
                    pool,
                    watch,
                    signers,
                    Witnesses(witnesses, time.monotonic),
                    commit_points=commit_points,
                )
                await stack.enter_async_context(background(signing.run()))
            appender = await stack.enter_async_context(
                Appender(
                    lambda: database.connect(url, "locus_appender"),
                    keys=vault.keys,
                    now=_now,
                    commit_points=commit_points,
                    guard=watch or unguarded,
                )
            )
            patience = await stack.enter_async_context(Patience(_PATIENCE))
            accesses = await stack.enter_async_context(Accesses(pool))
            known = auth.authenticator(pool, seconds=settings.token_cache_seconds, issuer=issuer)
            history = History(pool)
            writers = await stack.enter_async_context(_writers(url))
            rejected = RejectedMessages(writers, vault, _now)
            people = People(
                vault,
                appender,
                history,
                now=_now,
                epoch=timedelta(days=settings.vault_epoch_days),
                elsewhere=(rejected,),
                commit_points=commit_points,
            )
            await stack.enter_async_context(looked_after(vault, people))
            await stack.enter_async_context(background(expiring(rejected)))
            if settings.nats_url:
                early = Early(appender, patience)
                intake = taking(
                    settings.nats_url,
                    lambda client: Intake(client, known, early, rejected, accesses, limiter),
                )
                await stack.enter_async_context(background(intake))
            site.state.update(
                accesses=accesses,
                authenticator=known,
                appender=appender,
                publishing=Publishing(
                    appender, known, patience, accesses, limiter, limits.Bodies(settings.limit_bodies)
                ),
                limiter=limiter,
                history=history,
                halted=watch.halted if watch else {},
                heads=Heads(history),
                people=people,
                pool=pool,
                patience=patience,
                rejected=rejected,
                signers=signers,
                vault=vault,
                witnesses=witnesses,
            )
            yield

    async def answers() -> None:
        await site.state.pool.fetchval("SELECT 1")

    async def fits() -> None:
        await migrated.check(site.state.pool)

    async def opens() -> None:
        await site.state.vault.answers()

    site = web.application(
        "Locus ledger",
        [
            Router("/v1/ledgers", route_handlers=LEDGER, exception_handlers=HANDLERS),
            Router("/v1/accesses", route_handlers=ACCESSES, exception_handlers=HANDLERS),
        ],
        lifespan=lifespan,
        checks={"database": answers, "migrations": fits, "vault": opens}
        | ({"halted": watch.sound} if watch else {}),
    )
    return Front(site)


async def relay(settings: Settings) -> None:
    """The relay's process: echo every ledger into JetStream until cancelled."""
    url = needed(settings.database_url, "LOCUS_DATABASE_URL")
    nats_url = needed(settings.nats_url, "LOCUS_NATS_URL")
    commit_points = faults.commit_points(os.environ.get("LOCUS_FAULT"))
    async with AsyncExitStack() as stack:
        client = await messaging.connect(nats_url, "locus relay")
        stack.push_async_callback(client.close)
        await Relay(lambda: database.connect(url, "locus_relay"), client, commit_points=commit_points).run()


class Front:
    """The application, with events that are published reaching their handler first.

    Routing, parsing and answering in the framework would take longer than all we do with an event.
    """

    def __init__(self, site: Litestar) -> None:
        self._site = site
        self._rest = web.headed(web.accounted(site))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        ledger = _published_to(scope)
        if ledger is None:
            await self._rest(scope, receive, send)
        else:
            await self._site.state.publishing(ledger, scope, receive, send)

    def promptly(self, scope: Scope, body: bytes, reply: Reply) -> bool:
        """As `Prompt` has it."""
        ledger = _published_to(scope)
        return ledger is not None and self._site.state.publishing.promptly(ledger, scope, body, reply)


def _published_to(scope: Scope) -> str | None:
    if scope.get("method") != "POST":  # neither web sockets nor the lifespan have one
        return None
    found = _EVENTS.fullmatch(scope["path"])
    return found and found[1]


def readers(url: str) -> "asyncpg.Pool[asyncpg.Record]":
    """Connections for reading."""
    return database.pool(url, "locus_reader", _READERS)


def _writers(url: str) -> "asyncpg.Pool[asyncpg.Record]":
    """Connections for the messages that are kept; the appender has its own."""
    return database.pool(url, "locus_appender", _WRITERS)


def _now() -> datetime:
    return datetime.now(UTC)
