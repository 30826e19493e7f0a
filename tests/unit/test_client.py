"""The command line's client says what is wrong with what it was given, in one line."""

import pytest
import rich_click as click
from click.testing import CliRunner

from services.cli import main
from services.client import find
from services.failures import FAILED, NOT_ALLOWED, UNREACHABLE, CommandFailed

NOBODY = {"LOCUS_URL": "http://127.0.0.1:9", "LOCUS_TOKEN": "t"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"LOCUS_URL": "nonsense"}, FAILED),
        ({"LOCUS_URL": "http://127.0.0.1:99999"}, FAILED),
        ({"LOCUS_VIEWS_URL": "file:///x"}, FAILED),
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
