"""The addresses of a service as a page that takes nothing from any other host."""

from html import escape
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif; max-width: 70em; margin: 2em auto">
<h1>{title}</h1>
<p>Everything these addresses take and give, for programs: <a href="{json}">{json}</a></p>
<table style="text-align: left">
{rows}
</table>
</body>
</html>
"""


class SchemaPage(OpenAPIRenderPlugin):
    """What Litestar asks to render its OpenAPI schema, beside the JSON."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Each method and address, and the first line of what it is for."""
        rows = [
            f"<tr><th>{method.upper()}</th><td><code>{escape(path)}</code></td><td>{_purpose(operation)}</td></tr>"
            for path, operations in sorted(openapi_schema["paths"].items())
            for method, operation in operations.items()
        ]
        page = _PAGE.format(
            title=escape(openapi_schema["info"]["title"]),
            json=self.get_openapi_json_route(request),
            rows="\n".join(rows),
        )
        return page.encode()


def _purpose(operation: dict[str, Any]) -> str:
    told: str = operation.get("description") or operation.get("summary") or ""
    return escape(told.partition("\n")[0])
