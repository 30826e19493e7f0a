"""What OpenAPI says of answers that the framework does not know: problems, headers, other forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Schema,
)

from schemas import envelope
from services.platform.problems import MEDIA_TYPE

_USUAL: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "What is asked says nothing usable; `where` names the place",
        401: "No valid token",
        403: "The token does not allow it",
        503: "Not there yet, or busy: retry the same",
    }
)
_TEXT: Final = Schema(type=OpenAPIType.STRING)


@dataclass
class Told(Operation):
    """An operation that says after how long to retry what is answered with 503."""

    def __post_init__(self) -> None:
        """Name the header."""
        seconds = Schema(type=OpenAPIType.INTEGER, minimum=1)
        also_sent(self, 503, "Retry-After", "In how many seconds to retry the same", seconds)


def described(form: Any, meaning: str, media_type: str = "application/json") -> ResponseSpec:
    """An answer, by its type or a union of types."""
    return ResponseSpec(form, description=meaning, media_type=media_type, generate_examples=False)


def problem(meaning: str) -> ResponseSpec:
    """A problem as an answer."""
    return described(envelope.Problem, meaning, MEDIA_TYPE)


def otherwise(told: Mapping[int, str]) -> dict[int, ResponseSpec]:
    """The problems of an operation that needs a token: the usual, and those told, by status."""
    return {status: problem(meaning) for status, meaning in sorted({**_USUAL, **told}.items())}


def also_given(operation: Operation, *media_types: str) -> None:
    """Name other forms of the answer 200, as text."""
    answer = (operation.responses or {}).get("200")
    if isinstance(answer, OpenAPIResponse):
        text = OpenAPIMediaType(schema=_TEXT)
        answer.content = {**(answer.content or {}), **dict.fromkeys(media_types, text)}


def also_sent(
    operation: Operation, status: int, name: str, meaning: str, schema: Schema = _TEXT, *, always: bool = True
) -> None:
    """Name a header of the answer with this status."""
    answer = (operation.responses or {}).get(str(status))
    if isinstance(answer, OpenAPIResponse):
        header = OpenAPIHeader(schema=schema, description=meaning, required=always)
        answer.headers = {**(answer.headers or {}), name: header}
