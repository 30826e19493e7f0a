"""Every parameter of every view can be asked on the command line, and no other."""

import msgspec
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.cli_show import DRAW
from services.cli_show_asking import TAKEN, asked
from services.failures import CommandFailed
from services.projections.parameters import FILTERS
from services.projections.views.view import found


def locus(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


OURS = {
    *("overview", "knots", "authority", "matrix", "remit", "drift", "flow", "influence"),
    *("participation", "coordination", "learning", "trust", "dossier"),
}


def test_each_view_that_is_served_is_drawn_and_takes_what_the_service_takes() -> None:
    served = {
        view.name: {field.encode_name for field in msgspec.structs.fields(view.question)} for view in found()
    }
    served |= {"authority": set(FILTERS), "drift": set(FILTERS), "matrix": {"domain"}}
    beside = {"remit", "dossier"}  # asked for in the path
    taken = {view: set(takes) for view, takes in TAKEN.items() if view not in beside}
    assert taken == {view: takes for view, takes in served.items() if view in TAKEN}
    assert set(TAKEN) >= OURS
    assert set(DRAW) == set(TAKEN)


def test_the_help_knows_every_parameter() -> None:
    said = locus("show", "--help").output
    for parameter in {name for takes in TAKEN.values() for name in takes} | {"at", "known_at", "csv", "json"}:
        assert f"--{parameter.replace('_', '-')}" in said


def test_the_help_says_which_options_each_view_takes() -> None:
    told = " ".join(locus("show", "flow", "--help", "--ledger", "acme").output.split())
    assert "Every view takes --at and --known-at." in told
    for view, takes in TAKEN.items():
        assert f"{view}: {' '.join(f'--{name}' for name in takes)}" in told


def test_no_level_is_above_the_top() -> None:
    told = locus("show", "flow", "--ledger", "acme", "--level", "-1")
    assert (told.exit_code, "'--level': -1 is not in the range x>=0" in told.output) == (2, True)


def test_every_view_is_told_of_on_a_narrow_terminal_and_the_argument_has_a_short_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = " ".join(locus("show", "-h").output.split())
    assert f"Show a view of a ledger: {', '.join(TAKEN)}." in said
    assert "locus show [OPTIONS] VIEW" in said.replace("main show", "locus show")
    assert "Invalid value for 'VIEW': 'nope' is not one of" in locus("show", "nope").output


def test_an_option_that_is_not_for_a_view_is_refused_with_those_that_are() -> None:
    told = locus("show", "overview", "--ledger", "acme", "--pattern", "stalled")
    assert told.exit_code == 2
    assert told.output == (
        "locus: overview does not take --pattern; it takes --days, --domain, --body, --lens, --attested,"
        " --at, --known-at\n"
    )


@pytest.mark.parametrize(
    ("view", "given", "said"),
    [
        ("dossier", {}, "dossier takes one of --decision and --initiative"),
        ("dossier", {"decision": "d-1", "initiative": "i-1"}, "dossier takes one of"),
        ("remit", {"domain": "a", "body": "b"}, "remit takes one of --domain, --actor and --body"),
        ("remit", {"actor": "body/b"}, "--actor takes the bare id of one actor, not 'body/b'"),
        ("dossier", {"decision": "decision/a/b"}, "takes the bare id of one decision"),
    ],
)
def test_a_view_of_one_thing_wants_exactly_one(view: str, given: dict[str, str], said: str) -> None:
    with pytest.raises(CommandFailed, match=said) as refused:
        asked("acme", view, given)
    assert refused.value.code == 2


@pytest.mark.parametrize(
    ("view", "given", "path", "query"),
    [
        ("dossier", {"decision": "d-7", "at": "2026-01-01"}, "decisions/d-7", {"at": "2026-01-01"}),
        ("dossier", {"initiative": "initiative/i 3?"}, "initiatives/i%203%3F", {}),
        ("remit", {"actor": "ada"}, "actors/ada/remit", {}),
        ("flow", {"from_": "2024-01-01", "level": 0, "to": None}, "flow", {"from": "2024-01-01", "level": 0}),
    ],
)
def test_options_become_the_path_and_the_query(
    view: str, given: dict[str, str], path: str, query: dict[str, str]
) -> None:
    assert asked("acme", view, given) == (f"/v1/ledgers/acme/{path}", query)


def test_one_form_of_an_answer_is_chosen() -> None:
    told = locus("show", "flow", "--ledger", "acme", "--json", "--csv")
    assert told.exit_code == 2
    assert "choose one" in told.output
