"""The form of an answer is the one a client likes best, of those there are."""

import pytest

from services.platform.negotiating import form
from services.platform.problems import Problem

FORMS = ("application/json", "text/csv")


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("Text/CSV; charset=utf-8", "text/csv"),
        ("text/*", "text/csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.2, text/csv", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("application/json;q=nan, text/csv;q=0.1", "text/csv"),
        ("text/csv;q=inf, application/json;q=0.1", "application/json"),
        ("text/csv, application/json", "text/csv"),
        ("text/csv, */*", "text/csv"),
        ("text/*, application/json", "application/json"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"),
        ("application/json;q=.5, text/csv;q=.25", "application/json"),
    ],
)
def test_the_form_is_the_one_a_client_likes_best(accept: str | None, given: str) -> None:
    assert form([] if accept is None else [accept], FORMS) == given


def test_what_is_accepted_may_be_said_in_several_lines() -> None:
    assert form(["text/html", "text/csv"], FORMS) == "text/csv"


@pytest.mark.parametrize("accept", ["text/html", "*/*;q=0", "text/csv;q=0", "nonsense", "text/csv;q=much"])
def test_a_client_that_takes_neither_form_is_told_both(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        form([accept], FORMS)
    assert refused.value.kind.status == 406
    assert refused.value.body.where == "Accept"
    assert refused.value.headers == {"vary": "accept"}
    assert refused.value.body.hint == "ask for application/json or text/csv"


def test_whoever_takes_none_of_many_is_told_all() -> None:
    with pytest.raises(Problem) as refused:
        form(["text/csv"], ("application/json", "application/x-ndjson", "text/event-stream"))
    assert refused.value.body.hint == "ask for application/json, application/x-ndjson or text/event-stream"
