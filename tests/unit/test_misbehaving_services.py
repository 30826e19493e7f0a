"""What a service must not answer is told in one line, and never taken for an answer, or for a wrong log."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from services import client
from services.cli import main
from services.client import Api
from services.failures import FAILED, UNREACHABLE, USAGE
from tests import audits

Answering = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def service(answering: Answering) -> Iterator[str]:
    """The address of a service that answers every question so."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answering(self)

        def log_message(self, *_: object) -> None:
            """Tests have no use for it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as serving:
        Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def saying(status: int, body: bytes = b"", **headers: str) -> Answering:
    def answering(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(status)
        for name, value in headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        asked.wfile.write(body)

    return answering


def without_end(asked: BaseHTTPRequestHandler) -> None:
    """One line that ends only when nobody reads any more."""
    saying(200, content_type=asked.headers["Accept"].replace("*/*", "application/json"))(asked)
    try:
        while True:
            asked.wfile.write(b"9" * 65536)
    except OSError:
        asked.close_connection = True


def run(address: str, *verb: str) -> Result:
    environment = {"LOCUS_URL": address, "LOCUS_TOKEN": "t", "LOCUS_LEDGER": "acme"}
    return CliRunner().invoke(main, verb, env=environment)


MISBEHAVING: list[tuple[Answering, str]] = [
    (saying(200, b"<html>log in</html>", content_type="text/html"), ""),
    (saying(200, b"<html>log in</html>", content_type="application/x-ndjson"), ""),
    (
        saying(301, location="https://elsewhere.example/"),
        "301 Moved Permanently, which leads to https://else",
    ),
    (saying(204), "204 No Content"),
    (saying(500), "500 Internal Server Error"),
    (saying(500, b"{}"), "500 Internal Server Error"),
    (saying(200, b"[]"), ""),
    (saying(200, b"{}"), ""),
    (saying(200, b"[" * 100_000), ""),
    (saying(200, b'{"root": "zz", "entries": []}'), ""),
    (without_end, "of more than"),
]


@pytest.mark.parametrize(
    ("verb", "code"), [("verify", UNREACHABLE), ("evidence", FAILED), ("history", FAILED)]
)
@pytest.mark.parametrize(("answering", "told"), MISBEHAVING)
def test_what_is_no_answer_is_told_in_one_line(
    answering: Answering, told: str, verb: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_LARGEST", 1 << 20)
    with service(answering) as address:
        more = {"verify": [address], "evidence": ["-o", str(tmp_path / "b.zip")], "history": []}
        ended = run(address, verb, *more[verb])
    assert isinstance(ended.exception, SystemExit), ended.exception
    assert (ended.exit_code, len(ended.stderr.splitlines())) == (code, 1), ended.output
    assert not told or (address in ended.stderr and told in ended.stderr), ended.output
    assert "keys" not in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_service_with_entries_everywhere_is_not_asked_for_ever() -> None:
    def answering(asked: BaseHTTPRequestHandler) -> None:
        saying(*((404,) if "/log/" in asked.path else (200, b'{"entries": [1]}')))(asked)

    with service(answering) as address:
        ended = run(address, "verify", address)
    assert (ended.exit_code, "behind every position" in ended.stderr) == (UNREACHABLE, True), ended.output


def test_entries_that_cannot_be_read_are_wrong_at_their_position() -> None:
    def answering(asked: BaseHTTPRequestHandler) -> None:
        if asked.headers["Accept"] == client.NDJSON:
            lines = audits.line(1) + b"\n<html>\n"
            saying(200, lines, content_type=client.NDJSON)(asked)
        elif "/events" in asked.path:
            there = "after=0" in asked.path or "after=1" in asked.path
            saying(200, b'{"entries": [%b]}' % (b"1" if there else b""))(asked)
        elif "/log/root/" in asked.path:
            saying(200, b'{"root": "%b"}' % (b"0" * 64))(asked)
        else:
            saying(404)(asked)

    with service(answering) as address:
        ended = run(address, "verify", address, "--json")
    report = json.loads(ended.stdout)
    first = report["faults"][0]
    assert (ended.exit_code, first["position"], first["kind"]) == (1, 2, "unreadable")


def test_an_event_of_a_type_unknown_here_is_told_where_it_cannot_be_exported() -> None:
    line = audits.line(1).replace(b"locus.decision.executed.v1", b"locus.decision.dreamt.v9")
    with service(saying(200, line + b"\n", content_type=client.NDJSON)) as address:
        ended = run(address, "history", "--format", "ocel")
    assert isinstance(ended.exception, SystemExit), ended.exception
    assert (ended.exit_code, "locus.decision.dreamt.v9" in ended.stderr) == (FAILED, True)


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    asked_for: list[str] = []

    def answering(asked: BaseHTTPRequestHandler) -> None:
        asked_for.append(asked.path)
        body = b"12345"
        saying(200, body[: len(asked_for)], content_length=str(min(2, len(body))))(asked)

    with service(answering) as address:
        assert Api(address, "t").get("/x") == 12
    assert len(asked_for) == 2


def test_a_directory_that_is_missing_is_named_before_anything_is_asked(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    ended = run("http://127.0.0.1:9", "evidence", "-o", str(missing / "b.zip"))
    told = f"locus: there is no directory {missing} for the file\n"
    assert (ended.exit_code, ended.stderr) == (USAGE, told)
