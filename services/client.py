"""The HTTP client of the command line: plain questions, streams of lines, and errors a person can act on."""

import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
import stamina
import stamina.instrumentation

from services import running
from services.failures import FAILED, NOT_ALLOWED, UNKNOWN, UNREACHABLE, USAGE, CommandFailed

T = TypeVar("T")

NDJSON = "application/x-ndjson"
_ANYTHING = "*/*"
_LARGEST = 1 << 26  # bytes of an answer that is read whole
_LONGEST = 1 << 20  # bytes of a line of one that is streamed
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what reading bytes as JSON raises
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
        return self.ask(Any, path, **query)

    def ask(self, kind: type[T], path: str, /, **query: Any) -> T:
        """The answer to a question, of this kind."""
        return self._read(self._retried(lambda: self._whole("GET", _with(path, query), None)), kind)

    def read(self, path: str, accept: str = _ANYTHING, **query: Any) -> bytes:
        """The answer to a question as it came, for what is no JSON."""
        return self._retried(lambda: self._whole("GET", _with(path, query), None, accept))

    def post(self, path: str, body: Any) -> Any:
        """The JSON answer to something sent; safe to repeat, as everything of ours is."""
        return self._read(self._retried(lambda: self._whole("POST", path, msgspec.json.encode(body))), Any)

    def put(self, path: str, body: Any) -> Any:
        """The JSON answer to something set."""
        return self._read(self._retried(lambda: self._whole("PUT", path, msgspec.json.encode(body))), Any)

    def delete(self, path: str, **query: Any) -> Any:
        """The JSON answer to something taken away."""
        return self._read(self._retried(lambda: self._whole("DELETE", _with(path, query), None)), Any)

    def lines(
        self, path: str, accept: str = NDJSON, last_event: str | None = None, **query: Any
    ) -> Iterator[bytes]:
        """The lines of a streamed answer, as they come."""
        headers = {"Accept": accept} | ({"Last-Event-ID": last_event} if last_event else {})
        with self._answer("GET", _with(path, query), None, headers) as answer:
            for line in self._lines(answer):
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
            with connection.getresponse() as answer:
                self._raise_for(answer, NDJSON)
                for line in self._lines(answer):
                    yield line.rstrip(b"\n")

    @contextmanager
    def understood(self) -> Iterator[None]:
        """Lines of an answer that cannot be decoded are the service's failure."""
        try:
            yield
        except _UNREADABLE as error:
            told = f"{self._address} gave an answer that cannot be read: {error}"
            raise CommandFailed(told, FAILED) from error

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

    def _read(self, answer: bytes, kind: type[T]) -> T:
        with self.understood():
            return msgspec.json.decode(answer, type=kind)

    def _whole(self, method: str, path: str, body: bytes | None, accept: str = _ANYTHING) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": accept}
        with self._answer(method, path, body, headers) as answer:
            content = answer.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                raise CommandFailed(f"{self._address} gave an answer of more than {_LARGEST} bytes", FAILED)
            if answer.length:  # read with a bound, it does not say by itself that it was broken off
                raise http.client.IncompleteRead(content, answer.length)
            return content

    def _lines(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        while line := answer.readline(_LONGEST + 1):
            if len(line) > _LONGEST:
                raise CommandFailed(f"{self._address} sent a line of more than {_LONGEST} bytes", FAILED)
            yield line

    @contextmanager
    def _answer(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        with closing(self._connection()) as connection:
            connection.request(method, self._parts.path + path, body, {**self._headers, **headers})
            with connection.getresponse() as answer:
                self._raise_for(answer, headers["Accept"])
                yield answer

    def _connection(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=120)

    def _raise_for(self, answer: http.client.HTTPResponse, accept: str) -> None:
        if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
            given = answer.headers.get_content_type()
            if accept not in (_ANYTHING, given):
                raise CommandFailed(f"{self._address} answered with {given}, not with {accept}", FAILED)
            return
        problem = _problem(answer, self._address)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise Busy(problem.told())
        code = _CODES.get(answer.status, FAILED)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._headers["Authorization"] == "Bearer ":
            raise CommandFailed(f"{self._address} asks for a token: set LOCUS_TOKEN", code, answer.status)
        if answer.status == HTTPStatus.NOT_FOUND and problem.detail == HTTPStatus.NOT_FOUND.phrase:
            told = f"{self._address} does not know this address; LOCUS_URL names the ledger, LOCUS_VIEWS_URL"
            raise CommandFailed(f"{told} the views, unless both are at one address", code, answer.status)
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


def _problem(answer: http.client.HTTPResponse, address: str) -> Problem:
    with suppress(*_UNREADABLE):
        problem = msgspec.json.decode(answer.read(_LONGEST), type=Problem)
        if problem.told():
            return problem
    leads = answer.headers.get("Location")
    to = f", which leads to {leads}" if leads else ""
    return Problem(title=f"{address} answered {answer.status} {answer.reason}{to}")


def _with(path: str, query: Mapping[str, Any]) -> str:
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True, errors='surrogateescape')}" if given else path


def _send(connection: http.client.HTTPConnection, body: bytes) -> None:
    with suppress(OSError):  # whoever reads the answer learns of the broken connection there
        connection.send(body)
