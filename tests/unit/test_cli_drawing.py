"""What drawings are made of: names in sentences, series, trees, lines that fit."""

from collections import Counter
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from services.cli_directory import people
from services.cli_drawing import (
    Measure,
    beside,
    chosen,
    days,
    mark_instant,
    reasons,
    rows,
    say,
    series,
    sparkline,
)
from services.cli_show import draw
from services.cli_show_knots import knot
from services.cli_show_participation import _figures
from services.cli_tables import Names
from services.cli_tree import tree
from services.cli_words import printable
from services.failures import CommandFailed

PEOPLE = {"a-1": "Ada [b]Lovelace[/b]", "a-10": "Bo", "j.doe": "Jo", "a-2": "actor/a-10"}
PEOPLE |= {"cy": "Cy", "twin": "Cy", "old": "Bo"}
MERGED = {"old": "a-10"}
DOMAINS = {"d-1": "Circle", "d-2": "Twin", "d-3": "Twin"}


class Directory:
    """The directory of a ledger, in pages of two, and of bodies."""

    def __init__(self) -> None:
        self.asked = Counter[str]()

    def get(self, path: str, after: str = "0", **query: Any) -> Any:
        self.asked[path] += 1
        if path.endswith("/directory"):
            place = int(after)
            return {
                "people": [_person(id) for id in list(PEOPLE)[place : place + 2]],
                "next": str(place + 2) if place + 2 < len(PEOPLE) else None,
            }
        if "/bodies/b-1/" in path:
            return {"name": "Circle"}
        if path.endswith("/matrix"):
            return {"domains": [{"domain": id, "name": name} for id, name in DOMAINS.items()]}
        if path.endswith("/events"):
            formed = query["type"] == "locus.body.formed.v1"
            return {"entries": [_body(f"n-{n}", f"Circle {n}") for n in range(60 if formed else 0)]}
        raise CommandFailed("no such body", 5)


def _body(id: str, name: str) -> Any:
    return {"event": {"subject": f"body/{id}", "data": {"name": name}}}


def _person(id: str) -> Any:
    into = {"merged_into": MERGED[id]} if id in MERGED else {}
    return {"actor": id, "profile": {"name": PEOPLE[id]}} | into


def names_of(*texts: Any) -> Names:
    names = Names(Directory(), Directory(), "acme")  # type: ignore[arg-type]  # answers as they do
    names.learn(list(texts) if len(texts) != 1 else texts[0])
    return names


def drawn(draw: Callable[[Console], None], width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    with console.capture() as taken:
        draw(console)
    return taken.get()


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("actor/a-10 asked actor/a-1.", "Bo asked Ada [b]Lovelace[/b]."),
        ("actor/a-100 did, actor/a-1's did not", "actor/a-100 did, Ada [b]Lovelace[/b]'s did not"),
        ("body/b-1 and actor/j.doe: done", "Circle and Jo: done"),
        ("of actor/erased, factor/a-1 and body/b-1-x", "of actor/erased, factor/a-1 and body/b-1-x"),
        ("actor/a-2 is not named twice", "actor/a-10 is not named twice"),
        ("actor/a-1 x is another than actor/a-1 y", "actor/a-1 x is another than Ada [b]Lovelace[/b] y"),
        ("actor/a-1/x and actor/a-1-x", "actor/a-1/x and actor/a-1-x"),
    ],
)
def test_people_are_named_in_sentences_where_the_whole_subject_stands(sentence: str, said: str) -> None:
    names = names_of({"in_words": [sentence], "of": ["actor/a-1", "actor/a-10", "body/b-1", "actor/a-1 x"]})
    assert names.said(sentence) == said


def test_whoever_has_a_namesake_anywhere_in_the_ledger_is_told_apart_and_nobody_from_themselves() -> None:
    assert names_of("actor/cy", "actor/twin").said("actor/cy, actor/twin") == "Cy (cy), Cy (twin)"
    assert names_of("actor/twin").of("actor/twin") == "Cy (twin)"
    assert names_of("actor/a-10").of("actor/a-10") == "Bo", "the other was merged into this one"
    assert names_of("actor/a-10", "actor/old").of("actor/old") == "Bo (old)"


def test_of_a_directory_without_end_those_an_answer_names_are_read_all_the_same() -> None:
    class Endless:
        def get(self, _: str, after: str = "0", actor: Any = (), **__: Any) -> Any:
            ids = actor or [f"n-{after}"]
            people = [{"actor": one, "profile": {"name": "Di"}} for one in ids]
            return {"people": people, "next": str(int(after) + 1)}

    found = [one["actor"] for one in people(Endless(), "acme", ["far", "n-1"])]  # type: ignore[arg-type]
    assert found == ["n-0", "n-1", "n-2", "n-3", "n-4", "far"]


def test_a_name_is_shown_as_it_is_written_and_steers_nothing() -> None:
    names = names_of({"why_null": {"gap": "actor/a-1 left"}})
    assert drawn(lambda console: say(console, names, "actor/a-1 left")) == "Ada [b]Lovelace[/b] left\n"
    assert printable("a\x1b[31mb\u202ec\nd") == "a\ufffd[31mb\ufffdc\nd"


def test_bodies_that_stand_by_their_bare_ids_are_named_too() -> None:
    assert names_of({"bodies": ["b-1", "b-2"]}).of("body/b-1") == "Circle"


def test_of_many_bodies_all_are_named_and_not_each_is_asked_for() -> None:
    directory: Any = Directory()
    names = Names(directory, directory, "acme")
    names.learn({"bodies": [f"n-{n}" for n in range(60)]})
    assert sum(names.of(f"body/n-{n}") == f"Circle {n}" for n in range(60)) == 20
    assert len(directory.asked) <= 40 + 1


def test_domains_are_named_at_once_where_an_answer_has_their_ids_alone() -> None:
    directory: Any = Directory()
    names = Names(directory, directory, "acme")
    names.learn({"home": "d-1", "domains": ["d-2", "gone"], "about": ["domain/d-1", "body/b-1"]})
    assert [names.domain(id) for id in ("d-1", "d-2", "gone")] == ["Circle", "Twin (d-2)", "gone"]
    assert names.said("body/b-1 about domain/d-1 and domain/gone") == "Circle about Circle and domain/gone"
    assert directory.asked["/v1/ledgers/acme/matrix"] == 1


def test_a_domain_that_an_answer_names_itself_is_asked_for_no_more() -> None:
    directory: Any = Directory()
    names = Names(directory, directory, "acme")
    names.learn({"rows": [{"domain": "d-9", "name": "Nine"}], "raised": [{"about": ["domain/d-9"]}]})
    assert (names.domain("d-9"), dict(directory.asked)) == ("Nine", {})


def test_lines_after_the_first_are_set_off_from_the_sign() -> None:
    told = drawn(lambda console: beside(console, names_of(), "●", "one two three", next_sign="│"), 10)
    assert told == "● one two\n│ three\n"


def test_only_columns_in_which_anything_stands_are_drawn_and_what_is_left_out_is_said() -> None:
    told = drawn(lambda console: rows(console, ("who", "open", "n"), ("n",), [("a", "", "1")] * 3, most=2))
    assert "open" not in told
    assert told.endswith("\n… and 1 more (see them with --json or --csv)\n")
    assert drawn(lambda console: rows(console, ("who",), (), [])) == ""


def test_a_series_has_a_line_each_and_a_sparkline_with_gaps() -> None:
    windows = [{"from": f"202{n}-01-01T00:00:00Z", "n": n if n != 2 else None} for n in range(1, 5)]
    told = drawn(lambda console: series(console, windows, [Measure("n", lambda window: window["n"])]))
    assert "2022-01-01     –" in told
    assert told.splitlines()[-1].split(" ", 1)[1].strip() == "▁ ▆█"


def test_a_sparkline_leaves_out_the_one_instant_at_which_a_series_ends_and_its_line_stays() -> None:
    windows: list[Any] = [{"from": f"202{n}-01-01T00:00:00Z", "n": n % 6 * 50} for n in (3, 4, 5, 6)]
    mark_instant(windows, {"at": "2026-01-01T00:00:00Z"})
    told = drawn(lambda console: series(console, windows, [Measure("n", lambda window: window["n"])]))
    assert "2026-01-01    0.00" in told
    assert told.splitlines()[-1].split(" ", 1)[1].strip() == "▁▅█"
    before = [dict(window) for window in windows[:3]]
    mark_instant(before, {"at": "2026-01-01T00:00:00Z"})
    assert before == windows[:3], "no window of more than an instant is left out"


def test_a_long_series_ends_where_the_line_ends() -> None:
    told = drawn(lambda console: sparkline(console, "n", list(range(500))), 60)
    assert cell_len(told.rstrip("\n")) == 60
    assert told.endswith("█\n")


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (0.01, "14 min"), (0.5, "12 h"), (1.99, "48 h"), (2, "2.0 d")]
)
def test_short_times_are_told_in_hours_or_minutes(value: float | None, said: str) -> None:
    assert days(value) == said


def test_each_reason_why_a_figure_is_not_known_is_told_once() -> None:
    why = {"why_null": {"gap": "nobody said", "tau": "nobody said"}}
    assert drawn(lambda console: reasons(console, names_of(), why, why, {})) == "–: nobody said\n"


def test_domains_stand_below_their_parents_and_each_once() -> None:
    parents = {"a": None, "b": "a", "c": "b", "d": "a", "e": "gone", "x": "y", "y": "x"}
    domains = [{"domain": one, "parent": parent} for one, parent in parents.items()]
    assert [before + one["domain"] for before, one in tree(domains)] == [
        *("a", "├ b", "│ └ c", "└ d"),
        *("e", "x", "└ y"),
    ]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"domain": "a", "level": 0, "lens": "node", "tense": "made"}, "asked of domain a, level 0"),
        ({"stakes": "none", "tense": "standing", "body": None}, "asked of stakes none, tense standing"),
        ({"interval": "month"}, ""),
    ],
)
def test_what_a_question_was_narrowed_to_is_told(question: dict[str, Any], said: str) -> None:
    assert chosen(question) == said


KNOT = {
    "id": "70e1",
    "pattern": "exclusion",
    "severity": "notice",
    "since": "2025-05-01T00:00:00Z",
    "until": None,
    "figure": 0.0001,
    "unit": "p",
    "threshold": 0.05,
    "tested": True,
    "decisions": 15,
    "inferred": 2,
    "entries": list(range(1, 10)),
    "entries_total": 12,
    "formalised": False,
    "sentence": "actor/a-10 was silent.",
    "why": "It counts.",
    "question": "Why?",
    "closes": "A word.",
    "answers": [{"response": "dispute", "by": "actor/a-1", "at": "2025-06-01T00:00:00Z", "note": True}],
}
RESTS_ON = {"view": "knots", "version": 1, "at": None, "ledger": "acme", "position": 12, "root": "f" * 64}


def test_a_knot_says_what_was_found_why_it_matters_what_to_ask_and_what_ends_it() -> None:
    answer = {"in_words": "1 notice", "knots": [KNOT], "raised": [], "lost": [], "rests_on": RESTS_ON}
    told = drawn(lambda console: draw(console, names_of(answer), "knots", answer), 100)
    assert told == (
        "1 notice\n\nnotice (1)\n● Bo was silent.\n"
        "│ exclusion: by chance once in 10,000, all tests counted (threshold once in 20) · a knot since\n"
        "│ 2025-05-01 · in 15 decisions · 2 of them inferred · tested against chance\n"
        "│ Why    It counts.\n│ Ask    Why?\n│ Ends   A word.\n"
        "│ Answer dispute, by Ada [b]Lovelace[/b] on 2025-06-01 (with a note)\n"
        "│ entries 1, 2, 3, 4, 5, 6, 7, 8 and 4 more · knot/70e1\n"
        "knots v1 · as of nothing yet · acme to position 12, root ffffffffffff…\n"
    )


@pytest.mark.parametrize(
    ("pattern", "figure", "unit", "threshold", "said"),
    [
        ("bottleneck", 1421.8, "days", 68.0, "1422 days (threshold 68 days)"),
        ("retroactive", 10.0, "days", 1, "10 days (threshold 1 day)"),
        ("overlap", 8, "decisions", 3, "8 decisions (threshold 3 decisions)"),
        ("silos", 13, "decisions", 90, "13 decisions (threshold 90 days without a link)"),
        (
            "churn",
            0.25,
            "part of the decisions",
            0.2,
            "25 % of the decisions (threshold 20 %)",
        ),
        ("churn", 1, "part of the decisions", None, "100 % of the decisions"),
        (
            "rubber stamp",
            0.9259,
            "part",
            0.9,
            "92.6 % approved at the least (threshold 90 %)",
        ),
        ("meta-authority", 1, "holders", 2, "1 holder (it takes 2 holders to decide)"),
        ("vacant", 1, "live holders", None, "1 live holder in the row"),
    ],
)
def test_the_figure_of_a_knot_and_its_threshold_have_their_units(
    pattern: str, figure: float, unit: str, threshold: float | None, said: str
) -> None:
    one = KNOT | {"pattern": pattern, "figure": figure, "unit": unit, "threshold": threshold}
    told = drawn(lambda console: knot(console, names_of(), one), 150)
    assert f"│ {pattern}: {said} · " in told


def test_of_one_thing_that_somebody_did_the_drawing_says_one() -> None:
    one = {"count": 1, "entries": [1]}
    figures = {"decisions": one, "items": one, "positions": one, "decided_with_others": one}
    assert _figures("waiting", figures) == "waiting: 1 decision, 1 item, 1 position, 1 decided with others"
