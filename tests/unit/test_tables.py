"""Any answer is given as tables: which there are, their columns and cells, and in which form it is given."""

import csv
import io
from datetime import UTC, datetime
from typing import ClassVar

import msgspec
import pytest

from services.projections.dossier.answer import DecisionDossier, InitiativeDossier
from services.projections.tables import UnknownTableError, tables, usual, written
from services.projections.views.authority import Authority
from services.projections.views.drift import Drift
from services.projections.views.matrix import MatrixAnswer
from services.projections.views.remit import DomainRemit, HolderRemit
from services.projections.views.view import found


class Base(msgspec.Struct, frozen=True, kw_only=True):
    ledger: str = "acme"
    position: int = 12


class Inner(msgspec.Struct, frozen=True, kw_only=True):
    amount: int
    unit: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, tag_field="by", tag="actor"):
    holder: str
    difference: float
    most: Inner | None = None
    entries: list[int] = []
    why_null: dict[str, str] = {}
    live: bool = True
    parts: list[Inner] = []


class Other(msgspec.Struct, frozen=True, kw_only=True, tag_field="by", tag="level"):
    level: int


class Window(msgspec.Struct, frozen=True, kw_only=True):
    decisions: int
    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    rows: list[Row | Other]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    rests_on: Base = Base()
    question: dict[str, str] = {}
    flow: str = "=1+1"
    windows: list[Window]


def read(answer: msgspec.Struct, table: str | None = None) -> list[list[str]]:
    text = written(answer, table).decode()
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline="")))


YEAR = datetime(2024, 1, 1, tzinfo=UTC)
ROWS: list[Row | Other] = [
    Row(
        holder='=HYPERLINK("x")',
        difference=-0.25,
        most=Inner(amount=5),
        entries=[3, 4],
        why_null={"a": "b"},
        parts=[Inner(amount=1, unit="EUR")],
    ),
    Row(holder='actor/a, "b"\n', difference=0.5, live=False),
]
GIVEN = Answer(windows=[Window(decisions=3, from_=YEAR, to=None, rows=ROWS)])


def test_a_row_names_its_window_and_what_it_rests_on_first() -> None:
    header, first, second = read(GIVEN)
    assert header == [
        *("rests_on", "windows.from", "windows.to", "by", "holder", "difference"),
        *("most.amount", "most.unit", "entries", "why_null", "live", "parts"),
    ]
    assert first[:3] == ["acme@12", "2024-01-01T00:00:00Z", ""]
    assert first[6:] == ["5", "", "[3,4]", '{"a":"b"}', "true", '[{"amount":1,"unit":"EUR"}]']
    assert second[6:11] == ["", "", "[]", "{}", "false"]


def test_text_is_never_a_formula_and_numbers_stay_numbers() -> None:
    _, first, second = read(GIVEN)
    assert first[4:6] == ['\'=HYPERLINK("x")', "-0.25"]
    assert second[4] == 'actor/a, "b"\n'
    assert read(GIVEN, "answer") == [["rests_on", "question", "flow"], ["acme@12", "{}", "'=1+1"]]


def test_every_list_of_objects_is_a_table_and_an_unknown_one_is_answered_with_their_names() -> None:
    assert list(tables(Answer)) == ["windows", "windows.rows", "windows.rows.parts", "answer"]
    assert read(GIVEN, "windows") == [
        ["rests_on", "from", "to", "decisions"],
        ["acme@12", "2024-01-01T00:00:00Z", "", "3"],
    ]
    parts = read(GIVEN, "windows.rows.parts")
    assert parts[0] == ["rests_on", "windows.from", "windows.to", "windows.rows.holder", "amount", "unit"]
    assert [row[3:] for row in parts[1:]] == [['\'=HYPERLINK("x")', "1", "EUR"]]
    with pytest.raises(UnknownTableError) as refused:
        written(GIVEN, "rows")
    assert refused.value.names == ("windows", "windows.rows", "windows.rows.parts", "answer")


def test_an_empty_table_has_the_header_of_the_rows_that_were_asked_for() -> None:
    empty = Answer(question={"by": "level"}, windows=[])
    assert read(empty) == [["rests_on", "windows.from", "windows.to", "by", "level"]]


def test_the_usual_table_is_that_of_the_rows_unless_the_answer_says_otherwise() -> None:
    class Told(Answer, frozen=True, kw_only=True):
        TABLE: ClassVar[str] = "windows"

    assert [usual(one) for one in (Answer, Told, Authority, MatrixAnswer, DomainRemit)] == [
        *("windows.rows", "windows", "windows.rows", "domains", "by_seat")
    ]


def test_an_answer_inside_itself_is_a_cell() -> None:
    tree = Tree(nodes=[Node(name="a", below=[Node(name="b", below=[])])])
    assert read(tree) == [
        ["rests_on", "name", "below"],
        ["acme@12", "a", '[{"below":[],"name":"b"}]'],
    ]


class Node(msgspec.Struct, frozen=True):
    name: str
    below: list["Node"]


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    rests_on: Base = Base()
    nodes: list[Node]


def test_every_view_has_tables_and_one_that_is_usual() -> None:
    answers = [view.answer for view in found()]
    answers += [Authority, Drift, MatrixAnswer, HolderRemit, DomainRemit, DecisionDossier, InitiativeDossier]
    for answer in answers:
        assert usual(answer) in tables(answer)
        assert all(table.of for table in tables(answer).values())
