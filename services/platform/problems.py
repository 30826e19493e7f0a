"""Errors as clients get them: RFC 9457 problems with a stable type, the place, and what to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Parameter, Schema
from litestar.types import ExceptionHandlersMap

from schemas import envelope
from schemas.envelope import Flaw
from services.platform import accesses

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem that clients may rely on: its type is `urn:locus:problem:<slug>`."""

    slug: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The stable URN."""
        return f"urn:locus:problem:{self.slug}"


BAD_REQUEST = Kind("bad-request", 400, "The request cannot be understood")
BAD_PARAMETER = Kind("bad-parameter", 400, "A parameter cannot be understood")
UNAUTHENTICATED = Kind("unauthenticated", 401, "A valid token is needed")
FORBIDDEN = Kind("forbidden", 403, "This token does not allow that")
NOT_FOUND = Kind("not-found", 404, "There is nothing here")
UNKNOWN_LEDGER = Kind("unknown-ledger", 404, "There is no such ledger")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This address does not take that method")
BODY_TOO_LARGE = Kind("body-too-large", 413, "The body is too large")
INTERNAL = Kind("internal", 500, "Something went wrong on our side")
UNAVAILABLE = Kind("unavailable", 503, "Busy or starting; try again")
_BY_STATUS = {
    kind.status: kind
    for kind in (
        BAD_REQUEST,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        BODY_TOO_LARGE,
        UNAVAILABLE,
    )
}

# Where the framework found fault, and what to do.
_ADVICE: Mapping[int, tuple[str | None, str]] = {
    HTTPStatus.NOT_FOUND: (
        "path",
        "/schema lists the addresses there are; no id has a slash in it",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method", "/schema lists the methods of each address"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("", "send less at once"),
}


class Problem(Exception):
    """Raised anywhere while answering; becomes the answer."""

    def __init__(
        self,
        kind: Kind,
        detail: str | None = None,
        *,
        where: str | None = None,
        hint: str | None = None,
        errors: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind.title)
        self.kind = kind
        self.body = envelope.Problem(kind.type, kind.title, kind.status, detail, where, hint, tuple(errors))
        self.headers = dict(headers or {})

    def encoded(self) -> bytes:
        """The problem as JSON."""
        return msgspec.json.encode(self.body)


def unavailable(detail: str, *, where: str | None = None, retry_after: int = 1) -> Problem:
    """Overload and start-up: always means "retry the same"."""
    headers = {"retry-after": str(retry_after)}
    return Problem(UNAVAILABLE, detail, where=where, hint="retry the same request", headers=headers)


def response(problem: Problem) -> Response[bytes]:
    """The problem as an answer."""
    return Response(
        problem.encoded(), status_code=problem.kind.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def from_http(error: HTTPException, choices: Callable[[str], Sequence[str]] = lambda _: ()) -> Problem:
    """What the web framework refused, in our words; `choices` are the words that a parameter takes."""
    kind = _BY_STATUS.get(error.status_code) or _unnamed(error.status_code)
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Problem(kind)
    flaws = [_flaw(one) for one in error.extra or () if isinstance(one, dict)]
    detail = "; ".join(flaw.detail for flaw in flaws) or error.detail
    where, hint = _ADVICE.get(kind.status, (None, "/schema says what this address takes"))
    if flaws:
        where = flaws[0].where
        words = choices(where or "")
        hint = f"{where} takes {', '.join(words)}" if words else hint
    return Problem(kind, detail, where=where, hint=hint, errors=flaws, headers=error.headers)


def _unnamed(status: int) -> Kind:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return INTERNAL
    return Kind(f"http-{status}", status, HTTPStatus(status).phrase)


def _flaw(one: dict[str, Any]) -> Flaw:
    key = str(one.get("key", "")).removesuffix("_") or None  # `state_` is what stands for a word not free
    in_body = key is not None and one.get("source") in (None, "body")
    return Flaw(str(one.get("message", "")), "/" + key.replace(".", "/") if key and in_body else key)


def _on_problem(request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    if error.kind.status in accesses.REFUSALS:
        accesses.refusal(request, error.kind.slug)
    return response(error)


def _on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _on_failure(request, error)
    return response(from_http(error, partial(_choices, request)))


def _choices(request: Request[Any, Any, Any], parameter: str) -> list[str]:
    """The words that a parameter of this address takes, as they are published; none if any text may be."""
    item = (request.app.openapi_schema.paths or {}).get(request.scope["path_template"])
    for one in item.get.parameters or () if item is not None and item.get is not None else ():
        if isinstance(one, Parameter) and one.name == parameter and isinstance(one.schema, Schema):
            return [word for word in one.schema.enum or () if isinstance(word, str)]
    return []


def _on_failure(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The traceback is for the log; the client learns only that it is our fault."""
    _log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    return response(Problem(INTERNAL, hint="retry; if it goes on, the server's log says why"))


HANDLERS: ExceptionHandlersMap = {
    Problem: _on_problem,
    HTTPException: _on_http,
    Exception: _on_failure,
}
