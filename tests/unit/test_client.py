"""The command line's client says what is wrong with what it was given, in one line."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import rich_click as click
from click.testing import CliRunner, Result

from services.cli import main
from services.client import find
from services.failures import NOT_ALLOWED, UNREACHABLE, USAGE, CommandFailed

NOBODY = {"LOCUS_URL": "http://127.0.0.1:9", "LOCUS_TOKEN": "t"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"LOCUS_URL": "nonsense"}, USAGE),
        ({"LOCUS_URL": "http://127.0.0.1:99999"}, USAGE),
        ({"LOCUS_VIEWS_URL": "file:///x"}, USAGE),
        ({"LOCUS_TOKEN": "a\nb"}, NOT_ALLOWED),
        ({"LOCUS_TOKEN": "é"}, NOT_ALLOWED),
    ],
)
def test_an_address_or_token_that_cannot_be_one_is_named(changes: dict[str, str], code: int) -> None:
    with pytest.raises(CommandFailed, match=next(iter(changes))) as failure:
        find(None, NOBODY | changes)
    assert failure.value.code == code


def test_history_of_nothing_that_answers_is_told_in_one_line() -> None:
    ended = CliRunner().invoke(main, ["history", "--ledger", "acme"], env=NOBODY)
    assert (ended.exit_code, "nothing answers at http://127.0.0.1:9" in ended.output) == (UNREACHABLE, True)


@pytest.mark.parametrize("name", ["?x=1", "a/../b", "A B", "", "x" * 64])
def test_a_name_that_no_ledger_can_have_is_wrong_usage(name: str) -> None:
    ended = CliRunner().invoke(main, ["history", "--ledger", name], env=NOBODY)
    assert ended.exit_code == click.UsageError.exit_code


@pytest.mark.parametrize("verb", [("ledger", "serve"), ("projections", "work"), ("migrate",)])
def test_a_setting_that_is_missing_is_wrong_usage(verb: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(main, list(verb), env=NOBODY | {"LOCUS_DATABASE_URL": None})
    assert (ended.exit_code, "LOCUS_DATABASE_URL is not set" in ended.output) == (2, True), ended.output


class _Refusing(BaseHTTPRequestHandler):
    status, problem = 400, b'{"title": "Bad parameter", "detail": "`x` is no date", "where": "at"}'

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.problem)

    def log_message(self, *_: object) -> None:
        pass


class _Elsewhere(_Refusing):
    status, problem = 404, b'{"title": "Not Found", "detail": "Not Found", "where": "path"}'


def refused(refusing: type[_Refusing], *verb: str) -> Result:
    """How a command ends where the service refuses it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), refusing) as service:
        Thread(target=service.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{service.server_port}"
        environment = {"LOCUS_URL": address, "LOCUS_VIEWS_URL": None, "LOCUS_TOKEN": "t"}
        ended = CliRunner().invoke(main, [*verb, "--ledger", "acme"], env=environment)
        service.shutdown()
    return ended


@pytest.mark.parametrize("verb", [("history", "--occurred-from", "x"), ("show", "flow", "--at", "x")])
def test_what_the_service_cannot_make_sense_of_is_wrong_usage(verb: tuple[str, ...]) -> None:
    ended = refused(_Refusing, *verb)
    assert (ended.exit_code, "is no date" in ended.output) == (2, True), ended.output


def test_a_service_that_has_no_such_view_may_be_the_wrong_one() -> None:
    ended = refused(_Elsewhere, "show", "flow")
    assert (ended.exit_code, "LOCUS_VIEWS_URL the views" in ended.output) == (5, True), ended.output
