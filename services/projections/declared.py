"""The routes of views that are declared in their own files: parse, ask, answer."""

from functools import partial
from inspect import Parameter, Signature
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler, get
from litestar.params import FromPath, QueryParameter

from services.projections.answering import Asking, Views
from services.projections.parameters import At, KnownAt
from services.projections.views.view import View

_THEIRS = frozenset({"body", "data", "headers", "query", "request", "scope", "socket", "state"})


def route(view: View, **shared: Any) -> HTTPRouteHandler:
    """The handler of a declared view; `shared` is what all views have: guards, tags, documented problems."""
    known = frozenset(field.encode_name for field in msgspec.structs.fields(view.question))

    async def read(request: Asking, ledger: str, state: State, **given: Any) -> Response[Any]:
        asked = view.question(**{name: given[_argument(name)] for name in view.question.__struct_fields__})
        views: Views = state.views
        work = partial(view.ask, asked)
        aside = view if view.long else None
        return await views.answer(request, ledger, (view.name, view.version), asked, work, known, aside)

    _describe(read, view)
    return get(f"/{{ledger:str}}/{view.name}", **shared)(read)


def _describe(read: Any, view: View) -> None:
    """Give the handler the parameters of the question, which the framework reads and publishes."""
    types = {"request": Asking, "ledger": FromPath[str], "state": State}
    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=of) for name, of in types.items()]
    for name, annotation, default in (*_fields(view.question), ("at", At, None), ("known_at", KnownAt, None)):
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default))
    read.__name__ = read.__qualname__ = f"read_{view.name}"
    read.__doc__ = view.ask.__doc__
    read.__signature__ = Signature(parameters, return_annotation=Response[view.answer])  # type: ignore[name-defined]  # made here
    read.__annotations__ = {one.name: one.annotation for one in parameters} | {
        "return": read.__signature__.return_annotation
    }


def _fields(question: type[msgspec.Struct]) -> list[tuple[str, Any, Any]]:
    described = []
    for field in msgspec.structs.fields(question):
        of = msgspec.inspect.type_info(field.type)
        words = of.extra_json_schema if isinstance(of, msgspec.inspect.Metadata) else None
        bounds = dict(words or {})
        told = bounds.pop("description", None)
        said = QueryParameter(name=field.encode_name, description=told, schema_extra=bounds)
        described.append((_argument(field.name), Annotated[_bare(field.type), said], field.default))
    return described


def _bare(annotation: Any) -> Any:
    """The type without its description, which goes into the parameter's own."""
    return (
        getattr(annotation, "__origin__", annotation) if hasattr(annotation, "__metadata__") else annotation
    )


def _argument(name: str) -> str:
    """Of the handler; the framework has arguments of its own, which mean something else."""
    return f"{name}_" if name in _THEIRS else name
