"""From a question to its answer as clients get it: one snapshot, what it rests on, the ETag, the measures."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.status_codes import HTTP_304_NOT_MODIFIED
from prometheus_client import Histogram

from services.platform.negotiating import VARY, form
from services.platform.web import names, no_others
from services.projections.aside import Aside
from services.projections.connection import Connection
from services.projections.knots.settings import Settings
from services.projections.negotiating import CSV, CSV_WITH, FORMS, JSON, TABLE, csv, no_table_of_json
from services.projections.parameters import AS_OF, ledger_name
from services.projections.views.ground import Ground, Structures, ground, snapshot
from services.projections.views.view import View

T = TypeVar("T")
Asking = Request[Any, Any, State]
Work = Callable[[Connection, Ground, Structures], Awaitable[T]]

RESTS_ON: Final = "locus-rests-on"  # a header of CSV: JSON

_SECONDS = Histogram(
    "locus_view_seconds",
    "How long views take, from the question to the answer",
    ["view"],
    buckets=(0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 3, 10),
)
_LASTING = "private, max-age=3600"  # a position says the same for ever; only the view may be mended
_CHANGING = "private, no-cache"  # keep it, but ask whether it is still so
_encode = msgspec.json.Encoder(order="deterministic").encode


class Views:
    """Answers questions from one database. `structures` remember between questions, nothing else does."""

    def __init__(self, pool: asyncpg.Pool, aside: Aside, knots: Settings | None = None) -> None:
        self.pool = pool
        self.structures = Structures(knots=knots)
        self.aside = aside
        _program()  # as it is now: what its files say may be another before somebody asks

    async def answer(
        self,
        request: Asking,
        ledger: str,
        view: tuple[str, int],
        question: object,
        work: Work[T],
        parameters: frozenset[str] = frozenset(),
        aside: View | None = None,
    ) -> Response[T]:
        """The answer, or 304 if the client has it. `question` is all that tells two answers of a view apart
        beside what they rest on and their form; `parameters` are those it is made of. A view `aside` is
        worked out in another process.
        """
        begun = perf_counter()
        no_others(names(request), parameters | AS_OF | {TABLE})
        at, known_at, table = map(request.query_params.get, ("at", "known_at", TABLE))
        given = form(request.headers.getall("accept", []), FORMS)
        no_table_of_json(given, table)
        async with snapshot(self.pool, ledger_name(ledger)) as connection:
            base = await ground(connection, ledger, at, known_at)
            told = (question, self.structures.knots)  # other thresholds, other answers
            tag = etag(base, view, told if given == JSON else (told, given, table))
            headers = {"etag": tag, "cache-control": _keeping(base, known_at), **VARY}
            if unchanged(request.headers.get("if-none-match"), tag):
                return Response(None, status_code=HTTP_304_NOT_MODIFIED, headers=headers)  # type: ignore[arg-type]  # no body
            answer = None if aside is not None else await work(connection, base, self.structures)
        if aside is not None:
            body = await self.aside.answer(aside, question, base, given, table)
        else:
            body = csv(answer, table) if given == CSV else _encode(answer)  # type: ignore[arg-type]  # answers are structs
        headers |= _told(base, view) if given == CSV else {}
        response = Response(body, headers=headers, media_type=CSV_WITH if given == CSV else JSON)
        _SECONDS.labels(view[0]).observe(perf_counter() - begun)
        return response  # type: ignore[return-value]  # encoded once, here


def _told(ground: Ground, view: tuple[str, int]) -> dict[str, str]:
    """What a table rests on, beside it: the same as in JSON, and a name to keep it under."""
    name = f"{ground.ledger}-{view[0]}-{ground.position}.csv"
    return {
        RESTS_ON: _encode(ground.rests_on(*view)).decode(),
        "content-disposition": f'inline; filename="{name}"',
    }


def etag(ground: Ground, view: tuple[str, int], question: object) -> str:
    """Strong: two answers with the same tag are the same bytes."""
    told = (_program(), ground.facts_version, ground.rests_on(*view), question)
    return f'"{hashlib.sha256(_encode(told)).hexdigest()[:32]}"'


@cache
def _program() -> str:
    """Tells this program from every other: one that was changed may say the same otherwise."""
    digest = hashlib.sha256()
    for name in ("services", "schemas"):
        home = Path(__file__).parents[2] / name
        for file in sorted((*home.rglob("*.py"), *home.rglob("*.sql"))):
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def unchanged(if_none_match: str | None, etag: str) -> bool:
    """Whether a client that sent this header has the answer with this tag."""
    if if_none_match is None:
        return False
    held = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in held or etag in held


def _keeping(ground: Ground, known_at: str | None) -> str:
    """How long an answer may be kept without asking."""
    by_position = known_at is not None and known_at.isdecimal()
    return _CHANGING if ground.now and not by_position else _LASTING
