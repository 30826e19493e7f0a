"""Every error is a problem, and nothing of our insides reaches the client."""

import asyncio
import gc
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from litestar import Litestar, Request, get, post
from litestar.exceptions import ImproperlyConfiguredException
from litestar.params import JSONBody, Parameter
from litestar.types import ASGIApp, Receive, Scope, Send

from services.platform import auth, limits, protocol, serving, settings
from services.platform.ports import PortTaken, reserved
from services.platform.problems import NOT_FOUND, Problem
from services.platform.prompt import Answer, Reply
from services.platform.settings import Settings
from services.platform.web import application
from services.platform.web import takes as takes_only


@get("/v1/ledgers/{ledger:str}/things", guards=[auth.allowed("views")], sync_to_thread=False)
def things(request: Request, limit: Annotated[int, Parameter(ge=1)] = 1) -> dict[str, str | int]:
    return {"publisher": request.state.principal.publisher, "limit": limit}


@get("/things", guards=[takes_only("limit", many="who")], sync_to_thread=False)
def strict_things() -> dict[str, str]:
    return {}


@get("/breaks", sync_to_thread=False)
def breaks() -> None:
    raise ZeroDivisionError("secret detail")


@get("/misconfigured", sync_to_thread=False)
def misconfigured() -> None:
    raise ImproperlyConfiguredException("secret detail")


@get("/gone", sync_to_thread=False)
def gone() -> None:
    raise Problem(NOT_FOUND, "no such ledger", where="ledger", hint="create it first")


@post("/takes", sync_to_thread=False)
def takes(data: JSONBody[dict[str, int]]) -> dict[str, int]:
    return data


async def find(key: bytes) -> auth.Principal | None:
    if key != auth.hashed("good"):
        return None
    return auth.Principal(
        "forge", frozenset({"views"}), ("acme",), ("*",), datetime.now(UTC) + timedelta(hours=1)
    )


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncGenerator[None]:
    app.state.authenticator = auth.Authenticator(find, clock=lambda: datetime.now(UTC))
    app.state.limiter = limits.limiter(Settings())
    yield


async def passes() -> None:
    return None


async def fails() -> None:
    raise ConnectionError("no database")


@asynccontextmanager
async def client(**checks: object) -> AsyncGenerator[httpx.AsyncClient]:
    app = application(
        "Test",
        [things, strict_things, breaks, misconfigured, gone, takes],
        lifespan=lifespan,
        checks=checks or {"self": passes},
    )  # type: ignore[arg-type]  # checks given are of any kind
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as connected,
    ):
        yield connected


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/gone", 404, "not-found"),
        ("DELETE", "/gone", 405, "method-not-allowed"),
        ("GET", "/breaks", 500, "internal"),
        ("GET", "/misconfigured", 500, "internal"),
        ("POST", "/takes", 400, "bad-request"),
        ("GET", "/v1/ledgers/acme/things", 401, "unauthenticated"),
        ("GET", "/v1/ledgers/other/things", 403, "forbidden"),
        ("GET", "/v1/ledgers/acme/things?limit=0", 400, "bad-request"),
        ("GET", "/v1/ledgers/acme/things?limit=x", 400, "bad-request"),
    ],
)
async def test_every_error_is_a_problem_with_a_stable_type(
    method: str, path: str, status: int, slug: str
) -> None:
    headers = {} if status == 401 else {"authorization": "Bearer good"}
    async with client() as connected:
        answer = await connected.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:locus:problem:{slug}"
    assert answer.json()["status"] == status
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_bad_parameter_is_named() -> None:
    async with client() as connected:
        answer = await connected.get(
            "/v1/ledgers/acme/things?limit=0", headers={"authorization": "Bearer good"}
        )
    assert answer.json()["where"] == "limit"


async def test_a_parameter_given_twice_is_named_unless_it_may_be() -> None:
    async with client() as connected:
        twice = await connected.get("/things?limit=1&limit=2")
        many = await connected.get("/things?limit=1&who=a&who=b")
        unknown = await connected.get("/things?what=1")
    assert (twice.status_code, twice.json()["where"], twice.json()["detail"]) == (
        400,
        "limit",
        "it is given twice",
    )
    assert many.status_code == 200
    assert (unknown.status_code, unknown.json()["where"]) == (400, "what")


async def test_a_parameter_that_is_no_text_is_named() -> None:
    async with client() as connected:
        answer = await connected.get(
            "/v1/ledgers/acme/things?who=a%FF", headers={"authorization": "Bearer good"}
        )
    assert (answer.status_code, answer.json()["where"]) == (400, "who")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("DELETE", "/gone"),
        ("POST", "/takes"),
        ("GET", "/v1/ledgers/other/things"),
        ("GET", "/v1/ledgers/acme/things?limit=x"),
    ],
)
async def test_every_refusal_says_where_and_what_to_do(method: str, path: str) -> None:
    async with client() as connected:
        answer = await connected.request(method, path, headers={"authorization": "Bearer good"})
    assert answer.json()["where"]
    assert answer.json()["hint"]


async def test_a_guarded_handler_knows_who_called() -> None:
    async with client() as connected:
        answer = await connected.get("/v1/ledgers/acme/things", headers={"authorization": "Bearer good"})
    assert answer.json() == {"publisher": "forge", "limit": 1}


async def test_ready_names_what_is_missing_and_says_when_to_come_back() -> None:
    async with client(database=fails, nats=passes) as connected:
        answer = await connected.get("/health/ready")
    assert (answer.status_code, answer.json()["detail"]) == (503, "not ready: database")
    assert answer.headers["retry-after"] == "1"


async def test_health_metrics_and_schema_need_no_token() -> None:
    async with client() as connected:
        answers = {
            path: await connected.get(path)
            for path in ("/health/live", "/health/ready", "/metrics", "/schema/openapi.json")
        }
    assert {answer.status_code for answer in answers.values()} == {200}
    assert "python_info" in answers["/metrics"].text
    assert "/v1/ledgers/{ledger}/things" in answers["/schema/openapi.json"].text


async def test_the_page_of_the_schema_takes_nothing_from_another_host() -> None:
    async with client() as connected:
        page = await connected.get("/schema")
        (linked,) = re.findall(r'(?:href|src)="([^"]*)"', page.text)
        assert (await connected.get(linked)).json()["info"]["title"] == "Test"
    assert page.headers["content-type"].startswith("text/html")
    assert "//" not in page.text.replace("</", "")
    for said in ("/v1/ledgers/{ledger}/things", "/health/ready", "Whether everything this service stands on"):
        assert said in page.text


async def test_what_the_schema_does_not_have_is_a_problem() -> None:
    async with client() as connected:
        answer = await connected.get("/schema/swagger")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["where"] == "path"


def test_settings_come_from_the_environment_and_name_what_is_wrong() -> None:
    read = settings.read({"LOCUS_PORT": "8001", "LOCUS_UNKNOWN": "x", "LOCUS_HOST": ""})
    assert (read.port, read.host) == (8001, "127.0.0.1")
    with pytest.raises(settings.SettingsError, match="LOCUS_PORT"):
        settings.read({"LOCUS_PORT": "many"})
    with pytest.raises(settings.SettingsError, match=r"LOCUS_LOG_LEVEL: .*'loud'; set one of debug, info"):
        settings.read({"LOCUS_LOG_LEVEL": "loud"})
    with pytest.raises(settings.SettingsError, match="LOCUS_NATS_URL is not set"):
        settings.needed("", "LOCUS_NATS_URL")


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken, match="Address already in use"):
            reserved("127.0.0.1", other.getsockname()[1])


async def program(code: str) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, str]:
    """A process that serves, what it says on stdout, and its address."""
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=root, env=os.environ
    )
    assert process.stdout is not None
    return process, process.stdout, (await process.stdout.readline()).decode().split()[1]


SERVED = """
import asyncio
from litestar.response import Stream
from services.platform import lifetime, serving, telemetry
telemetry.log_to_stderr("warning", "test")
from tests.unit.test_platform_web import *
@get("/follow")
async def follow() -> Stream:
    async def forever():
        while True:
            yield b"x"
            await asyncio.sleep(0.05)
    return Stream(forever())
@asynccontextmanager
async def closing(app):
    yield
    print("closed", flush=True)
lifetime.run(serving.serve(application("T", [follow], lifespan=closing, checks={}), "127.0.0.1", 0))
"""


async def test_a_served_application_announces_itself_and_closes_on_sigterm_even_with_a_follower() -> None:
    process, said, address = await program(SERVED)
    async with httpx.AsyncClient() as connected, connected.stream("GET", f"{address}/follow") as following:
        assert following.status_code == 200
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await said.read() == b"closed\n"
            assert await process.wait() == 0


WAITED_FOR = """
import asyncio
from services.platform import lifetime, serving, telemetry
telemetry.log_to_stderr("warning", "test")
from services.platform.problems import unavailable
from tests.unit.test_platform_web import *
closing = asyncio.Event()
@get("/wait")
async def wait() -> str:
    print("asked", flush=True)
    await closing.wait()
    raise unavailable("closing")
@asynccontextmanager
async def lifespan(app):
    yield
    closing.set()
lifetime.run(serving.serve(application("T", [wait], lifespan=lifespan, checks={}), "127.0.0.1", 0))
"""


async def test_who_waits_while_the_service_closes_is_told_to_come_again() -> None:
    process, said, address = await program(WAITED_FOR)
    async with httpx.AsyncClient(timeout=20) as connected:
        waiting = asyncio.create_task(connected.get(f"{address}/wait"))
        assert await said.readline() == b"asked\n"
        process.send_signal(signal.SIGTERM)
        answer = await waiting
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        async with asyncio.timeout(15):
            assert await process.wait() == 0


@asynccontextmanager
async def empty(_: Litestar) -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def served(capsys: pytest.CaptureFixture[str], app: ASGIApp | None = None) -> AsyncGenerator[int]:
    """A served application's port."""
    app = app or application("T", [], lifespan=empty, checks={})
    task = asyncio.create_task(serving.serve(app, "127.0.0.1", 0))
    said = ""
    try:
        async with asyncio.timeout(10):
            while "listening http" not in said:
                await asyncio.sleep(0.01)
                said += capsys.readouterr().out
        yield int(said.strip().rpartition(":")[2])
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gc.unfreeze()
        gc.set_threshold(700, 10, 10)


async def test_a_head_without_end_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    async with served(capsys) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-endless: ")
        with suppress(ConnectionError):
            for _ in range(200):
                writer.write(b"a" * 65_536)
                await writer.drain()
        with suppress(ConnectionError):
            async with asyncio.timeout(10):
                assert (await reader.read()).startswith(b"HTTP/1.1 400")
        assert writer.transport.is_closing() or reader.at_eof()
        writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET /health/live HTTP/1.1\r\nhost:"])
async def test_a_connection_without_a_head_is_closed(
    sent: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "WITHIN", 0.2)
    async with served(capsys) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


class Echo:
    """Gives every body back that is no JSON, one of them a little later."""

    def __init__(self) -> None:
        self._site = application("T", [takes], lifespan=empty, checks={})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._site(scope, receive, send)

    def promptly(self, _: Scope, body: bytes, reply: Reply) -> bool:
        if body.startswith(b"{"):
            return False
        answer = Answer(201, [(b"content-length", b"%d" % len(body))], body)
        if body == b"wait":
            asyncio.get_running_loop().call_later(0.05, reply, answer)
        else:
            reply(answer)
        return True


def posted(body: bytes, *headers: str) -> bytes:
    head = ["POST /takes HTTP/1.1", "host: x", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


JSON = "content-type: application/json"
LAST = "connection: close"


async def test_a_prompt_application_answers_in_order_and_leaves_the_rest_to_asgi(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with served(capsys, Echo()) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(posted(b"wait") + posted(b"second") + posted(b'{"a":1}', JSON) + posted(b"last", LAST))
        said = await reader.read()  # until it is closed
        writer.close()
    assert said.count(b"HTTP/1.1 201 Created\r\n") == 4
    places = [said.index(body) for body in (b"wait", b"second", b'{"a":1}', b"last")]
    assert places == sorted(places)
    assert said.count(b"connection: close") == 1


async def test_a_body_that_comes_in_parts_is_left_to_asgi(capsys: pytest.CaptureFixture[str]) -> None:
    async with served(capsys, Echo()) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        whole = posted(b'{"a":12345}', JSON, LAST)
        writer.write(whole[:-3])
        await asyncio.sleep(0.05)
        writer.write(whole[-3:])
        assert (await reader.read()).endswith(b'{"a":12345}')
        writer.close()


async def test_who_leaves_before_a_prompt_answer_troubles_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    async with served(capsys, Echo()) as port, asyncio.timeout(10):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(posted(b"wait"))
        await asyncio.sleep(0.02)
        writer.transport.abort()
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(posted(b"last", LAST))
        assert (await reader.read()).endswith(b"last")
        writer.close()


async def test_who_listens_second_on_a_port_that_two_have_bound_is_told_so() -> None:
    with reserved("127.0.0.1", 0) as other:

        @asynccontextmanager
        async def meanwhile(_: Litestar) -> AsyncGenerator[None]:
            other.listen()
            yield

        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}: Address already in use"):
            async with asyncio.timeout(10):
                await serving.serve(application("T", [], lifespan=meanwhile, checks={}), "127.0.0.1", port)
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
