"""Holds answers of a service against what its OpenAPI says of them."""

import re
from typing import Any

import httpx
import jsonschema

_ASKING = {"if-none-match", "last-event-id"}  # headers of ours, beside what all of HTTP has
_TELLING = {"etag", "locus-rests-on", "retry-after"}


async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the service says of itself."""
    described: dict[str, Any] = (await client.get("/schema/openapi.json")).json()
    return described


def check(document: dict[str, Any], answer: httpx.Response) -> None:
    """AssertionError, ValidationError: the answer's status, headers, form or content is another than is said.

    As is the form of a body that was taken, or a header that it was sent with.
    """
    request = answer.request
    asked = f"{request.method} {request.url.raw_path.decode()}: {answer.status_code}"
    operation = document["paths"][_address(document, request.url.path)]
    operation = operation[request.method.replace("HEAD", "GET").lower()]
    if not answer.is_error:
        _check_request(operation, request)
    said = operation["responses"]
    assert str(answer.status_code) in said, f"{asked} is not among {list(said)}"
    _check_headers(said[str(answer.status_code)].get("headers", {}), answer, asked)
    forms = said[str(answer.status_code)].get("content")
    if forms is None:
        assert not answer.content, f"{asked} has content"
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in forms, f"{asked} as {media_type} is not among {list(forms)}"
    if media_type.endswith("json") and "ndjson" not in media_type and request.method != "HEAD":
        schema = forms[media_type]["schema"] | {"components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


def _check_request(operation: dict[str, Any], request: httpx.Request) -> None:
    sent = {name for name in request.headers if name.startswith("ce-") or name in _ASKING}
    named = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
    assert sent <= named, f"{sent - named} is not among {named}"
    if "requestBody" in operation:
        forms = operation["requestBody"]["content"]
        assert request.headers["content-type"] in forms, f"a body is not among {list(forms)}"


def _check_headers(said: dict[str, Any], answer: httpx.Response, asked: str) -> None:
    sent = _TELLING & answer.headers.keys()
    needed = {name.lower() for name, header in said.items() if header["required"]}
    assert needed <= sent, f"{asked} lacks {needed - sent}"
    named = {name.lower() for name in said}
    assert sent <= named, f"{asked} has {sent - named}, which is not among {named}"


def _address(document: dict[str, Any], path: str) -> str:
    """The address with the fewest variables that the path is one of."""
    templates = sorted(document["paths"], key=lambda template: template.count("{"))
    patterns = {one: re.sub(r"\{\w+\}", "[^/]+", one.replace("{rest}", ".+")) for one in templates}
    return next(one for one, pattern in patterns.items() if re.fullmatch(pattern, path))
