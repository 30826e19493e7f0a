"""The views over HTTP: parse, ask, answer; no rules."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
import structlog
from litestar import Request, Response, Router, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter
from litestar.types import ExceptionHandlersMap

from services.platform import migrated, problems
from services.platform.auth import allowed
from services.platform.openapi import Told, otherwise
from services.platform.problems import BAD_PARAMETER, UNKNOWN_LEDGER, Kind, Problem, unavailable
from services.platform.web import takes
from services.projections import live_http
from services.projections.answering import Asking, Views
from services.projections.connection import AWAY
from services.projections.declared import route
from services.projections.dossier.answer import DecisionDossier, InitiativeDossier
from services.projections.openapi import Tabular
from services.projections.parameters import FILTERS, At, Domain, KnownAt, filters, ledger_name
from services.projections.views import asked, authority, dossier, drift, matrix, remit
from services.projections.views.dossier import UnknownSubjectError
from services.projections.views.ground import NotReadYetError, UnknownLedgerError, snapshot
from services.projections.views.matrix import UnknownDomainError
from services.projections.views.progress import Progress, progress
from services.projections.views.question import BadParameterError, By, Question, identifier
from services.projections.views.view import found

UNKNOWN_SUBJECT: Final = Kind("unknown-subject", 404, "Nothing is recorded of it")
T = TypeVar("T")
UNKNOWN_DOMAIN: Final = Kind("unknown-domain", 404, "Nobody has named such a domain")
_log = structlog.get_logger(__name__)

_OTHERWISE: Final = otherwise({404: "No such ledger or domain", 406: "Answers are JSON or CSV"})
_READING: Final[dict[str, Any]] = {
    "guards": [allowed("views")],
    "tags": ["views"],
    "responses": _OTHERWISE,
    "operation_class": Told,
}
_VIEW: Final[dict[str, Any]] = _READING | {"operation_class": Tabular}


@get("/{ledger:str}/authority", dependencies={"question": Provide(filters)}, **_VIEW)
async def read_authority(
    request: Asking,
    ledger: FromPath[str],
    question: NamedDependency[Question],
    state: State,
    by: Annotated[By, QueryParameter(description="What the rows of the answer are.")] = "actor",
    at: At = None,
    known_at: KnownAt = None,
) -> Response[authority.Authority]:
    """Where authority actually sits: shares and concentration, node and seat side by side."""
    question = msgspec.structs.replace(question, by=by)
    view, work = (authority.VIEW, authority.VERSION), partial(asked.of_authority, question)
    return await _views(state).answer(request, ledger, view, question, work, FILTERS)


@get("/{ledger:str}/drift", dependencies={"question": Provide(filters)}, **_VIEW)
async def read_drift(
    request: Asking,
    ledger: FromPath[str],
    question: NamedDependency[Question],
    state: State,
    by: Annotated[
        Literal["domain", "actor", "body", "stakes"],
        QueryParameter(description="What the rows of the answer are; `domain` is the row's."),
    ] = "domain",
    at: At = None,
    known_at: KnownAt = None,
) -> Response[drift.Drift]:
    """Stated against actual authority over the same decisions, and what was never stated."""
    question = msgspec.structs.replace(question, by=by)
    view, work = (drift.VIEW, drift.VERSION), partial(asked.of_drift, question)
    return await _views(state).answer(request, ledger, view, question, work, FILTERS)


@get("/{ledger:str}/matrix", **_VIEW)
async def read_matrix(
    request: Asking,
    ledger: FromPath[str],
    state: State,
    domain: Domain = None,
    at: At = None,
    known_at: KnownAt = None,
) -> Response[matrix.MatrixAnswer]:
    """Who is said to decide, to be consulted, to be informed at an instant, in every domain or one subtree.

    With `domain`, also the history of that domain's own row.
    """
    work = partial(asked.of_matrix, identifier("domain", domain))
    view = matrix.VIEW, matrix.VERSION
    return await _views(state).answer(request, ledger, view, domain, work, frozenset({"domain"}))


@get("/{ledger:str}/domains/{domain:str}/remit", **_VIEW)
async def read_domain_remit(
    request: Asking,
    ledger: FromPath[str],
    domain: FromPath[str],
    state: State,
    at: At = None,
    known_at: KnownAt = None,
) -> Response[remit.DomainRemit]:
    """Who decides in a domain, alone or together, by which way, and whom they have to ask and to tell."""
    subject = identifier("domain", domain)
    work = partial(asked.of_remit, remit.domain_remit, subject)
    view = remit.VIEW, remit.VERSION
    return await _views(state).answer(request, ledger, view, ("domain", subject), work)


@get("/{ledger:str}/actors/{actor:str}/remit", **_VIEW)
async def read_actor_remit(
    request: Asking,
    ledger: FromPath[str],
    actor: FromPath[str],
    state: State,
    at: At = None,
    known_at: KnownAt = None,
) -> Response[remit.HolderRemit]:
    """What an actor may decide alone and what together, when to ask and whom to tell, in every domain."""
    return await _holder_remit(request, ledger, f"actor/{identifier('actor', actor)}", state)


@get("/{ledger:str}/bodies/{body_id:str}/remit", **_VIEW)
async def read_body_remit(
    request: Asking,
    ledger: FromPath[str],
    body_id: FromPath[str],
    state: State,
    at: At = None,
    known_at: KnownAt = None,
) -> Response[remit.HolderRemit]:
    """What a body may decide alone and what together, when to ask and whom to tell, in every domain."""
    return await _holder_remit(request, ledger, f"body/{identifier('body', body_id)}", state)


async def _holder_remit(
    request: Asking, ledger: str, holder: str, state: State
) -> Response[remit.HolderRemit]:
    work = partial(asked.of_remit, remit.holder_remit, holder)
    return await _views(state).answer(request, ledger, (remit.VIEW, remit.VERSION), holder, work)


@get("/{ledger:str}/decisions/{decision:str}", **_VIEW)
async def read_decision(
    request: Asking,
    ledger: FromPath[str],
    decision: FromPath[str],
    state: State,
    at: At = None,
    known_at: KnownAt = None,
) -> Response[DecisionDossier]:
    """One decision whole: who was asked, said, decided, under which row as of then, what became of it."""
    return await _dossier(request, ledger, dossier.of_decision, "decision", decision, state)


@get("/{ledger:str}/initiatives/{initiative:str}", **_VIEW)
async def read_initiative(
    request: Asking,
    ledger: FromPath[str],
    initiative: FromPath[str],
    state: State,
    at: At = None,
    known_at: KnownAt = None,
) -> Response[InitiativeDossier]:
    """One initiative whole: who proposed it, what was decided, learnt and waited for, how it ended."""
    return await _dossier(request, ledger, dossier.of_initiative, "initiative", initiative, state)


async def _dossier(
    request: Asking, ledger: str, of: Callable[..., Awaitable[T]], kind: str, given: str, state: State
) -> Response[T]:
    id = identifier(kind, given)
    view = dossier.VIEW, dossier.VERSION
    return await _views(state).answer(request, ledger, view, (kind, id), partial(of, id))


@get("/{ledger:str}/progress", **_READING | {"guards": [allowed("views"), takes()]})
async def read_progress(ledger: FromPath[str], state: State) -> Response[Progress]:
    """How far the views have come behind the ledger, and whether anything is wrong with them."""
    async with snapshot(_views(state).pool, ledger_name(ledger)) as connection:
        return Response(await progress(connection, ledger), headers={"cache-control": "no-store"})


def _views(state: State) -> Views:
    views: Views = state.views
    return views


def _bad_parameter(_: Request[Any, Any, Any], error: BadParameterError) -> Response[bytes]:
    return problems.response(Problem(BAD_PARAMETER, error.detail, where=error.parameter, hint=error.hint))


def _unknown_ledger(_: Request[Any, Any, Any], error: UnknownLedgerError) -> Response[bytes]:
    hint = "check its name; a ledger just created is here once the worker has seen it"
    detail = f"the views know no ledger {str(error)[:100]!r}"
    return problems.response(Problem(UNKNOWN_LEDGER, detail, where="ledger", hint=hint))


def _unknown_domain(_: Request[Any, Any, Any], error: UnknownDomainError) -> Response[bytes]:
    hint = "GET …/matrix lists the domains named by then"
    detail = f"as of then, nobody had named a domain {error}"
    return problems.response(Problem(UNKNOWN_DOMAIN, detail, where="domain", hint=hint))


def _unknown_subject(_: Request[Any, Any, Any], error: UnknownSubjectError) -> Response[bytes]:
    detail = f"as of then, nothing is recorded of {error.subject}"
    hint = "mend its id, or ask `at` and `known_at` a later time"
    if error.known_until is not None:
        detail = f"what was recorded of {error.subject} was retracted"
        hint = f"ask `known_at` {error.known_until} for what was known of it until then"
    kind = error.subject.partition("/")[0]
    return problems.response(Problem(UNKNOWN_SUBJECT, detail, where=kind, hint=hint))


def _not_read_yet(_: Request[Any, Any, Any], error: NotReadYetError) -> Response[bytes]:
    return problems.response(unavailable(str(error)))


def _unmigrated(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("request failed", error=repr(error), cure=migrated.CURE)
    return problems.response(migrated.problem())


def _database_away(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return problems.response(unavailable("the database does not answer"))


_HANDLERS: ExceptionHandlersMap = {
    BadParameterError: _bad_parameter,
    UnknownLedgerError: _unknown_ledger,
    UnknownDomainError: _unknown_domain,
    UnknownSubjectError: _unknown_subject,
    NotReadYetError: _not_read_yet,
    **dict.fromkeys(AWAY, _database_away),
    **dict.fromkeys(migrated.UNMIGRATED, _unmigrated),
}

READING: Final = Router(
    "/v1/ledgers",
    route_handlers=[
        read_authority,
        read_drift,
        read_matrix,
        read_domain_remit,
        read_actor_remit,
        read_body_remit,
        read_decision,
        read_initiative,
        read_progress,
        live_http.route(**_READING | {"guards": [allowed("views"), takes("after")]}),
        *(route(view, **_VIEW) for view in found()),
    ],
    exception_handlers=_HANDLERS,
)
