"""Holds answers of a service against what its OpenAPI says of them."""

import re
from typing import Any

import httpx
import jsonschema


async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the service says of itself."""
    described: dict[str, Any] = (await client.get("/schema/openapi.json")).json()
    return described


def check(document: dict[str, Any], answer: httpx.Response) -> None:
    """AssertionError, ValidationError: the answer's status, form or content is another than is said."""
    request = answer.request
    asked = f"{request.method} {request.url.raw_path.decode()}: {answer.status_code}"
    operation = document["paths"][_address(document, request.url.path)]
    said = operation[request.method.replace("HEAD", "GET").lower()]["responses"]
    assert str(answer.status_code) in said, f"{asked} is not among {list(said)}"
    forms = said[str(answer.status_code)]["content"]
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in forms, f"{asked} as {media_type} is not among {list(forms)}"
    if media_type.endswith("json") and "ndjson" not in media_type and request.method != "HEAD":
        schema = forms[media_type]["schema"] | {"components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


def _address(document: dict[str, Any], path: str) -> str:
    """The address with the fewest variables that the path is one of."""
    templates = sorted(document["paths"], key=lambda template: template.count("{"))
    patterns = {one: re.sub(r"\{\w+\}", "[^/]+", one.replace("{rest}", ".+")) for one in templates}
    return next(one for one, pattern in patterns.items() if re.fullmatch(pattern, path))
