"""Publishing gets every event answered once, whatever happens on the way."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.cli_publish import Summary, exit_code, publish
from services.client import Api
from services.failures import NOT_ALLOWED, UNKNOWN, UNREACHABLE, CommandFailed

Reply = Callable[[int, list[dict[str, object]]], tuple[int, list[bytes], bool]]


def receipt(event: dict[str, object], **more: object) -> bytes:
    return json.dumps({"position": event["n"], "duplicate": False} | more).encode() + b"\n"


@contextmanager
def ledger(reply: Reply) -> Iterator[tuple[Api, list[list[object]]]]:
    """A ledger that answers as told: status, lines, and whether it then breaks the connection."""
    seen: list[list[object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            events = [json.loads(line) for line in body.splitlines()]
            seen.append([event["n"] for event in events])
            status, lines, breaks = reply(len(seen), events)
            whole = b"".join(lines)
            self.send_response(status)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Content-Length", str(len(whole) + (1 if breaks else 0)))
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, *_: object) -> None:
            """Tests have no use for it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield Api(f"http://127.0.0.1:{server.server_port}", "token"), seen
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def events(count: int) -> Iterator[bytes]:
    return (json.dumps({"n": n}).encode() for n in range(1, count + 1))


def published(api: Api, count: int) -> Summary:
    summary = Summary()
    publish(api, "acme", events(count), summary, lambda _: None)
    return summary


def test_many_events_go_in_several_requests_in_order() -> None:
    with ledger(lambda _, asked: (200, [receipt(event) for event in asked], False)) as (api, seen):
        summary = published(api, 12_000)
    assert [n for request in seen for n in request] == list(range(1, 12_001))
    assert len(seen) == 3
    assert (summary.new, summary.position, exit_code(summary)) == (12_000, 12_000, 0)


def test_after_a_lost_connection_only_the_unanswered_are_sent_again() -> None:
    def reply(request: int, asked: list[dict[str, object]]) -> tuple[int, list[bytes], bool]:
        if request == 1:
            return 200, [receipt(event) for event in asked[:3]], True
        return 200, [receipt(event) for event in asked], False

    with ledger(reply) as (api, seen):
        summary = published(api, 10)
    assert seen[1] == [4, 5, 6, 7, 8, 9, 10]
    assert summary.new == 10


def test_what_comes_behind_a_later_please_is_sent_again_in_order() -> None:
    def reply(request: int, asked: list[dict[str, object]]) -> tuple[int, list[bytes], bool]:
        lines = [receipt(event) for event in asked]
        if request == 1:
            lines[2] = b'{"status": 503, "title": "busy"}\n'
            lines[3] = b'{"status": 422, "title": "came before what it rests on"}\n'
        return 200, lines, False

    with ledger(reply) as (api, seen):
        summary = published(api, 5)
    assert seen == [[1, 2, 3, 4, 5], [3, 4, 5]]
    assert (summary.new, summary.refused) == (5, 0)


def test_a_busy_ledger_is_asked_again() -> None:
    def reply(request: int, asked: list[dict[str, object]]) -> tuple[int, list[bytes], bool]:
        if request == 1:
            return 503, [b'{"title": "Busy", "status": 503}'], False
        return 200, [receipt(event) for event in asked], False

    with ledger(reply) as (api, seen):
        assert published(api, 2).new == 2
    assert len(seen) == 2


def test_refusals_are_counted_told_and_change_the_exit_code() -> None:
    problem = (
        b'{"title":"Refused","status":422,"detail":"no such field","where":"/data/x","hint":"drop it"}\n'
    )

    def reply(_: int, asked: list[dict[str, object]]) -> tuple[int, list[bytes], bool]:
        return 200, [receipt(asked[0], duplicate=True), problem, receipt(asked[2])], False

    with ledger(reply) as (api, _):
        summary = published(api, 3)
    assert summary.told() == "1 new, 1 known already, 1 refused"
    assert summary.problems == ["event 2: no such field (at /data/x); drop it"]
    assert exit_code(summary) == 1


def test_even_without_events_an_unknown_ledger_is_said_to_be_one() -> None:
    def reply(*_: object) -> tuple[int, list[bytes], bool]:
        return 404, [b'{"title": "There is no such ledger", "status": 404}'], False

    with ledger(reply) as (api, seen), pytest.raises(CommandFailed, match="no such ledger") as raised:
        published(api, 0)
    assert (raised.value.code, seen) == (UNKNOWN, [[]])


def test_a_refused_token_is_said_to_be_one() -> None:
    def reply(*_: object) -> tuple[int, list[bytes], bool]:
        return 401, [b'{"title": "A valid token is needed", "status": 401}'], False

    with ledger(reply) as (api, _), pytest.raises(CommandFailed, match="refused the token") as raised:
        published(api, 1)
    assert raised.value.code == NOT_ALLOWED


def test_nothing_answering_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cli_publish._PATIENCE", 0.2)
    with pytest.raises(CommandFailed, match=r"nothing answers at http://127\.0\.0\.1:1") as raised:
        published(Api("http://127.0.0.1:1", "token"), 1)
    assert raised.value.code == UNREACHABLE
