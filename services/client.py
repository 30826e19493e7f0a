"""The HTTP client of the command line: plain questions, streams of lines, and errors a person can act on."""

import http.client
import json
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import stamina
import stamina.instrumentation

from services import running
from services.failures import FAILED, NOT_ALLOWED, UNKNOWN, UNREACHABLE, USAGE, CommandFailed

NDJSON = "application/x-ndjson"
_CODES = {400: USAGE, 401: NOT_ALLOWED, 403: NOT_ALLOWED, 404: UNKNOWN}
# Of the connection, so worth a retry.
TROUBLE = (ConnectionError, http.client.HTTPException, TimeoutError, socket.gaierror)

stamina.instrumentation.set_on_retry_hooks([])  # the user hears of the last failure only


class Busy(Exception):
    """The service asked us to try again."""


class Problem(msgspec.Struct, frozen=True):
    """The members of a problem that are shown."""

    title: str = ""
    status: int = 0
    detail: str | None = None
    where: str | None = None
    hint: str | None = None

    def told(self) -> str:
        """The problem in one line."""
        place = f" (at {self.where})" if self.where else ""
        return f"{self.detail or self.title}{place}{f'; {self.hint}' if self.hint else ''}"


class Addresses(msgspec.Struct, frozen=True):
    """Both services and the token for them."""

    ledger: str
    views: str
    token: str


def find(data: Path | None, environment: Mapping[str, str] = os.environ) -> Addresses:
    """The system to talk to: `--data` if given, else LOCUS_URL with LOCUS_TOKEN, else the usual directory."""
    url = environment.get("LOCUS_URL")
    if data is None and url:
        views = environment.get("LOCUS_VIEWS_URL") or url
        token = _sendable(environment.get("LOCUS_TOKEN", ""))
        return Addresses(_address("LOCUS_URL", url), _address("LOCUS_VIEWS_URL", views), token)
    directory = running.data_directory(data, environment)
    system = running.read(directory)
    if system is None:
        told = f"nothing is running for {directory}; start it with: locus up (or name it: --data, LOCUS_URL)"
        raise CommandFailed(told, UNREACHABLE)
    token = _sendable(environment.get("LOCUS_TOKEN") or system.token)
    return Addresses(system.ledger_url, system.views_url, token)


def _address(name: str, given: str) -> str:
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise CommandFailed(f"{name} is no address: {given!r}; write it like http://127.0.0.1:8000", USAGE)
    return given.rstrip("/")


def _sendable(token: str) -> str:
    if not (token.isascii() and token.isprintable()):
        raise CommandFailed("LOCUS_TOKEN is no token: it holds more than printable ASCII", NOT_ALLOWED)
    return token


class Api:
    """One service at one address."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._parts = urlsplit(address)
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer to a question; whatever is None is left out of the query."""
        return json.loads(self._retried(lambda: self._whole("GET", _with(path, query), None)))

    def read(self, path: str, accept: str = "*/*", **query: Any) -> bytes:
        """The answer to a question as it came, for what is no JSON."""
        return self._retried(lambda: self._whole("GET", _with(path, query), None, accept))

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer to something sent; safe to repeat, as everything of ours is."""
        return json.loads(self._retried(lambda: self._whole("POST", path, msgspec.json.encode(body))))

    def put(self, path: str, body: Any) -> Any:
        """The JSON answer to something set."""
        return json.loads(self._retried(lambda: self._whole("PUT", path, msgspec.json.encode(body))))

    def delete(self, path: str, **query: Any) -> Any:
        """The JSON answer to something taken away."""
        return json.loads(self._retried(lambda: self._whole("DELETE", _with(path, query), None)))

    def lines(
        self, path: str, accept: str = NDJSON, last_event: str | None = None, **query: Any
    ) -> Iterator[bytes]:
        """The lines of a streamed answer, as they come."""
        headers = {"Accept": accept} | ({"Last-Event-ID": last_event} if last_event else {})
        with self._answer("GET", _with(path, query), None, headers) as answer:
            for line in answer:
                yield line.rstrip(b"\r\n")

    def exchange(self, path: str, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Send lines and give the lines of the answer, which may start before everything is sent."""
        body = b"".join(line + b"\n" for line in lines)
        with closing(self._connection()) as connection:
            connection.putrequest("POST", self._parts.path + path)
            for name, value in (self._headers | {"Content-Type": NDJSON}).items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            # Were we to send everything first, a service that answers meanwhile could wait for us to read.
            threading.Thread(target=_send, args=(connection, body), daemon=True).start()
            answer = connection.getresponse()
            self._raise_for(answer)
            for line in answer:
                yield line.rstrip(b"\n")

    def unreachable(self, error: Exception) -> CommandFailed:
        """What to say when retrying was no use."""
        if isinstance(error, Busy):
            return CommandFailed(f"{self._address} stays busy: {error}", FAILED)
        return CommandFailed(f"nothing answers at {self._address} ({error})", UNREACHABLE)

    def _retried(self, ask: Callable[[], bytes]) -> bytes:
        try:
            for attempt in stamina.retry_context(on=(Busy, *TROUBLE), attempts=None, timeout=5.0):
                with attempt:
                    return ask()
        except (Busy, *TROUBLE) as error:
            raise self.unreachable(error) from error
        raise AssertionError  # the loop returns or raises

    def _whole(self, method: str, path: str, body: bytes | None, accept: str = "*/*") -> bytes:
        headers = {"Content-Type": "application/json", "Accept": accept}
        with self._answer(method, path, body, headers) as answer:
            return answer.read()

    @contextmanager
    def _answer(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        with closing(self._connection()) as connection:
            connection.request(method, self._parts.path + path, body, {**self._headers, **headers})
            answer = connection.getresponse()
            self._raise_for(answer)
            yield answer

    def _connection(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=120)

    def _raise_for(self, answer: http.client.HTTPResponse) -> None:
        if answer.status < HTTPStatus.BAD_REQUEST:
            return
        problem = _problem(answer)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise Busy(problem.told())
        code = _CODES.get(answer.status, FAILED)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._headers["Authorization"] == "Bearer ":
            raise CommandFailed(f"{self._address} asks for a token: set LOCUS_TOKEN", code, answer.status)
        said = f"{self._address} refused the token: " if code == NOT_ALLOWED else ""
        raise CommandFailed(said + problem.told(), code, answer.status)


def ledger_api(data: Path | None) -> Api:
    """The ledger of the system that `find` finds."""
    found = find(data)
    return Api(found.ledger, found.token)


def api_at(address: str, data: Path | None) -> Api:
    """The service at an address, with LOCUS_TOKEN, or the token of a system here that serves it."""
    address = _address("the address", address)
    system = running.read(running.data_directory(data))
    own = system.token if system is not None and system.ledger_url == address else ""
    return Api(address, _sendable(os.environ.get("LOCUS_TOKEN") or own))


def views_api(data: Path | None) -> Api:
    """The views of the system that `find` finds."""
    found = find(data)
    return Api(found.views, found.token)


def _problem(answer: http.client.HTTPResponse) -> Problem:
    try:
        return msgspec.json.decode(answer.read(), type=Problem)
    except msgspec.DecodeError:
        return Problem(title=f"the answer was {answer.status} {answer.reason}")


def _with(path: str, query: Mapping[str, Any]) -> str:
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True, errors='surrogateescape')}" if given else path


def _send(connection: http.client.HTTPConnection, body: bytes) -> None:
    with suppress(OSError):  # whoever reads the answer learns of the broken connection there
        connection.send(body)
